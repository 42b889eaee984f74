"""Both machines as Mermaid: what a drawing shows is what the scenario and the program say."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from drillsim.drill.diagrams import condition_in_words, notice_diagram, phase_diagram
from drillsim.drill.kinds import kind_word
from drillsim.drill.machines import NOTICE_MACHINE
from drillsim.drill.scenario import Condition
from tests import examples

PHASES: dict[str, Any] = {
    "initial": "alarm",
    "states": {
        "alarm": {
            "title": "警戒; [1]",
            "level": 2,
            "send": ["first", {"inject": "second", "after": "1h30m"}],
            "next": [
                {
                    "when": {"reported": "first", "of": "municipality", "share": "99.5%"},
                    "to": "over",
                },
                {"when": {"answer": "first.line-cut", "is": "有"}, "to": "worse"},
            ],
        },
        "worse": {
            "level": 3,
            "send": [{"inject": "third", "after": "2bd"}],
            "next": [
                {"when": {"operator": "next"}, "to": "over"},
                {"when": {"elapsed": "30m"}, "to": "over"},
            ],
        },
        "over": {"level": 1, "final": True},
    },
}


def test_the_phases_are_drawn_with_what_they_send_and_where_they_lead() -> None:
    injects = [{**examples.INJECT, "id": name} for name in ("first", "second", "third")]
    story = examples.scenario(injects=injects, phases=PHASES)
    assert phase_diagram(story).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> s0",
        '    state "警戒#59; #91;1#93; (threat level 2)" as s0',
        "    s0: sends first, second #43;1h30m",
        '    state "worse (threat level 3)" as s1',
        "    s1: sends third #43;2bd",
        '    state "over (threat level 1)" as s2',
        "    s0 --> s2: first reported by 99.5 % municipality",
        "    s0 --> s1: first.line-cut = 有",
        "    s1 --> s2: the operator says so",
        "    s1 --> s2: after 30m",
        "    s2 --> [*]",
    ]


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"acknowledged": "first", "of": "prefecture"}, "«first» acknowledged by 100 % prefecture"),
        ({"acknowledged": "first", "share": "50%"}, "«first» acknowledged by 50 %"),
        ({"reported": "first", "share": "33.3%"}, "«first» reported by 33.3 %"),
        ({"passed-on": "first", "of": "branch"}, "«first» passed on by 100 % branch office"),
        ({"answer": "first.terminals", "at-least": 3}, "first.terminals ≥ 3"),
        ({"answer": "first.line-cut", "is": "無"}, "first.line-cut = 無"),
        ({"elapsed": "1bd"}, "after 1bd"),
        ({"operator": "next"}, "the operator says so"),
    ],
)
def test_a_condition_is_said_in_words(when: Any, words: str) -> None:
    condition: Condition = TypeAdapter[Any](Condition).validate_python(when)
    assert condition_in_words(condition, "«{}»".format, kind_word) == words


def test_every_move_of_a_notice_is_drawn_once() -> None:
    lines = notice_diagram().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> waiting"]
    assert '    state "not-notified" as not_notified' in lines
    assert "    notified --> acknowledged: acknowledge" in lines
    assert "    waiting --> not_notified: end" in lines
    ends = [line.split()[0] for line in lines if line.endswith("--> [*]")]
    assert ends == [
        "completed",
        "unreachable",
        "incomplete",
        "unanswered",
        "not_notified",
        "cancelled",
    ]
    moves = [line for line in lines if " --> " in line and ": " in line]
    drawn = {
        (*line.strip().split(": ")[0].split(" --> "), trigger)
        for line in moves
        for trigger in line.split(": ")[1].split(", ")
    }
    known = {
        (move.source.replace("-", "_"), str(move.dest).replace("-", "_"), name.replace("_", "-"))
        for name, event in NOTICE_MACHINE.events.items()
        for moves_from in event.transitions.values()
        for move in moves_from
    }
    assert drawn == known
    assert len(moves) == len({line.split(": ")[0] for line in moves})
