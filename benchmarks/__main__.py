"""Run every benchmark, or those that are named: `python -m benchmarks events smtp`.

What they print stands first; then comes one table of their figures, each beside a baseline from the
same run. `--json FILE` keeps the figures (what FILE has of benchmarks that were not run stays),
`--against FILE` sets earlier ones beside them: `benchmarks/release.json` are those of the last
release.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, as_json, lines, read

HERE = Path(__file__).parent
RELEASE = HERE / "release.json"
ALSO: dict[str, tuple[list[str], ...]] = {"relay": (["--large"],)}
"""In what further ways a benchmark is run."""


def names() -> list[str]:
    """Return the benchmarks there are: every module of this package with a `main`."""
    modules = (path for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    return sorted(path.stem for path in modules if "\ndef main(" in path.read_text("utf-8"))


def run(name: str) -> list[Figure]:
    """Run a benchmark as it is run alone, and in further ways; each in a process of its own.

    A process that has grown large leaves its peak to those that it starts, so this one stays small.
    """
    found: list[Figure] = []
    for words in ([], *ALSO.get(name, ())):
        with TemporaryDirectory() as folder:
            into = Path(folder) / "figures.json"
            call = f"alone({name!r}, {words!r}, {str(into)!r})"
            code = f"from benchmarks.__main__ import alone; {call}"
            subprocess.run([sys.executable, "-c", code], check=True)
            found += read(into).values()
    return found


def alone(name: str, words: list[str], into: str) -> None:
    """Run a benchmark in this process, and write its figures to a file."""
    sys.argv = [f"benchmarks.{name}", *words]
    figures: list[Figure] = import_module(f"benchmarks.{name}").main() or []
    Path(into).write_text(as_json(figures), encoding="utf-8")


def main(words: Sequence[str] | None = None) -> int:
    """Run benchmarks by name, all of them without names; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    parser.add_argument("--against", type=Path, metavar="FILE", help="figures to compare with")
    wanted = parser.parse_args(words)
    unknown = [name for name in wanted.names if name not in names()]
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}\n")
        return 2
    try:
        before = read(wanted.against) if wanted.against else {}
    except (OSError, ValueError, KeyError, TypeError) as fault:
        sys.stderr.write(f"{wanted.against}: these are no figures: {fault}\n")
        return 2
    figures: list[Figure] = []
    for number, name in enumerate(wanted.names or names()):
        title = f"benchmarks.{name}"
        print(f"{'' if number == 0 else chr(10)}{title}\n{'=' * len(title)}", flush=True)
        figures += run(name)
    print()
    for line in lines(figures, before):
        print(line)
    if wanted.json:
        run_now = {figure.of for figure in figures}
        kept = read(wanted.json).values() if wanted.json.exists() else ()
        others = [figure for figure in kept if figure.of not in run_now]
        whole = sorted([*others, *figures], key=lambda figure: figure.of)
        wanted.json.write_text(as_json(whole), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
