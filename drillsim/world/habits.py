"""How the people of a rehearsal are: presets, and what a scenario says otherwise.

The figures are those of the field (DOMAIN, section 4): acknowledgement delays after Kooti 2015 and
Stouffer 2006 (`ordinary-mail`), call-down drills (`announced-office-hours`) and RAND 2005
(`unannounced-…`, scaled so that the means are 57 and 92 minutes). The others are assumptions that
a scenario may set.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from functools import cached_property

from drillsim.drill.exercise import Exercise
from drillsim.drill.preset import Delay, KindHabits
from drillsim.drill.scenario import People, PersonNode, Telephone
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.world.chance import LogNormal, log_normal

_MINUTE = timedelta(minutes=1)
_NOBODY = PersonNode()


def _percent(n: int) -> Fraction:
    return Fraction(n, 100)


@dataclass(frozen=True)
class Habits:
    """Delays and rates of simulated officers; rates are shares from 0 to 1."""

    acknowledge: LogNormal
    no_answer: Fraction
    pass_on: LogNormal = log_normal(10 * _MINUTE, 1.0)
    report: LogNormal = log_normal(15 * _MINUTE, 0.9)
    transit: LogNormal = log_normal(timedelta(seconds=5), 0.8)
    away: Fraction = _percent(4)
    absence_notice: Fraction = _percent(3)
    dead_address: Fraction = _percent(5)
    reply_all: Fraction = Fraction(0)
    answer_twice: Fraction = Fraction(0)
    old_thread: Fraction = Fraction(0)
    unlisted_colleague: Fraction = Fraction(0)
    one_mail_to_all: Fraction = Fraction(0)
    child_left_out: Fraction = Fraction(0)
    unsure: Fraction = _percent(5)
    unexpected: Fraction = _percent(5)
    report_forgotten: Fraction = Fraction(0)
    fact_lost: Fraction = Fraction(0)
    fact_changed: Fraction = Fraction(0)
    by_sheet: Fraction = Fraction(0)
    unreadable_file: Fraction = Fraction(0)
    office_hours_only: bool = False
    telephone: Telephone | None = None


_SIGMA = 1.2
_MEAN_PER_MEDIAN = 2.0544  # exp(1.2² / 2): the mean of LN(1, 1.2).

PRESETS: dict[str, Habits] = {
    "ordinary-mail": Habits(
        acknowledge=LogNormal(((0.5, 8 * 60_000.0, 1.2), (0.5, 420 * 60_000.0, 1.5))),
        no_answer=_percent(12),
    ),
    "announced-office-hours": Habits(
        acknowledge=log_normal(10 * _MINUTE, _SIGMA), no_answer=Fraction(0)
    ),
    "unannounced-evening": Habits(
        acknowledge=log_normal(57 / _MEAN_PER_MEDIAN * _MINUTE, _SIGMA), no_answer=_percent(19)
    ),
    "unannounced-weekend": Habits(
        acknowledge=log_normal(92 / _MEAN_PER_MEDIAN * _MINUTE, _SIGMA), no_answer=_percent(36)
    ),
}

_DELAYS = ("acknowledge", "pass_on", "report", "transit")
_RATES = (
    "no_answer",
    "away",
    "absence_notice",
    "dead_address",
    "reply_all",
    "answer_twice",
    "old_thread",
    "unlisted_colleague",
    "one_mail_to_all",
    "child_left_out",
    "unsure",
    "unexpected",
    "report_forgotten",
    "fact_lost",
    "fact_changed",
    "by_sheet",
    "unreadable_file",
)

CALLER = log_normal(3 * _MINUTE, 0.5)
"""How long the drill's caller takes to get to the next number of the call list [assumed]."""
CALL_BACK = log_normal(15 * _MINUTE, 0.8)
"""How long an officer takes to answer a message left, or a call of the duty desk [assumed]."""
ROBOT = log_normal(timedelta(seconds=3), 0.5)
"""How fast an automatic reply or a delivery report is [assumed]."""
TWICE = log_normal(4 * _MINUTE, 0.8)
"""How long until someone sends the same answer again [assumed]."""
PUT_TOGETHER = log_normal(3 * _MINUTE, 0.6)
"""How long it takes to put the reports of all next hops together [assumed]."""


def _delay(given: Delay) -> LogNormal:
    return log_normal(given.median, given.sigma)


@dataclass(frozen=True)
class Town:
    """The habits of everyone in a rehearsal.

    Who is meant comes before who is not: what the scenario says of a node, what it says of all,
    what its preset file says of a kind of body, what that says of all, the built-in preset.
    """

    exercise: Exercise

    @cached_property
    def people(self) -> People:
        """What the scenario says."""
        return self.exercise.scenario.people

    @cached_property
    def usual(self) -> Habits:
        """The habits of those about whom nothing particular is said, neither of their kind."""
        return self._habits(KindHabits())

    @cached_property
    def kinds(self) -> dict[NodeKind, Habits]:
        """The usual habits at kinds of body of which the preset file says something of its own."""
        preset = self.people.preset_file
        kinds = {} if preset is None else preset.kinds
        return {kind: self._habits(told) for kind, told in kinds.items()}

    def of_kind(self, kind: NodeKind) -> Habits:
        """Return the usual habits at bodies of a kind."""
        return self.kinds.get(kind, self.usual)

    def habits(self, node: NodeId) -> Habits:
        """Return the usual habits at bodies of the kind of `node`."""
        if not self.kinds:
            return self.usual
        return self.of_kind(self.exercise.node(node).kind)

    def _habits(self, of_kind: KindHabits) -> Habits:
        people, preset = self.people, self.people.preset_file
        changes: dict[str, object] = {}
        if preset is not None:
            for told in (preset.all_, of_kind):
                changes |= told.rates
                changes |= {name: _delay(given) for name, given in told.delays.items()}
            built_in = PRESETS[preset.based_on]
        else:
            built_in = PRESETS[people.preset]
        changes |= {
            name: _delay(given) for name in _DELAYS if (given := getattr(people, name)) is not None
        }
        changes |= {name: given for name in _RATES if (given := getattr(people, name)) is not None}
        changes["office_hours_only"] = people.hours == "office"
        changes["telephone"] = people.telephone
        return replace(built_in, **changes)  # type: ignore[arg-type]

    def particular(self, node: NodeId) -> PersonNode:
        """Return what the scenario says about the people at `node`."""
        return self.people.nodes.get(node, _NOBODY)

    def delay(self, node: NodeId, what: str) -> LogNormal:
        """Return the delay `what` (acknowledge, pass_on, report) at `node`."""
        given: Delay | None = getattr(self.particular(node), what)
        if given is not None:
            return _delay(given)
        usual: LogNormal = getattr(self.habits(node), what)
        return usual
