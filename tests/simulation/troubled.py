"""A drill over real mail and a real journal, with troubles: killed, failed, resumed to its end."""

import asyncio
import gc
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from drillsim.conduct import director as conducting
from drillsim.conduct.director import Director, Outcome
from drillsim.conduct.mailroom import Posted
from drillsim.conduct.rehearsal import Wanted, lay_out, reopen
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.durations import MILLISECOND
from drillsim.drill.events import AnyEvent
from drillsim.files.scenario_file import LoadedScenario
from drillsim.journal import post_command, verify
from drillsim.journal import wall as journal_wall
from drillsim.journal.errors import not_written
from drillsim.journal.journal import Journal, Writing
from drillsim.journal.mails import mail_hash
from drillsim.journal.writer import AsyncJournal
from drillsim.mail.sink import Delivery, Reply
from drillsim.problem import StoppedError
from drillsim.world.references import files_digest
from tests.simulation.drills import roughened
from tests.simulation.monitors import Watch, watched
from tests.simulation.rehearsing import events_of, loaded
from tests.simulation.troubles import (
    AT_COMMIT,
    AT_HAND_OVER,
    AT_MAIL,
    ENDS_THE_RUN,
    Plan,
    PlannedOrder,
    Trouble,
    TroubleKind,
    commands_of,
)

AUTHOR = "訓練統制員"


class KilledError(Exception):
    """The director's process is no more."""


@dataclass
class Fate:
    """What still lies ahead of a drill; it goes on counting when the drill is resumed.

    Attributes:
        struck: the troubles that came to pass.
        delivered: the mails that the sink has kept, by hash.
    """

    plan: Plan
    struck: list[Trouble] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    wall_offset: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self._ahead = list(self.plan.troubles)

    def strike(self, kinds: Iterable[TroubleKind], where: str) -> dict[TroubleKind, Trouble]:
        """Count one more `where`, and return the troubles whose turn has come."""
        self.counts[where] = count = self.counts.get(where, 0) + 1
        among = frozenset(kinds)
        due = [each for each in self._ahead if each.kind in among and each.count <= count]
        now: dict[TroubleKind, Trouble] = {}
        for trouble in due:
            # One that ends the run at a time: the next one meets the resumed drill.
            if trouble.kind in now or (trouble.kind in ENDS_THE_RUN and ENDS_THE_RUN & now.keys()):
                continue
            now[trouble.kind] = trouble
            self._ahead.remove(trouble)
            self.struck.append(trouble)
        return now


