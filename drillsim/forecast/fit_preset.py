"""What was learnt from past drills, as a preset file that scenarios can name."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from drillsim.drill.durations import format_duration
from drillsim.drill.model import kebab
from drillsim.evaluation.wording import kind_word
from drillsim.forecast.fit import Fit, FittedDelay, FittedRate
from drillsim.i18n import _, ngettext

_DECIMALS = 2
"""Of shares in per cent."""


def preset_text(everybody: Fit, fits: Sequence[Fit], drills: int) -> str:
    """Return the text of a preset file: the habits of all bodies together, then of each kind."""
    title = ngettext("Learnt from {n} drill", "Learnt from {n} drills", drills).format(n=drills)
    lines = [
        "# yaml-language-server: $schema=../schemas/people.schema.json",
        "format: drillsim-people/1",
        f"title: {title}",
        "# " + _("What is not said below comes from this built-in preset."),
        "based-on: announced-office-hours",
        "all:",
        *_habits(everybody, "  "),
        # Who never answers, for whatever reason, was counted as away.
        "  no-answer: 0%",
        "kinds:" if any(one.delays or one.rates for one in fits) else "kinds: {}",
    ]
    for one in fits:
        if one.delays or one.rates:
            lines += [f"  {one.kind}:   # {kind_word(one.kind)}", *_habits(one, "    ")]
    return "\n".join([*lines, ""])


def _habits(one: Fit, indent: str) -> Iterator[str]:
    for name, delay in one.delays.items():
        median = format_duration(timedelta(seconds=max(round(delay.median.total_seconds()), 1)))
        value = f"{{median: {median}, sigma: {min(delay.told_sigma, 4.0):.3f}}}"
        yield f"{indent}{kebab(name)}: {value}   # {_of_delay(delay)}"
    for what, rate in one.rates.items():
        yield f"{indent}{kebab(what)}: {100 * rate.told:.{_DECIMALS}f}%   # {_of_rate(rate)}"


def _of_delay(delay: FittedDelay) -> str:
    answers = ngettext("{n} answer", "{n} answers", delay.seen).format(n=delay.seen)
    told = _("{answers}, {n} not awaited to the end").format(answers=answers, n=delay.censored)
    return told if delay.is_enough else _("{what}: too little, widened").format(what=told)


def _of_rate(rate: FittedRate) -> str:
    told = ngettext("of {n} case", "of {n} cases", rate.of).format(n=rate.of)
    return told if rate.is_enough else _("{what}: too little, widened").format(what=told)
