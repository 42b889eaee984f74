"""What `--require` asks of the result of a drill: `reached=95%`, `score=80`, `rating=S`.

What is not met is found (exit code 1), so that a script need not read the result.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from drillsim.i18n import _
from drillsim.problem import ExitCode
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.evaluation.evaluation import Evaluation
    from drillsim.evaluation.rate import Rate

F = TypeVar("F", bound=Callable[..., Any])

RATINGS: Final = "UMSP"
"""From the lowest to the best."""

_SHARES: Final = ("reached", "acknowledged", "in-time", "passed-on", "reported")
_NUMBER: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Requirement:
    """The least that a figure has to be: of a share or of the score, in per cent or points."""

    name: str
    least: str
    """As it was written: 95%, 80 or S."""

    def found(self, evaluation: "Evaluation") -> str | None:
        """Return the figure as people read it; None where there is nothing to measure."""
        score = evaluation.score.total
        if self.name == "rating":
            return score.rating
        if self.name == "score":
            return None if score.score is None else f"{score.score:.1f}"
        rate = share(evaluation, self.name)
        return None if rate.percent is None else f"{rate.percent:.1f}% ({rate.count}/{rate.of})"

    def is_met(self, evaluation: "Evaluation") -> bool:
        """Whether the figure is at least what is asked; what cannot be measured is not."""
        score = evaluation.score.total
        if self.name == "rating":
            is_rated = score.rating is not None
            return is_rated and RATINGS.index(score.rating or "U") >= RATINGS.index(self.least)
        found = score.share if self.name == "score" else share(evaluation, self.name).share
        return found is not None and found >= Fraction(self.least.rstrip("%")) / 100


def share(evaluation: "Evaluation", name: str) -> "Rate":
    """Return a share by its name, with its denominator, as the summary has it."""
    from drillsim.evaluation.rate import Rate

    tiers = evaluation.reach.tiers
    if name == "reached":
        return evaluation.reach.reached
    if name == "passed-on":
        hops = [tier.next_hops for tier in tiers]
        return Rate(sum(rate.count for rate in hops), sum(rate.of for rate in hops))
    duties = [tier.reported if name == "reported" else tier.acknowledged for tier in tiers]
    done = sum(duty.in_time if name == "in-time" else duty.done for duty in duties)
    return Rate(done, sum(duty.of for duty in duties))


class RequirementType(click.ParamType[Requirement]):
    """`NAME=VALUE` on the command line."""

    name = "requirement"

    def convert(
        self, value: str | Requirement, param: click.Parameter | None, ctx: click.Context | None
    ) -> Requirement:
        """Return the requirement that a user means; wrong use if it is none."""
        if isinstance(value, Requirement):
            return value
        found = _read(value)
        if found is not None:
            return found
        examples = [*(f"{name}=90%" for name in _SHARES), "score=80", "rating=S"]
        return self.fail(
            _("{value} is no requirement; write {examples}").format(
                value=clean_line(value), examples=", ".join(examples)
            ),
            param,
            ctx,
        )


def _read(text: str) -> Requirement | None:
    name, _sign, least = (part.strip() for part in text.partition("="))
    if name == "rating":
        return Requirement(name, least) if least in tuple(RATINGS) else None
    number = least.removesuffix("%").strip() if name in _SHARES else least
    if name not in (*_SHARES, "score") or (number == least) != (name == "score"):
        return None
    if not _NUMBER.fullmatch(number) or Fraction(number) > 100:
        return None
    return Requirement(name, number if name == "score" else f"{number}%")


def require_option() -> Callable[[F], F]:
    """Return the option `--require` for a command that prints a result."""
    return click.option(
        "--require",
        "requirements",
        multiple=True,
        type=RequirementType(),
        metavar=_("NAME=VALUE"),
        help=_(
            "Exit with 1 if the result is below this: reached=95%, acknowledged=, in-time=, "
            "passed-on=, reported=, score=80, rating=S; several times."
        ),
    )


def judged(requirements: Sequence[Requirement], evaluation: "Evaluation") -> ExitCode:
    """Say on stderr what is not met; return the exit code that follows."""
    unmet = [each for each in requirements if not each.is_met(evaluation)]
    for each in unmet:
        click.echo(
            _("not met: {name} is {found}, {least} is required").format(
                name=each.name,
                found=each.found(evaluation) or _("not measured"),
                least=each.least,
            ),
            err=True,
        )
    return ExitCode.FOUND if unmet else ExitCode.DONE


def as_json(requirements: Sequence[Requirement], evaluation: "Evaluation") -> list[dict[str, Any]]:
    """Return each requirement with what was found."""
    return [
        {
            "name": each.name,
            "least": each.least,
            "found": each.found(evaluation),
            "met": each.is_met(evaluation),
        }
        for each in requirements
    ]