class TroubledDirector(Director):
    """A director to whom the plan's troubles happen, and who gets its orders in drill time."""

    def __init__(self, fate: Fate, given: LoadedScenario, journal: AsyncJournal) -> None:
        super().__init__(
            given.exercise,
            journal,
            seed=fate.plan.seed,
            digest=files_digest(given.files),
            speed="max",
        )
        self.fate = fate
        self.watch = Watch()
        self.is_dead = False
        self._watched = Board(given.exercise)
        self._orders = list(fate.plan.orders)
        self._ordered_at: timedelta | None = None
        self._instants = 1
        """In the commit that is being put together."""

    async def run(self) -> Outcome:
        """Run as ever; what asyncio would print to the user's terminal is broken too."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda _loop, told: self.watch.broken.append(f"untended: {told}")
        )
        return await super().run()

    # Orders -------------------------------------------------------------------------------------

    async def _wait_until(self, at: timedelta) -> bool:
        self._require_alive()
        while self._orders and self._orders[0].at <= at:
            following = self.course.next_at
            if following is None or following != at:
                return True
            await self._give(self._orders.pop(0))
        return True

    async def _give(self, order: PlannedOrder) -> None:
        """Have an order carried out at its time; one that was carried out before a crash is not."""
        last = self.course.last.at if self.course.last is not None else timedelta(0)
        moment = max(order.at, last + MILLISECOND)
        following = self.course.next_at
        self._ordered_at = moment if following is None else min(moment, following)
        for command in list(commands_of(order, self.course.board)):
            number = self.fate.counts.get(f"order {order} {command[0]}", 0)
            if not number:
                number = post_command(
                    self.journal.journal.path, kind=command[0], payload=command[1], author=AUTHOR
                )
                self.fate.counts[f"order {order} {command[0]}"] = number
            if number > self._last_command:
                await self._take_orders()
        self._ordered_at = None

    def _moment(self) -> timedelta:
        return super()._moment() if self._ordered_at is None else self._ordered_at

    # Troubles -----------------------------------------------------------------------------------

    def _require_alive(self) -> None:
        if self.is_dead:
            raise KilledError

    def _die(self) -> None:
        self.is_dead = True
        raise KilledError

    def _is_due(self, at: timedelta) -> bool:
        is_ordered = bool(self._orders) and self._orders[0].at <= at
        is_room = self._instants < self.fate.plan.together
        self._instants += 1
        return is_room and not is_ordered and super()._is_due(at)

    async def _record(self, events: Sequence[AnyEvent], writings: Sequence[Writing]) -> None:
        self._require_alive()
        self._instants = 1
        struck = self.fate.strike(AT_COMMIT, "commit")
        if trouble := struck.get("wall-clock-jumps"):
            self.fate.wall_offset += timedelta(hours=trouble.size)
        if "killed-before-commit" in struck:
            self._die()
        if "disk-full-at-commit" in struck:
            self.is_dead = True
            raise not_written(self.journal.journal.path, OSError(28, "No space left on device"))
        with _locked(self.journal.journal.path, "journal-locked" in struck):
            await super()._record(events, writings)
        for event in events:
            self._watched.apply(event)
            self.watch.take(event, self._watched)
        if "killed-after-commit" in struck:
            self._die()

    def _hand_over(
        self, post: Posted, to: tuple[str, ...], planned: Reply | None
    ) -> "asyncio.Future[None]":
        return asyncio.create_task(self._hand_over_in_trouble(post, to, planned))

    async def _hand_over_in_trouble(
        self, post: Posted, to: tuple[str, ...], planned: Reply | None
    ) -> None:
        self._require_alive()
        struck = self.fate.strike(AT_HAND_OVER, "hand-over")
        if trouble := struck.get("hand-over-late"):
            await _turns(trouble.size)
        if "killed-at-hand-over" in struck:
            self._die()
        await super()._hand_over(post, to, planned)
        if "mail-doubled" in struck:
            await super()._hand_over(post, to, planned)
        if "killed-after-250" in struck:
            self._die()

    async def _keep(self, delivery: Delivery) -> None:
        self._require_alive()
        struck = self.fate.strike(AT_MAIL, "mail")
        if trouble := struck.get("mail-kept-late"):
            await _turns(trouble.size)
        if "disk-full-at-mail" in struck:
            raise OSError(28, "No space left on device")
        if "broken-off-before-250" in struck:
            # What a cable does: the server has the mail, the client will never know.
            await super()._keep(delivery)
            raise ConnectionAbortedError("broken off before the 250")
        await super()._keep(delivery)
        self.fate.delivered.add(mail_hash(delivery.raw))

    def restored(self, events: Iterable[AnyEvent]) -> None:
        """Have the watch take in what happened before."""
        for event in events:
            self._watched.apply(event)
            self.watch.take(event, self._watched)


async def _turns(count: int) -> None:
    for _n in range(count):
        await asyncio.sleep(0)


@contextmanager
def _locked(path: Path, is_locked: bool) -> Iterator[None]:
    """Have another process be inside a write for a moment."""
    if not is_locked:
        yield
        return
    other = sqlite3.connect(path, isolation_level=None, timeout=1)
    with suppress(sqlite3.OperationalError):
        other.execute("BEGIN IMMEDIATE")
    handle = asyncio.get_running_loop().call_later(0.003, other.close)
    try:
        yield
    finally:
        handle.cancel()
        other.close()


class _JumpingClock(datetime):
    """The wall clock of a machine on which somebody sets the time."""

    offset = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        moment = datetime.now(tz) + cls.offset
        return cls.fromtimestamp(moment.timestamp(), tz)


@contextmanager
def jumping_wall_clock(fate: Fate) -> Iterator[None]:
    """Have the wall clock stand where `fate` has put it, for the director and its journal."""

    class Clock(_JumpingClock):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz or UTC) + fate.wall_offset

    with (
        patch.object(conducting, "datetime", Clock),
        patch.object(journal_wall, "datetime", Clock),
    ):
        yield


@dataclass(frozen=True)
class Life:
    """How a drill went, from its beginning to its seal.

    Attributes:
        broken: what promises were broken; empty if all were kept.
        struck: the troubles that came to pass.
        runs: how often a director was at work on it.
        resumed: how often one found events to go on from.
        outcome: of the run that sealed it, or None if it never came to that.
    """

    broken: list[str]
    struck: list[Trouble]
    runs: int
    resumed: int
    outcome: Outcome | None


def given_by(plan: Plan) -> LoadedScenario:
    """Return the files of a plan's drill."""
    given = loaded(plan.scenario)
    if not plan.rough:
        return given
    exercise, _orders = roughened(given.exercise, plan.seed)
    return replace(given, scenario=exercise.scenario)


