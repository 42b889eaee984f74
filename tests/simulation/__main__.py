"""`python -m tests.simulation --seeds 1000`: whole drills over many seeds, held to their promises.

Prints each seed that breaks one, and what it breaks; exits 1 if any does.
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence

from tests.simulation.drills import NAMES, roughened, run, shipped
from tests.simulation.promises import broken


def faults_of(name: str, seed: int, *, rough: bool, ended: Counter[str]) -> list[str]:
    """Return what one drill of a shipped scenario breaks; how it ended is counted."""
    exercise, orders = roughened(shipped(name), seed) if rough else (shipped(name), ())
    try:
        drill = run(exercise, seed, orders)
        end = drill.board.end
        ended[end.reason if end is not None else "none"] += 1
        return broken(drill)
    except Exception:  # noqa: BLE001 - whatever is raised is the finding
        return [traceback.format_exc()]


def main(words: Sequence[str] | None = None) -> int:
    """Run drills and print what they break."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--scenario", action="append", choices=NAMES, help="all without it")
    parser.add_argument("--rough", action="store_true", help="rough people, servers and operators")
    given = parser.parse_args(words)
    failed = 0
    for name in given.scenario or NAMES:
        began, ended, bad = time.monotonic(), Counter[str](), []
        for seed in range(given.first, given.first + given.seeds):
            faults = faults_of(name, seed, rough=given.rough, ended=ended)
            if faults:
                bad.append(seed)
                sys.stdout.write(f"{name} --from {seed}\n")
                sys.stdout.writelines(f"  {fault}\n" for fault in faults[:5])
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(ended.items()))
        sys.stdout.write(
            f"{name}: {given.seeds} seeds, {len(bad)} failing {bad[:20] or ''} "
            f"({reasons}; {time.monotonic() - began:.1f} s)\n"
        )
        failed += len(bad)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
