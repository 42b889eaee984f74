"""A test round over the office's own mail servers: one mail out, its answer back, before the day.

To the drill's own mailbox the mail is seen as it arrives, and is answered here as a person would
answer it. To the operator's own address a person answers it; what became of the mail itself is then
seen only if the answer has it attached.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, TypeAlias

from drillsim.conduct.check_mails import answer_id, check_id
from drillsim.conduct.live import wall_now
from drillsim.conduct.mail_servers import access_of, account_of
from drillsim.files.live_profile import LiveProfile, LoadedProfile
from drillsim.i18n import _, system_reason
from drillsim.mail.allowed import AllowedSession
from drillsim.mail.bodies import attached_message_id, read_body
from drillsim.mail.compose import Letter, compose
from drillsim.mail.form_sheets import enclosed_sheet, write_form_sheet
from drillsim.mail.gateway import Change, changes
from drillsim.mail.headers import Mailbox
from drillsim.mail.imap_mailbox import ImapMailbox, MailboxError
from drillsim.mail.parsing import Part, find_addresses, parse_mail
from drillsim.mail.received import received_at
from drillsim.mail.replies import Recognised, recognise
from drillsim.mail.secured import SecuredSession, client_context
from drillsim.mail.sessions import Session, SubmitFailedError
from drillsim.mail.sink import Delivery, Sink
from drillsim.mail.tokens import TOKEN_BITS, format_token, plus_address, token_of_address
from drillsim.problem import UsageError
from drillsim.text import clean_line

CLOCK_OFF_MAX: Final = timedelta(minutes=1)
"""Further apart, the times in the drill's record would mislead."""
_LOOK_BACK: Final = timedelta(days=1)
"""Mails in the mailbox that are older are not looked at: its clock may go behind ours."""
_SECOND: Final = timedelta(seconds=1)

_SUBJECT: Final = "メールの届く経路の確認"
_BODY: Final = """\
{to}　様

　訓練に先立ち、メールの届く経路を確認しています。
　このメールに、件名を変えずに、そのまま返信してください。本文は「受信しました」のみで結構です。
　届いたままのこのメールを添付していただくと、経路上での変化も確認できます。

{sender}"""
_ANSWER: Final = "受信しました。\n"

