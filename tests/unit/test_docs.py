"""The example of a report, and the pictures of what it costs, are what is written today."""

import re
from difflib import unified_diff

from benchmarks.__main__ import RELEASE
from benchmarks.figures import read
from drillsim.i18n import language, set_language
from drillsim.reports.html import as_html
from drillsim.reports.report import report_view
from tools.make_docs import EXAMPLE, rehearsed
from tools.make_performance import FOLDER, pictures

_CURVE = re.compile(r"<svg (?:(?!</svg>).)*mark-(?:(?!</svg>).)*</svg>", re.DOTALL)
"""A picture by Vega, which measures words in the fonts of the machine."""

_WORDS = re.compile(r">([^<>]+)</text>")


def lines(page: str) -> list[str]:
    assert len(_CURVE.findall(page)) >= 2
    return _CURVE.sub("<curve>", page).splitlines()


def test_the_example_of_a_report_is_current() -> None:
    before = language()
    set_language("ja")
    try:
        now = as_html(report_view(rehearsed())).decode()
    finally:
        set_language(before)
    shipped = EXAMPLE.read_text(encoding="utf-8")
    stale = list(unified_diff(lines(shipped), lines(now), "shipped", "now", lineterm="", n=0))
    assert stale == [], "make docs writes it anew"


def test_the_pictures_of_the_figures_are_those_of_the_release() -> None:
    """Where the words stand depends on the fonts of a machine; what they are does not."""
    drawn = dict(pictures(read(RELEASE)))
    assert {path.name for path in FOLDER.iterdir()} == set(drawn)
    for name, picture in drawn.items():
        kept = (FOLDER / name).read_text(encoding="utf-8")
        assert _WORDS.findall(kept) == _WORDS.findall(picture), "run: make figures"
        assert len(_WORDS.findall(kept)) > 8
