"""Tables: aligned for wide characters, and folded rather than cut where there is little room."""

import pytest

from drillsim.cli.table import table
from drillsim.text import width

HEAD = ["訓練", "開始", "状態", "表題"]
ROWS = [
    ["r5-virus-suspicion-20261124-054710", "2026-11-24 14:47", "終了", "ウイルス疑義" * 6],
    ["short", "2026-11-24 14:47", "実施中", "短い表題"],
]


def words(lines: list[str]) -> str:
    return "".join("".join(lines).split())


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100])
def test_a_narrow_terminal_gets_all_of_it_and_no_line_is_wider(columns: int) -> None:
    lines = list(table(HEAD, ROWS, columns=columns))
    assert all(width(line) <= columns for line in lines)
    shown = words(lines)
    assert all("".join(cell.split()) in shown for row in ROWS for cell in row)


def test_every_row_is_folded_at_the_same_column() -> None:
    lines = list(table(HEAD, ROWS, columns=80))
    assert lines[0].split() == ["訓練", "開始", "状態"]
    assert lines[1].strip() == "表題"
    starts = [line.index("2026-11") for line in lines if "2026-11" in line]
    assert len(set(starts)) == 1
    assert lines[-1] == "    短い表題"


def test_without_a_terminal_a_row_is_one_line() -> None:
    lines = list(table(HEAD, ROWS))
    assert len(lines) == 4


def test_a_heading_over_rows_is_broken_too() -> None:
    lines = list(table(["a", "b"], [["長い見出し" * 5], ["x", "1"]], columns=20))
    assert all(width(line) <= 20 for line in lines)
    assert words(lines[2:5]) == "長い見出し" * 5
