"""Make the example of a report for the documentation, and pictures of it (`make docs`).

    python tools/make_docs.py [--no-pictures]     # into docs/

The drill is the shipped one with seed 7, run over real mail; the same sources give the same bytes.
Pictures are taken by Chromium, where that is installed.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from drillsim.conduct.rehearsal import Wanted, conduct, lay_out
from drillsim.files.scenario_file import load_scenario
from drillsim.i18n import LANGUAGES, set_language
from drillsim.journal import JournalReader
from drillsim.reports.drill_record import DrillRecord, read_drill
from drillsim.reports.html import as_html
from drillsim.reports.report import report_view
from drillsim.reports.view import Curve, Gantt, ReportView, TreePicture

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SCENARIO = ROOT / "scenarios" / "r5-virus-suspicion.yaml"
SEED = 7
EXAMPLE = DOCS / "example-report.html"
"""In Japanese, as its readers will have it."""

_SHOT = (
    "--headless=new --disable-gpu --no-first-run --disable-background-networking --no-sandbox "
    "--disable-component-update --disable-sync --hide-scrollbars "
    "--window-size=1100,2020"
).split()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--no-pictures", action="store_true", help="write the example alone")
    options = parser.parse_args(arguments)
    record = rehearsed()
    set_language("ja")
    EXAMPLE.write_bytes(as_html(report_view(record)))
    print(EXAMPLE.relative_to(ROOT))
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not options.no_pictures and chromium is None:
        print("no pictures: chromium is not installed", file=sys.stderr)
    elif not options.no_pictures and chromium is not None:
        for language in LANGUAGES:
            target = DOCS / "screens" / f"report-{language}.png"
            set_language(language)
            take(chromium, as_html(in_short(report_view(record))), target)
            print(target.relative_to(ROOT))
    return 0


def rehearsed() -> DrillRecord:
    """Return the example drill.

    Its journal's head covers the time of day and the port of the sink, which differ every time,
    so the example shows none; its digest is that of every rehearsal with this seed.
    """
    loaded = load_scenario(SCENARIO)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{loaded.scenario.id}-{SEED}.drill"
        journal = lay_out(Wanted(loaded, SEED, "max", path))
        asyncio.run(conduct(journal, loaded, "max"))
        with JournalReader(path) as reader:
            return replace(read_drill(reader), head="–")


def in_short(view: ReportView) -> ReportView:
    """Return the head of a report and its first picture of each kind, for a picture of it."""
    results = view.section("results")
    first = {type(block): block for block in reversed(results.blocks)}
    blocks = tuple(first[kind] for kind in (TreePicture, Curve, Gantt))
    return replace(view, sections=(replace(results, blocks=blocks),))


def take(chromium: str, html: bytes, target: Path) -> None:
    """Take a picture of a page."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "report.html"
        source.write_bytes(html)
        subprocess.run(
            [
                chromium,
                *_SHOT,
                f"--user-data-dir={Path(folder) / 'profile'}",
                f"--screenshot={target}",
                f"file://{quote(str(source))}",
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


if __name__ == "__main__":
    sys.exit(main())
