"""How notices went in many runs: times, who answered, and what other notices had to do with it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from drillsim.drill.board import NoticeRecord
from drillsim.drill.durations import to_ms
from drillsim.drill.tree import NodeId
from drillsim.forecast.draws import Flags, Numbers, Rows, Times
from drillsim.forecast.stamps import NEVER


@dataclass
class Outside:
    """What other notices do to this one, where people answer in an old thread; by element."""

    answered: Times
    """Stamp of an answer to another notice that is taken for one to this."""
    by: Numbers
    """The officer of that answer."""
    others: Callable[[Rows], Times]
    """Tells when the first other notice reached the nodes of some elements, in ms."""


@dataclass(frozen=True, slots=True)
class Astray:
    """Answers that may go into an old thread: whoever wrote them, when, and when they arrive."""

    which: Rows
    """Which notices of a group were answered."""
    rows: Rows
    written: Times
    arrives: Times
    by: Numbers
    gone: Flags
    """Whether they were taken to go there."""

    def among(self, here: Flags) -> "Astray":
        """Return some of them."""
        return Astray(
            self.which[here],
            self.rows[here],
            self.written[here],
            self.arrives[here],
            self.by[here],
            self.gone[here],
        )


@dataclass
class NoticeRuns:
    """How a notice went in each run. Times in ms, `NEVER` for what did not come about."""

    submitted: Times
    notified: Times
    acknowledged: Times
    officer: Numbers
    """Who acknowledged; 0 for somebody who is not on the list."""
    by_telephone: Flags
    engaged: Times
    passed_on: Times
    reported: Times
    unreachable: Times
    """Given up, and not answered before."""
    called: Times
    forgotten: dict[NodeId, Flags] = field(default_factory=dict)
    """Next hops that are not written to."""

    @classmethod
    def never_begun(cls, *shape: int) -> "NoticeRuns":
        """Return notices that never began: a row of runs, or notices by runs."""
        times: dict[str, Any] = {name: np.full(shape, NEVER, dtype=np.int64) for name in TIMES}
        officer, by_telephone = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
        return cls(officer=officer, by_telephone=by_telephone, **times)

    def begin_anew(self) -> None:
        """Let no notice have begun."""
        for name in TIMES:
            getattr(self, name).fill(NEVER)
        self.officer.fill(0)
        self.by_telephone.fill(False)

    @classmethod
    def empty(cls, count: int, runs: int) -> Iterator["NoticeRuns"]:
        """Yield notices that never began."""
        yield from cls.never_begun(count, runs).each()

    def each(self) -> Iterator["NoticeRuns"]:
        """Yield the notices of an array of notices by runs, as views."""
        for number in range(len(self.officer)):
            yield NoticeRuns(
                officer=self.officer[number],
                by_telephone=self.by_telephone[number],
                **{name: getattr(self, name)[number] for name in TIMES},
            )

    def forget(self, rows: Rows | int) -> None:
        """Let the notice not have begun in these runs."""
        for name in TIMES:
            getattr(self, name)[rows] = NEVER
        self.officer[rows], self.by_telephone[rows] = 0, False

    def put(self, rows: Rows, other: "NoticeRuns") -> None:
        """Take over how it went in these runs; `other` has an element for each of them."""
        for name in (*TIMES, *_BESIDES):
            getattr(self, name)[rows] = getattr(other, name)

    def keep(self, which: Rows, rows: Rows, **columns: Times | Numbers | Flags) -> None:
        """Keep how some elements of an array of notices by runs went, by the names of the times."""
        places = which * self.officer.shape[1] + rows  # One index is quicker than two.
        for name, values in columns.items():
            getattr(self, name).reshape(-1)[places] = values

    def take(self, row: int, record: NoticeRecord) -> None:
        """Take over how it went in one run, as the kernel's board has it."""
        for name, at in (
            ("submitted", record.submitted_at),
            ("notified", record.notified_at),
            ("acknowledged", record.acknowledged_at),
            ("engaged", record.engaged_at),
            ("passed_on", record.passed_on_at),
            ("reported", record.reported_at),
            ("unreachable", record.unreachable_at),
            ("called", record.called_at),
        ):
            getattr(self, name)[row] = NEVER if at is None else to_ms(at)
        self.officer[row] = record.acknowledged_officer
        self.by_telephone[row] = record.channel == "telephone"

    def close(self, end: Times) -> None:
        """Forget what would have come after EndEx."""
        for name in TIMES:
            times = getattr(self, name)
            if (times != NEVER).any():
                np.putmask(times, times > end, NEVER)
        answered = self.acknowledged < NEVER
        self.officer *= answered
        self.by_telephone &= answered
        np.putmask(self.unreachable, answered, NEVER)

    def part(self, rows: slice) -> "NoticeRuns":
        """Return some notices of an array of notices by runs, as views."""
        return NoticeRuns(
            officer=self.officer[rows],
            by_telephone=self.by_telephone[rows],
            **{name: getattr(self, name)[rows] for name in TIMES},
        )


TIMES = (
    "submitted",
    "notified",
    "acknowledged",
    "engaged",
    "passed_on",
    "reported",
    "unreachable",
    "called",
)
_BESIDES = ("officer", "by_telephone")


@dataclass(frozen=True, slots=True)
class Reading:
    """A further mail that an officer read: what was taken to be so when it came."""

    at: Rows
    officer: int
    attempts: Numbers
    came: Times
    answered: Flags
    engaged: Flags

    @classmethod
    def after(cls, at: Rows, officer: int, attempts: Numbers, came: Times) -> "Reading":
        """Return mails that were read after somebody had answered."""
        done = np.ones(len(at), dtype=np.bool_)
        return cls(at, officer, attempts, came, done, done)

    def among(self, at: Rows) -> "Reading":
        """Return it for the elements of `at` alone, by their places there."""
        places = np.minimum(np.searchsorted(at, self.at), max(len(at) - 1, 0))
        here = np.flatnonzero(at[places] == self.at)
        return Reading(
            places[here],
            self.officer,
            self.attempts[here],
            self.came[here],
            self.answered[here],
            self.engaged[here],
        )


class Known(NamedTuple):
    """How notices went up to the answer, where that was told without a `Play`; times in ms."""

    notified: Times
    answered: Times
    engaged: Times
    engaged_by: Numbers
    mails: Sequence[Numbers]
    """Those that the first officers got."""
    turn: Times | None = None
    """When the second officer was turned to, if so."""
    readings: Sequence[Reading] = ()

    @classmethod
    def joined(cls, parts: Sequence["Known"]) -> "Known":
        """Return what is known of notices that went straight, part after part."""
        if len(parts) == 1:
            return parts[0]
        mails = zip(*(part.mails for part in parts), strict=True)
        return cls(
            np.concatenate([part.notified for part in parts]),
            np.concatenate([part.answered for part in parts]),
            np.concatenate([part.engaged for part in parts]),
            np.concatenate([part.engaged_by for part in parts]),
            [np.concatenate(each) for each in mails],
        )
