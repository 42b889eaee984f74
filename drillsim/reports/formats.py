"""The report in each of its formats: the same view, written as HTML, xlsx, CSV, Markdown, JSON."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from drillsim.i18n import _
from drillsim.reports.view import Cell, ReportView

_MINUTE = timedelta(minutes=1)


def cell_text(cell: Cell) -> str:
    """Return a cell as text: times to the second, lengths as h:mm:ss."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, timedelta):
        seconds = cell // timedelta(seconds=1)
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(cell)


def as_html(view: ReportView) -> bytes:
    """Return one page that needs nothing from outside; every text is escaped."""
    from jinja2 import Environment, StrictUndefined

    source = (Path(__file__).parent / "report.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    minutes = max(view.length / _MINUTE, 1)
    page = environment.from_string(source).render(
        view=view,
        text=cell_text,
        x=lambda at: round(240 + 700 * (at / _MINUTE) / minutes, 1),
        words={
            "waiting": _("waiting for an answer"),
            "handling": _("until passed on"),
            "critical": _("critical path"),
            "late": _("late"),
            "missed": _("not reached"),
            "times": _("Times of each body"),
            "left_out": _("{n} further bodies are in the table").format(n=view.lanes_left_out),
        },
    )
    return page.encode()


def as_markdown(view: ReportView) -> bytes:
    """Return Markdown; what has a meaning there is escaped in every text."""
    lines = [f"# {_marked(view.title)}"]
    for section in view.sections:
        lines += ["", f"## {_marked(section.heading)}"]
        for sentence in section.sentences:
            lines += ["", _marked(sentence)]
        for table in section.tables:
            lines += ["", f"### {_marked(table.title)}", ""]
            lines.append("| " + " | ".join(map(_marked, table.head)) + " |")
            lines.append("|" + " --- |" * len(table.head))
            lines += [
                "| " + " | ".join(_marked(cell_text(c)) for c in row) + " |" for row in table.rows
            ]
    return ("\n".join(lines) + "\n").encode()


def _marked(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|&~])", r"\\\1", " ".join(text.split()))


def as_csv(view: ReportView) -> bytes:
    """Return all tables as CSV that Japanese Excel opens: UTF-8 with BOM, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    for section in view.sections:
        for table in section.tables:
            writer.writerow([_neutral(table.title)])
            writer.writerow([_neutral(name) for name in table.head])
            writer.writerows([_neutral(cell_text(c)) for c in row] for row in table.rows)
            writer.writerow([])
    return out.getvalue().encode("utf-8-sig")


def _neutral(text: str) -> str:
    return "'" + text if text.lstrip()[:1] in tuple("=+-@＝＋－＠") else text


def as_json(view: ReportView) -> bytes:
    """Return the summary, with the sentences and tables of the report."""
    sections = [
        {
            "heading": section.heading,
            "sentences": list(section.sentences),
            "tables": [
                {"title": t.title, "head": t.head, "rows": [[_plain(c) for c in r] for r in t.rows]}
                for t in section.tables
            ],
        }
        for section in view.sections
    ]
    data = {"title": view.title, **view.data, "sections": sections}
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _plain(cell: Cell) -> str | int | float | None:
    if isinstance(cell, datetime):
        return cell.isoformat()
    return cell / timedelta(seconds=1) if isinstance(cell, timedelta) else cell


FORMATS: Final[Mapping[str, Callable[[ReportView], bytes]]] = {
    ".html": as_html,
    ".csv": as_csv,
    ".md": as_markdown,
    ".json": as_json,
}
"""Writers by suffix."""
