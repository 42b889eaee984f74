"""Text from mails and files is shown as text: it neither acts on a terminal nor ends the app."""

import os
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from drillsim.drill import events as ev
from drillsim.drill.tree import NodeId
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
from tests.tui.recorded import Recording, begin, clock, record, writings


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


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
def test_no_hostile_sequence_reaches_a_real_terminal(tmp_path: Path) -> None:
    with drill(tmp_path / "a.drill") as path:
        out = _in_a_terminal(path, [b"f", b"f", b"f", b"f", b"t", b"\x1b", b"m", b"\r", b"s"])
    assert READABLE.encode() in out
    for sequence in SEQUENCES:
        assert sequence.encode() not in out
    # Textual itself sets the shape of the mouse pointer (OSC 22), and nothing else.
    assert set(re.findall(rb"\x1b\](\d+)", out)) <= {b"22"}
    assert b"\xc2\x9b" not in out


def _in_a_terminal(path: Path, keys: list[bytes]) -> bytes:
    """Return all that the run screen writes to a terminal while these keys are pressed."""
    if sys.platform == "win32":
        raise AssertionError("needs a POSIX terminal")
    import fcntl
    import pty
    import struct
    import termios

    program = "import sys; from drillsim.tui.app import open_run_screen as o; o(sys.argv[1])"
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8")
        os.execv(sys.executable, [sys.executable, "-c", program, str(path)])
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
        out = _read(terminal, READABLE.encode(), 20)
        for key in keys:
            os.write(terminal, key)
            out += _read(terminal, None, 0.4)
        return out
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def _read(terminal: int, until: bytes | None, seconds: float) -> bytes:
    """Return what comes until something is in it, or until nothing has come for so long."""
    out = b""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (until is None or until not in out):
        ready, _writable, _failed = select.select([terminal], [], [], 0.1)
        if ready:
            out += os.read(terminal, 65_536)
    return out
