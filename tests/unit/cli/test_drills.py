"""The list of drills: newest first, running or not, each with what it showed."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli import drills as module
from drillsim.cli.main import main
from drillsim.cli.summary import evaluated
from drillsim.drill.events import encode
from drillsim.journal import Journal, JournalReader, event_entry
from drillsim.text import width
from drillsim.world.course import Course
from tests.tui import recorded
from tests.tui.recorded import Recording


@pytest.fixture(scope="module")
def recording() -> Recording:
    return recorded.record()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drills").mkdir()
    return tmp_path / "drills"


def dated(path: Path, minute: int) -> Path:
    """Let a drill be begun at a minute of an hour long ago."""
    when = 1_790_000_000 + 60 * minute
    os.utime(path, (when, when))
    return path


def listed(capsys: pytest.CaptureFixture[str], code: int = 0) -> list[dict[str, Any]]:
    assert main(["--lang", "en", "drills", "--json"]) == code
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["drills"]
    return rows


def test_no_drill_is_no_fault(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", "drills"]) == 0
    assert capsys.readouterr() == ("", "No drill here yet; begin one with drillsim run.\n")
    folder.rmdir()
    assert listed(capsys) == []


def test_a_drill_is_listed_with_what_its_journal_shows(
    folder: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recorded.sealed_journal(folder / "r5.drill", recording)
    with JournalReader(path) as reader:
        evaluation = evaluated(reader)
    (row,) = listed(capsys)
    assert (row["drill"], row["file"]) == ("r5", "drills/r5.drill")
    assert (row["scenario"], row["seed"]) == ("r5-virus-suspicion", 7)
    assert (row["mode"], row["state"], row["error"]) == ("rehearsal", "ended", None)
    assert row["reached"] == evaluation.reach.reached.as_json()
    assert row["score"] == evaluation.score.total.score is not None
    assert row["rating"] == evaluation.score.total.rating


def test_the_newest_stands_first(
    folder: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    at = timedelta(minutes=1)
    for name, minute in ("b", 5), ("a", 9), ("c", 1), ("d", 5):
        dated(recorded.journal_until(folder / f"{name}.drill", recording, at), minute)
    assert [row["drill"] for row in listed(capsys)] == ["a", "b", "d", "c"]


def test_running_paused_and_cut_off_are_told_apart(
    folder: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    at = timedelta(minutes=50)
    path = recorded.journal_until(folder / "r5.drill", recording, at)
    (row,) = listed(capsys)
    assert (row["state"], row["score"]) == ("cut-off", None)
    assert 0 < row["reached"]["count"] < row["reached"]["of"]
    with Journal.open(path) as journal:
        assert listed(capsys)[0]["state"] == "paused"
        journal.write([recorded.clock(at, paused=False)])
        assert listed(capsys)[0]["state"] == "running"
        journal.seal()
    assert listed(capsys)[0]["state"] == "ended"


def test_a_drill_that_was_stopped_is_not_called_ended(
    folder: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    at = timedelta(minutes=20)
    course = Course(recording.loaded.exercise, 7)
    events = course.start()
    while course.next_at is not None and course.next_at < at:
        events += course.step()
    events += course.command(at, lambda rules: rules.stop(at, "防府", "地震"))
    with recorded.begin(folder / "r5.drill", recording) as journal:
        journal.append([event_entry(encode(event)) for event in events])
        journal.seal()
    assert listed(capsys)[0]["state"] == "stopped"


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_listed(
    folder: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded.sealed_journal(folder / "whole.drill", recording)
    (folder / "broken.drill").write_text("years of work")
    with recorded.begin(folder / "later.drill", recording) as journal:
        journal.append([event_entry({"kind": "telepathy", "at": 0})])
    assert main(["--lang", "en", "drills"]) == 1
    out, err = capsys.readouterr()
    assert sorted(line.split("  ")[0] for line in out.splitlines()[2:]) == [
        "broken",
        "later",
        "whole",
    ]
    assert sorted(err.splitlines()) == [
        "drills/broken.drill: this is no drill journal; name the .drill file of a drill",
        "drills/later.drill: written by another version of drillsim; read it with that one",
    ]
    states = {row["drill"]: row["state"] for row in listed(capsys, 1)}
    assert states == {"broken": None, "later": None, "whole": "ended"}


def test_the_columns_stand_below_their_heads_in_japanese(
    folder: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded.sealed_journal(folder / "令和８年度訓練.drill", recording)
    dated(recorded.journal_until(folder / "r5.drill", recording, timedelta(0)), 0)
    assert main(["--lang", "en", "drills"]) == 0
    head, _rule, *rows = capsys.readouterr().out.splitlines()
    title = recording.loaded.scenario.title
    assert len(rows) == 2
    assert {width(row.partition(title)[0]) for row in rows} == {head.index("title")}


def test_a_drill_of_very_many_records_is_listed_without_figures(
    folder: Path,
    recording: Recording,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorded.sealed_journal(folder / "r5.drill", recording)
    monkeypatch.setattr(module, "RECORDS_MAX", 10)
    (row,) = listed(capsys)
    assert (row["state"], row["reached"], row["score"]) == ("ended", None, None)


def test_drills_of_the_same_files_read_them_once(
    folder: Path,
    recording: Recording,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from drillsim.files import scenario_file

    read: list[object] = []
    load = scenario_file.load_stored

    def counted(files: dict[str, bytes]) -> object:
        read.append(files)
        return load(files)

    monkeypatch.setattr(scenario_file, "load_stored", counted)
    for name in "abc":
        recorded.journal_until(folder / f"{name}.drill", recording, timedelta(minutes=5))
    assert len(listed(capsys)) == 3
    assert len(read) == 1
