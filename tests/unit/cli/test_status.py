"""Where a drill stands: what is open, what falls due, whom to call; and what it showed."""

import json
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli import status as module
from drillsim.cli.main import main
from drillsim.cli.status import look_at, owed_of
from drillsim.cli.summary import evaluated, summary_lines
from drillsim.drill import events as ev
from drillsim.drill.durations import to_ms
from drillsim.drill.events import AnyEvent, encode
from drillsim.evaluation.summary import summary
from drillsim.journal import Journal, JournalReader, event_entry
from drillsim.world.course import Course
from tests.tui import recorded
from tests.tui.recorded import Recording

AT = timedelta(minutes=50)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return recorded.record()


@pytest.fixture
def path(tmp_path: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drills").mkdir()
    return recorded.journal_until(tmp_path / "drills" / "r5.drill", recording, AT)


def told(capsys: pytest.CaptureFixture[str], *words: str, lang: str = "en") -> list[str]:
    assert main(["--lang", lang, "status", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


def data(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("\n".join(told(capsys, *words, "--json")))
    return found


def stopped(recording: Recording, at: timedelta) -> list[AnyEvent]:
    course = Course(recording.loaded.exercise, 7)
    events = course.start()
    while course.next_at is not None and course.next_at < at:
        events += course.step()
    return events + course.command(at, lambda rules: rules.stop(at, "防府", "地震"))


def write(path: Path, recording: Recording, events: list[AnyEvent], *, sealed: bool) -> None:
    with recorded.begin(path, recording) as journal:
        journal.append([event_entry(encode(event)) for event in events])
        if sealed:
            journal.seal()


def test_a_paused_drill_tells_phase_clock_tiers_and_what_is_open(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal.open(path):
        lines = told(capsys)
    assert lines[0] == "r5 · rehearsal · paused"
    assert lines[2] == "phase 第一報と状況の把握, threat level 2"
    assert lines[3] == "10:50:00, T+0:50:00; the window closes in 3:10:00"
    assert lines[4].startswith("10/20 reached, mails ")
    assert "Open: 20 notices" in lines
    (calls,) = [n for n, line in enumerate(lines) if line == "To be called: 1 body"]
    assert lines[calls + 1] == "  田布施町 住民課 · 第一報, since 10:41:47"
    (due,) = [n for n, line in enumerate(lines) if line == "Next"]
    assert lines[due + 1].startswith("  10:51:32  reminder if nothing has come: 山口市 市民課 and ")
    with JournalReader(path) as reader:
        assert lines[-1] == f"Records: {reader.count}  Head: {reader.head}"


def test_a_running_drill_tells_its_speed(
    path: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal.open(path) as journal:
        journal.write([recorded.clock(AT, paused=False, speed="max")])
        lines = told(capsys, "latest")
        found = data(capsys)
    assert lines[0] == "r5 · rehearsal · running"
    assert lines[3].endswith("; speed xmax")
    assert (found["state"], found["paused"], found["speed"]) == ("running", False, "max")


def test_a_drill_that_was_cut_off_says_how_to_go_on(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told(capsys, "r5")
    assert lines[0] == "r5 · rehearsal · cut off"
    assert "Nobody runs this drill any more; go on with drillsim resume drills/r5.drill" in lines
    assert data(capsys)["at_seconds"] == AT.total_seconds()


def test_the_data_hold_all_that_the_summary_does_and_how_the_drill_stands(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = data(capsys, str(path))
    with JournalReader(path) as reader:
        figures = summary(evaluated(reader))
        assert (found["head"], found["count"]) == (reader.head, reader.count)
        assert found["digest"] == reader.digest
    assert json.loads(json.dumps(figures)).items() <= found.items()
    assert (found["phase"], found["level"], found["state"]) == ("notice", 2, "cut-off")
    assert found["time"] == "2026-10-14T10:50:00.000+09:00"
    assert found["window_seconds"] == 4 * 3600
    assert found["calls"] == [
        {
            "inject": "first-report",
            "node": "353434",
            "name": "田布施町 住民課",
            "since_seconds": found["calls"][0]["since_seconds"],
        }
    ]
    assert 0 < found["calls"][0]["since_seconds"] < AT.total_seconds()
    assert [due["act"] for due in found["next"]][:2] == ["remind", "ack-by"]


@pytest.mark.parametrize("minutes", [0, 5, 50, 120, 200])
def test_what_is_open_is_just_what_was_asked_and_has_not_come(
    minutes: int, tmp_path: Path, recording: Recording
) -> None:
    at = timedelta(minutes=minutes)
    path = recorded.journal_until(tmp_path / "r5.drill", recording, at)
    came: dict[str, set[ev.NoticeKey]] = {"acknowledgement": set(), "passing-on": set()}
    came["report"] = set()
    asked: dict[ev.NoticeKey, set[str]] = {}
    exercise = recording.loaded.exercise
    for event in recording.until(at):
        match event:
            case ev.Submitted() if event.notice not in asked:
                wanted = exercise.scope(event.notice[0]).asked[event.notice[1]]
                asked[event.notice] = {
                    what
                    for what, is_asked in (
                        ("acknowledgement", wanted.acknowledge),
                        ("passing-on", wanted.pass_on),
                        ("report", wanted.report),
                    )
                    if is_asked
                }
            case ev.Acknowledged():
                came["acknowledgement"].add(event.notice)
            case ev.PassedOn():
                came["acknowledgement"].add(event.notice)
                came["passing-on"].add(event.notice)
            case ev.Reported():
                came["acknowledgement"].add(event.notice)
                came["report"].add(event.notice)
            case _:
                pass
    missing = {
        notice: {what for what in wanted if notice not in came[what]}
        for notice, wanted in asked.items()
    }
    with JournalReader(path) as reader:
        look = look_at(reader)
    owed = {each.record.key: set(each.missing) for each in owed_of(look.view)}
    assert owed == {notice: what for notice, what in missing.items() if what}
    dues = [each.due for each in owed_of(look.view) if each.due is not None]
    assert dues == sorted(dues)


def test_a_missed_deadline_says_so(tmp_path: Path, recording: Recording) -> None:
    at = timedelta(minutes=60)
    path = recorded.journal_until(tmp_path / "r5.drill", recording, at)
    with JournalReader(path) as reader:
        look = look_at(reader)
    late = [each for each in owed_of(look.view) if each.due is not None and each.due < at]
    assert late, "the scenario's people are no angels"
    overdue = {(inject, node) for inject, nodes in look.view.dues.overdue.items() for node in nodes}
    assert {each.record.key for each in late} == overdue


def test_a_drill_that_has_ended_shows_its_summary(
    tmp_path: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recorded.sealed_journal(tmp_path / "r5.drill", recording)
    lines = told(capsys, str(path))
    with JournalReader(path) as reader:
        expected = list(summary_lines(evaluated(reader)))
    assert lines[0] == "r5 · rehearsal · ended"
    assert lines[1 : 1 + len(expected)] == expected
    found = data(capsys, str(path))
    assert (found["state"], found["open"], found["next"], found["calls"]) == ("ended", [], [], [])


@pytest.mark.parametrize("sealed", [True, False])
def test_a_stop_tells_who_has_not_confirmed_it_and_is_to_be_called(
    sealed: bool, tmp_path: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    at = timedelta(minutes=50)
    events = stopped(recording, at)
    told_to = [event.node for event in events if isinstance(event, ev.StopSubmitted)]
    confirmed = ev.StopConfirmed(at=at + timedelta(minutes=1), node=told_to[0], by="担当")
    path = tmp_path / "r5.drill"
    write(path, recording, [*events, confirmed], sealed=sealed)
    lines = told(capsys, str(path))
    nodes = len(set(told_to))
    assert f"Told to stop: {nodes}, of which 1 have confirmed it" in lines
    assert f"To be called: {nodes - 1} bodies" in lines
    waits = "Nobody runs it; drillsim resume waits on, until 11:20:00 at most."
    assert (waits in lines) == (not sealed)
    until = data(capsys, str(path))["waits_until_seconds"]
    assert until == (None if sealed else timedelta(minutes=80).total_seconds())
    with Journal.open(path) if not sealed else nullcontext():
        lines = told(capsys, str(path))
    waits = "It waits for confirmations of the stop, until 11:20:00 at most. Call those that are "
    assert (waits + "missing; the drill is sealed then." in lines) == (not sealed)
    calls = data(capsys, str(path))["calls"]
    assert {call["node"] for call in calls} == set(told_to[1:]) - {told_to[0]}
    assert {call["since_seconds"] for call in calls} == {at.total_seconds()}


def test_a_journal_without_any_event_has_not_begun(
    tmp_path: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r5.drill"
    write(path, recording, [], sealed=False)
    assert "The drill has not begun." in told(capsys, str(path))
    assert data(capsys, str(path))["phase"] is None


def test_long_lists_are_cut_and_say_so(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "SHOWN_MAX", 5)
    lines = told(capsys, str(path))
    begin = lines.index("Open: 20 notices")
    assert lines[begin + 8 : begin + 10] == ["  and 15 more; --json lists all", ""]
    assert len(data(capsys, str(path))["open"]) == 20


def test_mail_in_the_tray_is_counted_and_named_by_its_id(
    tmp_path: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    aside = ev.SetAside(
        at=AT, mail_kind="human_reply", sender="x\x1b[31m@y.example", mail="m@y", tray=True
    )
    path = tmp_path / "r5.drill"
    write(path, recording, [*recording.until(AT), aside], sealed=False)
    assert "In the tray: 1 mail" in told(capsys, str(path))
    tray = data(capsys, str(path))["tray"]
    assert tray == [{"mail": "m@y", "kind": "human_reply", "at_seconds": to_ms(AT) / 1000}]


def test_a_journal_of_another_version_is_one_clear_line(
    tmp_path: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r5.drill"
    with recorded.begin(path, recording) as journal:
        journal.append([event_entry({"kind": "telepathy", "at": 0})])
    assert main(["--lang", "en", "status", str(path)]) == 2
    assert capsys.readouterr().err == (
        f"Error: {path}: written by another version of drillsim; read it with that one\n"
    )
