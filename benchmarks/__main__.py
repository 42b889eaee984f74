"""Run every benchmark, or those that are named: `python -m benchmarks events smtp`."""

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """Return the benchmarks there are: every module of this package with a `main`."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))


def main(wanted: list[str]) -> int:
    """Run benchmarks by name, all of them without names; return the exit code."""
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}\n")
        return 2
    for number, name in enumerate(wanted or names()):
        title = f"benchmarks.{name}"
        print(f"{'' if number == 0 else chr(10)}{title}\n{'=' * len(title)}", flush=True)
        sys.argv = [title]  # A benchmark may have options of its own; here it has its usual ones.
        import_module(title).main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
