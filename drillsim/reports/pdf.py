"""The report as PDF, set by Typst: offline, with a Japanese font of the machine embedded."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.reports.cells import RIGHT, cell_text
from drillsim.reports.charts import picture_svgs
from drillsim.reports.html import FOLD_FROM, WIDE_FROM, is_title, redaction_words
from drillsim.reports.typesetting import japanese_among, machine_fonts
from drillsim.reports.view import Block, ReportView, Section, Table, Text
from drillsim.reports.view import Heading as SmallHeading
from drillsim.reports.wording import number_words
from drillsim.text import width

_ROWS_FEW: Final = 100
"""Rows that are printed of a table that is too long to be printed."""


def as_pdf(view: ReportView) -> bytes:
    """Return the document; the same view gives the same bytes on the same machine.

    Raises:
        UsageError: the extra is not installed, or there is no Japanese font.
    """
    try:
        import typst
    except ImportError:
        raise UsageError(
            _("PDF needs the extra pdf of drillsim: pip install 'drillsim[pdf]'")
        ) from None
    fonts = machine_fonts()
    source = (Path(__file__).parent / "templates" / "report.typ").read_bytes()
    data = {**_document(view), "fonts": japanese_fonts(fonts.families())}
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    pdf = typst.compile(source, format="pdf", sys_inputs=inputs, font_paths=fonts, timestamp=0)
    assert isinstance(pdf, bytes)
    return pdf


def japanese_fonts(installed: Iterable[str]) -> list[str]:
    """Return the Japanese fonts among those that are installed.

    Raises:
        UsageError: there is none.
    """
    found = japanese_among(installed)
    if not found:
        raise UsageError(
            _("PDF needs a Japanese font; install one, such as {fonts}").format(
                fonts="Noto Sans CJK JP, IPAexGothic"
            )
        )
    return found


def _document(view: ReportView) -> dict[str, Any]:
    return {
        "kind": view.kind,
        "title": view.title,
        "language": view.language,
        "mark": redaction_words(view),
        "headline": list(view.headline),
        "figures": [[figure.label, figure.value, figure.note] for figure in view.figures],
        "foot": view.foot,
        "sections": [
            {
                "heading": f"{number_words(number)}　{section.heading}",
                "blocks": list(_blocks(section)),
            }
            for number, section in enumerate(view.filled, 1)
        ],
    }


def _blocks(section: Section) -> Iterator[dict[str, Any]]:
    """Yield the blocks; a wide table takes the headings over it to its own page."""
    shown = [b for b in section.blocks if not isinstance(b, Table) or b.rows]
    for place, block in enumerate(shown):
        after = shown[place + 1] if place + 1 < len(shown) else None
        if isinstance(block, SmallHeading) and _is_wide(after):
            continue
        before = shown[place - 1] if place else None
        made = _block(block)
        if isinstance(block, Table):
            made["named"] = before is not None and is_title(before, block)
            takes = isinstance(before, SmallHeading) and _is_wide(block)
            made["over"] = before.text if takes and isinstance(before, SmallHeading) else ""
            made["first"] = place == (1 if takes else 0)
        yield made


def _is_wide(block: Block | None) -> bool:
    return isinstance(block, Table) and len(block.columns) > WIDE_FROM


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Text():
            return {"kind": "text", "style": block.style, "text": block.text}
        case SmallHeading():
            return {"kind": "heading", "text": block.text}
        case Table():
            return _table(block)
        case _:
            return {
                "kind": "picture",
                "title": block.title,
                "svgs": picture_svgs(block),
                "note": getattr(block, "note", ""),
            }


def _table(table: Table) -> dict[str, Any]:
    rows = [
        [cell_text(cell, column) for cell, column in zip(row, table.columns, strict=True)]
        for row in (table.rows if len(table.rows) <= FOLD_FROM else table.rows[:_ROWS_FEW])
    ]
    note = table.note
    if len(table.rows) > len(rows):
        left_out = _("{n} further rows are in the spreadsheet.").format(
            n=len(table.rows) - len(rows)
        )
        note = f"{note} {left_out}".strip()
    return {
        "kind": "table",
        "title": table.title,
        "head": [column.name for column in table.columns],
        "right": [column.kind in RIGHT for column in table.columns],
        "widths": _widths(table, rows),
        "rows": rows,
        "note": note,
        "wide": _is_wide(table),
    }


def _widths(table: Table, rows: list[list[str]]) -> list[int]:
    """Return which part of the page each column takes; headings may break, figures may not."""
    widths = []
    for place, column in enumerate(table.columns):
        longest = max([width(column.name), *(width(row[place]) for row in rows)])
        if column.kind == "blank":
            widths.append(10)
        elif column.kind in RIGHT:
            widths.append(max(6, max((width(row[place]) for row in rows), default=6)))
        else:
            widths.append(min(max(longest, 6), 40))
    return widths
