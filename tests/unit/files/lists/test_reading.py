"""Lists as tables: what is read of CSV and Excel, and how each cell is tidied."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest

from drillsim.files.lists.reading import read_list_data
from drillsim.files.lists.sheet import Sheet, letters, neutral, text_cell
from drillsim.files.yaml_reader import UnreadableError
from drillsim.problem import ProblemsError, UsageError

TEXT = "団体名,氏名\r\n①㈱髙﨑,ﾔﾏﾀﾞ ﾀﾛｳ\r\n"


def texts(sheet: Sheet) -> list[list[str]]:
    return [[cell.text for cell in row] for row in sheet.rows]


@pytest.mark.parametrize(
    ("codec", "shown"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 (BOM)"),
        ("cp932", "CP932 (Shift_JIS)"),
        ("utf-16", "UTF-16"),
    ],
)
def test_csv_is_read_in_the_encoding_it_is_in(codec: str, shown: str) -> None:
    sheet = read_list_data(TEXT.encode(codec), "list.csv")
    assert texts(sheet) == [["団体名", "氏名"], ["①㈱髙﨑", "ヤマダ タロウ"]]
    assert sheet.read_as == shown
    assert sheet.rows[1][1].widened
    assert not sheet.rows[1][0].widened


def test_euc_jp_is_read_too() -> None:
    sheet = read_list_data("団体名,氏名\n下関市,海峡 渡\n".encode("euc_jp"), "list.csv")
    assert texts(sheet)[1] == ["下関市", "海峡 渡"]


def test_bytes_that_are_no_text_are_named_with_their_row() -> None:
    with pytest.raises(UnreadableError) as caught:
        read_list_data("団体名,氏名\n下関市,".encode() + b"\xff\xff\xa0\n", "list.csv")
    assert "list.csv:2:1: row 2 holds bytes that are no text" in str(caught.value)


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_other_marks_between_cells_are_seen(mark: str) -> None:
    sheet = read_list_data(f"団体名{mark}氏名\n下関市{mark}海峡, 渡\n".encode(), "list.csv")
    assert texts(sheet) == [["団体名", "氏名"], ["下関市", "海峡, 渡"]]


def test_quotation_marks_that_do_not_fit_are_a_fault_of_their_row() -> None:
    with pytest.raises(ProblemsError, match=r"list\.csv:3:1: the quotation marks of row 3"):
        read_list_data('団体名,氏名\n下関市,渡\n"宇部市,灯\n萩市,x\n'.encode(), "list.csv")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("　 下関市 　", "下関市"),
        ('="0830001201"', "0830001201"),
        ("'0830001201", "0830001201"),
        ("'=1+1", "=1+1"),
        ("'''tis", "''tis"),
        ("下関\u200b市", "下関市"),
        ("一行目\r\n二行目 ", "一行目\n二行目"),
        ("'", "'"),
    ],
)
def test_a_cell_of_text_is_tidied_and_nothing_more(raw: str, text: str) -> None:
    assert text_cell(raw).text == text


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+81-83", "-", "@x", "＝１", "'x", "'=1", "x"])
def test_a_neutral_cell_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    written = neutral(text)
    assert written[0] not in "=+-@＝＋－＠"
    assert text_cell(written).text == text


def test_columns_are_called_as_excel_calls_them() -> None:
    assert [letters(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]


def workbook(fill: object) -> bytes:
    book = openpyxl.Workbook()
    fill(book)  # type: ignore[operator]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_keeps_numbers_days_and_merged_cells_apart() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        page = book.active
        assert page is not None
        page["B2"], page["B3"], page["C3"] = "団体", 35201, date(2026, 4, 10)
        page["B4"], page["C4"] = "=A1&B1", "#N/A"
        page["C4"].data_type = "e"
        page.merge_cells("B5:B6")
        book.create_sheet("メモ")["A1"] = "x"

    sheet = read_list_data(workbook(fill), "list.xlsx")
    assert sheet.name == "list.xlsx[Sheet]"
    assert sheet.others == ("メモ",)
    assert sheet.merged == ((5, 2, 6, 2),)
    assert (sheet.cell(3, 2).text, sheet.cell(3, 2).kind) == ("35201", "number")
    assert sheet.cell(3, 3).day == date(2026, 4, 10)
    assert sheet.cell(4, 2).kind == "unknown-formula"
    assert sheet.cell(4, 3).kind == "error"
    assert sheet.cell(99, 99).is_empty


def test_a_sheet_is_chosen_by_its_name() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.create_sheet("名簿")["A1"] = "x"

    data = workbook(fill)
    assert read_list_data(data, "list.xlsx").name == "list.xlsx[名簿]"
    with pytest.raises(UsageError, match="no sheet 名"):
        read_list_data(data, "list.xlsx", "名")


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 no", b"\xd0\xcf\x11\xe0\xa1\xb1", b"", b" \r\n", b"%PDF-1.7"]
)
def test_what_is_no_list_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_list_data(data, "list")
    assert len(caught.value.problems) == 1


def test_a_workbook_that_grows_beyond_measure_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    with pytest.raises(UnreadableError):
        read_list_data(out.getvalue(), "list.xlsx")
