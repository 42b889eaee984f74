"""Workbooks from strangers: bombs and damage are refused in words, quickly."""

import contextlib
import io
import random
import time
import zipfile

import pytest

from drillsim.drill.scenario import FormField
from drillsim.mail.form_sheets import write_form_sheet
from drillsim.sheets import UnreadableSheetError, read_workbook, text_of

GOOD = write_form_sheet((FormField(id="a", label="端末数"),), {"a": "3"})
SHEET = "xl/worksheets/sheet1.xml"


def replaced(name: str, content: bytes, *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(made, "w", packing) as new:
        for entry in old.infolist():
            new.writestr(
                entry.filename, content if entry.filename == name else old.read(entry), packing
            )
    return made.getvalue()


def sheet_with(rows: bytes) -> bytes:
    return (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData>" + rows + b"</sheetData></worksheet>"
    )


def test_a_workbook_is_read() -> None:
    (sheet,) = read_workbook(GOOD)
    assert "端末数" in [text_of(cell) for row in sheet.rows for cell in row]


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"/><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row><c r="XFD1"><v>1</v></c></row>',
        b"<row>" + b"<c><v>1</v></c>" * 300 + b"</row>",
        b"<row><c><v>1</v></c></row>" * 20_001,
        b'<x:row xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="9999999"/>',
    ],
)
def test_a_sheet_that_claims_to_be_huge_is_refused(rows: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(UnreadableSheetError, match=r"beyond row|no readable"):
        read_workbook(replaced(SHEET, sheet_with(rows)))
    assert time.monotonic() - began < 2


def test_a_bomb_is_not_unpacked() -> None:
    bomb = replaced("xl/sharedStrings.xml", b"<sst>" + b" " * 60_000_000 + b"</sst>")
    assert len(bomb) < 200_000
    began = time.monotonic()
    with pytest.raises(UnreadableSheetError, match="too large"):
        read_workbook(bomb)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>',
        b'<?xml version="1.0" encoding="utf-16"?><worksheet/>',
        '<?xml version="1.0"?><worksheet/>'.encode("utf-16"),
        b"<worksheet><sheetData>",
        b"\xff\xfe\x00",
    ],
)
def test_a_part_that_is_no_plain_xml_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableSheetError, match="no readable workbook"):
        read_workbook(replaced(SHEET, content))


def test_damaged_workbooks_give_no_other_error() -> None:
    chance = random.Random(5)
    for _ in range(400):
        data = bytearray(GOOD)
        for _flip in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with contextlib.suppress(UnreadableSheetError):
            read_workbook(bytes(data[: chance.randrange(len(data) // 2, len(data) + 1)]))
