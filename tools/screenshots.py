"""Take pictures of the screens for the documentation, from the real app.

    make screenshots                                       # all of them, into docs/screens/
    python tools/screenshots.py [--lang ja] [--png] [run …]

SVG is written by Textual and mended here: it gives wide characters the room of narrow ones, and
asks a server on the network for its font. PNG is made by rsvg-convert, where that is installed.
"""

import argparse
import asyncio
import html
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from drillsim.drill.events import Notified, Reported, SetAside
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.files.contacts.opened import read_file
from drillsim.files.scenario_file import load_scenario
from drillsim.i18n import set_language
from drillsim.journal.mails import Mail
from drillsim.shipped import shipped_dir
from drillsim.text import width
from drillsim.tui.app import DrillApp
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.editor import EditorScreen
from drillsim.tui.screens.first import FirstScreen
from drillsim.tui.screens.mail import MailScreen
from drillsim.tui.screens.review import ReviewScreen
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.screens.seat import SeatScreen
from tests.e2e.outside import running
from tests.tui.recorded import Recording, begin, clock, record, sealed_journal, writings

FOLDER = Path(__file__).parent.parent / "docs" / "screens"
CELL = 12.2
"""How wide Rich draws a cell, in the SVG's units."""

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_TEXT = re.compile(r'<text([^>]*?) x="([\d.]+)"([^>]*?) textLength="[\d.]+"([^>]*)>([^<]*)</text>')
_FAMILY = "font-family: 'DejaVu Sans Mono', Consolas, IPAGothic, 'MS Gothic', monospace"


def mended(svg: str) -> str:
    """Return the SVG with every character in its cells, and fonts that are on the machine.

    A run of text is cut where wide characters begin and end, and each wide one stands for itself:
    no font gives them just twice the width of a narrow one, and not every viewer stretches text.
    """
    svg = _FONT_FACE.sub("", svg)
    svg = re.sub(r"font-family:\s*[^;]+", _FAMILY, svg)
    return _TEXT.sub(_placed, svg)


def _placed(found: re.Match[str]) -> str:
    before, x, between, after, escaped = found.groups()
    placed = []
    cell = 0
    for piece in _PIECES.findall(html.unescape(escaped).replace("\xa0", " ")):
        if piece.strip():
            at = float(x) + cell * CELL
            length = width(piece) * CELL
            text = html.escape(piece).replace(" ", "&#160;")
            room = f'x="{at:.1f}"{between} textLength="{length:.1f}"'
            placed.append(f"<text{before} {room}{after}>{text}</text>")
        cell += width(piece)
    return "".join(placed)


_PIECES = re.compile(r"[!-~](?: ?[!-~])*|.")
"""Runs of ASCII, and every other character by itself."""


async def picture(
    name: str, screen: Screen[Any], size: tuple[int, int], keys: Sequence[str], png: bool
) -> None:
    """Open a screen, press keys, and keep what it shows."""
    async with DrillApp(screen).run_test(size=size) as pilot:
        await _settle(pilot, 40)
        for key in keys:
            await pilot.press(key)
        await _settle(pilot, 20)
        svg = FOLDER / f"{name}.svg"
        svg.write_text(mended(pilot.app.export_screenshot(title="drillsim")), encoding="utf-8")
    if png:
        await asyncio.to_thread(_make_png, svg)
    print(svg)


def _make_png(svg: Path) -> None:
    command = ["rsvg-convert", "--width", "1600", "-o", str(svg.with_suffix(".png")), str(svg)]
    subprocess.run(command, check=True)


async def _settle(pilot: Pilot[int], turns: int) -> None:
    for _turn in range(turns):
        await pilot.pause(0.05)


RUNNING: Sequence[tuple[str, tuple[int, int], Sequence[str]]] = (
    ("run", (160, 45), ("down",) * 8),
    ("run-light", (160, 45), ("ctrl+t", *("down",) * 8)),
    ("run-80x24", (80, 24), ("down",) * 8),
    ("run-plain-signs", (80, 24), ("ctrl+g", *("down",) * 8)),
    ("late", (120, 36), ("l",)),
    ("book", (100, 30), (*("down",) * 8, "b")),
    ("calls", (100, 30), ("c",)),
    ("inject", (100, 30), ("i", "down", "down", "down", "down", "down", "enter")),
    ("tray", (100, 30), ("t",)),
    ("stop", (100, 30), ("exclamation_mark",)),
    ("keys", (100, 30), ("ctrl+p",)),
    ("help", (100, 44), ("question_mark",)),
)
"""Name, size and keys of each picture of a drill that runs."""

OVER: Sequence[tuple[str, tuple[int, int], Sequence[str]]] = (
    ("review", (140, 40), ("left",) * 60),
    ("review-80x24", (80, 24), ("left",) * 30),
    ("score", (120, 36), ("s", "down")),
    ("node", (120, 40), ("enter",)),
)
"""The same of a drill that is over."""


