"""The report as CSV, Markdown and JSON."""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from drillsim.evaluation.rate import Rate
from drillsim.files.lists.sheet import neutral
from drillsim.reports.cells import cell_text
from drillsim.reports.view import Body, Cell, Heading, ReportView, Table, Text

FORMAT = "drillsim-report/1"


def as_csv(view: ReportView) -> bytes:
    """Return all tables as CSV that Japanese Excel opens: UTF-8 with BOM, no cell a formula.

    Each table has a line with its title above its head, and an empty line below.
    """
    return b"\xef\xbb\xbf" + "\r\n".join(_csv(table) for table in view.tables).encode()


def table_as_csv(table: Table) -> bytes:
    """Return one table as CSV: its head and its rows, and nothing else."""
    return b"\xef\xbb\xbf" + _csv(table, with_title=False).encode()


def _csv(table: Table, *, with_title: bool = True) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    if with_title and table.title:
        writer.writerow([neutral(table.title)])
    writer.writerow([neutral(column.name) for column in table.columns])
    writer.writerows(
        [neutral(cell_text(c, column)) for c, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    )
    return out.getvalue()


def as_markdown(view: ReportView) -> bytes:
    """Return Markdown; what has a meaning there is escaped in every text."""
    lines = [f"# {_marked(view.kind)}", "", f"**{_marked(view.title)}**"]
    for sentence in view.headline:
        lines += ["", _marked(sentence)]
    for number, section in enumerate(view.filled, 1):
        lines += ["", f"## {number} {_marked(section.heading)}"]
        for block in section.blocks:
            if isinstance(block, Heading):
                lines += ["", f"### {_marked(block.text)}"]
            elif isinstance(block, Text):
                lines += ["", *_paragraph(block)]
            elif isinstance(block, Table):
                lines += ["", *_markdown_table(block)]
    lines += ["", "---", "", _marked(view.foot)]
    return ("\n".join(lines) + "\n").encode()


def _paragraph(text: Text) -> list[str]:
    if text.style == "item":
        return [f"- {_marked(text.text)}"]
    if text.style == "prose":
        return [f"> {_marked(line)}".rstrip() for line in text.text.splitlines()]
    return [_marked(text.text)]


def _markdown_table(table: Table) -> list[str]:
    lines = [f"**{_marked(table.title)}**", ""] if table.title else []
    lines.append("| " + " | ".join(_marked(column.name) for column in table.columns) + " |")
    lines.append("|" + " --- |" * len(table.columns))
    for row in table.rows:
        cells = (cell_text(c, column) for c, column in zip(row, table.columns, strict=True))
        lines.append("| " + " | ".join(map(_marked, cells)) + " |")
    if table.note:
        lines += ["", f"*{_marked(table.note)}*"]
    return lines


@lru_cache(maxsize=1 << 14)
def _marked(text: str) -> str:
    escaped = re.sub(r"([\\`*_{}\[\]<>#|&~])", r"\\\1", " ".join(text.split()))
    # What would begin a list or a rule at the start of a line.
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", re.sub(r"^([-+=])", r"\\\1", escaped))


def as_json(view: ReportView) -> bytes:
    """Return the summary, with the sentences and tables of the report (docs/report.md)."""
    data = {
        "format": FORMAT,
        "kind": view.kind,
        "title": view.title,
        "language": view.language,
        "redaction": view.redaction,
        "headline": list(view.headline),
        **view.data,
        "sections": [
            {
                "id": section.id,
                "heading": section.heading,
                "sentences": list(section.sentences),
                "tables": [_table(table) for table in section.tables],
            }
            for section in view.filled
        ],
    }
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _table(table: Table) -> dict[str, Any]:
    return {
        "id": table.id,
        "title": table.title,
        "columns": [{"name": column.name, "kind": column.kind} for column in table.columns],
        "rows": [[_plain(cell) for cell in row] for row in table.rows],
    }


def _plain(cell: Cell) -> str | int | float | None:
    match cell:
        case Body():
            return cell.name
        case Rate():
            return cell.percent
        case datetime():
            return cell.isoformat(timespec="seconds")
        case timedelta():
            return cell / timedelta(seconds=1)
        case _:
            return cell
