"""Whose notice a mail belongs to, and how that is known.

A `NoticeIndex` holds what went out; `match` asks it in the order of trust: threading headers, the
plus-address, a token in the subject, a token in the body, the only open notice of that sender. What
matches nothing gets suggestions for the tray. No look-up depends on the size of the tree.

Tokens are looked up by a keyed hash and then compared in constant time, so that nobody learns from
answering times how much of a guessed token is right.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Literal, TypeAlias

from drillsim.i18n import _
from drillsim.mail.replies import Recognised, same_subject
from drillsim.mail.tokens import find_tokens, same_token, token_of_address
from drillsim.mail.widths import nfkc

NoticeKey: TypeAlias = tuple[str, str]
"""(inject id, node id): one inject on its way to one node."""

SuggestedBy: TypeAlias = Literal["thread", "old-thread", "number", "officer", "domain"]
"""What speaks for a suggestion, as `drillsim.drill.events` has it."""

SUGGESTIONS_MAX = 10
_TOKENS_MAX = 20

# Domains of mailbox providers are nobody's own: to share one makes no colleagues.
_PROVIDERS = frozenset(
    "gmail.com googlemail.com yahoo.co.jp yahoo.com outlook.com outlook.jp hotmail.com"
    " hotmail.co.jp live.jp icloud.com me.com docomo.ne.jp ezweb.ne.jp au.com"
    " softbank.ne.jp i.softbank.jp ymobile.ne.jp rakuten.jp nifty.com biglobe.ne.jp"
    " ocn.ne.jp".split()
)


class MatchedBy(StrEnum):
    """What tied a mail to its notice."""

    thread = "thread"
    thread_sender = "thread-and-sender"  # One mail of a person to many: the sender tells which.
    plus_address = "plus-address"
    subject_token = "subject-token"
    body_token = "body-token"
    only_open = "only-open-notice"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A notice that the operator may have meant, and why."""

    notice: NoticeKey
    by: SuggestedBy
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """To which notice a mail belongs. `notice` is None for what goes to the tray."""

    notice: NoticeKey | None = None
    matched_by: MatchedBy | None = None
    officer: int | None = None  # Calling order, from 1, if the sender is a listed officer.
    listed: bool = False  # The sender's address stands in the contact tree at this node.
    foreign_sender: bool = False  # The right thread or token, from a domain that is not the node's.
    reasons: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sent:
    """A mail that went out, or that a person sent on."""

    notices: tuple[NoticeKey, ...]
    recipients: frozenset[str]
    officer: int = 0  # To whom of the body it went (calling order), where that is one.


class NoticeIndex:
    """What went out, to whom, and which notices are open. Every operation costs the same."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._by_message: dict[str, _Sent] = {}
        self._by_token: dict[bytes, tuple[str, _Sent]] = {}
        self._officers: dict[str, dict[str, list[int]]] = {}  # address → node → calling orders
        self._domains: dict[str, dict[str, None]] = {}  # domain → nodes
        self._node_domains: dict[str, set[str]] = {}
        self._open: dict[str, dict[NoticeKey, None]] = {}  # node → open notices, oldest first
        self._recent: dict[str, NoticeKey] = {}  # node → the notice that was mailed last
        self._known: set[NoticeKey] = set()

    def add_mail(
        self,
        *,
        message_id: str,
        notices: Sequence[NoticeKey],
        token: str | None,
        recipients: Sequence[str],
        officer: int = 0,
    ) -> None:
        """Take in a mail that went out: a notice, a reminder, or a person's mail to many nodes."""
        sent = _Sent(tuple(notices), frozenset(_address(each) for each in recipients), officer)
        if message_id:
            self._by_message[message_id.strip("<> ")] = sent
        if token:
            self._by_token[self._digest(token)] = (token, sent)
        for notice in sent.notices:
            self._recent[notice[1]] = notice
            self._known.add(notice)

    def add_notice(self, notice: NoticeKey) -> None:
        """Take in a notice that begins, whoever will write the mail of it."""
        self._known.add(notice)

    def knows(self, notice: NoticeKey) -> bool:
        """Whether there is such a notice."""
        return notice in self._known

    def add_officer(self, node: str, order: int, addresses: Sequence[str]) -> None:
        """Take in the addresses of an officer (calling order from 1), shared mailboxes too."""
        for each in addresses:
            address = _address(each)
            orders = self._officers.setdefault(address, {}).setdefault(node, [])
            if order not in orders:
                orders.append(order)
                orders.sort()
            domain = _domain(address)
            self._node_domains.setdefault(node, set()).add(domain)
            if domain not in _PROVIDERS:
                self._domains.setdefault(domain, {})[node] = None

    def set_open(self, notice: NoticeKey, is_open: bool) -> None:
        """Say whether a notice still waits for anything."""
        notices = self._open.setdefault(notice[1], {})
        if is_open:
            notices[notice] = None
        else:
            notices.pop(notice, None)

    def is_open(self, notice: NoticeKey) -> bool:
        """Whether a notice still waits for anything."""
        return notice in self._open.get(notice[1], ())

    def sent_as(self, message_id: str) -> _Sent | None:
        """Return what went out with a Message-ID."""
        return self._by_message.get(message_id)

    def sent_under(self, token: str) -> _Sent | None:
        """Return what went out under a token."""
        known = self._by_token.get(self._digest(token))
        return known[1] if known is not None and same_token(known[0], token) else None

    def officer(self, address: str, node: str) -> int | None:
        """Return the calling order of the officer who reads `address` at `node`."""
        orders = self._officers.get(_address(address), {}).get(node)
        return orders[0] if orders else None

    def nodes_of(self, address: str) -> tuple[str, ...]:
        """Return the nodes whose officers read `address`."""
        return tuple(self._officers.get(_address(address), ()))

    def neighbours(self, address: str) -> Iterator[str]:
        """Yield the nodes in whose domain `address` lies; none for a mailbox provider's domain."""
        yield from self._domains.get(_domain(_address(address)), ())

    def is_at_home(self, address: str, node: str) -> bool:
        """Whether `address` lies in a domain that the node's officers use, or below it."""
        domain = _domain(_address(address))
        return domain not in _PROVIDERS and any(
            domain == home or domain.endswith("." + home)
            for home in self._node_domains.get(node, ())
        )

    def open_at(self, node: str) -> tuple[NoticeKey, ...]:
        """Return the open notices of a node, oldest first."""
        return tuple(self._open.get(node, ()))

    def recent_at(self, node: str) -> NoticeKey | None:
        """Return the notice that a node was mailed last."""
        return self._recent.get(node)

    def _digest(self, token: str) -> bytes:
        return hashlib.blake2b(token.encode("utf-8", "surrogatepass"), key=self._key).digest()


