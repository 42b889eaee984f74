"""The way in of a live drill: the office's mailbox, or a port to which a mail server hands answers.

Either way a mail is on record before it is marked in the mailbox, or before its 250.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Final, Protocol, Self

from drillsim.conduct.intake import FromOutside
from drillsim.conduct.mail_servers import access_of
from drillsim.drill.exercise import Exercise
from drillsim.files.live_profile import ImapMailbox as MailboxProfile
from drillsim.files.live_profile import LoadedProfile
from drillsim.i18n import _, system_reason
from drillsim.journal.mails import mail_hash
from drillsim.journal.writer import AsyncJournal
from drillsim.mail.imap_mailbox import ImapMailbox, MailboxState
from drillsim.mail.replies import recognise
from drillsim.mail.sink import Delivery, KnownRecipients, Sink
from drillsim.problem import UsageError
from drillsim.text import clean_line

_MARGIN: Final = timedelta(minutes=10)
"""How much earlier than StartEx the clock of a mail server may put a mail."""
_SIZE_SLACK: Final = 10_000
"""What servers on the way add to a mail."""


class Takes(Protocol):
    """Who takes the mails: the director of a live drill."""

    exercise: Exercise
    journal: AsyncJournal
    known: set[str]
    """Hashes of the mails that are on record."""

    def take_in(self, mail: FromOutside) -> None:
        """Have a mail credited that is on record."""


class WayIn:
    """Brings in the answers of one live drill; an async context manager."""

    def __init__(
        self,
        drill: Takes,
        profile: LoadedProfile,
        has_begun: asyncio.Event,
        poke: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            drill: takes the mails.
            profile: from where.
            has_begun: nothing is taken before that: the journal is being read.
            poke: called when there is a mail.
        """
        self._drill, self._profile = drill, profile
        self._has_begun, self._poke = has_begun, poke
        self._sink: Sink | None = None
        self._task: asyncio.Task[None] | None = None
        self._notes: set[asyncio.Task[None]] = set()
        self._storing: set[asyncio.Task[None]] = set()
        self._one = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Listen, or read, from now on.

        Raises:
            UsageError: the port is taken.
        """
        profile = self._profile.profile
        if profile.mailbox is not None:
            self._task = asyncio.create_task(self._read(profile.mailbox))
        if profile.exchanger is not None:
            self._sink = Sink(
                self._keep,
                known_recipient=KnownRecipients((), (profile.from_.address,)),
                size_max_bytes=self._drill.exercise.scenario.mail.size_max + _SIZE_SLACK,
                host=profile.exchanger.listen,
                port=profile.exchanger.port,
            )
            try:
                await self._sink.start()
            except OSError as error:
                raise UsageError(
                    _("the drill cannot listen at {place} ({why}); change [exchanger]").format(
                        place=f"{profile.exchanger.listen}:{profile.exchanger.port}",
                        why=clean_line(system_reason(error)),
                    )
                ) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tasks = [*self._notes, *([self._task] if self._task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._sink is not None:
            await self._sink.close()
        await asyncio.gather(*self._storing, return_exceptions=True)

    def raise_fault(self) -> None:
        """Raise what ended the reading of the mailbox, if something did."""
        if self._task is not None and self._task.done() and not self._task.cancelled():
            self._task.result()

    async def _store(self, mail: FromOutside) -> None:
        """Have a mail on record, once, and credited later.

        A server that hangs up meanwhile hands the same mail over again: so it is stored to the end,
        and only what is stored is known.
        """
        await self._has_begun.wait()
        task = asyncio.create_task(self._store_once(mail))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
        await asyncio.shield(task)

    async def _store_once(self, mail: FromOutside) -> None:
        async with self._one:
            if mail.name in self._drill.known:
                return
            await self._drill.journal.store_mail(
                mail.raw, direction="in", sender=mail.sender, recipients=mail.to
            )
            self._drill.known.add(mail.name)
            self._drill.take_in(mail)
            self._poke()

    async def _keep(self, delivery: Delivery) -> None:
        """Take a mail that a server hands on; its 250 comes when this returns."""
        name = mail_hash(delivery.raw)
        await self._store(
            FromOutside(name, delivery.raw, delivery.envelope_from, delivery.envelope_to)
        )

    async def _read(self, mailbox: MailboxProfile) -> None:
        """Read the mailbox until the drill is over; where it is away, again and again."""
        await self._has_begun.wait()
        limit = self._drill.exercise.scenario.mail.size_max + _SIZE_SLACK
        access = access_of(self._profile, mailbox, size_max_bytes=limit)
        since = self._drill.exercise.start_ex - _MARGIN
        async with ImapMailbox(
            access, since=since, known=self._drill.known, on_state=self._note, patient=True
        ) as box:
            async for mail in box:
                sender = recognise(mail.raw).sender
                await self._store(FromOutside(mail.hash, mail.raw, sender, (), mail.internal_date))
                box.recorded(mail)

    def _note(self, state: MailboxState) -> None:
        """Have on record whether the mailbox can be read."""
        away = "" if state.is_connected else clean_line(state.why, limit=300)
        note = {"away": away, "unreadable": state.unreadable}
        task = asyncio.create_task(self._drill.journal.note_conduct("mailbox", note))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)
