"""How long the report of a national drill takes, format by format.

    python -m benchmarks reports                 # or benchmarks/reports.py [--lang en]

The shipped drill as the whole country would hold it (1,789 nodes) is computed and sealed. Its
report is made in one process, as `drillsim report -o a.docx -o a.html …` makes it: the journal is
read and verified once, and every format is written from one view. Printed: seconds by the clock
and of the processor for each step. All together should take under 10 s.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.control_room import recorded
from benchmarks.figures import Figure
from drillsim.cli.batch import without_collector
from drillsim.i18n import set_language
from drillsim.journal import JournalReader
from drillsim.reports.drill_record import DrillRecord, read_drill
from drillsim.reports.formats import FORMATS, writer
from drillsim.reports.report import report_view
from tests.tui.recorded import sealed_journal

WANTED_S = 10
_T = TypeVar("_T")


class Watch:
    """Measures steps and prints a line for each."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def step(self, name: str, work: Callable[[], _T]) -> _T:
        """Return what `work` returns, and print how long it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self.wall += wall
        self.cpu += cpu
        size = f"{len(result) / 1e6:8.2f} MB" if isinstance(result, bytes) else ""
        print(f"  {name:<10} {wall:6.2f} s  processor {cpu:6.2f} s {size}", flush=True)
        return result


def read(path: Path) -> DrillRecord:
    """Return what the report is made of, as the command reads it."""
    with JournalReader(path) as reader:
        return read_drill(reader)


def main() -> list[Figure]:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lang", choices=("ja", "en"), default="ja")
    options = parser.parse_args()
    set_language(options.lang)
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder, without_collector():
        path = sealed_journal(Path(folder) / "national.drill", recorded())
        size = path.stat().st_size / 1e6
        record = watch.step("reading", lambda: read(path))
        nodes = len(record.exercise.tree.nodes)
        view = watch.step("view", lambda: report_view(record))
        for suffix in FORMATS:
            write = writer(suffix)
            assert write is not None
            watch.step(suffix, lambda write=write: write(view))  # type: ignore[misc]
    print(f"  {'together':<10} {watch.wall:6.2f} s  processor {watch.cpu:6.2f} s")
    print(f"  {nodes:,} nodes, {record.count:,} records, {size:.1f} MB; wanted: {WANTED_S} s")
    return [Figure("reports", "national drill, all formats", watch.cpu, "s", "wanted", WANTED_S)]


if __name__ == "__main__":
    main()
