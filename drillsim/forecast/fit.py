"""How people were in past drills: delays and rates of failure, per kind of body.

Delays are log-normal, found by maximum likelihood. Whoever had not answered when the drill ended,
when somebody else at the body answered, or when they were telephoned, is *censored*: all that is
known is that it would have taken longer. Some never answer at all (a cure model, after Boag 1949):
with probability p an officer who was mailed gives no answer however long one waits.

What was too little to say anything (`ENOUGH`) is said to be so, and its spread is widened by the
uncertainty of the estimate, so that a forecast with it is less sure, not more.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import import_module
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from drillsim.drill import events as ev
from drillsim.drill.durations import from_ms, to_ms
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import NodeKind

ENOUGH: Final = 36
"""Observations below which a delay or a share is said to rest on too little: three dozen."""

DelayName = Literal["acknowledge", "pass_on", "report"]
RateName = Literal["away", "absence_notice", "dead_address", "report_forgotten"]
Floats = NDArray[np.float64]


@dataclass
class Observed:
    """What was seen of one kind of delay at one kind of body, in ms."""

    lengths: list[int] = field(default_factory=list)
    is_seen: list[bool] = field(default_factory=list)
    """False where it was only seen not to have ended by then."""

    def add(self, length: timedelta, seen: bool) -> None:
        """Add one; what took no time counts as a millisecond."""
        self.lengths.append(max(to_ms(length), 1))
        self.is_seen.append(seen)

    @property
    def seen(self) -> int:
        """How many ended while they were watched."""
        return sum(self.is_seen)


@dataclass
class Counted:
    """How often something happened, of how many times it could have."""

    happened: int = 0
    of: int = 0


@dataclass
class Material:
    """What past drills show of one kind of body."""

    kind: NodeKind
    delays: dict[DelayName, Observed] = field(default_factory=dict)
    rates: dict[RateName, Counted] = field(default_factory=dict)
    drills: int = 0

    def delay(self, name: DelayName) -> Observed:
        """Return the observations of a delay."""
        return self.delays.setdefault(name, Observed())

    def rate(self, name: RateName) -> Counted:
        """Return the count of a failure."""
        return self.rates.setdefault(name, Counted())


def gather(
    drills: Iterable[tuple[Exercise, Sequence[AnyEvent]]],
) -> dict[NodeKind, Material]:
    """Return what these drills show, by kind of body."""
    found: dict[NodeKind, Material] = {}
    for exercise, events in drills:
        watch = _Watch(exercise)
        for event in events:
            watch.see(event)
        for kind, material in watch.close().items():
            into = found.setdefault(kind, Material(kind))
            into.drills += 1
            for name, observed in material.delays.items():
                into.delay(name).lengths += observed.lengths
                into.delay(name).is_seen += observed.is_seen
            for what, counted in material.rates.items():
                into.rate(what).happened += counted.happened
                into.rate(what).of += counted.of
    return found


@dataclass
class _Mailed:
    """An officer whose mailbox got the first mail of a notice."""

    at: timedelta
    is_done: bool = False


class _Watch:
    """One drill, watched event by event."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.found: dict[NodeKind, Material] = {}
        self.mailed: dict[NoticeKey, dict[int, _Mailed]] = {}
        self.answered: dict[NoticeKey, timedelta] = {}
        self.taken_up: dict[NoticeKey, timedelta] = {}
        self.passing: dict[NoticeKey, timedelta] = {}
        self.reporting: dict[NoticeKey, timedelta] = {}
        self.end = timedelta(0)

    def _material(self, notice: NoticeKey) -> Material:
        kind = self.exercise.node(notice[1]).kind
        return self.found.setdefault(kind, Material(kind))

    def see(self, event: AnyEvent) -> None:
        """Take an event in."""
        match event:
            case ev.Notified() if not event.lost:
                self._mailed(event.notice, event.officer, event.at)
                self._address(event.notice, dead=False, first=event.attempt == 0)
            case ev.Notified() if event.lost == "bounced":
                self._address(event.notice, dead=True, first=event.attempt == 0)
            case ev.Refused() if event.failure == "unknown-address":
                self._address(event.notice, dead=True, first=event.attempt == 0)
            case ev.AutoReplied():
                one = self.mailed.get(event.notice, {}).get(event.officer)
                if one is not None and not one.is_done:
                    one.is_done = True
                    self._material(event.notice).rate("absence_notice").happened += 1
            case ev.Acknowledged():
                self._acknowledged(event)
            case ev.PassedOn():
                begun = self.passing.pop(event.notice, None)
                if begun is not None:
                    self._material(event.notice).delay("pass_on").add(event.at - begun, True)
                self._answered(event.notice, event.at)
            case ev.Reported():
                begun = self.reporting.pop(event.notice, None)
                if begun is not None:
                    self._material(event.notice).delay("report").add(event.at - begun, True)
                self._answered(event.notice, event.at)
            case ev.Reminded() if event.missing == "report":
                # From here on it is another report that is waited for.
                begun = self.reporting.pop(event.notice, None)
                if begun is not None:
                    self._material(event.notice).delay("report").add(event.at - begun, False)
            case ev.DrillEnded():
                self.end = event.at
            case _:
                pass

    def _mailed(self, notice: NoticeKey, officer: int, at: timedelta) -> None:
        if self.exercise.inject(notice[0]).acknowledge is None or notice in self.answered:
            return
        officers = self.mailed.setdefault(notice, {})
        if officer not in officers:
            officers[officer] = _Mailed(at)
            self._material(notice).rate("absence_notice").of += 1

    def _address(self, notice: NoticeKey, *, dead: bool, first: bool) -> None:
        if first:
            counted = self._material(notice).rate("dead_address")
            counted.of += 1
            counted.happened += dead

    def _acknowledged(self, event: ev.Acknowledged) -> None:
        notice = event.notice
        officers = self.mailed.get(notice, {})
        # A colleague who is not on the list answers for whoever was mailed last.
        officer = event.officer or max(officers, default=0)
        one = officers.get(officer)
        if event.channel == "mail" and one is not None and not one.is_done:
            one.is_done = True
            self._material(notice).delay("acknowledge").add(event.at - one.at, True)
        asked = self.exercise.scope(notice[0]).asked.get(notice[1])
        if notice not in self.answered and asked is not None:
            if asked.pass_on:
                self.passing[notice] = event.at
            if asked.report and not asked.collect:
                self.reporting[notice] = event.at
        self._answered(notice, event.at)

    def _answered(self, notice: NoticeKey, at: timedelta) -> None:
        """Nobody else at the body is waited for any more."""
        if notice in self.answered:
            return
        self.answered[notice] = at
        for one in self.mailed.get(notice, {}).values():
            if not one.is_done:
                one.is_done = True
                self._material(notice).delay("acknowledge").add(at - one.at, False)

    def close(self) -> dict[NodeKind, Material]:
        """Return what was seen; what is still waited for is censored at EndEx."""
        for notice, officers in self.mailed.items():
            for one in officers.values():
                if not one.is_done and one.at < self.end:
                    self._material(notice).delay("acknowledge").add(self.end - one.at, False)
        names: tuple[tuple[DelayName, dict[NoticeKey, timedelta]], ...] = (
            ("pass_on", self.passing),
            ("report", self.reporting),
        )
        for name, open_ in names:
            for notice, begun in open_.items():
                if begun < self.end:
                    self._material(notice).delay(name).add(self.end - begun, False)
        return self.found