def match(mail: Recognised, index: NoticeIndex) -> Match:
    """Say to which notice a mail belongs: an answer, an absence, a bounce or a delay."""
    senders = _senders(mail)
    found = (
        _by_thread(mail, index, senders)
        or _by_token(mail, index, senders)
        or _by_sender(mail, index, senders)
    )
    if found is None:
        reason = _("neither a thread, nor a number, nor the sender leads to one notice")
        return Match(reasons=(reason,), suggestions=_suggestions(mail, index, senders, None))
    notice, matched_by, why = _own_notice(found, index, senders)
    officer = next((o for each in senders if (o := index.officer(each, notice[1]))), None)
    # A report about a mail comes from a mail system: of whose domain says nothing.
    answers = mail.kind in ("human_reply", "auto_reply", "not_a_reply")
    foreign = answers and officer is None and not index.is_at_home(mail.sender, notice[1])
    reasons = [why]
    if foreign:
        reasons.append(
            _("{address} is in no domain of this body").format(address=mail.sender or "?")
        )
    elif answers and officer is None:
        reasons.append(
            _("{address} is not in the contact tree; a colleague?").format(address=mail.sender)
        )
    return Match(
        notice=notice,
        matched_by=matched_by,
        officer=officer,
        listed=officer is not None,
        foreign_sender=foreign,
        reasons=tuple(reasons),
        suggestions=_suggestions(mail, index, senders, notice),
    )


def _own_notice(found: "_Found", index: NoticeIndex, senders: Sequence[str]) -> "_Found":
    """Return the sender's own notice where the thread or number is that of the node above.

    Who got a forwarded mail answers with the number, and in the thread, of the body that forwarded
    it; the contact tree says whose answer it is.
    """
    notice, matched_by, _why = found
    if any(index.officer(address, notice[1]) for address in senders):
        return found
    for address in senders:
        own = [
            (notice[0], node) for node in index.nodes_of(address) if index.knows((notice[0], node))
        ]
        if len(own) == 1:
            why = _("it answers what {body} was sent, and the sender belongs to {own}").format(
                body=notice[1], own=own[0][1]
            )
            return own[0], matched_by, why
    return found


def same_answer(a: Recognised, b: Recognised) -> bool:
    """Whether two answers to one notice are the same, said twice: one counts, both are kept.

    Same sender, same words, same attachments. Message-IDs and dates differ when a client sends
    twice; so may the mail that is answered, when a notice was followed by a reminder.
    """
    return (
        _address(a.sender) == _address(b.sender)
        and (a.reply_text == b.reply_text or _plain(a.reply_text) == _plain(b.reply_text))
        and same_subject(a.subject, b.subject)
        and [(each.name, each.size_bytes, each.data) for each in a.attachments]
        == [(each.name, each.size_bytes, each.data) for each in b.attachments]
    )


_Found: TypeAlias = tuple[NoticeKey, MatchedBy, str]


