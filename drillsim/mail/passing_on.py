"""A node's own mail to the next hops: recognised from the mail itself.

Who passes a message on writes anew, forwards, or forwards it as an attachment, with or without the
drill in Cc. It is a mail of somebody at a node to somebody at one of the nodes that it was asked to
pass on to, and which notice it carries follows, as for answers, from the thread, the 整理番号, the
subject, and the only notice that waits to be passed on.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drillsim.mail.matching import MatchedBy, NoticeIndex, NoticeKey
from drillsim.mail.replies import Recognised, same_subject
from drillsim.mail.tokens import find_tokens

TEXT_MAX = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A node to which somebody may pass a notice on, and by what that is known."""

    notice: NoticeKey
    """That of the node that passes on."""
    subject: str
    """Of the message that it got."""
    to: tuple[str, ...]
    """The nodes to which it was asked to pass it on."""
    waits: bool
    """Whether it has not passed it on to all of them yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingOn:
    """A mail that passes a notice on."""

    notice: NoticeKey
    matched_by: MatchedBy
    officer: int
    """Who wrote it, in calling order; 0 for somebody who is not on the list."""
    to: tuple[tuple[str, int, str], ...]
    """Node, officer in calling order, address, of everyone to whom it went."""


def recognise_passing_on(
    mail: Recognised, index: NoticeIndex, hops_of: Callable[[str], Sequence[Hop]]
) -> PassingOn | None:
    """Return what a mail passes on, and to whom; None for any other mail.

    Args:
        mail: what came in.
        index: who reads which address, and what was sent.
        hops_of: the notices of a node that are to be passed on, oldest first.
    """
    if mail.kind not in ("human_reply", "not_a_reply") or not mail.sender:
        return None
    nodes = index.nodes_of(mail.sender) or tuple(index.neighbours(mail.sender))[:10]
    for node in nodes:
        hops = [hop for hop in hops_of(node) if _recipients(mail, index, hop)]
        if not hops:
            continue
        found = _which(mail, index, hops)
        if found is not None:
            hop, matched_by = found
            return PassingOn(
                notice=hop.notice,
                matched_by=matched_by,
                officer=index.officer(mail.sender, node) or 0,
                to=_recipients(mail, index, hop),
            )
    return None


def _recipients(mail: Recognised, index: NoticeIndex, hop: Hop) -> tuple[tuple[str, int, str], ...]:
    """Return whom of the next hops the mail went to; each node once, its first officer first."""
    found: dict[str, tuple[str, int, str]] = {}
    for address in mail.recipients:
        for node in index.nodes_of(address):
            if node in hop.to:
                officer = index.officer(address, node) or 1
                if node not in found or officer < found[node][1]:
                    found[node] = (node, officer, address)
    return tuple(found[node] for node in hop.to if node in found)


def _which(
    mail: Recognised, index: NoticeIndex, hops: Sequence[Hop]
) -> tuple[Hop, MatchedBy] | None:
    """Say which of the notices a mail carries."""
    by_notice = {hop.notice: hop for hop in hops}
    for message_id in mail.thread:
        sent = index.sent_as(message_id)
        for notice in sent.notices if sent is not None else ():
            if notice in by_notice:
                return by_notice[notice], MatchedBy.thread
    for place, text in (
        (MatchedBy.subject_token, mail.subject),
        (MatchedBy.body_token, mail.text[:TEXT_MAX]),
    ):
        for token in find_tokens(text)[:20]:
            sent = index.sent_under(token)
            for notice in sent.notices if sent is not None else ():
                if notice in by_notice:
                    return by_notice[notice], place
    alike = [hop for hop in hops if _carries_subject(mail.subject, hop.subject)]
    waiting = [hop for hop in alike or hops if hop.waits]
    if len(waiting) == 1:
        return waiting[0], MatchedBy.only_open
    if alike:
        return alike[-1], MatchedBy.only_open
    return None


def _carries_subject(subject: str, original: str) -> bool:
    """Whether a subject is that of the message, with marks, remarks and numbers around it."""
    if same_subject(subject, original):
        return True
    plain, core = _bare(subject), _bare(original)
    return len(core) >= 6 and core in plain


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    for mark in ("【訓練】", "【再送】"):
        plain = plain.replace(mark, "")
    return "".join(letter for letter in plain.casefold() if letter.isalnum())
