"""From the first launch to the review in a real terminal of 80 by 24, in Japanese."""

import re
import sys
from pathlib import Path

import pytest

from drillsim.journal.folder import drills_in
from drillsim.journal.reader import JournalReader
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
        terminal.read_until("実事案の発生により、訓練を直ちに中止")
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
