"""A drill of the whole country: pictures and pages that stay small, and say what they leave out."""

from functools import cache

import pytest

from drillsim.i18n import set_language
from drillsim.reports.charts import picture_svgs
from drillsim.reports.drawing import gantt_drawings, tree_drawing
from drillsim.reports.html import ROWS_MAX, as_html
from drillsim.reports.report import report_view
from drillsim.reports.view import Curve, Gantt, ReportView, TreeNode, TreePicture
from tests import examples
from tests.unit.evaluation.logs import Log
from tests.unit.reports.drills import record_of

PREFECTURES, TOWNS = 47, 37
MEGABYTES_MAX = 5
PAGE = 1_150
"""How high a picture of this width may be to fit on a sheet of A4."""


@cache
def national() -> ReportView:
    """1 + 47 + 1,739 bodies; each answers, is late or silent as its number says."""
    tree = examples.tree((PREFECTURES, TOWNS), count=1)
    log = Log(examples.exercise(tree, examples.scenario()))
    log.release()
    for p in range(1, PREFECTURES + 1):
        log.submit(f"n{p}", 0)
    for p in range(1, PREFECTURES + 1):
        log.ack(f"n{p}", 2)
    for p in range(1, PREFECTURES + 1):
        log.pass_on(f"n{p}", 5, *(f"n{p}-{t}" for t in range(1, TOWNS + 1)))
    for minute in (8, 15, 40, 70):
        for p in range(1, PREFECTURES + 1):
            for t in range(1, TOWNS + 1):
                if (8, 15, 40, 70, 0)[(p * t) % 5] == minute:
                    log.ack(f"n{p}-{t}", minute)
    log.end(240)
    set_language("ja")
    try:
        return report_view(record_of(log.exercise, log.events))
    finally:
        set_language("en")


def test_a_page_of_the_whole_country_is_small_and_folded_by_prefecture() -> None:
    view = national()
    page = as_html(view)
    assert len(page) < MEGABYTES_MAX * 1_000_000
    bodies = view.table("bodies")
    assert bodies is not None
    assert len(bodies.rows) == 1_786
    assert [count for _heading, count in bodies.groups] == [PREFECTURES, *[TOWNS] * PREFECTURES]
    text = page.decode()
    assert text.count("<details>") >= 1 + PREFECTURES
    missing = view.table("missing")
    assert missing is not None
    assert len(missing.rows) > ROWS_MAX
    assert f"{len(missing.rows) - ROWS_MAX} further rows" in text


def test_pictures_of_the_whole_country_fit_on_a_sheet_and_lose_nobody() -> None:
    pictures = [
        block
        for block in national().section("results").blocks
        if isinstance(block, TreePicture | Curve | Gantt)
    ]
    tree, curve, gantt = pictures
    assert isinstance(tree, TreePicture)
    assert isinstance(gantt, Gantt)
    assert isinstance(curve, Curve)
    assert tree_drawing(tree).height < PAGE
    assert all(drawing.height < PAGE for drawing in gantt_drawings(gantt))
    assert people_in(tree.root) == 1 + PREFECTURES * (1 + TOWNS)
    assert len(gantt.lanes) < 3 * PREFECTURES
    assert curve.lines[1].of == PREFECTURES * TOWNS
    assert all(len(svg) < 400_000 for picture in pictures for svg in picture_svgs(picture))


def people_in(node: TreeNode) -> int:
    many = sum(count for _result, count in node.counts)
    return (many or 1) + sum(map(people_in, node.below))


@pytest.mark.parametrize("towns", [1, 23, 60, 179, 400])
def test_one_prefecture_of_any_size_has_pictures_that_fit(towns: int) -> None:
    log = Log(examples.exercise(examples.tree((1, towns), count=1)))
    log.release()
    log.reach("n1", 0, 2)
    log.pass_on("n1", 5, *(f"n1-{t}" for t in range(1, towns + 1)))
    for t in range(1, towns + 1, 2):
        log.ack(f"n1-{t}", 10 + t / 10)
    log.end(240)
    view = report_view(record_of(log.exercise, log.events))
    for block in view.section("results").blocks:
        if isinstance(block, TreePicture):
            assert tree_drawing(block).height < PAGE
            assert people_in(block.root) == 2 + towns
        elif isinstance(block, Gantt):
            assert all(drawing.height < PAGE for drawing in gantt_drawings(block))
            assert len(block.lanes) <= 81
            assert ("not drawn" in block.note) == (towns > 80)


def test_a_deep_chain_has_pictures_too() -> None:
    log = Log(examples.exercise(examples.tree([1] * 30, count=1)))
    log.release()
    log.reach("n1", 0, 1)
    log.end(240)
    view = report_view(record_of(log.exercise, log.events))
    (tree,) = (b for b in view.section("results").blocks if isinstance(b, TreePicture))
    assert people_in(tree.root) == 31
    assert tree_drawing(tree).height < PAGE
