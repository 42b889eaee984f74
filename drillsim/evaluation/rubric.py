"""The rubric: by which weights, credit and thresholds a drill is scored.

A scenario's `scoring` part, or a file of its own (`drillsim score --rubric`), says what differs
from the usual one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from drillsim.drill.scenario import Scoring
from drillsim.evaluation.criteria import CRITERIA, CriterionName
from drillsim.i18n import _

Rating = Literal["P", "S", "M", "U"]
"""HSEEP: performed without challenges (80 to 100), with some (66 to 79), with major challenges
(50 to 65), unable to be performed (0 to 49)."""

THRESHOLDS: Mapping[Literal["P", "S", "M"], int] = {"P": 80, "S": 66, "M": 50}
"""From how many per cent on each rating is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """By what a drill is scored."""

    weights: Mapping[CriterionName, int]
    late_credit: Fraction
    thresholds: Mapping[Literal["P", "S", "M"], int]

    def rating(self, share: Fraction) -> Rating:
        """Return the rating of a share from 0 to 1."""
        for letter, least in self.thresholds.items():
            if share * 100 >= least:
                return letter
        return "U"


@dataclass(frozen=True, slots=True)
class RubricFault:
    """What is wrong in a rubric: where (keys as in the file), what, how to mend it."""

    key: tuple[str, ...]
    message: str
    remedy: str
    is_key: bool = False
    """Whether the last key itself is wrong, not what it is set to."""


def rubric_faults(scoring: Scoring) -> Iterator[RubricFault]:
    """Yield what is wrong in the `scoring` part of a scenario, or in a rubric file."""
    known = [criterion.name for criterion in CRITERIA]
    for name, weight in scoring.weights.items():
        if name not in known:
            yield RubricFault(
                ("weights", name),
                _("there is no criterion {name}").format(name=name),
                _("write one of: {choices}").format(choices=", ".join(known)),
                is_key=True,
            )
        elif not 0 <= weight <= 1000:
            yield RubricFault(
                ("weights", name),
                _("the weight {n} is not between 0 and 1000").format(n=weight),
                _("write another weight"),
            )
    weights = _weights(scoring)
    if all(weight == 0 for weight in weights.values()):
        yield RubricFault(
            ("weights",), _("no criterion has any weight"), _("write a weight above 0")
        )
    steps = [*_thresholds(scoring).values()]
    if not 100 >= steps[0] > steps[1] > steps[2] >= 0:
        yield RubricFault(
            ("thresholds",),
            _("the thresholds do not fall from P over S to M"),
            _("write for example {example}").format(example="{P: 80, S: 66, M: 50}"),
        )


def rubric_of(scoring: Scoring) -> Rubric:
    """Return the rubric that `scoring` describes; what it leaves out is as usual.

    Raises:
        ValueError: it is no rubric; `rubric_faults` says why, and `check` finds it before.
    """
    for fault in rubric_faults(scoring):
        raise ValueError(f"{'.'.join(fault.key)}: {fault.message}")
    return Rubric(
        weights=_weights(scoring),
        late_credit=scoring.late_credit,
        thresholds=_thresholds(scoring),
    )


def _weights(scoring: Scoring) -> dict[CriterionName, int]:
    return {c.name: scoring.weights.get(c.name, c.weight) for c in CRITERIA}


def _thresholds(scoring: Scoring) -> dict[Literal["P", "S", "M"], int]:
    return {letter: scoring.thresholds.get(letter, least) for letter, least in THRESHOLDS.items()}