@dataclass(frozen=True, slots=True)
class FittedDelay:
    """A log-normal delay, with how many never end."""

    median: timedelta
    sigma: float
    never: float
    """The share that gives no answer, however long one waits."""
    seen: int
    censored: int
    median_error: float
    """Standard error of the log of the median."""
    sigma_error: float

    @property
    def is_enough(self) -> bool:
        """Whether it rests on enough answers."""
        return self.seen >= ENOUGH

    @property
    def told_sigma(self) -> float:
        """The sigma to use: of too few answers, widened by what is not known.

        The likeliest spread of n answers is too small by (n - 1) / n of its square, as it is
        measured from their own middle; to it come the errors of both estimates.
        """
        if self.is_enough:
            return self.sigma
        unbiased = self.sigma**2 * self.seen / (self.seen - 1)
        return math.sqrt(unbiased + self.median_error**2 + self.sigma_error**2)


@dataclass(frozen=True, slots=True)
class FittedRate:
    """A rate with its interval (Wilson, 90 %)."""

    rate: float
    low: float
    high: float
    of: int
    usual: float | None = None
    """The rate at bodies of all kinds, for one kind of them."""

    @property
    def is_enough(self) -> bool:
        """Whether it was counted often enough."""
        return self.of >= ENOUGH

    @property
    def told(self) -> float:
        """The rate to use: of too few cases, drawn to what bodies of all kinds show.

        Without these it is what is to be expected of the next case (with Jeffreys' prior): what has
        not happened in three cases may well happen in the fourth.
        """
        if self.is_enough:
            return self.rate
        if self.usual is None:
            return (self.rate * self.of + 0.5) / (self.of + 1)
        return (self.rate * self.of + self.usual * (ENOUGH - self.of)) / ENOUGH


@dataclass(frozen=True)
class Fit:
    """How people of one kind of body were."""

    kind: NodeKind
    drills: int
    delays: dict[DelayName, FittedDelay]
    rates: dict[RateName, FittedRate]


