"""Operators' orders: carried out and recorded with their author, or refused with a reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drillsim.conduct.director import Outcome
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.scenario import Text
from drillsim.journal import JournalReader, post_command, verify
from drillsim.problem import UsageError
from tests.simulation.drills import shipped
from tests.simulation.rehearsing import (
    cut,
    digest_of,
    events_of,
    loaded,
    mails_of,
    rehearse,
    resume,
)

VIRUS = "r5-virus-suspicion"
AUTHOR = "訓練統制員"
FIRST = shipped(VIRUS).scenario.injects[0].id
CENTRE = next(iter(shipped(VIRUS).scope(FIRST).direct))


def ordered(path: Path, *orders: tuple[str, dict[str, Any]], seed: int = 7) -> Outcome:
    """Run the drill with these orders in its inbox from the start."""
    return rehearse(loaded(VIRUS), seed, path, orders=orders)


def once(
    path: Path, when: Callable[[Board], bool], *orders: tuple[str, dict[str, Any]]
) -> Callable[[Board, timedelta], None]:
    """Return what gives these orders the first time that `when` holds."""
    waiting = list(orders)

    def look(board: Board, _at: timedelta) -> None:
        if waiting and when(board):
            for kind, payload in waiting:
                post_command(path, kind=kind, payload=payload, author=AUTHOR)
            waiting.clear()

    return look


def commands_of(path: Path) -> list[tuple[str, str]]:
    with JournalReader(path) as reader:
        records = [record for record in reader.records() if record.stream == "command"]
    return [(record.kind, str(record.data["author"])) for record in records]


def refusals_of(path: Path) -> list[str]:
    with JournalReader(path) as reader:
        return [str(r.data["why"]) for r in reader.records() if r.kind == "order-refused"]


# The clock ----------------------------------------------------------------------------------------


def test_pause_continue_and_speed_are_recorded_and_change_nothing_in_the_drill(
    tmp_path: Path,
) -> None:
    ordered(
        tmp_path / "a.drill", ("pause", {}), ("continue", {}), ("speed", {"speed": 2_000}),
        ("speed", {"speed": "max"}),
    )  # fmt: skip
    rehearse(loaded(VIRUS), 7, tmp_path / "b.drill")
    assert digest_of(tmp_path / "a.drill") == digest_of(tmp_path / "b.drill")
    kinds = ["pause", "continue", "speed", "speed"]
    assert commands_of(tmp_path / "a.drill") == [(kind, AUTHOR) for kind in kinds]
    assert refusals_of(tmp_path / "a.drill") == []


def test_a_paused_drill_stands_still_until_it_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    seen: list[timedelta] = []

    def look(board: Board, at: timedelta) -> None:
        seen.append(at)
        if len(seen) == 3:
            post_command(path, kind="continue", payload={}, author=AUTHOR)

    rehearse(loaded(VIRUS), 7, path, 6_000.0, [("pause", {})], look)
    assert len(set(seen[:3])) == 1
    assert seen[-1] > seen[0]
    rehearse(loaded(VIRUS), 7, tmp_path / "b.drill")
    assert digest_of(path) == digest_of(tmp_path / "b.drill")


# Notes, bookings, injects -------------------------------------------------------------------------


def test_a_note_is_kept_in_the_drill_with_its_author(tmp_path: Path) -> None:
    ordered(tmp_path / "a.drill", ("note", {"text": "市長に報告済み"}))
    (noted,) = [e for e in events_of(tmp_path / "a.drill") if isinstance(e, ev.Noted)]
    assert (noted.text, noted.by) == ("市長に報告済み", AUTHOR)


def test_an_answer_booked_by_telephone_counts_and_the_body_passes_it_on(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    book = {
        "inject": FIRST, "node": CENTRE, "officer": 1, "channel": "telephone", "result": "talked",
    }  # fmt: skip
    ordered(path, ("book", book))
    events = events_of(path)
    called = next(e for e in events if isinstance(e, ev.Called))
    answered = next(e for e in events if isinstance(e, ev.Acknowledged))
    assert answered.notice == called.notice == (FIRST, CENTRE)
    assert answered.channel == "telephone"
    assert answered.by == shipped(VIRUS).node(CENTRE).officers[0].name
    assert answered.because == f"operator {AUTHOR}"
    passed = next(e for e in events if isinstance(e, ev.PassedOn))
    assert passed.notice == answered.notice
    assert passed.at > answered.at


def test_an_inject_sent_by_the_operator_is_not_sent_again_by_its_phase(tmp_path: Path) -> None:
    last = shipped(VIRUS).scenario.injects[-1].id
    path = tmp_path / "a.drill"
    ordered(path, ("inject", {"inject": last}))
    released = [e for e in events_of(path) if isinstance(e, ev.InjectReleased)]
    (extra,) = [event for event in released if event.inject == last]
    assert extra.because == f"operator {AUTHOR}"
    assert extra.at < timedelta(seconds=1)
    assert verify(path).faults == []


TYPED = {
    "subject": "報道からの照会",
    "body": "状況を回答してください。",
    "to": ["352039", "352047"],
}


def test_a_typed_inject_goes_out_as_a_drill_mail_and_its_answers_are_matched(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.drill"
    ordered(path, ("inject", TYPED))
    events = events_of(path)
    sent = {e.mail for e in events if isinstance(e, ev.Submitted) and e.notice[0] == "typed-1"}
    assert len(sent) >= 2
    mails = [m for _raw, m in mails_of(path) if str(m["Message-ID"]).strip("<>") in sent]
    assert all(str(m["Subject"]).startswith("【訓練】報道からの照会") for m in mails)
    answered = [e for e in events if isinstance(e, ev.Acknowledged) and e.notice[0] == "typed-1"]
    assert {e.matched_by for e in answered} <= {"thread", "plus-address", "subject-token"}
    assert len(answered) == 2
    assert verify(path).faults == []


def test_a_drill_with_a_typed_inject_goes_on_after_it_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    ordered(path, ("inject", TYPED))
    for share in (0.02, 0.4):
        copy = cut(path, tmp_path / f"cut-{share}.drill", share)
        resume(copy)
        assert digest_of(copy) == digest_of(path)


# The end ------------------------------------------------------------------------------------------


def test_the_operator_can_end_a_drill(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    asked = once(path, lambda board: board.mails_sent > 15, ("end", {}))
    outcome = rehearse(loaded(VIRUS), 7, path, 6_000.0, (), asked)
    assert outcome.reason == "operator"
    assert outcome.seal is not None
    assert outcome.board.end is not None
    assert outcome.board.end.because == f"operator {AUTHOR}"
    states = {record.state for record in outcome.board.notices.values()}
    assert "cancelled" in states
    assert verify(path).faults == []


def stopped(path: Path) -> Outcome:
    asked = once(
        path,
        lambda board: len(board.reached) > 4,
        ("stop", {"reason": "実際の障害が発生したため"}),
        ("speed", {"speed": "max"}),
    )
    return rehearse(loaded(VIRUS), 7, path, 6_000.0, (), asked)


def test_a_stop_goes_to_everyone_who_was_mailed(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    outcome = stopped(path)
    assert outcome.reason == "real-incident"
    events = events_of(path)
    end = next(n for n, event in enumerate(events) if isinstance(event, ev.DrillEnded))
    dead = {
        (*e.notice[1:], e.officer)
        for e in events
        if isinstance(e, ev.Refused | ev.Bounced) and getattr(e, "failure", "") != "mailbox-full"
    }
    mailed = {
        e.recipient
        for e in events[:end]
        if isinstance(e, ev.Submitted) and (*e.notice[1:], e.officer) not in dead
    }
    copied = {n for e in events[:end] if isinstance(e, ev.AnswerSent) for n in e.copies}
    told = [e for e in events[end:] if isinstance(e, ev.StopSubmitted)]
    assert len(mailed) > 4
    # Who got a copy of a report is told too, though nothing was asked of them.
    assert mailed == {event.recipient for event in told if event.node not in copied}
    assert copied <= {event.node for event in told}
    assert len(told) == len({event.recipient for event in told})


def test_stop_mails_say_so_first_and_give_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    stopped(path)
    told = {e.mail: e for e in events_of(path) if isinstance(e, ev.StopSubmitted)}
    seen = 0
    for _raw, message in mails_of(path):
        if str(message["Message-ID"]).strip("<>") in told:
            seen += 1
            assert str(message["Subject"]).startswith("【訓練中止】")
            body = message.get_body(("plain",))
            assert body is not None
            assert "実際の障害が発生したため" in body.get_content()
    assert seen == len(told)
    with JournalReader(path) as reader:
        handed = {to for each in reader.envelopes() for to in each.recipients}
    assert {event.recipient for event in told.values()} <= handed


def test_a_stop_waits_for_confirmations_and_a_stopped_drill_is_sealed(tmp_path: Path) -> None:
    outcome = stopped(tmp_path / "a.drill")
    board = outcome.board
    assert board.stop_confirmed
    assert board.stop_confirmed.keys() <= board.stop_sent.keys()
    assert board.stop_open == board.stop_sent.keys() - board.stop_confirmed.keys()
    verdict = verify(tmp_path / "a.drill")
    assert verdict.faults == []
    assert verdict.is_sealed


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "payload", "why"),
    [
        ("dance", {}, "there is no order dance"),
        ("speed", {"speed": "fast"}, "fast is no speed"),
        ("speed", {}, "None is no speed"),
        ("inject", {"inject": "nothing"}, "there is no inject nothing"),
        ("inject", {"inject": FIRST}, f"{FIRST} was sent already"),
        ("note", {"text": " "}, "the note is empty"),
        ("book", {"inject": FIRST, "node": "999999"}, "has not been sent to 999999"),
        ("credit", {"inject": FIRST, "node": CENTRE, "mail": "x"}, "not in the tray"),
    ],
)
def test_a_bad_order_is_refused_with_a_reason_and_changes_nothing(
    tmp_path: Path, kind: str, payload: dict[str, Any], why: str
) -> None:
    path = tmp_path / "a.drill"
    # The end comes with it, so that the drill need not run on: refusals are noted before it.
    outcome = ordered(path, (kind, payload), ("end", {}))
    assert outcome.reason == "operator"
    (told,) = refusals_of(path)
    assert why in told
    assert [name for name, _author in commands_of(path)] == [kind, "end"]


# The stop mail is always written -----------------------------------------------------------------


@pytest.mark.parametrize(
    "reason",
    [
        "実際の障害\n\nこれは、訓練です。\n【訓練】",
        "【訓練】\r\nBcc: x@city.example",
        "{{ place }} {% for x in y %}\x1b]52;c;AAAA\x07\u202e" + "長" * 5_000,
    ],
)
def test_no_reason_that_is_typed_keeps_the_stop_from_going_out(reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    look = once(path, lambda board: board.mails_sent > 5, ("stop", {"reason": reason}))
    outcome = rehearse(loaded(VIRUS), 7, path, progress=look)
    assert outcome.reason == "real-incident"
    assert outcome.board.stop_sent
    stops = [mail for _raw, mail in mails_of(path) if str(mail["X-Drillsim"]) == "stop"]
    assert len(stops) >= len(outcome.board.stop_sent)
    for mail in stops:
        assert str(mail["Subject"]).startswith("【訓練中止】")
        assert mail["Bcc"] is None
        body = mail.get_content() if not mail.is_multipart() else mail.get_body().get_content()  # type: ignore[union-attr]
        assert "これは、訓練です。" not in body
        assert len(body) < 2_000


def test_a_drill_whose_stop_mail_cannot_be_written_does_not_begin(tmp_path: Path) -> None:
    given = loaded(VIRUS)
    texts = given.scenario.texts.model_copy(
        update={"stop": Text(subject="中止", body="{{ stop_reason }}\nこれは、訓練です。\n終わり")}
    )
    spoilt = replace(given, scenario=given.scenario.model_copy(update={"texts": texts}))
    with pytest.raises(UsageError, match="訓練中止"):
        rehearse(spoilt, 7, tmp_path / "a.drill")
    assert events_of(tmp_path / "a.drill") == []
