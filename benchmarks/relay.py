"""How fast a drill relays mail: `python -m benchmarks.relay`.

A national drill of two tiers (1 + 47 + 1,741 nodes) at full speed, end to end: every mail is
composed, handed over by SMTP, kept, recognised where it is an answer, and every event is in the
journal. Beside it, in the same run, what bare aiosmtplib → aiosmtpd hands over without doing
anything with it: both take turns, so that a busy machine is busy for both. The product's share of
that rate is the figure to read; seconds differ by machine.

`--layers` tells where the time goes, `--large` what a node costs at 17,890 nodes beside 1,789, each
in a process of its own, `--uvloop` takes that loop for both.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from benchmarks.figures import Figure
from benchmarks.smtp import BARE, MAILS, bare
from drillsim.conduct.rehearsal import Wanted, conduct, lay_out
from drillsim.drill.tree import ContactTree, Node, NodeId
from drillsim.files.bodies import prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.scenario_file import LoadedScenario, load_scenario
from drillsim.journal.reader import JournalReader

SCENARIO = Path(__file__).parent / "data" / "national.yaml"
SEED = 7
ROUNDS = 7
TIMES_LARGER = 10
GOAL_PER_NODE = 1.2
SAMPLE_SECONDS = 0.001

Result = TypeVar("Result")

# The innermost frame that stands here says to which layer a stack belongs.
LAYERS = (
    ("with the second process", ("mail/second_process.py", "mail/frames.py")),
    ("reading answers: what they are", ("mail/replies.py",)),
    ("reading answers: whose, and their forms", ("conduct/reader.py",)),
    ("writing mails", ("mail/compose.py", "mail/wording.py", "mail/correspondence.py")),
    ("writing mails", ("conduct/mailroom.py", "_letters.py", "letter_book.py")),
    ("journal", ("/journal/",)),
    ("events as JSON", ("drill/events.py",)),
    ("SMTP: the sink", ("aiosmtpd/", "mail/sink")),
    ("SMTP: the client", ("mail/pipelining.py", "mail/submit.py", "mail/sessions.py")),
    ("rules and board", ("drill/rules.py", "drill/board.py", "drill/agenda.py", "crediting.py")),
    ("simulated people and network", ("/world/",)),
    ("director", ("conduct/director.py", "conduct/under_way.py")),
    ("director", ("conduct/intake.py", "conduct/clocks.py")),
    ("event loop", ("asyncio/", "selectors.py")),
)


@dataclass(frozen=True, slots=True)
class Drill:
    """What one run of the drill came to."""

    mails: int
    events: int
    drill_seconds: float
    seconds: float
    cpu: float


def run(loop: str, main: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine in a loop of this kind."""
    if loop == "uvloop":
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(main)
    return asyncio.run(main)


def load(folder: Path, times: int = 1) -> LoadedScenario:
    """Return the drill on the nation's tree, or on one with so many times its prefectures."""
    tree = folder / "national-contacts.yaml"
    tree.write_text("".join(new_tree(prefectures(), "全国の連絡網")), encoding="utf-8")
    loaded = load_scenario(SCENARIO, tree)
    return loaded if times == 1 else replace(loaded, tree=larger(loaded.tree, times))


def larger(tree: ContactTree, times: int) -> ContactTree:
    """Return a tree with every body but the centre so many times, each by an id of its own."""
    centre = tree.root.id

    def renamed(node: Node, number: int) -> Node:
        def own(name: str) -> NodeId:
            return NodeId(name if name == centre else f"{number}-{name}")

        def moved(address: str) -> str:
            return address.replace(".example", f".n{number}.example")

        officers = tuple(
            each.model_copy(update={"email": tuple(map(moved, each.email))})
            for each in node.officers
        )
        parent = None if node.parent is None else own(node.parent)
        changes = {"id": own(node.id), "parent": parent, "officers": officers}
        return node.model_copy(update={**changes, "mailbox": moved(node.mailbox)})

    others = [node for node in tree.nodes if node.id != centre]
    copies = (renamed(node, number) for number in range(times) for node in others)
    return ContactTree(
        format=tree.format, title=tree.title, zone=tree.zone, nodes=(tree.root, *copies)
    )


