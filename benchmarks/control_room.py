"""How fast the control room answers while a drill of the whole country pours in.

    python -m benchmarks control_room            # or benchmarks/control_room.py [--rate 500]

The real app runs in a pseudo-terminal, in a process of its own, on 1 + 47 + 1,741 nodes; this
process appends events to the journal at a steady rate, as a director would, and reads away what the
app draws. Then the app scrubs through the whole drill in the review. Printed: the time from a key
until what it did is drawn, the share of a core that the app's process used, the moments drawn a
second, and the time from the start of `drillsim` until its first frame is on the terminal.

Wanted: 100 ms at the 95th percentile, one core, 20 moments a second, 0.8 s.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from benchmarks.figures import Figure
from drillsim.files.bodies import prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.scenario_file import CONTACTS, SCENARIO, load_scenario, load_stored
from drillsim.journal.journal import Journal
from drillsim.tui.app import DrillApp
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.review import ReviewScreen
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.widgets.lanes import Lanes
from drillsim.tui.widgets.rows import Rows
from drillsim.world.course import Course
from tests.tui.recorded import Recording, begin, clock, sealed_journal, writings
from tests.tui.terminal import Terminal

SIZE = (140, 45)
KEYS = ("down", "pagedown", "up", "pageup")
KEY_COUNT = 200
SCRUBS = 100
BEGUN = 4_000
"""Events that are in the journal before the screen opens."""
STARTS = 9
_FIRST_FRAME = "シナリオ"


def recorded() -> Recording:
    """Return the shipped drill as the whole country would hold it."""
    shipped = load_scenario("r5-virus-suspicion").files
    contacts = "".join(f"{line}\n" for line in new_tree(prefectures(), "全国"))
    loaded = load_stored({SCENARIO: shipped[SCENARIO], CONTACTS: contacts.encode()})
    return Recording(loaded, list(Course(loaded.exercise, 7).run()), {})


class Feeder(threading.Thread):
    """Appends events at a steady rate until it is told to stop."""

    def __init__(self, journal: Journal, recording: Recording, rate: float) -> None:
        super().__init__(daemon=True)
        self._journal, self._recording, self._rate = journal, recording, rate
        self.is_done = False

    def run(self) -> None:
        """Append."""
        events, place, since = self._recording.events, BEGUN, time.monotonic()
        while not self.is_done and place < len(events):
            until = BEGUN + int((time.monotonic() - since) * self._rate)
            self._journal.write(list(writings(self._recording, events[place:until])))
            place = max(place, until)
            time.sleep(0.02)


# Inside the terminal ------------------------------------------------------------------------------


async def press_keys(pilot: Pilot[int], following: Following) -> dict[str, Any]:
    """Press keys while events come in; return how long each took, and what it cost."""
    screen = pilot.app.screen
    assert isinstance(screen, RunScreen)
    while not following.is_caught_up:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    used, since = time.process_time(), time.monotonic()
    before = screen.view.revision
    waits = []
    for number in range(KEY_COUNT):
        waits.append(await _until_drawn(screen.chain_tree, KEYS[number % len(KEYS)]))
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - since
    return {
        "waits": waits,
        "share": (time.process_time() - used) / seconds,
        "rate": (screen.view.revision - before) / seconds,
        "nodes": len(screen.view.exercise.tree.nodes),
    }


async def _until_drawn(rows: Rows, key: str) -> float:
    """Return the seconds from a key until the cursor has moved and that is on the terminal."""
    before, since = rows.cursor, time.perf_counter()
    drawn = asyncio.Event()
    rows.app.simulate_key(key)
    while rows.cursor == before:  # noqa: ASYNC110 - until when is what is measured
        await asyncio.sleep(0)
    rows.call_after_refresh(drawn.set)
    await drawn.wait()
    return time.perf_counter() - since


async def scrub(pilot: Pilot[int], following: Following) -> dict[str, Any]:
    """Go through the drill moment by moment; return how many were drawn a second."""
    screen = pilot.app.screen
    assert isinstance(screen, ReviewScreen)
    since = time.monotonic()
    lanes = screen.query_one(Lanes)
    while lanes.review is None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    ready = time.monotonic() - since
    lanes.move_to(800)
    used, since = time.process_time(), time.monotonic()
    for number in range(SCRUBS):
        screen.action_scrub(-1 if number < SCRUBS // 2 else 1)
        drawn = asyncio.Event()
        lanes.call_after_refresh(drawn.set)
        await drawn.wait()
    seconds = time.monotonic() - since
    return {
        "ready": ready,
        "frames": SCRUBS / seconds,
        "cost": (time.process_time() - used) / SCRUBS,
        "events": len(following.view.stream.events),
    }


def inside(what: str, path: Path, result: Path) -> None:
    """Run the app on a journal, drive it, and write down what was measured."""
    following = Following(path)
    drive: Callable[[Pilot[int], Following], Awaitable[dict[str, Any]]]
    screen: RunScreen | ReviewScreen
    if what == "keys":
        screen, drive = RunScreen(following, Orders(path, "benchmark")), press_keys
    else:
        screen, drive = ReviewScreen(following), scrub

    async def pilot_it(pilot: Any) -> None:
        await asyncio.sleep(1)
        measured = await drive(pilot, following)
        await asyncio.to_thread(result.write_text, json.dumps(measured))
        pilot.app.exit(0)

    DrillApp(screen).run(auto_pilot=pilot_it)


# Outside ------------------------------------------------------------------------------------------


def in_a_terminal(what: str, path: Path) -> dict[str, Any]:
    """Run `inside` in a pseudo-terminal; return what it measured."""
    result = path.with_suffix(".json")
    words = [sys.executable, __file__, "--inside", what, str(path), str(result)]
    root = str(Path(__file__).parent.parent)
    with Terminal(words, size=SIZE, environment={"PYTHONPATH": root}) as terminal:
        terminal.read_to_end(600)
    measured: dict[str, Any] = json.loads(result.read_text())
    return measured


def keys(folder: Path, recording: Recording, rate: float) -> Iterator[Figure]:
    """Measure the run screen while a drill pours in."""
    path = folder / "running.drill"
    with begin(path, recording) as journal:
        begun = recording.events[:BEGUN]
        journal.write([*writings(recording, begun), clock(begun[-1].at, paused=False, speed=60)])
        feeder = Feeder(journal, recording, rate)
        feeder.start()
        found = in_a_terminal("keys", path)
        feeder.is_done = True
        feeder.join()
    waits = sorted(found["waits"])
    print(f"{found['nodes']} nodes, {found['rate']:.0f} events a second")
    print(f"key until drawn: p50 {waits[len(waits) // 2] * 1000:.0f} ms, ", end="")
    print(f"p95 {waits[len(waits) * 95 // 100] * 1000:.0f} ms, worst {waits[-1] * 1000:.0f} ms")
    print(f"share of a core: {found['share']:.2f}")
    p95 = waits[len(waits) * 95 // 100] * 1000
    yield Figure("control", "key until drawn, 95th percentile", p95, "ms", "wanted", 100.0)
    yield Figure("control", "share of a core at 500 events/s", found["share"], "", "wanted", 1.0)


def moments(folder: Path, recording: Recording) -> Figure:
    """Measure the review of the whole drill."""
    found = in_a_terminal("scrub", sealed_journal(folder / "whole.drill", recording))
    print(f"review of {found['events']} events ready in {found['ready']:.2f} s")
    print(f"scrubbing: {found['frames']:.0f} moments a second, ", end="")
    print(f"{found['cost'] * 1000:.0f} ms of a core each")
    name, rate = "review, moments a second", found["frames"]
    return Figure("control", name, rate, "a second", "wanted", 20.0, more_is_better=True)


def first_frame(folder: Path) -> Figure:
    """Measure the start of `drillsim`, from the process to its first frame."""
    walls, costs = [], []
    for _turn in range(STARTS):
        words = [sys.executable, "-m", "drillsim", "--lang", "ja"]
        since = time.monotonic()
        with Terminal(words, size=(80, 24), folder=folder) as terminal:
            terminal.read_until(_FIRST_FRAME, 30)
            walls.append(time.monotonic() - since)
            costs.append(terminal.processor_seconds())
    print(
        f"first frame: median {statistics.median(walls):.2f} s, best {min(walls):.2f} s; ", end=""
    )
    print(f"median {statistics.median(costs):.2f} s of a core")
    return Figure("control", "first frame", statistics.median(walls), "s", "wanted", 0.8)


def main() -> list[Figure]:
    """Measure and print, or be driven inside a terminal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=float, default=500, help="events a second")
    parser.add_argument("--inside", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        what, path, result = options.inside
        inside(what, Path(path), Path(result))
        return []
    if os.name == "nt":
        print("needs a POSIX terminal")
        return []
    with tempfile.TemporaryDirectory() as folder:
        figures = [first_frame(Path(folder))]
        recording = recorded()
        figures += keys(Path(folder), recording, options.rate)
        figures.append(moments(Path(folder), recording))
    return figures


if __name__ == "__main__":
    main()
