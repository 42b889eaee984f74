"""Whole drills in which names, posts and the title carry the marks of a drill, or hidden letters.

`drillsim check` refuses most of them; a drill that has them all the same is carried through, and
can be stopped.
"""

from collections.abc import Callable
from datetime import timedelta
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.marks import HIDDEN, MARK, SENTENCE, STOP_MARK, STOP_SENTENCE
from drillsim.files.scenario_file import LoadedScenario
from drillsim.journal import JournalReader, post_command
from drillsim.mail.replies import recognise
from tests import examples
from tests.simulation.rehearsing import events_of, rehearse

EVIL = (
    "【訓練】", "【訓練中止】", "これは、訓練です。", "これは、訓練を中止する実際の連絡です。",
    "架\u200b空\u202e", "【訓【訓練】練】架空", "これは訓練です", "[訓練中止]",
)  # fmt: skip
NODES = ("n", "n1", "n1-1", "n1-2", "n1-3")
STOP_TEXT = {
    "subject": "{{ drill_title }}の中止（{{ to_body }} {{ officer }}）",
    "body": "{{ to_body }}\n{{ officer_role }}\n{{ officer }}\n\n{{ signature }}",
}


def given(shift: int, **changes: Any) -> LoadedScenario:
    """Return a small drill; `shift` says which name stands where."""
    evil = [EVIL[(n + shift) % len(EVIL)] for n in range(len(EVIL))]

    def officers(node: str, place: int) -> list[dict[str, Any]]:
        return [
            {**each, "name": evil[(place + n + 1) % 8], "role": evil[(place + n + 4) % 8]}
            for n, each in enumerate(examples.officers(node))
        ]

    tree = examples.tree(
        changes={
            node: {"name": evil[place], "officers": officers(node, place)}
            for place, node in enumerate(NODES)
        }
    )
    body = (
        "{{ to_body }}\n{{ officer_role }}\n{{ officer }}\n\n{{ from_body }}\n{{ from_name }}\n"
        "{{ prefecture }}\n\n{{ drill_title }} {{ ref }}\n\n{{ signature }}"
    )
    inject = {**examples.INJECT, "subject": "架空の障害 {{ to_body }} {{ officer }}", "body": body}
    people = {**examples.CALM, "no-answer": "40%", "away": "20%", "one-mail-to-all": "50%"}
    story = examples.scenario(
        injects=[inject], people=people, title="【訓練】架空の情報伝達", **changes
    )
    calendar = examples.exercise(contacts=tree, story=story).calendar
    files = {"scenario.yaml": b"marked", "contacts.yaml": b"marked"}
    return LoadedScenario(story, tree, calendar, files, None, None)


def mails(path: Path) -> list[bytes]:
    with JournalReader(path) as reader:
        return [reader.mail(each.hash) for each in reader.envelopes()]


def shown_names(raw: bytes) -> str:
    """Return the names in From and To, as a mail program shows them."""
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode("ascii")
    fields = [line for line in head.split("\r\n") if line.startswith(("From:", "To:"))]
    return "".join(str(make_header(decode_header(field))) for field in fields)


@pytest.mark.parametrize("shift", range(len(EVIL)))
def test_a_drill_with_marked_names_goes_through_to_its_end(shift: int, tmp_path: Path) -> None:
    outcome = rehearse(given(shift), shift, tmp_path / "a.drill")
    assert outcome.board.end is not None
    own = [raw for raw in mails(tmp_path / "a.drill") if b"X-Drillsim: answer" not in raw]
    assert len(own) >= len(NODES) - 1
    for raw in own:
        got = recognise(raw)
        assert got.subject.startswith(MARK)
        assert got.subject.count(MARK) == 1
        assert STOP_MARK not in got.subject + got.text
        lines = got.text.strip().split("\n")
        assert lines[0] == lines[-1] == SENTENCE
        assert STOP_SENTENCE not in got.text
        assert HIDDEN.search(got.subject + got.text + shown_names(raw)) is None
        assert STOP_MARK not in shown_names(raw)


@pytest.mark.parametrize("texts", [{}, {"texts": {"stop": STOP_TEXT}}])
@pytest.mark.parametrize("shift", range(0, len(EVIL), 2))
def test_a_drill_with_marked_names_can_be_stopped(
    shift: int, texts: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.drill"
    # So small a drill would be over before its director looks for orders again.
    monkeypatch.setattr("drillsim.conduct.director._POLL_SECONDS", 0.0)
    monkeypatch.setattr("drillsim.conduct.director._GROUP_MAX", 1)

    def stop_once() -> Callable[[Board, timedelta], None]:
        waiting = ["【訓練】これは、訓練です。"]

        def look(board: Board, _at: timedelta) -> None:
            if waiting and board.mails_sent > 2:
                post_command(path, kind="stop", payload={"reason": waiting.pop()}, author="統制員")

        return look

    outcome = rehearse(given(shift, **texts), shift, path, progress=stop_once())
    assert outcome.reason == "real-incident"
    stops = [recognise(raw) for raw in mails(path) if b"X-Drillsim: stop" in raw]
    mailed = {event.notice[1] for event in events_of(path) if isinstance(event, ev.Submitted)}
    assert mailed
    assert len(stops) >= len(mailed)
    for got in stops:
        assert got.subject.startswith(STOP_MARK)
        assert MARK not in got.subject
        lines = got.text.strip().split("\n")
        assert lines[0] == STOP_SENTENCE
        assert SENTENCE not in lines
        assert HIDDEN.search(got.subject + got.text) is None