def run_drill(loaded: LoadedScenario, path: Path, loop: str = "asyncio") -> Drill:
    """Conduct the drill once."""
    cpu = sum(os.times()[:4])  # Of this process, and of those that it started.
    outcome = run(loop, conduct(lay_out(Wanted(loaded, SEED, "max", path)), loaded, "max"))
    cpu = sum(os.times()[:4]) - cpu
    board = outcome.board
    return Drill(
        mails=board.mails_sent + board.mails_received,
        events=board.count,
        drill_seconds=outcome.drill_seconds,
        seconds=outcome.wall_seconds,
        cpu=cpu,
    )


def mean_size(path: Path) -> int:
    """Return the mean size of the mails of a drill in bytes."""
    with JournalReader(path) as reader:
        sizes = [len(reader.mail(each.hash)) for each in reader.envelopes()]
    return round(statistics.mean(sizes))


def baseline(size: int, loop: str) -> tuple[float, float]:
    """Return seconds and CPU seconds of a mail of this size between the bare libraries."""
    raw = b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" * 2 + (b"y" * 72 + b"\r\n") * (size // 74)
    cpu = time.process_time()
    seconds = run(loop, bare(raw, 4))
    return seconds / MAILS, (time.process_time() - cpu) / MAILS


def peak_mb() -> float:
    """Return the peak memory of this process in MB (Linux gives KiB, macOS bytes)."""
    if sys.platform == "win32":
        return float("nan")  # It has no getrusage; the other figures are there.
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024


def in_new_process(call: str) -> dict[str, float]:
    """Return the figures that a call of this module prints as JSON, in a process of its own."""
    code = f"from benchmarks import relay; relay.{call}"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def print_round(loop: str) -> None:
    """Print the figures of one drill and one baseline as JSON.

    A drill is run in a process that has run none: the next one would find the same lines, names and
    headers remembered.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loaded = load(folder)
        path = folder / "national.drill"
        drill = run_drill(loaded, path, loop)
        memory = peak_mb()
        seconds, cpu = baseline(mean_size(path), loop)
    figures = {
        **asdict(drill), "nodes": len(loaded.tree.nodes), "mb": memory, "bare": seconds,
        "bare_cpu": cpu,
    }  # fmt: skip
    print(json.dumps(figures))


def against_bare(rounds: int, loop: str) -> list[Figure]:
    """Print the drill's rate beside that of the bare libraries."""
    each = [in_new_process(f"print_round({loop!r})") for _round in range(rounds)]

    def middle(figure: Callable[[dict[str, float]], float]) -> float:
        return statistics.median(map(figure, each))

    one = each[0]
    print(f"National drill of two tiers, everything on; medians of {rounds} rounds, {loop}")
    print(f"  nodes {one['nodes']:,.0f}  mails {one['mails']:,.0f}  events {one['events']:,.0f}")
    seconds = middle(lambda r: r["seconds"])
    print(f"  drill of {one['drill_seconds'] / 3600:.1f} h in {seconds:.1f} s")
    print(f"  peak memory {max(r['mb'] for r in each):.0f} MB")
    print(f"  {'handed over':42}{'a second':>10}{'CPU µs each':>13}")
    bare = middle(lambda r: r["bare"]), middle(lambda r: r["bare_cpu"])
    ours = middle(lambda r: r["seconds"] / r["mails"]), middle(lambda r: r["cpu"] / r["mails"])
    for title, (time_each, cpu_each) in (
        ("bare aiosmtplib → aiosmtpd, 4 sessions", bare),
        ("relayed by the drill, end to end", ours),
    ):
        print(f"  {title:42}{1 / time_each:10,.0f}{cpu_each * 1e6:13,.0f}")
    by_time = sorted(r["bare"] * r["mails"] / r["seconds"] for r in each)
    by_cpu = sorted(r["bare_cpu"] * r["mails"] / r["cpu"] for r in each)
    for title, ratios in (("time", by_time), ("CPU time", by_cpu)):
        print(
            f"  {f'ratio by {title}, median (least–most)':42}{statistics.median(ratios):10.2f}"
            f"  ({ratios[0]:.2f}–{ratios[-1]:.2f})"
        )
    name, rate, base = "national drill, end to end", 1 / ours[0], 1 / bare[0]
    memory = max(r["mb"] for r in each)
    return [
        Figure("relay", name, rate, "a second", BARE, base, more_is_better=True),
        Figure(
            "relay", "national drill, processor a mail", ours[1] * 1e6, "µs", BARE, bare[1] * 1e6
        ),
        Figure("relay", "national drill, peak memory", memory, "MB"),
    ]


