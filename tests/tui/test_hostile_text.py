"""Text from mails and files is shown as text: it neither acts on a terminal nor ends the app."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from drillsim.drill import events as ev
from drillsim.drill.tree import NodeId
from drillsim.text import MARKS_MAX
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.mail import MailScreen
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.views.chain import Chain, chain_row
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.mail import mail_view
from drillsim.tui.views.sentences import Sentences
from tests import examples
from tests.tui.driving import in_front, on_screen, settle, shown
from tests.tui.hostile import AT, READABLE, SEQUENCES, TEXT, hostile_mail, made_hostile
from tests.tui.recorded import Recording, begin, clock, record, sealed_journal, writings
from tests.tui.terminal import Terminal


@cache
def recording() -> Recording:
    return made_hostile(record())


@contextmanager
def drill(path: Path) -> Iterator[Path]:
    with begin(path, recording()) as journal:
        journal.write([*writings(recording(), recording().until(AT)), clock(AT)])
        yield path


def is_clean(text: str) -> bool:
    return not any(sequence in text for sequence in SEQUENCES) and "\x1b" not in text


def test_every_sentence_is_clean_and_readable() -> None:
    view = DrillView(recording().loaded.exercise)
    sentences = Sentences(view.exercise, view.names)
    for event in recording().events:
        view.take(event)
        line = sentences.line(event)
        assert is_clean(line.text)
        assert "\n" not in line.text
        assert len(line.text) < 1_000
        if isinstance(event, ev.Noted):
            assert READABLE in line.text


def test_hostile_names_of_bodies_are_clean_in_every_row() -> None:
    changes = {"n1": {"name": "".join(SEQUENCES[:3]) + "[/] x"}}
    view = DrillView(examples.exercise(examples.tree(changes=changes)))
    chain = Chain(view.exercise)
    for row in range(len(chain.rows)):
        assert is_clean(chain_row(view, chain, row, None, AT).name)
    assert "[/]" in view.names.node(NodeId("n1"))


def test_a_hostile_mail_is_clean_decoded_and_as_its_source() -> None:
    mail = mail_view(hostile_mail())
    for text in (mail.body, mail.source, *(value for _name, value in mail.fields)):
        assert is_clean(text)
    assert READABLE in mail.body
    assert "[/]" in mail.subject


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_no_hostile_text_ends_the_app(tmp_path: Path, size: tuple[int, int]) -> None:
    with drill(tmp_path / "a.drill") as path:
        following = Following(path)
        async with shown(RunScreen(following, Orders(path, TEXT)), size) as pilot:
            await settle(pilot, lambda: following.is_caught_up and following.view.revision > 0)
            for key in ("t", "m", "c"):
                await pilot.press(key)
                await settle(pilot, lambda: not in_front(pilot, "RunScreen"))
                await pilot.press("down", "up")
                await pilot.pause(0.05)
                assert is_clean(on_screen(pilot))
                await pilot.press("escape")
                await settle(pilot, lambda: in_front(pilot, "RunScreen"))
            event = next(e for e in recording().events if isinstance(e, ev.Acknowledged))
            pilot.app.push_screen(MailScreen(following, event))
            await settle(pilot, lambda: "From" in on_screen(pilot))
            assert "[/]" in on_screen(pilot)
            assert is_clean(on_screen(pilot))
        following.close()


PROGRAM = """
import sys
from pathlib import Path
from drillsim.tui import app
what, path = sys.argv[1:]
if what == "run":
    app.open_run_screen(path)
elif what == "review":
    app.open_review(path)
else:
    app.open_first_screen(path)
"""


def written(what: str, path: Path, first: str, keys: list[str]) -> bytes:
    """Return all that a screen writes to a terminal while keys are pressed, from `first` on."""
    words = [sys.executable, "-c", PROGRAM, what, str(path)]
    with Terminal(words, size=(140, 40)) as terminal:
        terminal.read_until(first, 60)
        for key in keys:
            terminal.press(key)
            terminal.read(0.4)
        if READABLE.encode() not in terminal.out:
            terminal.read_until(READABLE, 60)
        return terminal.out


def assert_harmless(out: bytes) -> None:
    for sequence in SEQUENCES:
        assert sequence.encode() not in out
    # Textual itself sets the shape of the mouse pointer (OSC 22), and nothing else.
    assert set(re.findall(rb"\x1b\](\d+)", out)) <= {b"22"}
    assert b"\xc2\x9b" not in out
    assert re.findall(rb"\x1b[P^_X]", out) == []
    assert b"Traceback" not in out
    assert READABLE.encode() in out
    most = max(map(len, re.findall("\u0301+", out.decode("utf-8", "replace"))), default=0)
    assert most <= MARKS_MAX


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
def test_no_hostile_sequence_of_a_running_drill_reaches_a_real_terminal(tmp_path: Path) -> None:
    with drill(tmp_path / "a.drill") as path:
        keys = ["f", "f", "f", "f", "t", "\x1b", "c", "\x1b", "m", "\r", "s", "\x1b", "\x1b"]
        keys += ["b", "\x1b", "/", "x", "\x1b", "\x10", "\x1b"]
        assert_harmless(written("run", path, READABLE, keys))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
def test_no_hostile_sequence_of_a_drill_that_is_over_reaches_a_real_terminal(
    tmp_path: Path,
) -> None:
    path = sealed_journal(tmp_path / "a.drill", recording())
    keys = ["s", "\x1b[B", "\x1b", "\r", "\x1b[A", "s", "\r", "\x1b", "\x1b", "\x1b[H", "\r", "\r"]
    assert_harmless(written("review", path, "operator", keys))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
def test_no_hostile_sequence_of_files_reaches_a_real_terminal(tmp_path: Path) -> None:
    """Titles, purposes, names and faults of files that anybody may have written."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "contacts").mkdir()
    quoted = json.dumps(READABLE + "".join(SEQUENCES[:6]) + "[/] [@click=app.quit]x")
    text = recording().loaded.files["scenario.yaml"].decode()
    text = re.sub(r"(?m)^purpose:.*$", lambda _found: f"purpose: {quoted}", text)
    (tmp_path / "scenarios" / "own.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "contacts" / "yamaguchi.yaml").write_bytes(
        recording().loaded.files["contacts.yaml"]
    )
    (tmp_path / "scenarios" / "r5-virus-suspicion.yaml").write_text(
        f"format: {quoted}\n", encoding="utf-8"
    )
    keys = ["\x1b[B", "\x1b[A", "\x1b[A", " ", "o", "\x1b", "?", "\x1b", "\x1b[H"]
    assert_harmless(written("first", tmp_path, "read again", keys))
