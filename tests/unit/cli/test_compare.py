"""`drillsim compare` and `report --before`: drills, and tables from before drillsim."""

import io
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drillsim.cli.main import main
from drillsim.files.moments import length_in
from drillsim.files.scenario_file import CONTACTS, SCENARIO, load_stored
from drillsim.i18n import set_language
from drillsim.mail.official_dates import official_number
from drillsim.reports.comparison import fiscal_year
from tests.tui import recorded

MAPPING = """\
format: drillsim-results/1
title: 令和７年度
sent: "10:00"
within: 30m
columns: {body: [参加団体], acknowledged: [返事の来た時刻]}
words: {missed: [音沙汰なし]}
"""


@pytest.fixture(scope="module")
def drills(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("drills")
    first, second = (
        recorded.sealed_journal(folder / f"{name}.drill", recorded.record(seed=seed))
        for name, seed in (("first", 7), ("second", 8))
    )
    return first, second


def said(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> tuple[str, str]:
    assert main(["--lang", "en", *map(str, words)]) == code
    return capsys.readouterr()


def data(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(capsys, "compare", *words, "--json")[0])
    return found


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="cp932")
    return path


def test_two_drills_are_laid_side_by_side(
    drills: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = said(capsys, "compare", *drills)
    assert err == ""
    assert out.startswith("Of the 20 bodies that took part in both fiscal year 2026 first and")
    assert "Tiers side by side" in out
    found = data(capsys, *drills)
    assert found["years"] == ["fiscal year 2026 first", "fiscal year 2026 second"]
    assert found["both"] == 20
    slower = {body["code"] for body in found["bodies"] if (body["change_seconds"] or 0) > 0}
    assert set(found["slower"]) == slower


def test_last_years_table_takes_the_place_of_a_drill(
    drills: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    before = table(
        tmp_path / "r7.csv",
        "令和７年度の結果,\n参加団体,返事の来た時刻\n下関市,10時12分\n宇部市,10:45\n"
        "山口市,音沙汰なし\n岩国市,－\n光市,\n防府市,評価外\n柳井市,未確認（減点なし）\n合計,2\n",
    )
    found = data(capsys, before, drills[0], "--mapping", mapping)
    years = {body["name"]: body["years"][0] for body in found["bodies"] if body["years"][0]}
    assert {name: year["outcome"] for name, year in years.items()} == {
        "下関市 市民課": "in-time",
        "宇部市 市民課": "late",
        "山口市 市民課": "missed",
        "岩国市 市民課": "missed",
        "光市 市民課": "missed",
        "防府市 市民課": "not-charged",
        "柳井市 市民課": "not-charged",
    }
    assert years["下関市 市民課"]["median_seconds"] == 720
    assert found["both"] == 7
    assert found["median_before_seconds"] == (720 + 2700) / 2


def test_usual_headings_of_a_workbook_need_no_mapping(
    drills: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sent = datetime.fromisoformat("2025-10-15T10:00")
    for row in (
        ("団体コード", "団体名", "送信日時", "受信確認日時", "結果"),
        ("352012", "下関市役所", sent, sent + timedelta(minutes=9), "○"),
        ("352021", "宇部市役所", sent, sent + timedelta(minutes=50), "△"),
        ("352039", "山口市役所", sent, None, "×"),
    ):
        sheet.append(row)
    book.save(tmp_path / "r7.xlsx")
    found = data(capsys, tmp_path / "r7.xlsx", drills[0])
    assert found["years"][0] == "r7"
    years = [body["years"][0] for body in found["bodies"] if body["years"][0] is not None]
    assert [(y["outcome"], y["median_seconds"]) for y in years] == [
        ("in-time", 540),
        ("late", 3000),
        ("missed", None),
    ]


def test_what_cannot_be_read_in_a_table_is_listed_with_its_row(
    drills: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = table(tmp_path / "r7.csv", "団体名,応答時間\n下関市,12\n宇部市,早かった\n光市,多分\n")
    _out, err = said(capsys, "compare", bad, drills[0], code=2)
    assert [line.split(": ")[0].rpartition("/")[2] for line in err.splitlines()] == [
        "r7.csv:3:2",
        "r7.csv:4:2",
    ]
    assert "早かった is neither a time nor a known result" in err
    none = table(tmp_path / "none.csv", "a,b\n1,2\n")
    assert "no headings of results" in said(capsys, "compare", none, drills[0], code=2)[1]
    mapping = tmp_path / "bad.yaml"
    mapping.write_text("format: drillsim-results/1\ncolums: {}\n", encoding="utf-8")
    err = said(capsys, "compare", bad, drills[0], "--mapping", mapping, code=2)[1]
    assert "bad.yaml:2:1" in err
    assert "two drills" in said(capsys, "compare", drills[0], code=2)[1]


def test_a_report_says_how_it_was_the_year_before(
    drills: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "report.json"
    said(capsys, "report", drills[1], "--before", drills[0], "-o", target, "--lang", "ja")
    report = json.loads(target.read_text("utf-8"))
    section = next(s for s in report["sections"] if s["heading"] == "前年度との比較")
    sentence = section["sentences"][0]
    assert "両年度とも参加した20団体では、応答時間の中央値が" in sentence
    found = data(capsys, *drills)
    before, now = ((found[f"median_{when}_seconds"] + 30) // 60 for when in ("before", "now"))
    assert (
        f"{official_number(int(before))}分から{official_number(int(now))}分となった。" in sentence
    )
    titles = [table["id"] for table in section["tables"]]
    assert titles == ["compared-tiers", "compared-bodies"]


def test_a_comparison_is_written_in_the_formats_of_reports(
    drills: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = [tmp_path / f"x{suffix}" for suffix in (".html", ".docx", ".xlsx", ".csv")]
    options = [word for path in outputs for word in ("-o", path)]
    said(capsys, "compare", *drills, *options)
    for path in outputs:
        assert path.stat().st_size > 1_000
    assert "下関市 市民課" in outputs[0].read_text("utf-8")
    book = openpyxl.load_workbook(io.BytesIO(outputs[2].read_bytes()))
    assert not any(c.data_type == "f" for s in book for row in s.iter_rows() for c in row)


def test_a_masked_report_names_no_body_of_the_year_before(
    drills: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = table(tmp_path / "r7.csv", "団体名,応答時間\n下関市,12\n去年だけ村,30\n")
    target = tmp_path / "report.md"
    said(capsys, "report", drills[1], "--before", before, "-o", target, "--mask-bodies")
    text = target.read_text("utf-8")
    assert "Of the 1 bodies" in text or "Of the 1" in text
    assert "去年だけ村" not in text
    assert "下関市" not in text


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("12", 12),
        ("12.5", 12.5),
        ("0:12:30", 12.5),
        ("１時間５分", 65),
        ("12分30秒", 12.5),
        ("30秒", 0.5),
        ("5 min", 5),
        ("", None),
        ("-3", None),
        ("早い", None),
    ],
)
def test_lengths_are_read_as_people_write_them(text: str, minutes: float | None) -> None:
    assert length_in(text) == (None if minutes is None else timedelta(minutes=minutes))


def test_a_fiscal_year_begins_in_april() -> None:
    assert fiscal_year(datetime.fromisoformat("2027-03-31T10:00+09:00")) == "fiscal year 2026"
    set_language("ja")
    assert fiscal_year(datetime.fromisoformat("2027-03-31T10:00+09:00")) == "令和８年度"
    assert fiscal_year(datetime.fromisoformat("2019-04-10T10:00+09:00")) == "令和元年度"


def test_copies_for_outsiders_name_no_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = recorded.record(seed=7)
    loaded = given.loaded
    officer = loaded.tree.nodes[2].officers[0]
    # Where somebody typed a person's name into that of a body, and into the title.
    contacts = loaded.files[CONTACTS].decode()
    typed = f"{loaded.tree.nodes[2].name} {officer.name}"
    contacts = contacts.replace(loaded.tree.nodes[2].name, typed, 1)
    story = loaded.files[SCENARIO].decode().replace("title: ", f"title: {officer.name} ", 1)
    files = {**loaded.files, CONTACTS: contacts.encode(), SCENARIO: story.encode()}
    changed = replace(given, loaded=load_stored(files))
    drills = [recorded.sealed_journal(tmp_path / f"{n}.drill", changed) for n in (1, 2)]
    names = {squeezed(officer.name)}
    page = tmp_path / "years.html"
    for command in ("compare", "stats"):
        for extra in ((), ("--json",), ("--all",)):
            whole = squeezed(said(capsys, command, *drills, *extra)[0])
            copy = squeezed(said(capsys, command, *drills, *extra, "--redact")[0])
            assert [name for name in names if name not in whole] == []
            assert [name for name in names if name in copy] == []
    said(capsys, "compare", *drills, "--redact", "-o", page)
    assert [name for name in names if name in squeezed(page.read_text(encoding="utf-8"))] == []


def test_tables_alone_cannot_be_redacted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = [table(tmp_path / f"{n}.csv", "団体名,結果\n下関市,○\n宇部市,×\n") for n in (1, 2)]
    _out, err = said(capsys, "compare", *tables, "--redact", code=2)
    assert "--redact needs a drill" in err


def squeezed(text: str) -> str:
    return "".join(text.split())