def fit(material: Material, everybody: Fit | None = None) -> Fit:
    """Return the parameters under which what was seen is most likely.

    Args:
        material: what was seen of one kind of body, or of all.
        everybody: the parameters of all kinds together, for one of them.
    """
    delays = {}
    for name, observed in material.delays.items():
        fitted = fit_delay(observed, may_fail=name != "pass_on")
        if fitted is not None:
            delays[name] = fitted
    rates = {what: _rate(counted) for what, counted in material.rates.items() if counted.of}
    never: dict[DelayName, RateName] = {"acknowledge": "away", "report": "report_forgotten"}
    for name, what in never.items():
        if name in delays:
            count = delays[name].seen + delays[name].censored
            rates[what] = _rate(Counted(round(delays[name].never * count), count))
    if everybody is not None:
        usual = everybody.rates
        rates = {what: replace(rate, usual=usual[what].told) for what, rate in rates.items()}
    return Fit(material.kind, material.drills, delays, rates)


def fit_delay(observed: Observed, *, may_fail: bool) -> FittedDelay | None:
    """Return the log-normal delay of greatest likelihood, or None of fewer than two answers.

    Args:
        observed: lengths, seen to end or censored.
        may_fail: whether some may never end.
    """
    if observed.seen < 2:
        return None
    minimize: Any = import_module("scipy.optimize").minimize  # It comes without types.
    special: Any = import_module("scipy.special")
    expit, log_ndtr = special.expit, special.log_ndtr

    logs = np.log(np.array(observed.lengths, dtype=np.float64))
    seen = np.array(observed.is_seen)
    ended, open_ = logs[seen], logs[~seen]
    start = [float(np.median(ended)), math.log(max(float(ended.std()), 0.05))]
    if may_fail:
        start.append(math.log((0.5 * len(open_) + 0.5) / (len(ended) + 0.5)))

    def loss(at: Floats) -> float:
        median, sigma = at[0], math.exp(at[1])
        never = float(expit(at[2])) if may_fail else 0.0
        place = (ended - median) / sigma
        likelihood = np.sum(np.log1p(-never) - place**2 / 2 - at[1])
        beyond = log_ndtr(-(open_ - median) / sigma)
        likelihood += np.sum(np.log(never + (1 - never) * np.exp(beyond) + 1e-300))
        return -float(likelihood)

    found = minimize(loss, np.array(start), method="Nelder-Mead", options={"maxiter": 4000})
    best = minimize(loss, found.x, method="BFGS")
    at = best.x if best.fun <= found.fun else found.x
    sigma = math.exp(at[1])
    errors = _errors(loss, at)
    return FittedDelay(
        median=from_ms(max(round(math.exp(at[0])), 1)),
        sigma=sigma,
        never=float(expit(at[2])) if may_fail else 0.0,
        seen=len(ended),
        censored=len(open_),
        median_error=errors[0],
        sigma_error=sigma * errors[1],
    )


def _errors(loss: Callable[[Floats], float], at: Floats) -> tuple[float, float]:
    """Return the standard errors of the logs of median and sigma, from the observed information.

    A share that never ends and that nothing contradicts to be none bends nothing: it is left out.
    """
    size = len(at)
    step = np.diag(np.full(size, 1e-3))
    information = np.array(
        [
            [
                (
                    loss(at + step[i] + step[j])
                    - loss(at + step[i] - step[j])
                    - loss(at - step[i] + step[j])
                    + loss(at - step[i] - step[j])
                )
                / (4 * 1e-6)
                for j in range(size)
            ]
            for i in range(size)
        ]
    )
    bent = [i for i in range(size) if i < 2 or information[i, i] > 1e-2]
    variances = np.diag(np.linalg.pinv(information[np.ix_(bent, bent)]))[:2]
    # Where two answers lie on one another, nothing is known: a wide guess, e times as long.
    first, second = (math.sqrt(v) if 0 < v < 1 else 1.0 for v in map(float, variances))
    return first, second


_Z: Final = 1.6449
"""Of the normal distribution, for 90 % within."""


def _rate(counted: Counted) -> FittedRate:
    n, share = counted.of, counted.happened / counted.of
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n)) / (1 + _Z**2 / n)
    return FittedRate(share, max(middle - half, 0.0), min(middle + half, 1.0), n)


def together(materials: Iterable[Material]) -> Material:
    """Return what was seen of all kinds of body as if they were one."""
    each = list(materials)
    whole = Material(each[0].kind, drills=max(material.drills for material in each))
    for material in each:
        for name, observed in material.delays.items():
            whole.delay(name).lengths += observed.lengths
            whole.delay(name).is_seen += observed.is_seen
        for what, counted in material.rates.items():
            whole.rate(what).happened += counted.happened
            whole.rate(what).of += counted.of
    return whole