Step: TypeAlias = Literal["sent", "arrived", "answered"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail that came in, and when by the server's clock; None where that is our own."""

    raw: bytes
    server_time: datetime | None


Stream: TypeAlias = AsyncIterator[Incoming]


class EncryptedSession(Session, Protocol):
    """A session that can say how it is protected."""

    @property
    def tls_version(self) -> str:
        """As TLSv1.3."""

    @property
    def auth_way(self) -> str:
        """How it has logged in; "" if it has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer that came back, and by what it can be told whose it is."""

    after_seconds: float
    by_thread: bool
    by_number: bool
    by_plus_address: bool
    kind: str
    """As `drillsim explain` says it: human_reply, auto_reply …"""


@dataclass(slots=True, kw_only=True)
class Round:
    """What a test round found.

    Attributes:
        to: where the mail went.
        is_own: whether that is the drill's own mailbox.
        plus: whether answers are to go to a plus-address.
        tls: the version that was agreed on.
        auth: how the session logged in; "" if it did not.
        arrived_seconds: how long the mail took; None if it was not seen.
        clock_seconds: how far the mail server's clock is ahead of ours; None if that is not known.
        changes: what changed on the way; None if the mail was not seen.
        answered: the answer; None if none came.
        bounced: why the mail came back; "" if it did not.
    """

    to: str
    is_own: bool
    plus: bool
    tls: str = ""
    auth: str = ""
    arrived_seconds: float | None = None
    clock_seconds: float | None = None
    changes: tuple[Change, ...] | None = None
    answered: Answered | None = None
    bounced: str = ""

    @property
    def is_good(self) -> bool:
        """Whether a drill can go this way."""
        return not (
            self.bounced
            or self.answered is None
            or self.answered.kind != "human_reply"
            or not (self.answered.by_thread or self.answered.by_number)
            or (self.plus and not self.answered.by_plus_address)
            or self.clock_is_off
            or any(change.matters for change in self.changes or ())
        )

    @property
    def clock_is_off(self) -> bool:
        """Whether our clock and the server's are too far apart."""
        off = self.clock_seconds
        return off is not None and abs(off) > CLOCK_OFF_MAX.total_seconds()


async def check_live(
    loaded: LoadedProfile,
    to: str | None,
    wait_seconds: float,
    tell: Callable[[Step], None] = lambda _step: None,
) -> Round:
    """Make a test round.

    Args:
        loaded: the profile.
        to: the operator's own address; None for the drill's own mailbox.
        wait_seconds: how long to wait for the mail and its answer.
        tell: told how far it has come.

    Raises:
        UsageError: the address is not allowed, or a server cannot be used.
    """
    profile = loaded.profile
    own = profile.from_.address
    address = own if to is None else to
    if not _may(profile, address):
        raise UsageError(
            _(
                "{address} is neither the drill's own address nor in the profile's [allow]; "
                "name another, or allow it there"
            ).format(address=clean_line(address, limit=80))
        )
    account = account_of(loaded)
    session = SecuredSession(account, client_context(account.ca_file))
    async with _stream(loaded) as stream:
        guarded = AllowedSession(session, lambda each: _may(profile, each))
        try:
            await guarded.open()
            made = _Making(profile, address, guarded, tell)
            made.found.tls, made.found.auth = session.tls_version, session.auth_way
            await made.go(stream, wait_seconds)
        except SubmitFailedError as error:
            raise UsageError(str(error)) from None
        finally:
            await guarded.close()
    return made.found


def _may(profile: LiveProfile, address: str) -> bool:
    """Whether a test mail may go there: to those whom a drill may write to, and to itself."""
    plain, own = address.strip().lower(), profile.from_.address.lower()
    local, _at, domain = plain.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" == own or profile.allows(address)


# What comes in ------------------------------------------------------------------------------------


@asynccontextmanager
async def _stream(loaded: LoadedProfile) -> AsyncIterator[Stream]:
    """Open the way by which answers come in.

    Raises:
        UsageError: the mailbox cannot be read.
    """
    profile = loaded.profile
    if profile.mailbox is None:
        assert profile.exchanger is not None
        taken: asyncio.Queue[Incoming] = asyncio.Queue()

        async def keep(delivery: Delivery) -> None:
            taken.put_nowait(Incoming(delivery.raw, None))

        async def deliveries() -> Stream:
            while True:
                yield await taken.get()

        taker = profile.exchanger
        try:
            async with Sink(
                keep, known_recipient=lambda _address: True, host=taker.listen, port=taker.port
            ):
                yield deliveries()
        except OSError as error:
            raise UsageError(
                _("{server} cannot be listened on: {why}; choose another port").format(
                    server=f"{taker.listen}:{taker.port}", why=system_reason(error)
                )
            ) from None
        return
    # A test round marks and moves nothing.
    access = replace(access_of(loaded, profile.mailbox), after="leave")
    try:
        async with ImapMailbox(access, since=wall_now() - _LOOK_BACK) as mailbox:

            async def mails() -> Stream:
                async for mail in mailbox:
                    yield Incoming(mail.raw, mail.internal_date)

            yield mails()
    except MailboxError as error:
        raise UsageError(str(error)) from None


# The round ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Making:
    """One test round under way."""

    profile: LiveProfile
    to: str
    session: Session
    tell: Callable[[Step], None]
    token: str = field(default_factory=lambda: format_token(secrets.randbits(TOKEN_BITS)))
    found: Round = field(init=False)
    _sent: bytes = b""
    _sent_at: datetime = field(default_factory=wall_now)
    _accepted_at: datetime = field(default_factory=wall_now)

    def __post_init__(self) -> None:
        self.found = Round(
            to=self.to,
            is_own=self.to.lower() == self.profile.from_.address.lower(),
            plus=self.profile.plus_addresses,
        )

    @property
    def _message_id(self) -> str:
        return check_id(self.token, self.profile.from_.address)

    async def go(self, stream: Stream, wait_seconds: float) -> None:
        """Send the mail, and take in what comes until its answer is there or time is up."""
        self._sent = self._letter()
        self._sent_at = wall_now()
        await self._submit(self.to, self._sent)
        self._accepted_at = wall_now()
        self.tell("sent")
        try:
            async with asyncio.timeout(wait_seconds):
                async for mail in stream:
                    if await self._take(mail):
                        return
        except TimeoutError:
            return  # What has not come by now is told as missing.

    async def _submit(self, to: str, raw: bytes) -> None:
        """Hand a mail over.

        Raises:
            UsageError: the server does not take it.
        """
        result = await self.session.send(self.profile.from_.address, [to], raw)
        if not result.accepted:
            raise UsageError(
                _("the mail server does not take the test mail: {reply}").format(
                    reply=clean_line(f"{result.code} {result.text}", limit=200)
                )
            )

    def _letter(self) -> bytes:
        sender = self.profile.sender
        name = sender.name or sender.address
        answers_to = sender.address
        if self.profile.plus_addresses:
            answers_to = plus_address(sender.address, self.token)
        form = write_form_sheet([], title=_SUBJECT, ref=self.token)
        return compose(
            Letter(
                kind="drill",
                sender=sender,
                to=(Mailbox(self.to, ""),),
                subject=_SUBJECT,
                body=_BODY.format(to=self.to, sender=name),
                message_id=self._message_id,
                date=wall_now().astimezone(),
                reply_to=Mailbox(answers_to, ""),
                token=self.token,
                html=True,
                reply_link=f"mailto:{answers_to}",
                enclosed=(enclosed_sheet(form),),
            )
        )

    async def _take(self, mail: Incoming) -> bool:
        """Take a mail in; return whether the round is at its end."""
        part, got = parse_mail(mail.raw), recognise(mail.raw)
        if not self._is_ours(part, got):
            return False
        noticed_at = wall_now()
        if got.kind in ("bounce_hard", "bounce_soft"):
            self.found.bounced = next(
                (each.diagnostic for each in got.failed if each.diagnostic), ""
            ) or _("no reason was given")
            return True
        if got.is_own or (not got.thread and self._is_from_us(got)):
            if self.found.arrived_seconds is None:
                await self._take_arrival(mail, part, noticed_at)
            return False
        if got.kind in ("delayed", "read_receipt"):
            return False
        self._take_answer(part, got, noticed_at)
        if self.found.clock_seconds is None:
            self.found.clock_seconds = self._clock_off(mail, part, noticed_at)
        return got.kind == "human_reply"

    def _is_ours(self, part: Part, got: Recognised) -> bool:
        return (
            got.token == self.token
            or got.message_id == self._message_id
            or self._message_id in got.thread
            or self._came_to_plus(part)
        )

    def _is_from_us(self, got: Recognised) -> bool:
        return got.sender.lower() == self.profile.from_.address.lower()

    def _came_to_plus(self, part: Part) -> bool:
        named = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
        found = (
            each
            for name in named
            for value in part.fields.all(name)
            for each in find_addresses(value)
        )
        return any(token_of_address(address) == self.token for address in found)

    async def _take_arrival(self, mail: Incoming, part: Part, noticed_at: datetime) -> None:
        """Compare the mail with what was sent, and answer it as a person would."""
        found = self.found
        found.arrived_seconds = _seconds(noticed_at - self._accepted_at)
        found.changes = changes(self._sent, mail.raw)
        found.clock_seconds = self._clock_off(mail, part, noticed_at)
        self.tell("arrived")
        got = recognise(mail.raw)
        to = next(iter(find_addresses(part.fields.get("reply-to") or part.fields.get("from"))), "")
        sender = self.profile.sender
        answer = Letter(
            kind="reply",
            sender=Mailbox(sender.address, ""),
            to=(Mailbox(to, ""),),
            subject=f"Re: {got.subject}",
            body=_ANSWER,
            message_id=answer_id(self._message_id),
            date=wall_now().astimezone(),
            in_reply_to=got.message_id,
            references=(got.message_id,) if got.message_id else (),
        )
        await self._submit(to, compose(answer))

    def _take_answer(self, part: Part, got: Recognised, noticed_at: datetime) -> None:
        self.found.answered = Answered(
            after_seconds=_seconds(noticed_at - self._accepted_at),
            by_thread=self._message_id in got.thread,
            by_number=got.token == self.token,
            by_plus_address=self._came_to_plus(part),
            kind=got.kind,
        )
        self.tell("answered")
        for attached in read_body(part).attached_mails:
            if self.found.changes is None and attached_message_id(attached) == self._message_id:
                self.found.changes = changes(self._sent, attached.payload(len(attached.body)))

    def _clock_off(self, mail: Incoming, part: Part, noticed_at: datetime) -> float | None:
        """Return how far the servers' clocks are ahead of ours, the furthest of them.

        What a server did lay between our handing over and our noticing; it tells whole seconds.
        """
        times = [mail.server_time] if mail.server_time is not None else []
        times += [at for field in part.fields.all("received") if (at := received_at(field))]
        off = [_outside(at, self._sent_at - _SECOND, noticed_at) for at in times]
        return _seconds(max(off, key=abs)) if off else None


def _outside(at: datetime, earliest: datetime, latest: datetime) -> timedelta:
    """Return how far a moment lies outside of a span; below zero if it lies before it."""
    if at < earliest:
        return at - earliest
    return max(at - latest, timedelta(0))


def _seconds(length: timedelta) -> float:
    return round(length.total_seconds(), 3)
