"""The editor of contact trees on the national tree of 1,789 nodes: opening, a keystroke, a save.

    python -m benchmarks editor

Opening is the whole command in a terminal of its own, from its start until the tree is drawn. A
keystroke is timed from the key until everything that it changes is drawn: the text, the findings at
the field, the tree. A save is the rename with all that goes before it: the comparison with the file
as it was, and its way to the disk. Wanted: 2 s, 100 ms, 3 s.
"""

import asyncio
import os
import select
import sys
import tempfile
import time
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from benchmarks.figures import Figure
from drillsim.files.bodies import prefectures
from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.opened import read_file
from drillsim.files.contacts.text_diff import text_diff
from drillsim.files.new_tree import new_tree
from drillsim.files.saving import write_whole
from drillsim.tui.app import DrillApp
from drillsim.tui.screens.editor import EditorScreen

SIZE = (120, 40)
KEY_COUNT = 60
FIRST_BODY = "全国センター"
PLACE = "013331"
"""A body in the middle of the largest prefecture."""


def written(folder: Path) -> Path:
    """Write the national tree into a folder."""
    path = folder / "national.yaml"
    path.write_text("".join(new_tree(prefectures(), "全国")), encoding="utf-8")
    return path


def opening(path: Path) -> tuple[float, float] | None:
    """Return the seconds until the tree is drawn in a terminal, and how long it kept a processor.

    None where there is no terminal.
    """
    if sys.platform == "win32":
        return None
    import pty

    since = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", COLUMNS="120", LINES="40")
        command = [sys.executable, "-m", "drillsim", "contacts", "edit", str(path)]
        os.execv(sys.executable, command)  # noqa: S606
    seen = b""
    while FIRST_BODY.encode() not in seen:
        if select.select([terminal], [], [], 30)[0]:
            seen += os.read(terminal, 65_536)
    took = time.perf_counter() - since
    os.kill(process, 9)
    used = os.wait4(process, 0)[2]
    os.close(terminal)
    return took, used.ru_utime + used.ru_stime


async def typing(path: Path) -> list[tuple[float, float]]:
    """Return the seconds of each keystroke in a field, and those of them that it was worked on.

    The first ones fall while all is looked at.
    """
    opened = read_file(path, path.name)
    place = opened.document.place_of(PLACE)
    waits = []
    async with DrillApp(EditorScreen(opened, at=(place, 0))).run_test(size=SIZE) as pilot:
        await _until_in_field(pilot)
        for n in range(KEY_COUNT):
            waits.append(await _drawn(pilot, "abcdefghij"[n % 10]))
            if n % 10 == 9:
                await pilot.press("down")
                await pilot.pause(0.6)  # Long enough for the whole tree to be looked at.
    return waits


async def _drawn(pilot: Pilot[int], key: str) -> tuple[float, float]:
    """Return the seconds from a key until what it changed has been drawn; worked, without waits.

    Pilot's own `press` waits until the process is idle, and so for the look at the whole tree.
    """
    screen = pilot.app.screen
    assert isinstance(screen, EditorScreen)
    before = screen.document.entries[screen.place or 0]
    since, worked = time.perf_counter(), time.thread_time()
    pilot.app.simulate_key(key)
    while screen.document.entries[screen.place or 0] is before:  # noqa: ASYNC110 - it is measured
        await asyncio.sleep(0)
    drawn = asyncio.Event()
    screen.call_after_refresh(drawn.set)
    await drawn.wait()
    waited = time.perf_counter() - since, time.thread_time() - worked
    await asyncio.sleep(0.03)
    return waited


async def _until_in_field(pilot: Pilot[int]) -> None:
    while not isinstance(pilot.app.focused, Input):
        await pilot.pause(0.01)


def saving(path: Path) -> tuple[float, float]:
    """Return the seconds of the comparison and of the writing, after a change of every body."""
    data = path.read_bytes()
    document = ContactDocument.parse(data, path.name)
    since = time.perf_counter()
    document.apply(
        document.set(document.place_of(PLACE), ("officers", 0, "phone"), "000-0000-0000")
    )
    text_diff(ContactDocument.parse(data, path.name), document)
    compared = time.perf_counter() - since
    since = time.perf_counter()
    write_whole(path, document.data, expected=data)
    return compared, time.perf_counter() - since


def main() -> list[Figure]:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder))
        opened = opening(path)
        if opened is not None:
            took, worked = opened
            print(f"opened, from the start of the command: {took:.2f} s ({worked:.2f} s worked)")
            figures.append(Figure("editor", "1,789 nodes, opened", took, "s", "wanted", 2.0))
        waits, works = map(sorted, zip(*asyncio.run(typing(path)), strict=True))
        for name, times in (("a keystroke", waits), ("  of it worked", works)):
            print(f"{name}: median {times[len(times) // 2] * 1000:.0f} ms, ", end="")
            print(f"p95 {times[len(times) * 95 // 100] * 1000:.0f} ms, ", end="")
            print(f"worst {times[-1] * 1000:.0f} ms")
        compared, wrote = saving(path)
        print(f"a save: {compared + wrote:.2f} s ({compared:.2f} s to compare)")
        p95 = waits[len(waits) * 95 // 100] * 1000
        figures.append(Figure("editor", "a keystroke, 95th percentile", p95, "ms", "wanted", 100))
        figures.append(Figure("editor", "a save", compared + wrote, "s", "wanted", 3.0))
    return figures


if __name__ == "__main__":
    main()
