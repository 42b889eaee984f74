"""The journal inside an event loop: callers wait for the commit, the loop does not.

What several callers hand in during one turn of the loop shares one transaction. In a rehearsal
(not durable) a commit costs some twenty microseconds and runs in the loop's own thread; where
another process is inside a write, it is tried again later and the loop goes on. In a durable
journal a commit waits for the disk, in a thread of its own; what comes in meanwhile makes up the
next one.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from drillsim.i18n import _
from drillsim.journal.chain import Entry
from drillsim.journal.errors import JournalBusyError, JournalWriteError, printable, sealed
from drillsim.journal.inbox import Command
from drillsim.journal.journal import Batch, Journal, Writing, conduct_entry
from drillsim.journal.mails import Direction, Mail
from drillsim.journal.seal import Seal

PATIENCE_SECONDS = 60.0
"""How long another process may stay inside a write until the drill is stopped."""

_Result = TypeVar("_Result")

_PAUSE_SECONDS = 0.001
_PAUSE_SECONDS_MAX = 0.05


class AsyncJournal:
    """A journal that is written from one event loop.

    Its methods return after the commit, or raise as those of `Journal` do. Cancelling a caller
    does not undo what it handed in. `patience_seconds` is for tests.
    """

    def __init__(self, journal: Journal, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Take over `journal`: nobody else may write with it from now on."""
        self.journal = journal
        self._patience_seconds = patience_seconds
        self._waiting: list[tuple[Sequence[Writing], asyncio.Future[None]]] = []
        self._committer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._is_ending = False
        if not journal.durable:
            journal.wait_for_others(0)

    async def append(self, entries: Sequence[Entry], *, key: str = "") -> None:
        """Record `entries` as one batch: all of them or none."""
        await self._hand_in(Batch(tuple(entries), key))

    async def write(self, writings: Sequence[Writing]) -> None:
        """Record batches and mails together: all of them or none."""
        is_free = not self._waiting and (self._committer is None or self._committer.done())
        if is_free and not self.journal.durable and not self._is_ending:
            try:
                # A commit that waits for no disk is shorter than a turn of the loop.
                self.journal.write(writings)
            except JournalBusyError:
                pass  # Another process is inside a write: it is tried again, as for all others.
            else:
                return
        await self._hand_in(*writings)

    async def note_conduct(
        self, kind: str, data: Mapping[str, Any], at_ms: int | None = None
    ) -> None:
        """Record something about how the drill is run: resumed, sent again, sped up, its port."""
        await self._hand_in(Batch((conduct_entry(kind, data, at_ms),)))

    async def store_mail(
        self, raw: bytes, *, direction: Direction, sender: str, recipients: Sequence[str]
    ) -> str:
        """Keep a mail as it came; return the hash by which events name it.

        What a server may answer 250 to has been committed when this returns.
        """
        mail = Mail(raw, direction, sender, recipients)
        await self._hand_in(mail)
        return mail.hash

    async def take_commands(self, after: int) -> list[Command]:
        """Return the commands that came in after number `after`; none while the file is locked."""
        try:
            if self.journal.durable:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._thread, self.journal.take_commands, after)
            return self.journal.take_commands(after)
        except JournalBusyError:
            return []  # They stay in the inbox; the next call finds them.

    async def seal(self) -> Seal:
        """End the journal once everything handed in is committed; nothing is taken afterwards."""
        await self._end()
        # It waits for other processes to let go of the file: never in the loop's own thread.
        return await self._persist(self.journal.seal, in_thread=True)

    async def close(self) -> None:
        """Commit what was handed in, then let the file and the lock go. Sealed or not."""
        try:
            await self._end()
        finally:
            await asyncio.to_thread(self._thread.shutdown)
            self.journal.close()

    async def _end(self) -> None:
        self._is_ending = True
        if self._committer is not None:
            await asyncio.wait([self._committer])

    async def _hand_in(self, *writings: Writing) -> None:
        if self._is_ending:
            raise sealed(self.journal.path)
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((writings, committed))
        if self._committer is None or self._committer.done():
            # It starts on the next turn of the loop, so whoever is due in this one joins in.
            self._committer = asyncio.create_task(self._commit_waiting())
        await committed

    async def _commit_waiting(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            outcome: BaseException | None = None
            try:
                await self._persist(
                    partial(
                        self.journal.write, [each for writings, _ in group for each in writings]
                    ),
                    in_thread=self.journal.durable,
                )
            except BaseException as fault:
                outcome = fault
                if not isinstance(fault, Exception):
                    raise
            finally:
                for _writings, committed in group:
                    _settle(committed, outcome)

    async def _persist(self, call: Callable[[], _Result], *, in_thread: bool) -> _Result:
        """Return what `call` returns; while another process is inside a write, try again."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience_seconds
        pause = _PAUSE_SECONDS
        while True:
            try:
                return await loop.run_in_executor(self._thread, call) if in_thread else call()
            except JournalBusyError:
                if loop.time() > deadline:
                    raise JournalWriteError(
                        _(
                            "{path}: another process has kept the journal locked for {seconds} s; "
                            "end that process, then resume"
                        ).format(
                            path=printable(self.journal.path),
                            seconds=round(self._patience_seconds),
                        )
                    ) from None
            await asyncio.sleep(pause)
            pause = min(2 * pause, _PAUSE_SECONDS_MAX)


def _settle(committed: asyncio.Future[None], outcome: BaseException | None) -> None:
    """Wake the caller of a writing, unless it was cancelled meanwhile."""
    if committed.done():
        return
    if outcome is None:
        committed.set_result(None)
    elif isinstance(outcome, Exception):
        committed.set_exception(outcome)
    else:
        committed.cancel()
