"""What an evaluation found is said in the same words in every report, screen and command."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args

import pytest

from drillsim.drill import events as ev
from drillsim.drill.scenario import InjectId, Objective
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation import wording
from drillsim.evaluation.causes import Cause, Missed
from drillsim.evaluation.duties import Excuse
from drillsim.evaluation.path import SegmentKind
from drillsim.evaluation.reach import ApartWhy
from drillsim.evaluation.rubric import Rating
from drillsim.evaluation.timeline import trace
from drillsim.i18n import set_language
from drillsim.text import clean_line
from tests import examples
from tests.unit.evaluation.logs import Log

Words = dict[str, str]

TABLES: list[tuple[Callable[[Any], str], Any, Words]] = [
    (
        wording.kind_word,
        NodeKind,
        {
            "national-center": "national centre",
            "prefecture": "prefecture",
            "municipality": "municipality",
            "section": "section",
            "branch": "branch office",
            "contractor": "contractor",
            "joint-body": "joint body",
        },
    ),
    (
        wording.kinds_words,
        NodeKind,
        {
            "national-center": "national centres",
            "prefecture": "prefectures",
            "municipality": "municipalities",
            "section": "sections",
            "branch": "branch offices",
            "contractor": "contractors",
            "joint-body": "joint bodies",
        },
    ),
    (
        wording.cause_word,
        Cause,
        {
            "no-address": "no address",
            "bounced": "mail could not be delivered",
            "absent": "absent, and no stand-in",
            "not-passed-on": "acknowledged, but not passed on",
            "no-answer": "no answer",
            "not-notified": "not notified by the node above",
            "machine-fault": "fault of the machines (set by the scenario)",
            "not-reported": "acknowledged, but not reported",
            "not-due": "the drill ended before its time was up",
            "other": "other",
        },
    ),
    (
        wording.failure_word,
        ev.Failure,
        {
            "no-address": "no address",
            "unknown-address": "unknown address",
            "mailbox-full": "mailbox full",
            "refused": "refused by the server",
            "bounced": "returned",
            "absent": "absent",
            "declined": "cannot act",
        },
    ),
    (
        wording.missed_word,
        Missed,
        {
            "delivery": "delivery",
            "acknowledge": "acknowledgement",
            "pass-on": "passing on",
            "report": "report",
        },
    ),
    (
        wording.excuse_word,
        Excuse,
        {
            "": "",
            "fault": "not charged: machine fault",
            "not-due": "not charged: not due yet",
            "not-sent": "not charged: its mail was not sent",
        },
    ),
    (
        wording.apart_word,
        ApartWhy,
        {
            "no-participant": "takes no part",
            "behind-no-participant": "below a node that takes no part",
            "not-sent": "nothing was sent to it",
        },
    ),
    (
        wording.segment_word,
        SegmentKind,
        {
            "sending": "until sent",
            "transit": "on the way",
            "waiting": "waiting for an answer",
            "handling": "until passed on",
            "reporting": "until reported",
            "collecting": "putting reports together",
            "cut-off": "until the cut-off",
        },
    ),
    (
        wording.channel_word,
        ev.Channel,
        {"mail": "mail", "telephone": "telephone", "fax": "fax", "visit": "visit"},
    ),
    (
        wording.objective_word,
        Objective,
        {"reach": "reach", "report": "report back", "handle": "handle"},
    ),
    (
        wording.rating_word,
        Rating,
        {
            "P": "achieved",
            "S": "largely achieved",
            "M": "partly not achieved",
            "U": "not achieved",
        },
    ),
    (wording.fate_word, ev.Fate, {"kept": "kept", "changed": "changed", "lost": "left out"}),
]


def ids(value: object) -> str:
    return getattr(value, "__name__", "")


@pytest.mark.parametrize(("word", "kind", "words"), TABLES, ids=ids)
def test_everything_has_its_word(word: Callable[[Any], str], kind: Any, words: Words) -> None:
    assert set(words) == set(get_args(kind))
    assert {key: word(key) for key in words} == words


@pytest.mark.parametrize(("word", "kind", "words"), TABLES, ids=ids)
def test_in_japanese_nothing_is_left_in_english_and_no_two_are_called_the_same(
    word: Callable[[Any], str], kind: Any, words: Words
) -> None:
    set_language("ja")
    said = [word(key) for key in words]
    assert not set(said) & {each for each in words.values() if each}
    assert len(set(said)) == len(said)


def test_a_rating_is_said_as_the_field_says_it() -> None:
    set_language("ja")
    assert [wording.rating_word(rating) for rating in get_args(Rating)] == [
        "達成",
        "おおむね達成",
        "一部未達",
        "未達",
    ]


def test_a_criterion_without_a_word_is_called_by_its_name_made_safe() -> None:
    names = ("acknowledge", "pass-on", "report", "answers", "actions", "bold\x1b[1m")
    assert [wording.criterion_word(name) for name in names] == [
        "acknowledged in time",
        "passed on in time",
        "reported in time",
        "answers as expected",
        "actions done",
        clean_line("bold\x1b[1m"),
    ]


def test_how_a_node_answered_tells_a_person_at_a_seat_apart() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.add(ev.SeatTaken(at=log.events[-1].at, node=NodeId("n1"), by="演習者"))
    log.notify("n1", 0.1)
    log.ack("n1", 2)
    log.pass_on("n1", 3, "n1-1", "n1-2", "n1-3")
    log.ack("n1-1", 9, channel="telephone")
    hops = trace(log.exercise, log.events).hops
    assert [wording.how_word(hops[log.key(node)]) for node in ("n1", "n1-1", "n1-2")] == [
        "mail (a person at a seat)",
        "telephone",
        "",
    ]


def test_names_are_those_of_the_files_and_unknown_ids_are_shown_as_they_are() -> None:
    exercise = examples.exercise()
    assert wording.node_name(exercise, NodeId("n1")) == "架空n1"
    assert wording.node_name(exercise, NodeId("x\n9")) == clean_line("x\n9")
    assert wording.inject_name(exercise, InjectId("first")) == "架空の障害（第一報）"
    assert wording.inject_name(exercise, InjectId("typed-1")) == "typed-1"
    titled = examples.scenario(injects=[{**examples.INJECT, "title": "第一報"}])
    assert wording.inject_name(examples.exercise(story=titled), InjectId("first")) == "第一報"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (47 * 3600 + 59 * 60 + 29, "47 h 59 min"),
        (47 * 3600 + 59 * 60 + 30, "2 days 0 h"),
        (48 * 3600 + 29 * 60, "2 days 0 h"),
        (48 * 3600 + 30 * 60, "2 days 1 h"),
        (99 * 60 + 30, "1 h 40 min"),
        (3 * 3600, "3 h 0 min"),
    ],
)
def test_a_length_is_rounded_where_its_words_are_coarse(seconds: int, words: str) -> None:
    assert wording.length_words(timedelta(seconds=seconds)) == words
