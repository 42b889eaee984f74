"""`drillsim scenario msel` and `from-msel`: a scenario through a spreadsheet and back."""

import io
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drillsim.cli.main import main
from drillsim.drill.kinds import kind_word
from drillsim.drill.scenario import Scenario
from drillsim.evaluation.wording import objective_word
from drillsim.files.lists.mapping import folded_heading
from drillsim.files.moments import moment_in
from drillsim.files.msel import (
    COLUMNS,
    KIND_WORDS,
    OBJECTIVE_WORDS,
    NoMselError,
    meaning,
    read_msel,
)
from drillsim.files.msel_skeleton import MARK
from drillsim.files.scenario_file import load_scenario
from drillsim.i18n import LANGUAGES, set_language
from drillsim.reports.msel import msel_xlsx
from drillsim.reports.plan import Plan
from drillsim.shipped import shipped_dir


def at(text: str) -> datetime:
    """Return a moment as spreadsheets have them: without a zone."""
    return datetime.fromisoformat(text)


SHIPPED = sorted(path.stem for path in shipped_dir("scenarios").glob("*.yaml"))
CONTACTS = shipped_dir("contacts")


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(data: bytes) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def filled(text: str) -> str:
    """Return a skeleton as somebody fills it in who has only its marks to go by."""
    for wrong, right in (
        (f"incident: {{kind: {MARK}}}", "incident: {kind: misuse}"),
        (f"after: {MARK}", "after: 1h"),
        (f": {MARK}", ": 記入済"),
    ):
        text = text.replace(wrong, right)
    return text