# Where the time goes ------------------------------------------------------------------------------


@contextmanager
def sampled(seen: Counter[str]) -> Iterator[None]:
    """Count, while this is open, in which layer the processor is found."""
    if sys.platform == "win32":
        raise SystemExit("--layers needs a system with SIGPROF")
    import signal

    def look(_signal: int, frame: FrameType | None) -> None:
        seen[layer_of(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def layer_of(frame: FrameType | None) -> str:
    """Return the layer of a stack."""
    while frame is not None:
        place = frame.f_code.co_filename.replace("\\", "/")
        for name, parts in LAYERS:
            if any(part in place for part in parts):
                return name
        frame = frame.f_back
    return "the rest"


def by_layer() -> None:
    """Print what a mail costs in each layer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loaded = load(folder)
        seen: Counter[str] = Counter()
        with sampled(seen):
            drill = run_drill(loaded, folder / "national.drill")
    total = seen.total()
    print(f"CPU µs a mail by layer, of {drill.cpu / drill.mails * 1e6:,.0f}")
    for layer, count in seen.most_common():
        print(
            f"  {layer:42}{count / total * drill.cpu / drill.mails * 1e6:8.0f}{count / total:8.0%}"
        )


# A tree ten times as large ------------------------------------------------------------------------


def print_at_size(times: int) -> None:
    """Print the figures of a drill on a tree of this size as JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loaded = load(folder, times)
        drill = run_drill(loaded, folder / "national.drill")
    nodes = len(loaded.tree.nodes)
    print(json.dumps({"nodes": nodes, "mails": drill.mails, "cpu": drill.cpu, "mb": peak_mb()}))


def by_size() -> list[Figure]:
    """Print what a node costs on the nation's tree, and on one ten times as large."""
    small, large = (in_new_process(f"print_at_size({times})") for times in (1, TIMES_LARGER))
    print(f"a tree ten times as large; the goal is at most {GOAL_PER_NODE} a node")
    rows: list[tuple[str, Callable[[dict[str, float]], float]]] = [
        ("CPU ms a node", lambda each: each["cpu"] / each["nodes"] * 1e3),
        ("CPU µs a mail", lambda each: each["cpu"] / each["mails"] * 1e6),
        ("peak KiB a node", lambda each: each["mb"] * 1024 / each["nodes"]),
    ]
    print(f"  {'':26}{small['nodes']:10,.0f}{large['nodes']:10,.0f}{'ratio':>8}")
    figures: list[Figure] = []
    for name, figure in rows:
        few, many = figure(small), figure(large)
        print(f"  {name:26}{few:10.2f}{many:10.2f}{many / few:8.2f}")
        beside = f"{small['nodes']:,.0f} nodes"
        told = f"director, {name}: {large['nodes']:,.0f} nodes"
        figures.append(Figure("relay", told, many, "", beside, few))
    return figures


def main(words: list[str] | None = None) -> list[Figure]:
    """Print the table that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relay", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--uvloop", action="store_true", help="take this loop for both")
    parser.add_argument("--layers", action="store_true", help="where the time goes")
    parser.add_argument("--large", action="store_true", help="beside a tree ten times as large")
    wanted: Any = parser.parse_args(words)
    if wanted.layers:
        by_layer()
        return []
    if wanted.large:
        return by_size()
    return against_bare(wanted.rounds, "uvloop" if wanted.uvloop else "asyncio")


if __name__ == "__main__":
    main()
