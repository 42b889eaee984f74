"""From the first launch to the review in a real terminal of 80 by 24, in Japanese."""

import re
import sys
from pathlib import Path

import pytest

from drillsim.journal.folder import drills_in
from drillsim.journal.reader import JournalReader
from tests.tui.recorded import record, sealed_journal
from tests.tui.terminal import Terminal


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
def test_a_first_launch_leads_to_a_drill_a_booked_call_a_stop_and_the_review(
    tmp_path: Path,
) -> None:
    words = [sys.executable, "-m", "drillsim"]
    environment = {"LANG": "ja_JP.UTF-8", "LANGUAGE": "", "LC_ALL": ""}
    with Terminal(words, size=(80, 24), folder=tmp_path, environment=environment) as terminal:
        terminal.read_until("予行開始")  # The footer offers to begin: the scenario was read.
        terminal.press("\r")
        terminal.read_until("実施中")
        terminal.read_until("到達", 60)
        terminal.press("b")
        terminal.read_until("手入力：")
        terminal.press("\r")
        terminal.read_until("に電話（通話）", 60)
        terminal.press("!")
        terminal.read_until("予行を直ちに終え")
        terminal.press("\r")
        terminal.read_until("■ 訓練中止", 60)
        terminal.read_until("振返り")
        terminal.press("r")
        terminal.read_until("当時の状態", 60)
        terminal.read_until("評点なし")
        terminal.press("q")
        terminal.read(0.5)
        terminal.press("q")
        terminal.read(0.5)
        terminal.press("\x11")  # Ctrl+Q
        assert terminal.read_to_end(30) == 0
    assert not re.search(rb"Traceback|Error", terminal.out)
    (drill,) = drills_in(tmp_path / "drills")
    with JournalReader(drill) as reader:
        kinds = [command.kind for command in reader.commands()]
    assert kinds == ["book", "stop"]


_GREYS = {0, 7, 8, 15, 16, 59, 102, 145, 188, 231, *range(232, 256)}
"""The colours of a terminal's 256 that have no hue."""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
def test_with_no_color_nothing_has_a_hue_and_all_of_it_is_said(tmp_path: Path) -> None:
    path = sealed_journal(tmp_path / "a.drill", record())
    program = "import sys; from drillsim.tui.app import open_review as o; o(sys.argv[1])"
    words = [sys.executable, "-c", program, str(path)]
    with Terminal(words, size=(140, 40), environment={"NO_COLOR": "1"}) as terminal:
        terminal.read_until("municipality", 60)
        terminal.read(0.5)
    out = terminal.out.decode("utf-8", "replace")
    assert re.findall(r"[34]8;5;(\d+)", out)
    hues = {int(n) for n in re.findall(r"[34]8;5;(\d+)", out)} - _GREYS
    assert hues == set()
    assert all(r == g == b for r, g, b in re.findall(r"[34]8;2;(\d+);(\d+);(\d+)", out))
    for sign in ("A", "P", "R", "▓", "*", "achieved"):
        assert sign in out
