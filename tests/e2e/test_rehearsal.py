"""Whole rehearsals over real SMTP: the journal has what the kernel decided, as real mail."""

import json
import os
import re
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from drillsim.drill import events as ev
from drillsim.drill.board import fold
from drillsim.evaluation.evaluation import evaluate
from drillsim.journal import JournalReader, verify
from drillsim.world.course import Course
from drillsim.world.references import files_digest
from tests.simulation.drills import SCENARIOS
from tests.simulation.rehearsing import (
    digest_of,
    events_of,
    loaded,
    mails_of,
    rehearse,
    rough,
    without_mail,
)

VIRUS = "r5-virus-suspicion"
RUN = (sys.executable, "-m", "drillsim", "run", "--headless")
MATCHED = {"token", "plus-address", "thread", "sender"}
ANSWER_PREFIX = re.compile(r"^(?:(?:re|ＲＥ|自動応答|automatic reply)\s*[:：]\s*)+", re.IGNORECASE)


@pytest.fixture(scope="module")
def virus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drill of Yamaguchi with seed 7, as it is shipped."""
    path = tmp_path_factory.mktemp("virus") / "virus.drill"
    rehearse(loaded(VIRUS), 7, path)
    return path


# Kernel and director ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        (VIRUS, 1),
        ("infected-terminal", 2),
        ("off-hours-contact-check", 3),
        ("r5-terminal-failure", 4),
        ("municipality-virus", 5),
        ("unauthorised-access", 6),
        ("annual-self-check", 8),
        ("annual-contact-confirmation", 9),
    ],
)
def test_over_real_mail_a_drill_goes_as_the_kernel_decides(
    name: str, seed: int, tmp_path: Path
) -> None:
    given = loaded(name)
    rehearse(given, seed, tmp_path / "a.drill")
    meant = Course(given.exercise, seed, digest=files_digest(given.files)).run()
    recorded = events_of(tmp_path / "a.drill")
    assert [without_mail(e) for e in recorded] == [without_mail(e) for e in meant]


@pytest.mark.parametrize("seed", [101, 104, 108])
def test_among_rough_people_too_real_mail_tells_what_was_meant(seed: int, tmp_path: Path) -> None:
    given = rough(VIRUS, seed)
    rehearse(given, seed, tmp_path / "a.drill")
    meant = Course(given.exercise, seed, digest=files_digest(given.files)).run()
    recorded = events_of(tmp_path / "a.drill")
    assert [without_mail(e) for e in recorded] == [without_mail(e) for e in meant]


def test_every_event_that_a_mail_brought_about_names_a_mail_of_the_journal(virus: Path) -> None:
    with JournalReader(virus) as reader:
        named = {raw for event in events_of(virus) if (raw := getattr(event, "raw", ""))}
        assert named
        for name in named:
            assert reader.mail(name)


def test_an_answer_is_credited_from_the_bytes_that_were_sent(virus: Path) -> None:
    sent = {e.mail: e.raw for e in events_of(virus) if isinstance(e, ev.AnswerSent)}
    credited = [e for e in events_of(virus) if isinstance(e, ev.Acknowledged | ev.Reported)]
    by_mail = [event for event in credited if event.channel == "mail"]
    assert len(by_mail) > 30
    assert [event for event in by_mail if sent.get(event.mail) != event.raw] == []
    assert {event.matched_by for event in by_mail} <= MATCHED


# The digest ---------------------------------------------------------------------------------------


def run_elsewhere(path: Path, **env: str) -> str:
    done = subprocess.run(
        [*RUN, str(SCENARIOS / f"{VIRUS}.yaml"), "--seed", "7", "--json", "--out", str(path)],
        env={**os.environ, **env},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    digest: str = json.loads(done.stdout)["digest"]
    return digest


def test_hash_seed_time_zone_and_language_of_the_machine_do_not_change_a_drill(
    virus: Path, tmp_path: Path
) -> None:
    other = {"PYTHONHASHSEED": "4711", "TZ": "America/St_Johns", "LANG": "C", "LC_ALL": "C"}
    assert run_elsewhere(tmp_path / "other.drill", **other) == digest_of(virus)


def test_a_japanese_machine_runs_the_same_drill(virus: Path, tmp_path: Path) -> None:
    other = {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LANG": "ja_JP.UTF-8"}
    assert run_elsewhere(tmp_path / "ja.drill", **other) == digest_of(virus)


def test_a_scaled_clock_runs_the_same_drill(virus: Path, tmp_path: Path) -> None:
    outcome = rehearse(loaded(VIRUS), 7, tmp_path / "scaled.drill", 6_000.0)
    assert digest_of(tmp_path / "scaled.drill") == digest_of(virus)
    # It took its time: so many drill seconds at 6,000 a second.
    assert outcome.wall_seconds >= outcome.drill_seconds / 6_000 - 0.05


def test_another_seed_is_another_drill(virus: Path, tmp_path: Path) -> None:
    rehearse(loaded(VIRUS), 8, tmp_path / "b.drill")
    assert digest_of(tmp_path / "b.drill") != digest_of(virus)


# The mails ----------------------------------------------------------------------------------------


def subject_of(message: EmailMessage) -> str:
    return str(message["Subject"])


def test_every_mail_is_valid_to_the_standard_library(virus: Path) -> None:
    mails = mails_of(virus)
    assert len(mails) > 100
    for raw, message in mails:
        assert message.defects == [], raw[:300]
        for name, value in message.items():
            assert not getattr(value, "defects", ()), (name, value)
        for part in message.walk():
            assert part.defects == []
        for line in raw.split(b"\r\n"):
            assert len(line) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")


def test_every_mail_is_marked_as_a_drill_first_of_all(virus: Path) -> None:
    subjects = {subject_of(message) for _raw, message in mails_of(virus)}
    bare = [text for text in subjects if not ANSWER_PREFIX.sub("", text).startswith("【訓練】")]
    assert bare == []


def test_every_mail_that_the_drill_writes_says_that_it_is_one(virus: Path) -> None:
    written = {e.mail for e in events_of(virus) if isinstance(e, ev.Submitted)}
    seen = set()
    for _raw, message in mails_of(virus):
        name = str(message["Message-ID"]).strip("<>")
        if name in written:
            seen.add(name)
            body = message.get_body(("plain",))
            assert body is not None
            text = body.get_content()
            assert subject_of(message).startswith("【訓練】")
            assert "これは、訓練です。" in text.splitlines()[0]
            assert "\ufffd" not in text
    assert seen == written


def test_answers_are_threaded_on_a_mail_of_the_drill(virus: Path) -> None:
    events = events_of(virus)
    written = {e.mail for e in events if isinstance(e, ev.Submitted)}
    answers = {
        e.mail
        for e in events
        if isinstance(e, ev.AnswerSent) and e.answer in ("acknowledge", "report")
    }
    loose = threaded = 0
    for _raw, message in mails_of(virus):
        if str(message["Message-ID"]).strip("<>") not in answers:
            continue
        if message["In-Reply-To"] is None:
            loose += 1  # As some telephones do; the token in the address still tells.
            assert "+" in str(message["To"])
            continue
        threaded += 1
        assert str(message["In-Reply-To"]).strip("<>") in written
        assert str(message["In-Reply-To"]) in str(message["References"])
    assert threaded > 30
    assert loose < threaded / 4


def test_what_is_passed_on_is_threaded_on_what_was_received(virus: Path) -> None:
    events = events_of(virus)
    board = fold(loaded(VIRUS).exercise, events)
    first = {e.notice: e.mail for e in reversed(events) if isinstance(e, ev.Submitted)}
    by_id = {str(m["Message-ID"]).strip("<>"): m for _raw, m in mails_of(virus)}
    hops = [
        e
        for e in events
        if isinstance(e, ev.Submitted)
        and e.purpose == "notice"
        and (e.notice[0], e.sender) in board.notices
    ]
    assert len(hops) >= 19
    for hop in hops:
        above = by_id[hop.mail]["In-Reply-To"]
        received = {e.mail for e in events if isinstance(e, ev.Submitted)}
        assert str(above).strip("<>") in received
        assert first[(hop.notice[0], hop.sender)] in str(by_id[hop.mail]["References"])


# The journal --------------------------------------------------------------------------------------


def test_the_journal_of_a_drill_is_whole(virus: Path) -> None:
    verdict = verify(virus)
    assert verdict.faults == []
    assert verdict.is_sealed
    assert verdict.digest == digest_of(virus)


def test_the_score_can_be_computed_again_from_the_file(virus: Path) -> None:
    from drillsim.files.scenario_file import load_stored

    with JournalReader(virus) as reader:
        stored = load_stored(reader.files)
    given = loaded(VIRUS)
    course = Course(given.exercise, 7, digest=files_digest(given.files))
    meant = evaluate(given.exercise, list(course.run()), course.board)
    shown = evaluate(stored.exercise, events_of(virus))
    assert shown.score.total == meant.score.total
    assert shown.reach.reached == meant.reach.reached


def test_everyone_was_reached_or_has_a_cause(virus: Path) -> None:
    shown = evaluate(loaded(VIRUS).exercise, events_of(virus))
    named = {miss.notice[1] for miss in shown.reach.misses}
    assert set(shown.reach.contacts[-1].unreached) <= named
