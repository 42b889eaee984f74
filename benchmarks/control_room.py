"""How fast the control room answers while a drill of the whole country pours in.

    python benchmarks/control_room.py [--rate 500]

It drives the real run screen on 1,787 nodes while another thread appends events to the journal, and
then scrubs through the whole drill in the review. Printed: the time from a key to its effect, the
share of a core, and moments a second. Wanted: 100 ms at the 95th percentile, one core, 20 a second.
"""

import argparse
import asyncio
import tempfile
import threading
import time
from pathlib import Path

from drillsim.files.scenario_file import load_stored
from drillsim.journal.journal import Journal
from drillsim.tui.app import DrillApp
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.review import ReviewScreen
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.widgets.lanes import Lanes
from drillsim.world.course import Course
from tests import examples
from tests.tui.recorded import Recording, begin, clock, files_of, sealed_journal, writings

SIZE = (140, 45)
KEYS = ("down", "pagedown", "up", "pageup")
KEY_COUNT = 150
BEGUN = 4_000
"""Events that are in the journal before the screen opens."""


def recorded() -> Recording:
    files = files_of(examples.scenario(), examples.tree((47, 37)))
    loaded = load_stored(files)
    return Recording(loaded, list(Course(loaded.exercise, 7).run()), {})


class Feeder(threading.Thread):
    """Appends events at a steady rate, as a director would."""

    def __init__(self, journal: Journal, recording: Recording, rate: float) -> None:
        super().__init__()
        self._journal, self._recording, self._rate = journal, recording, rate
        self.is_done = False

    def run(self) -> None:
        """Append until it is told to stop."""
        events, place, since = self._recording.events, BEGUN, time.monotonic()
        while not self.is_done and place < len(events):
            until = BEGUN + int((time.monotonic() - since) * self._rate)
            self._journal.write(list(writings(self._recording, events[place:until])))
            place = max(place, until)
            time.sleep(0.02)


async def keys(folder: Path, recording: Recording, rate: float) -> None:
    path = folder / "running.drill"
    with begin(path, recording) as journal:
        begun = recording.events[:BEGUN]
        journal.write([*writings(recording, begun), clock(begun[-1].at, paused=False, speed=60)])
        following = Following(path)
        screen = RunScreen(following, Orders(path, "benchmark"))
        async with DrillApp(screen).run_test(size=SIZE) as pilot:
            while not following.is_caught_up:
                await pilot.pause(0.01)
            feeder = Feeder(journal, recording, rate)
            feeder.start()
            used, since = time.process_time(), time.monotonic()
            waits = [await _press(screen, KEYS[n % len(KEYS)]) for n in range(KEY_COUNT)]
            share = (time.process_time() - used) / (time.monotonic() - since)
            feeder.is_done = True
            feeder.join()
        following.close()
    waits.sort()
    print(f"key to effect: median {waits[KEY_COUNT // 2] * 1000:.1f} ms, ", end="")
    print(f"p95 {waits[KEY_COUNT * 95 // 100] * 1000:.1f} ms, worst {waits[-1] * 1000:.1f} ms")
    print(f"share of a core, the feeder's included: {share:.2f}")


async def _press(screen: RunScreen, key: str) -> float:
    """Return the seconds until a key has moved the cursor."""
    before, since = screen.chain_tree.cursor, time.perf_counter()
    screen.app.simulate_key(key)
    while screen.chain_tree.cursor == before:  # noqa: ASYNC110 - until when is what is measured
        await asyncio.sleep(0)
    waited = time.perf_counter() - since
    await asyncio.sleep(0.03)
    return waited


async def scrub(folder: Path, recording: Recording) -> None:
    following = Following(sealed_journal(folder / "whole.drill", recording))
    async with DrillApp(ReviewScreen(following)).run_test(size=SIZE) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, ReviewScreen)
        since = time.monotonic()
        while screen.query_one(Lanes).review is None:
            await pilot.pause(0.01)
        print(f"review of {len(recording.events)} events ready in {time.monotonic() - since:.2f} s")
        since = time.monotonic()
        for _ in range(60):
            screen.action_scrub(-1)
            await pilot.pause()
        print(f"scrubbing: {60 / (time.monotonic() - since):.0f} moments a second")
    following.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=float, default=500, help="events a second")
    options = parser.parse_args()
    recording = recorded()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(keys(Path(folder), recording, options.rate))
        asyncio.run(scrub(Path(folder), recording))


if __name__ == "__main__":
    main()
