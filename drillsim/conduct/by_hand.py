"""The director of a drill by hand: it writes mails as files, and reads those that are dropped.

Nothing is sent.
"""

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from drillsim.conduct.hand_folder import Dropped, HandFolder
from drillsim.conduct.intake import FromOutside
from drillsim.conduct.live import LiveDirector
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.conduct.seating import Producer
from drillsim.conduct.todo import Todo, sent, todo_of
from drillsim.drill.agenda import Due
from drillsim.drill.durations import ZERO, to_ms
from drillsim.drill.events import AnyEvent, MailId
from drillsim.i18n import _
from drillsim.journal.inbox import Command
from drillsim.journal.mails import mail_hash
from drillsim.journal.reader import JournalReader
from drillsim.mail.replies import recognise
from drillsim.text import clean_line
from drillsim.world.course import LiveCourse

LOOK_SECONDS: Final = 1.0
"""How often the inbox is looked into."""
_EARLIER: Final = "earlier-file"
"""The record of a file that counts from when it came."""
_CLOCKS_DIFFER: Final = timedelta(minutes=1)


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
        self._earlier: dict[str, datetime] = {}
        """When mails came that count from then, by their hashes."""
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

    def _resubmit(self, events: Sequence[AnyEvent], last: Due, in_doubt: int) -> list[MailId]:
        """Write the files anew that are missing; nothing is handed over."""
        self.room.posted = {}
        with JournalReader(self.journal.journal.path) as reader:
            for record in reader.records():
                if record.kind == _EARLIER:
                    came = datetime.fromisoformat(record.data["came"])
                    self._earlier[record.data["mail"]] = came
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
            came = self._came(dropped)
            if (name := mail_hash(dropped.raw)) not in self.known:
                # On record first: a crash before the file is moved loses nothing, and the same
                # mail found again is no second one.
                self.known.add(name)
                if came is not None:
                    self._earlier[name] = came
                    file = clean_line(dropped.path.name)
                    note = {"file": file, "mail": name, "came": came.isoformat()}
                    await self.journal.note_conduct(_EARLIER, note, to_ms(self._moment()))
                sender = recognise(dropped.raw).sender
                await self.journal.store_mail(
                    dropped.raw, direction="in", sender=sender, recipients=()
                )
                self.take_in(FromOutside(name, dropped.raw, sender, ()))
            remark = ""
            if dropped.is_earlier and came is None:
                remark = _("no mail server says a time within the drill; it counts from {time}")
                remark = remark.format(time=f"{self.exercise.when(self._moment()):%H:%M:%S}")
            self._folder.put_away(dropped, remark)

    def _came(self, dropped: Dropped) -> datetime | None:
        """Return when a file is to count from; None for now, or where its time cannot be."""
        if dropped.came_at is None:
            return None
        came = dropped.came_at - self.exercise.start_ex
        # The clocks of servers differ by some seconds.
        is_within = ZERO <= came <= self._moment() + _CLOCKS_DIFFER
        return dropped.came_at if is_within else None

    def _meaning(self, mail: FromOutside, at: timedelta) -> Producer:
        if mail.name not in self._earlier:
            return super()._meaning(mail, at)
        came = min(self._earlier[mail.name] - self.exercise.start_ex, at)
        inject = self._arriving(mail.raw)
        if inject is not None:
            return self._arrives(mail, inject, at, came)
        return self._came_earlier(mail, at, came)

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
