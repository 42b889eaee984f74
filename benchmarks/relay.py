"""How fast a drill relays mail: `python -m benchmarks.relay`.

A national drill of two tiers (1 + 47 + 1,741 nodes) at full speed, end to end: every mail is
composed, handed over by SMTP, kept, recognised where it is an answer, and every event is in the
journal. Beside it, in the same run, what bare aiosmtplib → aiosmtpd hands over without doing
anything with it. The product's share of that rate is the figure to read; seconds differ by machine.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.smtp import MAILS, bare
from drillsim.conduct.director import Outcome
from drillsim.conduct.rehearsal import Wanted, conduct, lay_out
from drillsim.files.bodies import prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.scenario_file import LoadedScenario, load_scenario
from drillsim.journal.reader import JournalReader

SCENARIO = Path(__file__).parent / "data" / "national.yaml"
SEED = 7


def run_drill(loaded: LoadedScenario, folder: Path) -> tuple[Outcome, float]:
    """Return how a drill went, and the mean size of its mails in bytes."""
    path = folder / "national.drill"
    outcome = asyncio.run(conduct(lay_out(Wanted(loaded, SEED, "max", path)), loaded, "max"))
    with JournalReader(path) as reader:
        sizes = [len(reader.mail(each.hash)) for each in reader.envelopes()[:500]]
    return outcome, sum(sizes) / len(sizes)


def peak_mb() -> float:
    """Return the peak memory of this process in MB (Linux gives KiB, macOS bytes)."""
    if sys.platform == "win32":
        return float("nan")  # It has no getrusage; the other figures are there.
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = folder / "national-contacts.yaml"
        tree.write_text("".join(new_tree(prefectures(), "全国の連絡網")), encoding="utf-8")
        loaded = load_scenario(SCENARIO, tree)
        outcome, size = run_drill(loaded, folder)
        memory = peak_mb()
        raw = (
            b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" * 2 + (b"y" * 72 + b"\r\n") * int(size / 74)
        )
        rate = MAILS / asyncio.run(bare(raw, 4))
    board = outcome.board
    mails = board.mails_sent + board.mails_received
    relayed = mails / outcome.wall_seconds
    print("National drill of two tiers, everything on")
    print(f"  nodes {len(loaded.tree.nodes):,}  mails {mails:,}  events {board.count:,}")
    print(f"  drill of {outcome.drill_seconds / 3600:.1f} h in {outcome.wall_seconds:.1f} s")
    print(f"  peak memory {memory:.0f} MB")
    print(f"  {'handed over, per second':40}{'rate':>8}{'ratio':>8}")
    print(f"  {'bare aiosmtplib → aiosmtpd, 4 sessions':40}{rate:8,.0f}{1:8.2f}")
    print(f"  {'relayed by the drill, end to end':40}{relayed:8,.0f}{relayed / rate:8.2f}")


if __name__ == "__main__":
    main()
