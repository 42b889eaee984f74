"""The workbook: read back by another library, no formula, real dates and lengths."""

import io
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest

from drillsim.i18n import set_language
from drillsim.reports.report import report_view
from drillsim.reports.xlsx import as_xlsx
from tests.unit.reports.drills import shipped
from tests.unit.reports.views import CELLS, small_view


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_cells_have_their_types() -> None:
    book = opened(as_xlsx(small_view("表", *CELLS)))
    sheet = book.worksheets[1]
    assert [cell.value for cell in sheet[2]][2:] == [
        17,
        0.895,
        timedelta(hours=26, minutes=2, seconds=3),
        datetime(2026, 10, 14, 10, 5, 9),  # noqa: DTZ001
        datetime(2026, 10, 14, 10, 5, 9),  # noqa: DTZ001
        79.96,
        None,
    ]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:I2"
    assert book.worksheets[-1]._charts


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0", "http://x.test"])
def test_what_users_wrote_is_no_formula_and_no_link(text: str) -> None:
    book = opened(as_xlsx(small_view(text, (text, "text"))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert sum(cell.value == text for cell in cells) > 5


def test_names_that_excel_does_not_take_do_not_stop_it() -> None:
    for name in ("a" * 40, "[x]:*?/\\'", "\x00\x07\x1b[31m\ud800", "'", "", "a\nb"):
        assert len(opened(as_xlsx(small_view(name))).sheetnames) == 3


def test_a_real_drill_has_a_sheet_for_each_table_and_no_formula() -> None:
    set_language("ja")
    try:
        view = report_view(shipped())
        first, second = as_xlsx(view), as_xlsx(view)
    finally:
        set_language("en")
    assert first == second
    book = opened(first)
    assert book.sheetnames[:3] == ["訓練実施報告書", "参加の状況", "区分別結果"]
    assert "団体別結果" in book.sheetnames
    bodies = book["団体別結果"]
    assert bodies.max_row == 63  # 60 notices, the head, and a note below
    formulas = [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert formulas == []
    assert len(book["受信確認の推移"]._charts) == 3
