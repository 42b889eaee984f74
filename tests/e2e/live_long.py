"""The drill of twenty bodies at full length: `python -m tests.e2e.live_long --kills 20 --away 120`.

It writes slowly, so that it is killed while it writes. One server is away for two minutes, as is
the office's own; the director is killed at moments that nobody chose, and goes on each time with
the real waits. Not for CI: it takes some minutes.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from drillsim.drill import events as ev
from drillsim.journal import post_command
from tests.e2e.twenty import BODIES, Town, town, until
from tests.e2e.twenty_drill import (
    Process,
    Seen,
    assert_all_is_where_it_should_be,
    has_been_told,
    lay_out,
)

HOURS = 3_600.0


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


async def killing(drill: Path, kills: int, chance: random.Random) -> Process:
    """Kill the director again and again; return the one that lives."""
    process = Process(drill, quick=False)
    for number in range(1, kills + 1):
        before = Seen(drill).records
        await until(lambda before=before: Seen(drill).records > before, HOURS)  # type: ignore[misc]
        await asyncio.sleep(chance.uniform(0.02, 2.0))
        process.kill()
        seen = Seen(drill)
        say(
            f"kill {number}: {len(seen.noted('handing-over'))} tries, "
            f"{len(seen.count(ev.Acknowledged))} answers"
        )
        process = Process(drill, quick=False)
    return process


async def away(servers: Town, seconds: float) -> None:
    """Stop one body's server at once, and the office's own a little later, for so long each."""
    village = servers.office.elsewhere["village.example"]
    village.stop()
    await asyncio.sleep(20)
    servers.office.postfix.stop()
    say("the office's own server is away")
    await asyncio.sleep(seconds)
    servers.office.postfix.start()
    village.start()
    say("all servers are back")


async def run(folder: Path, kills: int, seconds: float, seed: int) -> None:
    """Run the whole, and say what came of it."""
    (folder / "programs").mkdir()
    with town(folder / "programs") as servers:
        os.environ["DRILL_PASSWORD"] = servers.office.password
        drill = lay_out(servers, folder, mails_per_minute=90)
        answering = [asyncio.create_task(servers.answers(each, HOURS)) for each in BODIES]
        outage = asyncio.create_task(away(servers, seconds))
        process = await killing(drill, kills, random.Random(seed))
        await outage
        await asyncio.gather(*answering)
        await until(has_been_told(drill), HOURS)
        post_command(drill, kind="end", payload={}, author="県 太郎")
        code, said = await process.ended()
        assert code == 0, said
        assert_all_is_where_it_should_be(drill)
        copies = sum(max(0, servers.times_submitted(body) - 1) for body in BODIES)
        marked = sum(note["maybe_twice"] for note in Seen(drill).noted("handed-over"))
        say(f"{kills} kills: 0 lost, {copies} came twice, {marked} marked as perhaps twice")
        assert copies <= marked


def main() -> None:
    """Read what is wanted, and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--away", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder), wanted.kills, wanted.away, wanted.seed))


if __name__ == "__main__":
    main()