@pytest.mark.parametrize(("name", "lang"), zip(SHIPPED, cycle(LANGUAGES)))
def test_a_shipped_scenario_comes_back_as_a_skeleton_that_check_takes_once_it_is_filled_in(
    name: str, lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = load_scenario(name)
    tree = tmp_path / "contacts.yaml"
    assert loaded.contacts_path is not None
    tree.write_bytes(loaded.contacts_path.read_bytes())
    book, target = tmp_path / "msel.xlsx", tmp_path / "back.yaml"
    set_language(lang)
    book.write_bytes(msel_xlsx(Plan(loaded, 1)))
    words = ["--contacts", str(tree), "-o", str(target)]
    other = {"ja": "en", "en": "ja"}[lang]  # Whichever language is in use when it is read.
    assert main(["--lang", other, "scenario", "from-msel", str(book), *words]) == 0
    assert main(["check", str(target)]) == 1  # What kind of incident it is, no MSEL says.
    assert MARK in capsys.readouterr().out
    target.write_text(filled(target.read_text("utf-8")), encoding="utf-8")
    back = load_scenario(target).scenario
    assert_same(loaded.scenario, back)


def assert_same(was: Scenario, back: Scenario) -> None:
    assert back.title == was.title
    assert back.lang == was.lang
    assert back.by_id.keys() == was.by_id.keys()
    for inject in was.injects:
        same = back.by_id[inject.id]
        assert (same.title or same.subject) == (inject.title or inject.subject)
        assert (same.objective, same.from_, same.to) == (
            inject.objective,
            inject.from_,
            inject.to,
        )
        assert same.contingency == inject.contingency
        assert (same.acknowledge is None) == (inject.acknowledge is None)
        if inject.acknowledge is not None and same.acknowledge is not None:
            assert same.acknowledge.within == inject.acknowledge.within
        assert (same.pass_on is None) == (inject.pass_on is None)
        assert (same.report is None) == (inject.report is None)
        assert same.expected == " ".join(inject.expected.split())


def test_times_are_those_of_the_plan_and_facts_are_filled_in() -> None:
    plan = Plan(load_scenario("r5-virus-suspicion"), 3)
    rows = cells(msel_xlsx(plan))
    head = {name: at for at, name in enumerate(rows[3])}
    first, second = rows[4], rows[5]
    assert rows[0][0] == plan.exercise.scenario.title
    assert first[head["Scenario time"]] == at("2026-10-14T10:00")
    entered = next(each.at for each in plan.expectation.phases if each.phase == "follow-up")
    assert entered is not None
    assert second[head["Scenario time"]] == (
        plan.exercise.when(entered).replace(second=0, microsecond=0, tzinfo=None)
    )
    text = first[head["Inject text"]]
    assert "都道府県サーバ集約センターの業務サブシステム" in text
    assert "{{ to_body }}" in text
    assert [row[head["Release"]] for row in rows[4:]] == ["planned"] * 4 + ["contingency"] * 2
    assert [row[0] for row in rows[4:]] == [1, 2, 3, 4, 5, 6]


def test_no_cell_is_a_formula_and_control_characters_do_not_stop_it(tmp_path: Path) -> None:
    source = (shipped_dir("scenarios") / "r5-terminal-failure.yaml").read_text("utf-8")
    loaded = load_scenario("r5-terminal-failure")
    title = loaded.scenario.injects[0].title
    hostile = source.replace(f"title: {title}", 'title: "=HYPERLINK(\\"x\\")\\u0007"', 1)
    (tmp_path / "scenarios").mkdir()
    path = tmp_path / "scenarios" / "hostile.yaml"
    path.write_text(hostile, encoding="utf-8")
    plan = Plan(load_scenario(path, CONTACTS / "yamaguchi-terminals.yaml"), 1)
    book = openpyxl.load_workbook(io.BytesIO(msel_xlsx(plan)))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert any("=HYPERLINK" in str(c) for row in cells(msel_xlsx(plan)) for c in row)


def test_a_table_of_others_is_read_by_its_headings_in_either_language(tmp_path: Path) -> None:
    data = workbook(
        ("災害対応訓練",),
        (),
        ("No.", "時 刻", "件名", "付与内容", "付与先", "期待する行動", "気温"),
        (1, at("2026-11-05T09:30"), "断水", "　断水が発生した。", "県", "連絡する。", 12),
        (None, None, None, None, None, None, None),
        (2, at("2026-11-05T10:00"), "復旧", "復旧した。", "市民の皆さん", "", 13),
    )
    msel = read_msel(data)
    assert msel.title == "災害対応訓練"
    assert [row.row for row in msel.rows] == [4, 6]
    assert msel.rows[0].prose("text") == "　断水が発生した。"
    book, target = tmp_path / "x.xlsx", tmp_path / "x.yaml"
    book.write_bytes(data)
    assert main(["scenario", "from-msel", str(book), "-o", str(target)]) == 0
    text = target.read_text("utf-8")
    assert "start: 2026-11-05T09:30+09:00" in text
    assert "{inject: inject-02, after: 30m}" in text
    assert "to: {kind: [prefecture]}" in text
    assert f"to: {{nodes: [{MARK}]}}    # who gets it; the MSEL says 市民の皆さん" in text
    assert f"from: {MARK}" in text


def test_what_is_missing_is_marked_and_check_names_each_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, target = tmp_path / "x.xlsx", tmp_path / "x.yaml"
    book.write_bytes(
        workbook(("Event", "Inject text", "Intended player", "Time"), ("Fire", "", "all", "soon"))
    )
    words = ["--contacts", str(CONTACTS / "yamaguchi.yaml"), "-o", str(target)]
    assert main(["--lang", "en", "scenario", "from-msel", str(book), *words]) == 0
    marked = [n for n, line in enumerate(target.read_text("utf-8").splitlines(), 1) if MARK in line]
    capsys.readouterr()
    found: set[int] = set()
    text = target.read_text("utf-8")
    # The reader lists what is no scenario at all first, and the rest when that is mended.
    for wrong, right in (
        (f"kind: {MARK}", "kind: fault"),
        (f"start: {MARK}", "start: 2026-10-14T10:00+09:00"),
        (f"after: {MARK}", "after: 5m"),
        ("", ""),
    ):
        main(["--lang", "en", "check", str(target)])
        lines = capsys.readouterr().out.splitlines()
        found |= {int(line.split(":")[1]) for line in lines if line.startswith(str(target))}
        text = text.replace(wrong, right, 1)
        target.write_text(text, encoding="utf-8")
    assert found >= set(marked[1:])  # The first one is in the remark at the head of the file.


def test_the_command_writes_a_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--lang", "en", "scenario", "msel", "annual-self-check", "-o"]
    assert main([*words, str(tmp_path / "x.xlsx")]) == 0
    assert read_msel((tmp_path / "x.xlsx").read_bytes()).rows
    assert main([*words, str(tmp_path / "x.csv")]) == 2
    assert "ends in .xlsx" in capsys.readouterr().err


def test_a_skeleton_is_not_written_over_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, target = tmp_path / "x.xlsx", tmp_path / "x.yaml"
    book.write_bytes(workbook(("Event", "Inject text", "Player"), ("a", "b", "all")))
    target.write_text("mine")
    assert main(["--lang", "en", "scenario", "from-msel", str(book), "-o", str(target)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert target.read_text() == "mine"


def test_what_is_no_msel_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NoMselError, match="no table of injects"):
        read_msel(workbook(("a", "b"), (1, 2)))
    with pytest.raises(NoMselError, match="has no injects"):
        read_msel(workbook(("Event", "Inject text", "Player")))
    broken = tmp_path / "x.xlsx"
    broken.write_bytes(b"no workbook")
    assert main(["--lang", "en", "scenario", "from-msel", str(broken)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10:05", timedelta(hours=10, minutes=5)),
        ("１０時０５分", timedelta(hours=10, minutes=5)),
        ("10時", timedelta(hours=10)),
        ("T+0:20", timedelta(minutes=20)),
        ("+20分", timedelta(minutes=20)),
        ("20 min", timedelta(minutes=20)),
        ("2026-10-14 10:05", at("2026-10-14T10:05")),
        ("令和８年10月14日（水）10時05分", at("2026-10-14T10:05")),
        ("令和元年5月1日", at("2019-05-01")),
        ("2026/2/30", None),
        ("後ほど", None),
        ("", None),
    ],
)
def test_times_are_read_as_people_write_them(
    text: str, moment: datetime | timedelta | None
) -> None:
    assert moment_in(text) == moment


def test_headings_and_words_have_one_meaning_each() -> None:
    heads = [word for column in COLUMNS for word in (*column.ja, *column.en)]
    assert len(set(map(folded_heading, heads))) == len(heads)
    for lang in LANGUAGES:
        set_language(lang)
        for kind in KIND_WORDS:
            assert meaning(kind_word(kind), KIND_WORDS) == kind
        for objective in OBJECTIVE_WORDS:
            assert meaning(objective_word(objective), OBJECTIVE_WORDS) == objective


def test_a_redacted_msel_names_no_person_of_the_contact_tree(tmp_path: Path) -> None:
    given = load_scenario("r5-virus-suspicion")
    officer = given.tree.nodes[1].officers[0]
    typed = f"{officer.name} {officer.phone} {officer.email[0]}"
    first, *others = given.scenario.injects
    injects = (first.model_copy(update={"body": typed, "expected": typed}), *others)
    changes = {"injects": injects, "title": typed}
    plan = Plan(replace(given, scenario=given.scenario.model_copy(update=changes)), 1)
    for redact in (False, True):
        text = str(cells(msel_xlsx(plan, redact=redact)))
        for secret in (officer.name, officer.phone, officer.email[0]):
            assert (secret in text) is not redact
    target = tmp_path / "msel.xlsx"
    assert main(["scenario", "msel", "r5-virus-suspicion", "--redact", "-o", str(target)]) == 0
    assert "山口県" in str(cells(target.read_bytes()))
