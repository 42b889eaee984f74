"""`drillsim plan`: what a person reads before a drill is approved."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from drillsim.cli import plan as module
from drillsim.cli.main import main
from drillsim.text import width
from tests import examples

SHIPPED = "r5-virus-suspicion"


def told(capsys: pytest.CaptureFixture[str], *words: str, lang: str = "en") -> list[str]:
    assert main(["--lang", lang, "plan", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


def workspace(folder: Path, changes: dict[str, Any] | None = None, **story: Any) -> str:
    """Write a scenario with its tree; return the scenario's path."""
    for name, model in (
        ("tree.yaml", examples.tree(changes=changes)),
        ("story.yaml", examples.scenario(**story)),
    ):
        raw = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
        (folder / name).write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return str(folder / "story.yaml")


def test_a_plan_tells_who_is_mailed_when(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, SHIPPED, "--runs", "5")
    assert lines[1] == "2026-10-14 10:00 to 14:00, contacts for office hours"
    assert lines[2].startswith("Times and counts as in 5 rehearsals, computed without any mail")
    (begin,) = [n for n, line in enumerate(lines) if line == "第一報 (first-report) · 20 bodies"]
    head, _rule, prefecture = lines[begin + 1 : begin + 4]
    assert head.split("  ")[0] == "body"
    cells = prefecture.split()
    assert cells[:2] == ["山口県", "市町課"]
    # The prefecture is mailed at StartEx; what follows is in the scenario, up to its cut-off.
    times = "10:00 10:00 10:15 10:10 10:20 10:25 10:35 10:30 11:30"
    assert " ".join(cells).endswith(times)
    assert "窓口への問合せ (rumour) · 19 bodies · sent only by the operator" in lines
    know = lines.index("To know beforehand")
    assert lines[know + 1].startswith("  The window spans 12:00 to 13:00")


def test_bodies_with_the_same_times_share_a_row_unless_all_are_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = told(capsys, SHIPPED, "--runs", "5")
    every = told(capsys, SHIPPED, "--runs", "5", "--all")
    assert sum(line.startswith("阿武町 戸籍係 ") for line in every) == 4
    assert len(every) > len(few)
    assert any(" more  " in line for line in few)
    assert not any(" more  " in line for line in every)


def test_the_columns_of_the_timetable_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, SHIPPED, "--runs", "1", "--all")
    begin = lines.index("第一報 (first-report) · 20 bodies")
    place = width(lines[begin + 1].partition("expected")[0])
    for line in lines[begin + 3 : begin + 23]:
        before = line[: line.index("10:")]
        assert width(before) == place


def test_data_name_the_files_and_hold_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads("\n".join(told(capsys, SHIPPED, "--json", "--runs", "2")))
    assert data["path"].endswith("r5-virus-suspicion.yaml")
    assert data["contacts"].endswith("yamaguchi.yaml")
    assert (data["scenario"], data["runs"], data["participants"]) == (SHIPPED, 2, 20)


def test_another_contact_tree_can_be_planned_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workspace(tmp_path)
    raw = examples.tree((1, 7)).model_dump(mode="json", by_alias=True, exclude_unset=True)
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    assert any(line.endswith("(first) · 4 bodies") for line in told(capsys, path, "--runs", "1"))
    lines = told(capsys, path, "--runs", "1", "--contacts", str(other))
    assert any(line.endswith("(first) · 8 bodies") for line in lines)


def test_what_a_planner_has_to_know_is_told_in_sentences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    officer = {"name": "架空 太郎"}
    changes = {
        "n1-1": {"officers": [officer | {"phone": "1"}]},
        "n1-2": {"officers": [officer | {"email": "a@x.example"}]},
    }
    participants = {"default": "all", "except": {"n1-3": "システム\x07更新"}}
    path = workspace(
        tmp_path, changes, participants=participants, start="2026-10-17T10:00+09:00", hours="office"
    )
    lines = told(capsys, path, "--runs", "1")
    know = lines[lines.index("To know beforehand") :]
    text = "\n".join(know)
    assert "2026-10-17 is a day off (Saturday), but the contacts for office hours are used." in text
    assert "No mail reaches 架空n1-1; call them from the beginning." in text
    assert "Nobody else is mailed at 架空n1-2; after the first officer comes the telephone." in text
    assert "There is no telephone number of 架空n1-2." in text
    assert "tree.yaml:" in text, "the warnings of check are there too"
    assert know[-1] == "  架空n1-3: takes no part (システム␇更新)"


def test_long_lists_are_cut_and_say_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_MAX", 1)
    lines = told(capsys, SHIPPED, "--runs", "5")
    assert any(
        line.startswith("and ") and line.endswith(" more; --all names all") for line in lines
    )
    assert not any("--all" in line for line in told(capsys, SHIPPED, "--runs", "5", "--all"))


def test_a_scenario_with_errors_has_no_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workspace(tmp_path)
    text = Path(path).read_text(encoding="utf-8").replace("window: 4h", "window: 4")
    Path(path).write_text(text, encoding="utf-8")
    assert main(["--lang", "en", "plan", path]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "4 has no unit; write 4m or 4s" in err


@pytest.mark.parametrize("runs", ["0", "1002", "many"])
def test_a_number_of_rehearsals_that_is_none_is_wrong_use(
    runs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "en", "plan", SHIPPED, "--runs", runs]) == 2
    assert "--runs" in capsys.readouterr().err


@pytest.mark.parametrize(
    "scenario",
    [
        "annual-self-check",
        "infected-terminal",
        "municipality-virus",
        "off-hours-contact-check",
        "r5-terminal-failure",
        "unauthorised-access",
    ],
)
def test_every_shipped_drill_has_a_plan_in_both_languages(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang in ("en", "ja"):
        lines = told(capsys, scenario, "--runs", "1", lang=lang)
        assert len(lines) > 15
        assert not any("\x1b" in line for line in lines)
