"""The formats of a report by suffix, each with the module that writes it."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, cast

from drillsim.reports.view import ReportView

Writer = Callable[[ReportView], bytes]

FORMATS: Final[Mapping[str, str]] = {
    ".html": "drillsim.reports.html:as_html",
    ".xlsx": "drillsim.reports.xlsx:as_xlsx",
    ".pdf": "drillsim.reports.pdf:as_pdf",
    ".docx": "drillsim.reports.docx:as_docx",
    ".csv": "drillsim.reports.plain:as_csv",
    ".md": "drillsim.reports.plain:as_markdown",
    ".json": "drillsim.reports.plain:as_json",
}
"""Writers by suffix; they load what they need, and only they do."""


def writer(suffix: str) -> Writer | None:
    """Return what writes the format of `suffix` (in any case), or None where there is none."""
    place = FORMATS.get(suffix.lower())
    if place is None:
        return None
    module, _colon, name = place.partition(":")
    return cast("Writer", getattr(import_module(module), name))