def live(plan: Plan, path: Path) -> Life:
    """Run a drill through its troubles to its end, resuming it after each that ended a run."""
    fate, given = Fate(plan), given_by(plan)
    broken: list[str] = []
    resumed = 0
    runs_max = 2 + sum(trouble.kind in ENDS_THE_RUN for trouble in plan.troubles)
    with jumping_wall_clock(fate):
        for run in range(1, runs_max + 1):
            journal = lay_out(Wanted(given, plan.seed, "max", path)) if run == 1 else None
            if journal is None:
                broken += _between_runs(given, path)
                journal, _stored = reopen(path)
                resumed += bool(journal.last_key)
            outcome = _one_run(fate, given, journal, broken)
            if outcome is not None:
                broken += _never_delivered(fate, path)
                return Life(broken, fate.struck, run, resumed, outcome)
    broken.append(f"not ended after {runs_max} runs")
    return Life(broken, fate.struck, runs_max, resumed, None)


def _one_run(
    fate: Fate, given: LoadedScenario, journal: Journal, broken: list[str]
) -> Outcome | None:
    """Run until the end, or until a trouble ends it."""
    written = AsyncJournal(journal)
    director = TroubledDirector(fate, given, written)
    before = len(fate.struck)
    if journal.last_key:
        director.restored(events_of(journal.path))
    try:
        return asyncio.run(director.run())
    except (KilledError, StoppedError) as end:
        # What brings a run down may show as the failure of a mail that depended on it.
        if not any(trouble.kind in ENDS_THE_RUN for trouble in fate.struck[before:]):
            broken.append(f"stopped without a cause: {end!r}")
        return None
    finally:
        gc.collect()  # Errors that nobody looked at show by then.
        broken += director.watch.broken
        journal.close()  # As the system does it for a process that was killed: nothing is flushed.


def _between_runs(given: LoadedScenario, path: Path) -> Iterator[str]:
    """Yield what is wrong with a drill that lies there, cut off."""
    yield from (f"verify: {fault.message}" for fault in verify(path).faults)
    yield from watched(given.exercise, events_of(path))


def _never_delivered(fate: Fate, path: Path) -> Iterator[str]:
    """Yield the mails that arrived by the journal, and that no mail server has ever had."""
    raws: dict[str, str] = {}
    for event in events_of(path):
        if isinstance(event, ev.Submitted | ev.AnswerSent | ev.StopSubmitted):
            raws[event.mail] = event.raw
        if (
            isinstance(event, ev.Notified | ev.AnswerSent | ev.StopSubmitted)
            and raws[event.mail] not in fate.delivered
        ):
            yield f"{event.mail} was never delivered"
