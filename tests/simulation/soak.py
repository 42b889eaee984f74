"""`make soak`: a drill of over 50 nodes is killed after every instant and at random moments.

By SIGKILL, after each instant in turn (its events are one commit then), after each commit of as
many instants as go together, and at random moments, some of them before there is a drill. In the
resumes instants go together too.
Each time it is resumed, and must end as the drill that was not killed: same digest, board, score,
seal; no event lost, no reply counted twice, every mail handed over again with its Message-ID and
marked. Needs a system that can fork.
"""

import argparse
import asyncio
import multiprocessing
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

from drillsim.conduct import director, rehearsal
from drillsim.conduct.director import Director
from drillsim.conduct.rehearsal import Wanted, conduct, lay_out, reopen
from drillsim.drill.board import Board, fold
from drillsim.drill.events import AnyEvent
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.scoring import Score
from drillsim.files.bodies import load_bodies, municipalities
from drillsim.files.new_tree import new_tree
from drillsim.files.scenario_file import LoadedScenario, load_scenario
from drillsim.journal import JournalReader, NeverBegunError, UnreadableJournalError, verify
from drillsim.journal.journal import Writing
from tests.simulation.drills import SCENARIOS
from tests.simulation.monitors import watched
from tests.simulation.rehearsing import events_of

assert sys.platform != "win32", "this needs a system that can fork"

CHIBA = "120006"
"""A prefecture of 54 municipalities: with the centre and itself a tree of 56 nodes."""


_TELL_EVERY = 100
"""Kills after which it is told how far it has come."""


@dataclass(frozen=True)
class Whole:
    """The drill that was not killed."""

    given: LoadedScenario
    seed: int
    events: list[AnyEvent]
    board: Board
    score: Score
    digest: str
    kept: Counter[str]
    commits: int
    """With one for each instant."""
    groups: int
    """With one for as many instants as go together."""
    seconds: float


class MortalDirector(Director):
    """A director whose process is killed at its `count`-th commit."""

    count = 0
    made = 0

    async def _record(self, events: Sequence[AnyEvent], writings: Sequence[Writing]) -> None:
        type(self).made += 1
        await super()._record(events, writings)
        if self.made == self.count:
            os.kill(os.getpid(), signal.SIGKILL)


def files(folder: Path) -> Path:
    """Lay out the drill's files; return its scenario: that of Yamaguchi, moved to Chiba."""
    prefecture = load_bodies()[CHIBA]
    (folder / "contacts").mkdir()
    (folder / "scenarios").mkdir()
    tree = "".join(new_tree([prefecture], "千葉県"))
    (folder / "contacts" / "yamaguchi.yaml").write_text(tree, "utf-8")
    story = (SCENARIOS / "r5-virus-suspicion.yaml").read_text("utf-8").replace("350001", CHIBA)
    codes = (body.code for body in municipalities(CHIBA))
    for code in sorted(set(re.findall(r'"(35\d{4})"', story))):
        story = story.replace(code, next(codes))
    scenario = folder / "scenarios" / "soak.yaml"
    scenario.write_text(story, "utf-8")
    return scenario


def run(given: LoadedScenario, seed: int, path: Path) -> None:
    """Run the drill, or go on with it where there is one."""
    journal = reopen(path)[0] if path.exists() else lay_out(Wanted(given, seed, "max", path))
    asyncio.run(conduct(journal, given, "max"))


def one_by_one(given: LoadedScenario, seed: int, path: Path) -> None:
    """Run the drill with a commit for each of its instants."""
    with patch.object(director, "_GROUP_MAX", 1):
        run(given, seed, path)


def whole(folder: Path, seed: int) -> Whole:
    """Run the drill to its end, without being killed."""
    given, path = load_scenario(files(folder)), folder / "whole.drill"
    MortalDirector.count = MortalDirector.made = 0
    one_by_one(given, seed, folder / "one-by-one.drill")
    commits = MortalDirector.made
    MortalDirector.made = 0
    began = time.monotonic()
    run(given, seed, path)
    seconds, groups = time.monotonic() - began, MortalDirector.made
    events = events_of(path)
    with JournalReader(path) as reader:
        digest, kept = reader.digest, Counter(each.hash for each in reader.envelopes())
    return Whole(
        given=given,
        seed=seed,
        events=events,
        board=fold(given.exercise, events),
        score=evaluate(given.exercise, events).score,
        digest=digest,
        kept=kept,
        commits=commits,
        groups=groups,
        seconds=seconds,
    )


def in_child(work: Callable[[], None]) -> int:
    """Do something in a process of its own that has all this one has; return its wait status."""
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def killed_at(drill: Whole, path: Path, count: int, *, in_groups: bool) -> None:
    """Leave behind what a director that was killed at this commit leaves."""

    def work() -> None:
        MortalDirector.count, MortalDirector.made = count, 0
        (run if in_groups else one_by_one)(drill.given, drill.seed, path)

    status = in_child(work)
    if not os.WIFSIGNALED(status):
        raise AssertionError(f"the director was not killed at commit {count}: status {status}")


