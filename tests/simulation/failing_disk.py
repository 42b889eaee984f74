"""A whole drill on a disk that is full, fails or refuses, injected below the program by strace.

`python -m tests.simulation.failing_disk --every 25` goes through the writes of a drill. Whatever
fails, and whether once or from then on: the exit code is 0 or 3 (2 where nothing could begin), what
is said is one clear line, and once the disk is well again the drill can be resumed and ends as the
one that met no fault.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "openat", "unlink", "write")
ERRORS = ("ENOSPC", "EIO", "EACCES")
STRACE = shutil.which("strace")
PATH = "drills/a.drill"
"""Not in the current folder, which Python itself looks into for modules."""
DRILL = ("r5-terminal-failure", "--seed", "1", "--headless", "--json")


@dataclass(frozen=True)
class Fault:
    """One system call that fails: the how many-th, and whether all later ones do too."""

    call: str
    error: str
    when: int
    lasts: bool
    speed: str = "max"

    def __str__(self) -> str:
        return f"{self.call}:{self.error}:{self.when}{'+' if self.lasts else ''}"


def begin(folder: Path, speed: str = "max", *before: str) -> subprocess.CompletedProcess[str]:
    """Run the drill, below the programs in `before`."""
    (folder / "drills").mkdir(exist_ok=True)
    return _drillsim(folder, *before, words=("run", *DRILL, "--speed", speed, "--out", PATH))


def _drillsim(
    folder: Path, *before: str, words: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-m", "drillsim", "--lang", "en", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )


def watched_paths(folder: Path) -> list[str]:
    """Return the words by which strace looks at the files of the drill alone."""
    names = ("a.drill", "a.drill-wal", "a.drill-shm", "a.drill-journal", "a.drill.lock", "")
    return [word for name in names for word in ("-P", str(folder / "drills" / name).rstrip("/"))]


def calls_of(folder: Path) -> dict[str, int]:
    """Return how often a drill without faults makes each call."""
    trace = folder / "trace"
    words = [str(STRACE), "-f", "--seccomp-bpf", "-q", "-o", str(trace), *watched_paths(folder)]
    done = begin(folder, "max", *words, "-e", f"trace={','.join(CALLS)}")
    assert done.returncode == 0, done.stderr
    text = trace.read_text()
    return {call: len(re.findall(rf"^\d+ +{call}\(", text, re.MULTILINE)) for call in CALLS}


def what_breaks(fault: Fault, digest: str) -> tuple[str, list[str]]:
    """Let a drill meet a fault, then resume it; return how it ended and what is not as it must."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        trace = folder / "trace"
        words = [str(STRACE), "-f", "--seccomp-bpf", "-q", "-o", str(trace), *watched_paths(folder)]
        when = f"{fault.when}{'+' if fault.lasts else ''}"
        inject = f"inject={fault.call}:error={fault.error}:when={when}"
        done = begin(folder, fault.speed, *words, "-e", inject)
        if "INJECTED" not in trace.read_text():
            return "not met", []
        return f"exit {done.returncode}", list(_broken(folder, done, digest))


def _broken(folder: Path, done: subprocess.CompletedProcess[str], digest: str) -> Iterator[str]:
    said = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    if "Traceback" in done.stderr:
        yield f"a traceback: {done.stderr[-600:]}"
    if done.returncode not in (0, 2, 3):
        yield f"exit code {done.returncode}: {done.stderr[-300:]}"
    if done.returncode and len(said) != 1:
        yield f"{len(said)} lines say what is wrong: {done.stderr[-300:]}"
    if not (folder / PATH).exists():
        if done.returncode == 0:
            yield "done, and there is no drill"
        begun = begin(folder)
        if begun.returncode != 0:
            yield f"the drill cannot be begun again: {begun.stderr[-300:]}"
        return
    verdict = json.loads(_drillsim(folder, words=("verify", PATH, "--json")).stdout)
    if verdict["faults"]:
        yield f"verify, cut off: {verdict['faults'][:2]}"
    if not verdict["sealed"]:
        resumed = _drillsim(folder, words=("resume", PATH, "--json"))
        if resumed.returncode != 0:
            yield f"the resume ended with {resumed.returncode}: {resumed.stderr[-300:]}"
            return
        verdict = json.loads(_drillsim(folder, words=("verify", PATH, "--json")).stdout)
    if verdict["digest"] != digest or verdict["faults"] or not verdict["sealed"]:
        yield f"it does not end as the drill without faults: {verdict}"


def reference() -> tuple[str, dict[str, int]]:
    """Return the digest of the drill without faults, and how often it makes each call."""
    with TemporaryDirectory() as place:
        counts = calls_of(Path(place))
        done = _drillsim(Path(place), words=("verify", PATH, "--json"))
        return json.loads(done.stdout)["digest"], counts


def faults(counts: dict[str, int], every: int) -> Iterator[Fault]:
    """Yield faults at every so many-th call, each error in turn, once and for good."""
    number = 0
    for call in CALLS:
        step = every if counts[call] > every else 1
        for when in range(1, counts[call] + 1, step):
            for lasts in (False, True):
                yield Fault(call, ERRORS[number % len(ERRORS)], when, lasts)
                number += 1


def main() -> int:
    """Let drills meet their faults; print what is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=25)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    if STRACE is None:
        sys.stdout.write("strace is not installed\n")
        return 2
    began = time.monotonic()
    digest, counts = reference()
    wanted = list(faults(counts, given.every))
    failing, ends = 0, dict[str, int]()
    with ThreadPoolExecutor(given.jobs) as pool:
        for fault, (end, broken) in zip(
            wanted, pool.map(lambda each: what_breaks(each, digest), wanted), strict=True
        ):
            ends[end] = ends.get(end, 0) + 1
            failing += bool(broken)
            sys.stdout.writelines(f"{fault}: {each}\n" for each in broken)
    sys.stdout.write(
        f"{len(wanted)} faults ({', '.join(f'{k} {v}' for k, v in sorted(ends.items()))}), "
        f"{failing} failing ({time.monotonic() - began:.0f} s)\n"
    )
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
