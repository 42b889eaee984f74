"""Forms as workbooks: what is written is read again, whatever people do to the sheet between."""

import io
from collections.abc import Callable
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from drillsim.drill.scenario import FormField
from drillsim.mail.form_sheets import UnreadableSheetError, read_form_sheet, write_form_sheet

TODAY = date(2026, 10, 14)
FORM = (
    FormField(id="responder", label="対応者（職・氏名）"),
    FormField(id="got-at", label="受信日時", type="datetime"),
    FormField(id="terminals", label="影響端末数", type="integer", expect="0"),
    FormField(id="line-cut", label="回線の切断", type="choice", options=("有", "無", "確認中")),
    FormField(id="remarks", label="特記事項", required=False),
)
ANSWERS = {
    "responder": "住民課 主査　入江 なぎさ（代理）",
    "got-at": "2026-10-14T10:17",
    "terminals": "2",
    "line-cut": "無",
}


def edited(data: bytes, edit: Callable[[Worksheet], object]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert isinstance(book.active, Worksheet)
    edit(book.active)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def row_of(sheet: Worksheet, label: str) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == label)


def test_what_was_written_is_read_again() -> None:
    data = write_form_sheet(FORM, ANSWERS, title="状況報告", ref="7KQ2-M4XD")
    read = read_form_sheet(data, FORM, today=TODAY)
    assert read.answers.values == ANSWERS
    assert read.answers.missing == ()
    assert read.ref == "7KQ2-M4XD"


def test_a_blank_form_answers_nothing() -> None:
    read = read_form_sheet(write_form_sheet(FORM), FORM)
    assert read.answers.values == {}
    assert not read.answers.is_report
    assert read.answers.missing == ("responder", "got-at", "terminals", "line-cut")


def test_the_same_form_gives_the_same_bytes() -> None:
    assert write_form_sheet(FORM, ref="7KQ2-M4XD") == write_form_sheet(FORM, ref="7KQ2-M4XD")


def test_cells_of_excel_are_read_as_what_they_show() -> None:
    def fill_in(sheet: Worksheet) -> None:
        sheet.cell(row_of(sheet, "受信日時"), 2).value = datetime(2026, 10, 14, 10, 17)  # noqa: DTZ001
        sheet.cell(row_of(sheet, "影響端末数"), 2).value = 3
        sheet.cell(row_of(sheet, "回線の切断"), 2).value = "確認中"
        sheet.cell(row_of(sheet, "特記事項"), 2).value = "一行目\n二行目"

    read = read_form_sheet(edited(write_form_sheet(FORM), fill_in), FORM).answers
    assert read.values == {
        "got-at": "2026-10-14T10:17",
        "terminals": "3",
        "line-cut": "確認中",
        "remarks": "一行目\n二行目",
    }
    assert read.pending == ("line-cut",)


def test_a_form_that_was_moved_and_merged_is_found_again() -> None:
    def move(sheet: Worksheet) -> None:
        sheet.insert_rows(1, 3)
        sheet.insert_cols(1, 2)
        sheet["A1"] = "さざなみ町"

    data = edited(write_form_sheet(FORM, ANSWERS), move)
    assert read_form_sheet(data, FORM, today=TODAY).answers.values == ANSWERS


def test_a_sheet_made_by_hand_is_read_by_its_labels() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["１．", "対応者（職・氏名）：", None, "総務課　磯部"])
    sheet.append(["２．", "影響端末数：", None, "０台"])
    saved = io.BytesIO()
    book.save(saved)
    read = read_form_sheet(saved.getvalue(), FORM)
    assert read.answers.values == {"responder": "総務課　磯部", "terminals": "0"}


def test_a_label_or_answer_never_becomes_a_formula() -> None:
    form = (FormField(id="a", label="=HYPERLINK(1)"), FormField(id="b", label="@SUM(1)"))
    data = write_form_sheet(form, {"a": "=1+1", "b": "+81"}, title="=2+2", ref="-1", note="=3")
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert read_form_sheet(data, form).answers.values == {"a": "=1+1", "b": "+81"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no readable workbook"),
        (b"PK\x03\x04 broken", "no readable workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "locked by a password"),
        (b"%PDF-1.7", "no readable workbook"),
    ],
)
def test_what_is_no_workbook_says_so(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableSheetError, match=why):
        read_form_sheet(data, FORM)


def test_another_workbook_is_not_the_form() -> None:
    other = write_form_sheet((FormField(id="x", label="別の様式"),), {"x": "1"})
    with pytest.raises(UnreadableSheetError, match="does not hold the form"):
        read_form_sheet(other, FORM)
