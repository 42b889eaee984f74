"""The director of a drill by hand: it writes mails as files, and reads those that are dropped.

Nothing is sent.
"""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from drillsim.conduct.hand_folder import HandFolder
from drillsim.conduct.intake import FromOutside
from drillsim.conduct.live import LiveDirector
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.conduct.seating import Producer
from drillsim.conduct.todo import Todo, sent, todo_of
from drillsim.drill.agenda import Due
from drillsim.drill.durations import to_ms
from drillsim.drill.events import AnyEvent, MailId
from drillsim.i18n import _
from drillsim.journal.inbox import Command
from drillsim.journal.mails import mail_hash
from drillsim.mail.replies import recognise
from drillsim.text import clean_line
from drillsim.world.course import LiveCourse

LOOK_SECONDS: Final = 1.0
"""How often the inbox is looked into."""


class ByHandDirector(LiveDirector):
    """Runs one drill by hand."""

    def __init__(
        self,
        *args: Any,
        folder: HandFolder,
        look_seconds: float = LOOK_SECONDS,
        **options: Any,
    ) -> None:
        """Prepare a drill.

        Args:
            *args: as of `LiveDirector`.
            folder: where mails are written to and dropped.
            look_seconds: how often the inbox is looked into.
            **options: as of `LiveDirector`.
        """
        self._folder = folder
        self._look_seconds, self._looked = look_seconds, 0.0
        super().__init__(*args, **options)
        self.todo = Todo(self.exercise)

    def _course(self, seed: int, digest: str) -> LiveCourse:
        course = super()._course(seed, digest)
        course.rules.by_hand = True
        return course

    @asynccontextmanager
    async def _mail_system(self) -> AsyncIterator[None]:
        """No mail is handed over by the program."""
        self._folder.prepare()
        yield

    # Mails out ----------------------------------------------------------------------------------

    def _resubmit(self, events: Iterable[AnyEvent], last: Due) -> list[MailId]:
        """Write the files anew that are missing; nothing is handed over."""
        self.room.posted = {}
        self.todo = todo_of(events, self.course.board)
        for item in self.todo.open.values():
            self._folder.write(item.stem, self._intake.stored(item.raw))
        return []

    def _enact(self, events: Iterable[AnyEvent]) -> None:
        """Write the mails as files, after they are on record."""
        posted, self.room.posted = self.room.posted, {}
        for event in events:
            item = self.todo.take(event)
            if item is not None:
                self._folder.write(item.stem, posted[item.mail].raw)

    # Mails in -----------------------------------------------------------------------------------

    async def _take_mails(self) -> None:
        now = time.monotonic()
        if now - self._looked >= self._look_seconds:
            self._looked = now
            await self._take_files()
        await super()._take_mails()

    async def _take_files(self) -> None:
        for dropped in self._folder.look():
            if dropped.why:
                if self._folder.put_away(dropped):
                    note = {"file": clean_line(dropped.path.name), "why": dropped.why}
                    await self.journal.note_conduct("unread-file", note, to_ms(self._moment()))
                continue
            if (name := mail_hash(dropped.raw)) not in self.known:
                # On record first: a crash before the file is moved loses nothing, and the same
                # mail found again is no second one.
                self.known.add(name)
                sender = recognise(dropped.raw).sender
                await self.journal.store_mail(
                    dropped.raw, direction="in", sender=sender, recipients=()
                )
                self.take_in(FromOutside(name, dropped.raw, sender, ()))
            self._folder.put_away(dropped)

    # Orders -------------------------------------------------------------------------------------

    def _ordered_by(self, command: Command, at: timedelta) -> Producer | None:
        if command.kind == "sent":
            return self._sent(command.payload, command.author, at)
        return super()._ordered_by(command, at)

    def _sent(self, payload: dict[str, Any], author: str, at: timedelta) -> Producer:
        word = str(payload.get("mail", ""))
        items = self.todo.named(word)
        if not items:
            raise RefusedOrderError(
                _("there is no mail {mail} to be sent; see the list with todo").format(
                    mail=clean_line(word, limit=60)
                )
            )
        since = max(item.written_at for item in items)
        happened_at = self._typed(payload, at, since)
        told = _("the stop mail to {node} was sent")
        events = [
            event
            for item in items
            for event in sent(
                item, at, author, happened_at, told.format(node=self.exercise.node(item.node).name)
            )
        ]
        return lambda _rules: events