def _by_thread(mail: Recognised, index: NoticeIndex, senders: Sequence[str]) -> _Found | None:
    """Follow In-Reply-To and References, nearest first, to a mail that is known."""
    for message_id in mail.thread:
        sent = index.sent_as(message_id)
        if sent is None:
            continue
        if len(sent.notices) == 1:
            return sent.notices[0], MatchedBy.thread, _("it answers the mail that was sent")
        notice = _of_many(sent, index, senders)
        if notice is not None:
            why = _("it answers a mail to many, and the sender is one of them")
            return notice, MatchedBy.thread_sender, why
    return None


def _by_token(mail: Recognised, index: NoticeIndex, senders: Sequence[str]) -> _Found | None:
    for token, matched_by in _tokens(mail):
        sent = index.sent_under(token)
        if sent is None:
            continue
        notice = sent.notices[0] if len(sent.notices) == 1 else _of_many(sent, index, senders)
        if notice is None:
            continue
        why = {
            MatchedBy.plus_address: _("the address carries the number {token}"),
            MatchedBy.subject_token: _("the subject carries the number {token}"),
        }.get(matched_by, _("the text carries the number {token}"))
        return notice, matched_by, why.format(token=token)
    return None


def _tokens(mail: Recognised) -> Iterator[tuple[str, MatchedBy]]:
    """Yield the tokens of a mail in the order of trust, not only the one it is shown with."""
    for address in mail.recipients:
        token = token_of_address(address) if "+" in address else None
        if token:
            yield token, MatchedBy.plus_address
    if mail.token and mail.token_from in ("plus-address", "message-id"):
        yield mail.token, MatchedBy.plus_address
    for token in find_tokens(mail.subject)[:_TOKENS_MAX]:
        yield token, MatchedBy.subject_token
    if mail.token:
        yield mail.token, MatchedBy.body_token
    for token in find_tokens(mail.text)[:_TOKENS_MAX]:
        yield token, MatchedBy.body_token


def _by_sender(mail: Recognised, index: NoticeIndex, senders: Sequence[str]) -> _Found | None:
    """Take the only notice that is open where the sender is an officer."""
    if mail.kind not in ("human_reply", "auto_reply", "bounce_hard", "bounce_soft", "delayed"):
        return None
    for address in senders:
        notices = [each for node in index.nodes_of(address) for each in index.open_at(node)]
        if len(notices) == 1:
            why = _("it is the only open notice of {address}").format(address=address)
            return notices[0], MatchedBy.only_open, why
        if notices:
            return None
    return None


def _of_many(sent: _Sent, index: NoticeIndex, senders: Sequence[str]) -> NoticeKey | None:
    """Pick, of a mail to many nodes, the notice of the node that the sender belongs to."""
    by_node = {notice[1]: notice for notice in sent.notices}
    for address in senders:
        listed = [by_node[node] for node in index.nodes_of(address) if node in by_node]
        if len(listed) == 1:
            return listed[0]
    for address in senders:
        near = [notice for node, notice in by_node.items() if index.is_at_home(address, node)]
        if len(near) == 1:
            return near[0]
    return None


def _senders(mail: Recognised) -> tuple[str, ...]:
    """Return the addresses that speak for the node: of a bounce, those that failed."""
    if mail.failed:
        return tuple(each.address for each in mail.failed if each.address)
    return (mail.sender,) if mail.sender else ()


def _suggestions(
    mail: Recognised, index: NoticeIndex, senders: Sequence[str], matched: NoticeKey | None
) -> tuple[Suggestion, ...]:
    found: dict[NoticeKey, tuple[SuggestedBy, str]] = {}
    if matched is not None:
        if index.is_open(matched):
            return ()
        for notice in index.open_at(matched[1]):
            old = _("it may answer this one in an old thread")
            found.setdefault(notice, ("old-thread", old))
    else:
        for message_id in mail.thread:
            sent = index.sent_as(message_id)
            for notice in sent.notices if sent else ():
                told = _("it answers the mail that this body was sent too")
                found.setdefault(notice, ("thread", told))
        for token in find_tokens(f"{mail.subject}\n{mail.text}")[:_TOKENS_MAX]:
            sent = index.sent_under(token)
            for notice in sent.notices if sent else ():
                said = _("the number {token} is said in it").format(token=token)
                found.setdefault(notice, ("number", said))
        for address in senders:
            for node in index.nodes_of(address):
                for notice in _offered(index, node):
                    told = _("{address} is an officer there").format(address=address)
                    found.setdefault(notice, ("officer", told))
            for node in islice(index.neighbours(address), 5 * SUGGESTIONS_MAX):
                for notice in _offered(index, node):
                    told = _("{address} is of the same domain").format(address=address)
                    found.setdefault(notice, ("domain", told))
    first = list(found.items())[:SUGGESTIONS_MAX]
    return tuple(Suggestion(notice, by, why) for notice, (by, why) in first)


def _offered(index: NoticeIndex, node: str) -> tuple[NoticeKey, ...]:
    """Return the open notices of a node, or the last one that it was sent."""
    recent = index.recent_at(node)
    return index.open_at(node) or ((recent,) if recent else ())


def _address(address: str) -> str:
    return address.strip().strip("<>").casefold()


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    return " ".join(nfkc(text).split())
