"""Following a drill: its journal, read only, turned into the view that the screens show.

The journal is read and decoded in one thread of its own; events are taken in on the event loop in
slices of a few milliseconds, so that a key is answered in between however fast they come.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from drillsim.drill.durations import ZERO, from_ms
from drillsim.drill.events import AnyEvent, decode
from drillsim.drill.ways import Way, is_live, way_of
from drillsim.evaluation.foreseen import FORESEEN, foreseen_in
from drillsim.files.scenario_file import load_stored
from drillsim.i18n import _
from drillsim.journal.chain import SEAL, Record
from drillsim.journal.errors import JournalBusyError, JournalError
from drillsim.journal.reader import JournalReader
from drillsim.tui.directors import is_directed
from drillsim.tui.views.clock import DrillClock
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.servers import SERVERS, Server, ServerState
from drillsim.tui.views.stream import REFUSED, Act

POLL_SECONDS: Final = 0.1
_CHUNK: Final = 500
"""Records read at a time."""
_SLICE_SECONDS: Final = 0.004
"""How long events are taken in before keys get their turn."""
_LOOK_SECONDS: Final = 0.5
_LAG: Final = timedelta(seconds=1)
"""How far behind the director the journal's reader may be, in wall time."""

T = TypeVar("T")
Address: TypeAlias = tuple[str, int]
"""Host and port."""
Item = AnyEvent | Act | DrillClock | Address | Record


class Following:
    """One drill, followed.

    Attributes:
        view: what has happened, taken in so far.
        clock: the director's last word on its clock.
        sink: where the director that runs it, or ran it last, takes mail.
        servers: what the director said last about the servers of a live drill.
        is_sealed: whether the drill is over for good.
        is_caught_up: whether all that the journal held at the last look is taken in.
        error: why nothing more can be read, or None.
        foreseen: the forecast that the drill's file keeps, or None.
    """

    def __init__(self, path: str | Path) -> None:
        """Open the journal at `path` and its files; events come with `run`.

        Raises:
            JournalError: it is no journal.
            ProblemsError: its files cannot be read by this drillsim.
        """
        self.path = Path(path)
        self._reader = JournalReader(self.path)
        self.meta = dict(self._reader.opening.meta)
        files = self._reader.files
        self.view = DrillView(load_stored(files).exercise, by_hand=self.way == "by-hand")
        self.foreseen = foreseen_in(files.get(FORESEEN))
        self.clock = DrillClock()
        self.sink: Address | None = None
        self.servers: dict[Server, ServerState] = {}
        self.is_sealed = False
        self.is_caught_up = False
        self.error: JournalError | None = None
        self._is_closed = False
        self._is_directed = False
        self._look_again = 0.0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        # SQLite's connection moves to the thread: opened there anew, used there alone.
        self._reader.close()

    @property
    def way(self) -> Way:
        """In which way the drill is run."""
        return way_of(self.meta)

    @property
    def is_live(self) -> bool:
        """Whether real people get its mails."""
        return is_live(self.way)

    @property
    def is_directed(self) -> bool:
        """Whether a director is at work on the drill; looked up at most twice a second."""
        now = time.monotonic()
        if now >= self._look_again:
            self._look_again = now + _LOOK_SECONDS
            self._is_directed = is_directed(self.path)
        return self._is_directed

    def now(self) -> timedelta:
        """Return the drill time of this moment."""
        clock = self.clock
        if self.view.board.end is not None or not self.is_directed:
            clock = clock.stopped(self.view.board.at)
        return clock.now(datetime.now(UTC), self.view.board.at)

    async def run(self) -> None:
        """Follow until the journal is sealed, can no longer be read, or was closed."""
        while not self.is_sealed and self.error is None and not self._is_closed:
            took = await self.catch_up()
            if not took:
                self._pass_time()
                await asyncio.sleep(POLL_SECONDS)

    async def catch_up(self) -> bool:
        """Take in the next chunk of records; return whether there were any."""
        if self._is_closed:
            return False
        try:
            items, sealed = await self._call(self._read)
        except JournalBusyError:
            return False
        except JournalError as error:
            self.error = error
            return False
        since = time.monotonic()
        for item in items:
            self._take(item)
            if time.monotonic() - since > _SLICE_SECONDS:
                await asyncio.sleep(0)
                since = time.monotonic()
        self.is_caught_up = len(items) < _CHUNK
        self.is_sealed = self.is_sealed or sealed
        return bool(items)

    async def catch_up_fully(self) -> None:
        """Take in everything that the journal holds now."""
        while await self.catch_up():
            pass
        self._pass_time()

    async def mail(self, name: str) -> bytes:
        """Return the bytes of a mail by its hash.

        Raises:
            KeyError: the journal has no such mail.
            JournalError: the journal cannot be read, or was closed.
        """
        if self._is_closed:
            raise JournalError(_("the drill was closed"))
        return await self._call(lambda: self._reader.mail(name))

    def close(self) -> None:
        """Let the journal go; closing it again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self._thread.submit(self._reader.close)
        self._thread.shutdown(wait=False)

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _read(self) -> tuple[list[Item], bool]:
        records = self._reader.follow(_CHUNK)
        items = [item for record in records if (item := _item(record)) is not None]
        return items, bool(records) and records[-1].stream == SEAL

    def _take(self, item: Item) -> None:
        if isinstance(item, DrillClock):
            self.clock = item
        elif isinstance(item, Record):
            name: Server = "mailbox" if item.kind == "mailbox" else "mail-server"
            self.servers[name] = self.servers.get(name, ServerState()).after(item.data)
        elif isinstance(item, tuple):
            self.sink = item
        else:
            self.view.take(item)

    def _pass_time(self) -> None:
        if self.view.board.end is not None:
            return
        behind = ZERO if self.clock.speed is None else _LAG * self.clock.speed
        known = self.now() if self.clock.is_paused else self.now() - behind
        self.view.pass_time(max(known, self.view.board.at))


def _item(record: Record) -> Item | None:
    """Return what a record says, as far as a screen shows it."""
    if record.stream == "event":
        return decode(record.data)
    if record.stream == "conduct" and record.kind == "clock":
        return DrillClock().take(record.data)
    if record.stream == "conduct" and record.kind == "port":
        return str(record.data["host"]), int(record.data["port"])
    if record.stream == "conduct" and record.kind in SERVERS:
        return record
    at = ZERO if record.at_ms is None else from_ms(record.at_ms)
    data: dict[str, Any] = record.data
    if record.stream == "conduct" and record.kind == "order-refused":
        return Act(at=at, order=REFUSED, by="", payload=data)
    if record.stream == "command":
        payload = data.get("payload")
        return Act(
            at=at,
            order=record.kind,
            by=str(data.get("author", "")),
            payload=payload if isinstance(payload, dict) else {},
        )
    return None
