"""The closed set of conditions on which one phase leads to the next; nothing is run as code."""

from fractions import Fraction
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from drillsim.drill.durations import PeriodField
from drillsim.drill.injects import InjectId
from drillsim.drill.model import Model, Unfit
from drillsim.drill.shares import Share
from drillsim.drill.tree import NodeKind
from drillsim.i18n import _


class WhenAcknowledged(Model):
    """A share of the nodes in scope has acknowledged."""

    acknowledged: InjectId
    of: NodeKind | None = None
    share: Share = Fraction(1)


class WhenReported(Model):
    """A share of the nodes in scope has reported."""

    reported: InjectId
    of: NodeKind | None = None
    share: Share = Fraction(1)


class WhenPassedOn(Model):
    """A share of the nodes that have someone to pass on to has done so."""

    passed_on: InjectId
    of: NodeKind | None = None
    share: Share = Fraction(1)


class WhenAnswer(Model):
    """Some node's report has this answer: `{answer: first-report.infected, is: 有}`."""

    answer: str = Field(pattern=r"^[^.\s]+\.[^.\s]+$")
    """The inject and the field of its form, as inject.field."""
    is_: str | None = None
    """Holds when the answer is this."""
    at_least: int | None = None
    """Holds when the number is this or more."""
    of: NodeKind | None = None

    @model_validator(mode="after")
    def _one(self) -> "WhenAnswer":
        if (self.is_ is None) == (self.at_least is None):
            raise Unfit(_("an answer is compared once"), _("write is: or at-least:"))
        return self

    def is_met_by(self, value: str) -> bool:
        """Whether this is an answer that is waited for."""
        if self.at_least is None:
            return value == self.is_
        return value.isdecimal() and int(value) >= self.at_least

    @property
    def inject(self) -> InjectId:
        """The inject whose report is looked at."""
        return InjectId(self.answer.partition(".")[0])

    @property
    def field(self) -> str:
        """The id of the form's field."""
        return self.answer.partition(".")[2]


class WhenElapsed(Model):
    """So much time has gone by since the phase began."""

    elapsed: PeriodField


class WhenOperator(Model):
    """The operator says so."""

    operator: Literal["next"]


_CONDITIONS = {
    "acknowledged": "WhenAcknowledged",
    "reported": "WhenReported",
    "passed-on": "WhenPassedOn",
    "answer": "WhenAnswer",
    "elapsed": "WhenElapsed",
    "operator": "WhenOperator",
}


def _which_condition(value: Any) -> str | None:
    """Return which condition is meant, by its key, so that a fault in it is told once."""
    if isinstance(value, dict):
        return next((tag for key, tag in _CONDITIONS.items() if key in value), None)
    return type(value).__name__


Condition: TypeAlias = Annotated[
    Annotated[WhenAcknowledged, Tag("WhenAcknowledged")]
    | Annotated[WhenReported, Tag("WhenReported")]
    | Annotated[WhenPassedOn, Tag("WhenPassedOn")]
    | Annotated[WhenAnswer, Tag("WhenAnswer")]
    | Annotated[WhenElapsed, Tag("WhenElapsed")]
    | Annotated[WhenOperator, Tag("WhenOperator")],
    Discriminator(_which_condition),
]
