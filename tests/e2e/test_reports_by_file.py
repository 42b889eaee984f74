"""Whole rehearsals in which bodies report by the attached workbook, or by an unreadable file."""

from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from drillsim.conduct.director import Outcome
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.files.scenario_file import LoadedScenario
from drillsim.journal import JournalReader, post_command
from tests import examples
from tests.simulation.rehearsing import events_of, rehearse

REPORT = {**examples.INJECT["report"], "sheet": "true"}
LEAVES = {"n1-1", "n1-2", "n1-3"}
TYPED = {"terminals": "7", "line-cut": "無"}


def given(**rates: str) -> LoadedScenario:
    """Return a small drill that offers its form as a workbook, with these habits."""
    tree = examples.tree()
    people = {**examples.CALM, **{key.replace("_", "-"): rate for key, rate in rates.items()}}
    story = examples.scenario(injects=[{**examples.INJECT, "report": REPORT}], people=people)
    calendar = examples.exercise(contacts=tree, story=story).calendar
    files = {"scenario.yaml": b"by file", "contacts.yaml": b"by file"}
    return LoadedScenario(story, tree, calendar, files, None, None)


@dataclass
class Operator:
    """Books each unreadable report in the tray, with the lines that they were told."""

    path: Path
    booked: list[str]

    def __call__(self, board: Board, _at: timedelta) -> None:
        for mail in board.tray.values():
            if mail.why == "unreadable-file" and mail.mail not in self.booked:
                self.booked.append(mail.mail)
                ((inject, node),) = mail.suggested
                payload = {"mail": mail.mail, "inject": inject, "node": node, "report": TYPED}
                post_command(self.path, kind="credit", payload=payload, author="統制員")


def reports(path: Path) -> list[ev.Reported]:
    return [event for event in events_of(path) if isinstance(event, ev.Reported)]


def workbooks(path: Path, events: list[Any]) -> list[bytes]:
    """Return what is attached to the mails of these events."""
    with JournalReader(path) as reader:
        mails = [message_from_bytes(reader.mail(event.raw)) for event in events]
    parts = [part for mail in mails for part in mail.walk() if part.get_filename()]
    return [bytes(part.get_payload(decode=True)) for part in parts]


def test_reports_by_workbook_are_credited_with_what_stands_in_it(tmp_path: Path) -> None:
    path, told = tmp_path / "a.drill", tmp_path / "b.drill"
    outcome = rehearse(given(by_sheet="100%"), 3, path)
    rehearse(given(), 3, told)
    assert outcome.reason == "final-phase"  # All have reported.
    got = reports(path)
    assert {event.notice[1] for event in got} == {"n1", *LEAVES}
    assert {event.channel for event in got} == {"mail"}
    assert all(book.startswith(b"PK") for book in workbooks(path, got))
    assert len(workbooks(path, got)) == len(got)
    in_words = {(event.notice, event.number): event.answers for event in reports(told)}
    assert {(event.notice, event.number): event.answers for event in got} == in_words
    assert {dict(event.answers)["terminals"] for event in got} == {"0"}
    assert not outcome.board.tray


def unreadable(path: Path, progress: Operator | None = None) -> Outcome:
    return rehearse(given(unreadable_file="100%"), 3, path, progress=progress)


def test_a_report_that_cannot_be_read_acknowledges_and_waits_in_the_tray(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    outcome = unreadable(path)
    assert outcome.reason == "window"  # Nobody's report was read.
    assert reports(path) == []
    for node in LEAVES:
        record = outcome.board.notices["first", node]  # type: ignore[index]
        assert record.is_acknowledged
        assert record.reported_at is None
    waiting = list(outcome.board.tray.values())
    assert {notice[1] for mail in waiting for notice in mail.suggested} >= LEAVES
    assert {mail.why for mail in waiting} == {"unreadable-file"}
    assert all(not book.startswith(b"PK") for book in workbooks(path, waiting))


def test_the_operator_books_what_the_unreadable_file_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.drill"
    # So small a drill would be over before its director looks for orders again.
    monkeypatch.setattr("drillsim.conduct.director._POLL_SECONDS", 0.0)
    monkeypatch.setattr("drillsim.conduct.director._GROUP_MAX", 1)
    operator = Operator(path, [])
    outcome = unreadable(path, operator)
    assert operator.booked
    assert outcome.reason == "final-phase"
    assert not outcome.board.tray
    got = reports(path)
    assert {event.notice[1] for event in got} == {"n1", *LEAVES}
    assert {event.mail for event in got} <= set(operator.booked)
    assert all(dict(event.answers) == TYPED for event in got)
    assert {event.matched_by for event in got} == {"operator"}
    assert all(event.because == "operator 統制員" for event in got)
