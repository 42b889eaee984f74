"""The words of the report that no other part of the program needs."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from drillsim.drill.exercise import Exercise
from drillsim.drill.kinds import kind_word, kinds_words
from drillsim.drill.tree import NodeKind
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.scoring import Mark
from drillsim.evaluation.wording import Finding, inject_name, node_name, rating_word
from drillsim.evaluation.wording import length_words as plain_length
from drillsim.i18n import _, language
from drillsim.mail.official_dates import (
    official,
    official_date,
    official_number,
    official_time,
)
from drillsim.reports.view import Result

_ONE_DIGIT = re.compile(r"(?<![0-9.])[0-9](?![0-9.])")

NAMES_MAX = 12
"""Bodies named in one sentence; tables name all."""


def date_time(at: datetime) -> str:
    """Return 令和８年10月14日（水）10時05分, or 2026-10-14 10:05."""
    return official(at) if language() == "ja" else f"{at:%Y-%m-%d %H:%M}"


def time_after(at: datetime, earlier: datetime) -> str:
    """Return `at` as it is written behind `earlier`: the time alone on the same day."""
    if at.date() != earlier.date():
        return date_time(at)
    return official_time(at) if language() == "ja" else f"{at:%H:%M}"


def day(at: datetime) -> str:
    """Return the date alone."""
    return official_date(at) if language() == "ja" else f"{at:%Y-%m-%d}"


def bracketed(text: str, more: str) -> str:
    """Return text (more), with the brackets of the language."""
    return _("{text} ({more})").format(text=text, more=more)


def rate_words(rate: Rate) -> str:
    """Return 17 of 19 bodies (89.5 %), 19団体中17団体（89.5％）."""
    counts = _("{n} of {of} bodies").format(n=number_words(rate.count), of=number_words(rate.of))
    return counts if rate.percent is None else bracketed(counts, percent_words(rate.percent))


def percent_words(percent: float) -> str:
    """Return 89.5 % as a sentence has it, in Japanese 89.5％."""
    return _("{n} %").format(n=f"{percent:.1f}")


def mark_words(mark: Mark) -> str:
    """Return how something is rated; in Japanese by words alone, without the letter."""
    if mark.rating is None:
        return _("not rated")
    word = rating_word(mark.rating)
    return word if language() == "ja" else f"{mark.rating} ({word})"


def names_words(names: Sequence[str], most: int = NAMES_MAX) -> str:
    """Return names in a row, the last ones as a number where there are many."""
    shown = _(", ").join(names[:most])
    if len(names) <= most:
        return shown
    return _("{names} and {n} more").format(names=shown, n=number_words(len(names) - most))


def kinds_chain(kinds: Iterable[NodeKind]) -> str:
    """Return 全国センター⇔県⇔市町: the tiers in the order in which a message comes to them."""
    return "⇔".join(kind_word(kind) for kind in kinds)


def statement(finding: Finding, exercise: Exercise) -> str:
    """Return what happened to a message in a tier, as a whole sentence."""
    rate = finding.confirmed
    facts = {
        "inject": inject_name(exercise, finding.inject),
        "n": number_words(rate.count),
        "of": number_words(rate.of),
        "bodies": kinds_words(finding.kind),
    }
    if finding.length is None:
        return _("{inject}: none of {of} {bodies} confirmed the message.").format(**facts)
    facts["length"] = length_words(finding.length)
    if finding.stay is None:
        return _("{inject}: the message reached {n} of {of} {bodies} in {length}.").format(**facts)
    facts["stay"] = length_words(finding.stay.length)
    facts["node"] = node_name(exercise, finding.stay.node)
    said = (
        _(
            "{inject}: the message reached {n} of {of} {bodies} in {length}; "
            "{stay} of them on the way to {node}."
        )
        if finding.stay.is_on_the_way
        else _(
            "{inject}: the message reached {n} of {of} {bodies} in {length}; "
            "{stay} of them lay at {node}."
        )
    )
    return said.format(**facts)


def result_word(result: Result) -> str:
    """Return how a body did."""
    return {
        "in-time": _("in time"),
        "other-channel": _("in time, not by mail"),
        "late": _("late"),
        "missed": _("not reached"),
        "not-charged": _("not reached, not charged"),
        "open": _("open"),
        "apart": _("not counted"),
    }[result]


RESULT_SIGNS: dict[Result, str] = {
    "in-time": "○",
    "other-channel": "◇",
    "late": "△",
    "missed": "×",
    "not-charged": "－",
    "open": "…",
    "apart": "",
}
"""What stands for a result where there is no colour."""


def clock(length: timedelta) -> str:
    """Return a length as 0:04:10, or 26:03:00 where it is more than a day."""
    seconds = length // timedelta(seconds=1)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def number_words(number: int) -> str:
    """Return a count or the number of a section: １ and 10 in Japanese, as official letters do."""
    return official_number(number) if language() == "ja" else str(number)


def length_words(length: timedelta) -> str:
    """Return a length as the sentences of papers have it: ３時間32分."""
    words = plain_length(length)
    return (
        _ONE_DIGIT.sub(lambda digit: official_number(int(digit[0])), words)
        if language() == "ja"
        else words
    )
