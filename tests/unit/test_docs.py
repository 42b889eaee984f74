"""The shipped example of a report is what the program writes today."""

import re
from difflib import unified_diff

from drillsim.i18n import language, set_language
from drillsim.reports.html import as_html
from drillsim.reports.report import report_view
from tools.make_docs import EXAMPLE, rehearsed

_CURVE = re.compile(r"<svg (?:(?!</svg>).)*mark-(?:(?!</svg>).)*</svg>", re.DOTALL)
"""A picture by Vega, which measures words in the fonts of the machine."""


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