def killed_after(drill: Whole, path: Path, seconds: float) -> None:
    """Kill a director from outside after so long, wherever it is then."""

    def work() -> None:
        MortalDirector.count = MortalDirector.made = 0
        signal.setitimer(signal.ITIMER_REAL, seconds)  # SIGALRM ends a process at once, too.
        run(drill.given, drill.seed, path)

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    in_child(work)


def what_is_lost(drill: Whole, path: Path) -> list[str]:
    """Resume a drill that was cut off, and return what is not as if it had not been."""
    try:
        verdict = verify(path)
    except NeverBegunError:
        return []
    except UnreadableJournalError as error:
        # The file is made first, empty: a moment later it says of itself what it is.
        is_early = not path.exists() or not path.stat().st_size
        return [] if is_early else [f"cut off: {error}"]
    faults = [f"verify, cut off: {fault.message}" for fault in verdict.faults]
    before = events_of(path)
    faults += watched(drill.given.exercise, before)
    if before != drill.events[: len(before)]:
        faults.append("the events before the crash are others")
    with JournalReader(path) as reader:
        is_sealed = reader.is_sealed
    if not is_sealed and (status := in_child(lambda: run(drill.given, drill.seed, path))):
        return [*faults, f"the resume ended with status {status}"]
    with JournalReader(path) as reader:
        digest, was_sealed = reader.digest, reader.is_sealed
        resumed = [r for r in reader.records() if r.kind == "resumed"]
        again = [name for record in resumed for name in record.data["mails_again"]]
        kept = Counter(each.hash for each in reader.envelopes())
    after = events_of(path)
    if digest != drill.digest or after != drill.events or not was_sealed:
        faults.append(f"resumed, it has digest {digest}, sealed: {was_sealed}")
    if fold(drill.given.exercise, after) != drill.board:
        faults.append("another board")
    if evaluate(drill.given.exercise, after).score != drill.score:
        faults.append("another score")
    if len(again) != len(set(again)):
        faults.append("a mail was handed over again twice in one resume")
    if kept != drill.kept:
        faults.append("not every mail was kept as often as it was written")
    return faults + [f"verify, resumed: {fault.message}" for fault in verify(path).faults]


@dataclass(frozen=True)
class Kill:
    """One way of being killed: at a commit, or so many seconds after the start."""

    count: int = 0
    in_groups: bool = False
    seconds: float = 0.0

    def __str__(self) -> str:
        what = "group" if self.in_groups else "commit"
        return f"after {what} {self.count}" if self.count else f"after {self.seconds:.4f} s"


def what_a_kill_loses(kill: Kill) -> list[str]:
    """Kill the drill, resume it, and return what is not as if it had not been killed."""
    with TemporaryDirectory() as place:
        path = Path(place) / "killed.drill"
        if kill.count:
            killed_at(_drill(), path, kill.count, in_groups=kill.in_groups)
        else:
            killed_after(_drill(), path, kill.seconds)
        return what_is_lost(_drill(), path)


_DRILLS: list[Whole] = []
"""The drill that was not killed, which forked processes have too."""


def _drill() -> Whole:
    return _DRILLS[0]


def main(words: list[str] | None = None) -> int:
    """Run the drill, kill it in all these ways, and print what was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--every", type=int, default=1, help="of the commits, every so many-th")
    parser.add_argument("--random", type=int, default=500, help="kills at random moments")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(words)
    began = time.monotonic()
    with TemporaryDirectory() as place, patch.object(rehearsal, "Director", MortalDirector):
        drill = whole(Path(place), given.seed)
        _DRILLS[:] = [drill]
        nodes = len(drill.given.tree.nodes)
        sys.stdout.write(
            f"{nodes} nodes, {len(drill.events)} events in {drill.commits} commits "
            f"({drill.groups} in groups), {drill.seconds:.1f} s, digest {drill.digest}\n"
        )
        sys.stdout.flush()
        counts = range(1, drill.commits + 1, given.every)
        chance = Random(given.seed)
        kills = [Kill(count) for count in counts]
        kills += [Kill(count, in_groups=True) for count in range(1, drill.groups + 1)]
        kills += [Kill(seconds=chance.uniform(0, drill.seconds)) for _n in range(given.random)]
        failed = 0
        with multiprocessing.get_context("fork").Pool(given.jobs) as pool:
            ways = pool.imap(what_a_kill_loses, kills, 8)
            for done, (kill, lost) in enumerate(zip(kills, ways, strict=True), 1):
                failed += bool(lost)
                sys.stdout.writelines(f"killed {kill}: {fault}\n" for fault in lost[:5])
                if done % _TELL_EVERY == 0:
                    past = time.monotonic() - began
                    sys.stdout.write(f"{done} of {len(kills)} kills ({past:.0f} s)\n")
                    sys.stdout.flush()
    sys.stdout.write(f"{len(kills)} kills, {failed} failing ({time.monotonic() - began:.0f} s)\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
