"""`python -m tests.simulation --seeds 1000`: whole drills over many seeds, held to their promises.

Without `--faults` they run on the pure kernel. With it each runs over real mail and a real journal
and has troubles (`tests.simulation.troubles`): it is killed, its disk and its mail fail, mails come
doubled and late, the wall clock jumps. It must end exactly as the same drill without them. A seed
that fails is made smaller and printed; put it into `FAILED` of `test_troubles.py` or
`test_promises.py`. Exits 1 if any fails.
"""

import argparse
import gc
import multiprocessing
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from tests.simulation.drills import NAMES, roughened, run, shipped
from tests.simulation.judging import tried
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


def with_troubles(seeds: range, names: tuple[str, ...], jobs: int) -> int:
    """Run drills with troubles in some processes; print each that fails, made smaller."""
    began, failing, struck = time.monotonic(), [], Counter[str]()
    spawn = multiprocessing.get_context("spawn")
    # Each run ends with a look at all that is garbage: what was imported is none.
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=gc.freeze) as pool:
        for plan, faults, kinds in pool.map(tried, seeds, repeat(names), chunksize=4):
            struck.update(kinds)
            if faults:
                failing.append(plan.seed)
                sys.stdout.write(f"--faults --from {plan.seed}: {plan}\n")
                sys.stdout.writelines(f"  {fault}\n" for fault in faults[:5])
    shown = ", ".join(f"{kind} {count}" for kind, count in sorted(struck.items()))
    sys.stdout.write(
        f"{len(seeds)} seeds with troubles, {len(failing)} failing {failing[:20] or ''} "
        f"({time.monotonic() - began:.1f} s)\n{shown}\n"
    )
    return 1 if failing else 0


def main(words: Sequence[str] | None = None) -> int:
    """Run drills and print what they break."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--scenario", action="append", choices=NAMES, help="all without it")
    parser.add_argument("--rough", action="store_true", help="rough people, servers and operators")
    parser.add_argument("--faults", action="store_true", help="troubles, over real mail")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="of --faults")
    given = parser.parse_args(words)
    if given.faults:
        seeds = range(given.first, given.first + given.seeds)
        return with_troubles(seeds, tuple(given.scenario or NAMES), given.jobs)
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
