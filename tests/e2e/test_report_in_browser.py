"""The report as HTML in a real browser: nothing from outside, no complaint, nothing cut off."""

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from drillsim.drill.exercise import Exercise
from drillsim.i18n import set_language
from drillsim.reports.html import as_html
from drillsim.reports.report import report_view
from drillsim.world.course import Course
from tests import examples
from tests.e2e.browser import CHROMIUM, browser
from tests.unit.reports.drills import record_of, shipped

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

HOSTILE = (
    "<img src=x onerror=alert(1)>\"'{{7*7}}</td></svg><script>throw 1</script>&lt;🏯髙﨑"
    + "長" * 60
)
MARGIN = 20.0
"""Points at the edges of a sheet in which nothing stands but the number of the page."""


def hostile_exercise() -> Exercise:
    changes = {node: {"name": HOSTILE[:100]} for node in ("n", "n1", "n1-1")}
    story = examples.scenario(title=HOSTILE[:100], purpose=HOSTILE, story=HOSTILE)
    return examples.exercise(examples.tree(changes=changes), story)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A real drill in Japanese, and one in which every text is hostile."""
    folder = tmp_path_factory.mktemp("pages")
    exercise = hostile_exercise()
    hostile = record_of(exercise, list(Course(exercise, 1).run()))
    set_language("ja")
    try:
        made = {"real": as_html(report_view(shipped())), "hostile": as_html(report_view(hostile))}
    finally:
        set_language("en")
    paths = {name: folder / f"{name}.html" for name in made}
    for name, path in paths.items():
        path.write_bytes(made[name])
    return paths


async def test_a_report_opens_without_network_complaints_or_scrolling_and_prints_whole(
    pages: dict[str, Path], tmp_path: Path
) -> None:
    async with browser(tmp_path / "profile") as page:
        await page.width(1280)
        for name, path in pages.items():
            page.requests.clear()
            await page.open(path)
            assert page.requests == [path.as_uri()], name
            assert page.complaints == [], name
            wide, room = await page.value(
                "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert wide <= room, name
            inside = await page.value(
                "[...document.querySelectorAll('.t')].every(t => t.scrollWidth <= t.clientWidth)"
            )
            assert inside, f"{name}: a table is wider than the page"
            assert await page.value("document.querySelectorAll('script, img').length") == 0
            colours = []
            for scheme in ("light", "dark"):
                await page.prefer(scheme)
                colours.append(await page.value("getComputedStyle(document.body).backgroundColor"))
            assert colours == ["rgb(255, 255, 255)", "rgb(21, 24, 28)"]
            (tmp_path / f"{name}.pdf").write_bytes(await page.printed())
    check_printed(tmp_path)


def check_printed(folder: Path) -> None:
    """What came out of the printer is whole."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    for name in ("real", "hostile"):
        check_sheets(folder / f"{name}.pdf")
    words = subprocess.run(
        ["pdftotext", "-layout", str(folder / "real.pdf"), "-"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    plain = re.sub(r"\s", "", words)
    assert all(re.sub(r"\s", "", n.name) in plain for n in shipped().exercise.tree.nodes)
    # Every row of the longest table is there.
    table = report_view(shipped()).table("bodies")
    assert table is not None
    assert plain.count("期限内") + plain.count("期限後") >= len(table.rows) - 3


def check_sheets(path: Path) -> None:
    """Every sheet is A4, upright or across, and no word stands outside or at the very edge."""
    boxes = subprocess.run(
        ["pdftotext", "-bbox", str(path), "-"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=True,
    ).stdout
    boxes = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", boxes)
    space = "{http://www.w3.org/1999/xhtml}"
    sheets = list(ElementTree.fromstring(boxes).iter(f"{space}page"))
    assert len(sheets) > 3
    for sheet in sheets:
        width, height = float(sheet.attrib["width"]), float(sheet.attrib["height"])
        assert sorted((round(width), round(height))) == [595, 842]
        for word in sheet.iter(f"{space}word"):
            assert float(word.attrib["xMin"]) >= MARGIN, word.text
            assert float(word.attrib["xMax"]) <= width - MARGIN, word.text
            assert float(word.attrib["yMax"]) <= height - 8, word.text