async def take(language: str, png: bool, only: frozenset[str]) -> None:
    """Take every picture in one language, or those that are named."""
    set_language(language)
    at = timedelta(minutes=62)
    recording = _with_a_stray_mail(record(), at)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        (workspace / "drills").mkdir()
        past = sealed_journal(workspace / "drills" / "r5-virus-suspicion.drill", recording)
        if not only or "first" in only:
            await picture(f"first-{language}", FirstScreen(workspace), (120, 46), (), png)
        if not only or "editor" in only:
            await _editor(language, workspace, png)
        if not only or "mail" in only:
            await _mail(language, past, png)
        if not only or "seat" in only:
            await _seat(language, workspace, png)
        for name, size, keys in RUNNING:
            if not only or name in only:
                await _running(f"{name}-{language}", workspace, recording, at, size, keys, png)
        if not only or "live" in only:
            live, name = {"mode": "live", "way": "mail"}, f"live-{language}"
            await _running(name, workspace, recording, at, (120, 40), (), png, **live)
        for name, size, keys in OVER:
            if not only or name in only:
                following = Following(past)
                screen = ReviewScreen(following)
                await picture(f"{name}-{language}", screen, size, keys, png)
                following.close()


_STRAY = """\
From: {sender}
To: kunren@drill.example
Subject: =?utf-8?b?44CQ6KiT57e044CR56ys5LiA5aCx?=
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

萩市市民課です。担当者が不在のため、代わって回答します。
【訓練】第一報を受信しました。
"""


def _with_a_stray_mail(recording: Recording, at: timedelta) -> Recording:
    """Return the drill with an answer by somebody whom the contact tree does not know."""
    node = NodeId("352047")
    listed = recording.loaded.exercise.tree.by_id[node].address(1)
    sender = "madoguchi@" + listed.partition("@")[2]
    mail = Mail(_STRAY.format(sender=sender).encode(), "in", sender, ["kunren@drill.example"])
    aside = SetAside(
        at=at - timedelta(minutes=4),
        mail_kind="human_reply",
        sender=sender,
        mail="stray@drill.example",
        raw=mail.hash,
        tray=True,
        suggested=((InjectId("first-report"), node),),
        suggested_by=("domain",),
    )
    events = sorted([*recording.events, aside], key=lambda event: event.at)
    return Recording(recording.loaded, events, {**recording.mails, mail.hash: mail})


async def _mail(language: str, past: Path, png: bool) -> None:
    """Take the mail by which the first report came, as it is read."""
    following = Following(past)
    await following.catch_up_fully()
    answers = (e for e in following.view.stream.events if isinstance(e, Reported) and e.raw)
    await picture(f"mail-{language}", MailScreen(following, next(answers)), (100, 22), (), png)
    following.close()


async def _seat(language: str, workspace: Path, png: bool) -> None:
    """Sit down in a drill that really runs, since a seat is there to be read and written at."""
    path, node = workspace / "seat.drill", NodeId("350001")
    async with running(load_scenario("r5-virus-suspicion"), path, speed=10, seats=[node]) as drill:
        following = Following(path)
        screen = SeatScreen(following, Orders(path, "練習 一郎"), node, follows=True)
        await drill.about(Notified)
        await picture(f"seat-{language}", screen, (110, 34), (), png)
        following.close()


async def _editor(language: str, workspace: Path, png: bool) -> None:
    """Take the editor at a body with a wrong name, while an address is typed."""
    tree = workspace / "yamaguchi.yaml"
    text = (shipped_dir("contacts") / tree.name).read_text("utf-8")
    tree.write_text(text.replace("萩市 市民課", "荻市 市民課"), "utf-8")
    opened = read_file(tree, tree.name)
    screen = EditorScreen(opened, at=(opened.document.place_of("352047"), 0))
    keys = ("down", "down", "down", *"tsubaki@hagi")
    await picture(f"editor-{language}", screen, (120, 36), keys, png)


async def _running(
    name: str,
    workspace: Path,
    recording: Recording,
    at: timedelta,
    size: tuple[int, int],
    keys: Sequence[str],
    png: bool,
    **way: str,
) -> None:
    path = workspace / f"{name}.drill"
    with begin(path, recording, **way) as journal:
        is_live = "mode" in way
        last = clock(at, paused=not is_live, speed=1 if is_live else 60)
        journal.write([*writings(recording, recording.until(at)), last])
        following = Following(path)
        await picture(name, RunScreen(following, Orders(path, "訓練統制者")), size, keys, png)
        following.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lang", choices=("en", "ja"), action="append")
    parser.add_argument("--png", action="store_true", help="PNG as well")
    parser.add_argument("name", nargs="*", help="only these pictures, such as run or review")
    options = parser.parse_args()
    if options.png and shutil.which("rsvg-convert") is None:
        parser.error("rsvg-convert is not installed (package librsvg2-bin)")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in options.lang or ("ja", "en"):
        asyncio.run(take(language, options.png, frozenset(options.name)))


if __name__ == "__main__":
    main()
