"""Change the rules of a drill at one place after the other, and count what the tests notice.

    python tools/mutants.py                       # every mutant that was not judged yet
    python tools/mutants.py --only 'drillsim.drill.rules.*'
    python tools/mutants.py --again               # those that survived, once more
    python tools/mutants.py --sample 800          # a random part of all, with its margin

`[tool.mutmut]` in pyproject.toml says which modules are changed and which tests judge; mutmut makes
the mutants, below `mutants/`, and `mutmut show NAME` prints one. Its own `mutmut run` comes to the
same verdicts and takes several times as long: here the tests are collected once, every mutant is
judged in a fork of a process that has run no test yet (what one test caches hides nothing from the
next), the quickest tests come first, and a property that fails is not shrunk.
"""

import argparse
import fnmatch
import io
import json
import math
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WHO_TESTS_WHAT = "who-tests-what.json"
TELL_ALL = ("rules", "told")
"""Tests of these names tell whole drills, whatever module is at fault."""

KILLED, SURVIVED, NO_TESTS, TIMEOUT = 1, 0, 33, 36  # As mutmut keeps them in its .meta files.
WORDS = {KILLED: "killed", SURVIVED: "survived", NO_TESTS: "no tests", TIMEOUT: "timeout"}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/mutants.py", description=__doc__.split("\n")[0])
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--again", action="store_true", help="judge survivors once more")
    parser.add_argument("--sample", type=int, metavar="N", help="judge N of all, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--budget",
        type=float,
        default=math.inf,
        metavar="SECONDS",
        help="run tests of so many seconds a mutant: who is not killed by then counts as survivor",
    )
    parser.add_argument("--fresh", action="store_true", help="find out anew who tests what")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="judge none; list the survivors")
    chosen = parser.parse_args(arguments)
    if sys.platform != "win32":
        return run(chosen)
    print("mutants are judged in forked processes, which this system has not", file=sys.stderr)
    return 2


if sys.platform != "win32":
    from mutmut.__main__ import create_mutants
    from mutmut.configuration import config
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.state import state
    from mutmut.utils.file_utils import (
        copy_also_copy_files,
        copy_src_dir,
        setup_source_paths,
        walk_all_files,
        walk_mutatable_files,
    )
    from mutmut.utils.format_utils import mangled_name_from_mutant_name

    def run(chosen: argparse.Namespace) -> int:
        os.chdir(ROOT)
        Path("mutants").mkdir(exist_ok=True)
        set_mutant_under_test("mutant_generation")
        lay_out()
        setup_source_paths()
        with redirect_stdout(io.StringIO()):
            create_mutants(chosen.jobs)
        book = Book()
        names = [name for name in book.verdicts() if wanted(name, chosen.only)]
        if chosen.sample:
            names = random.Random(chosen.seed).sample(sorted(names), min(chosen.sample, len(names)))
        if not chosen.list:
            judge = Judge(book, names, chosen)
            selection = config().pytest_add_cli_args_test_selection
            os.chdir("mutants")
            set_mutant_under_test("")
            code = pytest.main(
                [
                    "--rootdir=.",
                    "--tb=no",
                    "-p",
                    "no:xdist",
                    *config().pytest_add_cli_args,
                    *selection,
                ],
                plugins=[judge],
            )
            os.chdir(ROOT)
            if not judge.ended:
                print(f"the tests could not be collected (pytest: {code})", file=sys.stderr)
                return 3
        print_table(book.verdicts(), names, sampled=bool(chosen.sample), listed=chosen.list)
        return 0

    def lay_out() -> None:
        """Copy what the tests need; mutmut leaves alone what is there already."""
        shutil.rmtree("mutants/tests", ignore_errors=True)
        copy_src_dir()
        for folder, name in walk_all_files():
            if not name.endswith(".py"):
                shutil.copy2(Path(folder, name), Path("mutants", folder, name))
        with redirect_stdout(io.StringIO()):
            copy_also_copy_files()

    def wanted(name: str, patterns: Sequence[str]) -> bool:
        return not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

    class Book:
        """The verdicts, in the files where mutmut keeps them."""

        def __init__(self) -> None:
            self.files = [SourceFileMutationData(path=path) for path in walk_mutatable_files()]
            self.file_of: dict[str, SourceFileMutationData] = {}
            for file in self.files:
                file.load()
                self.file_of.update(dict.fromkeys(file.exit_code_by_key, file))

        def verdicts(self) -> dict[str, int | None]:
            return {
                name: verdict
                for file in self.files
                for name, verdict in file.exit_code_by_key.items()
            }

        def enter(self, name: str, verdict: int, took: float) -> None:
            file = self.file_of[name]
            file.exit_code_by_key[name] = verdict
            file.durations_by_key[name] = took

        def save(self) -> None:
            here = Path.cwd()
            os.chdir(ROOT)
            for file in self.files:
                file.save()
            os.chdir(here)

    class Judge:
        """A plugin that takes the place of pytest's loop over the tests."""

        def __init__(self, book: Book, names: Sequence[str], chosen: argparse.Namespace) -> None:
            self.book = book
            self.names = names
            self.chosen = chosen
            self.ended = False
            self.items: dict[str, pytest.Item] = {}
            self.took: dict[str, float] = {}
            self.tests_of: defaultdict[str, list[str]] = defaultdict(list)
            self.calls: defaultdict[str, Counter[str]] = defaultdict(Counter)
            """Of how many functions of each module a test makes use."""
            self.killers: defaultdict[str, Counter[str]] = defaultdict(Counter)
            """By function and by module: how many mutants each test killed."""

        def pytest_collection(self) -> None:
            """Let Hypothesis stop at the first example that fails: nobody will read it."""
            from hypothesis import Phase, settings  # Not before pytest has its hooks in place.

            as_told = settings.get_profile(settings.get_current_profile_name())
            phases = [Phase.explicit, Phase.generate]
            settings.register_profile("mutants", parent=as_told, phases=phases)
            settings.load_profile("mutants")

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            if session.testsfailed:
                return False
            self.items = {item.nodeid: item for item in session.items}
            self.find_out_who_tests_what()
            self.judge_all()
            self.ended = True
            return True

        def find_out_who_tests_what(self) -> None:
            """Run each test once, in a process of its own; its time is what it takes from cold."""
            kept = Path(WHO_TESTS_WHAT)
            known = json.loads(kept.read_text()) if kept.exists() and not self.chosen.fresh else {}
            changed: dict[str, float] = {}
            for number, (test, item) in enumerate(self.items.items(), 1):
                stamp = changed.setdefault(str(item.path), item.path.stat().st_mtime)
                if test in known and known[test]["stamp"] == stamp:
                    continue
                read, write = os.pipe()

                def in_child(item: pytest.Item = item, write: int = write) -> int:
                    set_mutant_under_test("stats")
                    began = time.process_time()
                    failed = run_items([item])
                    took = time.process_time() - began
                    told = {"took": took, "failed": failed, "calls": sorted(state()._stats)}
                    with os.fdopen(write, "w") as pipe:
                        json.dump(told, pipe)
                    return 0

                child = forked(in_child, 600)
                os.close(write)
                with os.fdopen(read) as pipe:
                    told = json.load(pipe)
                os.waitpid(child, 0)
                if told.pop("failed"):
                    pytest.exit(f"{test} fails before anything is changed", 3)
                known[test] = {**told, "stamp": stamp}
                show(f"who tests what: {number} of {len(self.items)}")
            known = {test: known[test] for test in self.items}
            kept.write_text(json.dumps(known))
            for test, facts in sorted(known.items(), key=lambda fact: (fact[1]["took"], fact[0])):
                self.took[test] = facts["took"]
                for function in facts["calls"]:
                    self.tests_of[function].append(test)
                    self.calls[test][function.rpartition(".")[0]] += 1

        def judge_all(self) -> None:
            verdicts = self.book.verdicts()
            again = (None, SURVIVED, NO_TESTS) if self.chosen.again else (None,)
            names = [name for name in self.names if verdicts[name] in again]
            running: dict[int, tuple[str, int, float]] = {}
            counts: Counter[str] = Counter()

            def take_one() -> None:
                child, status = os.wait()
                name, read, began = running.pop(child)
                with os.fdopen(read) as pipe:
                    killer = pipe.read()
                code = os.waitstatus_to_exitcode(status)
                verdict = TIMEOUT if code < 0 else KILLED if code else SURVIVED
                if killer:
                    self.killers[mangled_name_from_mutant_name(name)][killer] += 1
                    self.killers[name.rpartition(".")[0]][killer] += 1
                self.book.enter(name, verdict, time.monotonic() - began)
                counts[WORDS[verdict]] += 1
                if sum(counts.values()) % 50 == 0:
                    self.book.save()
                show(f"{sum(counts.values())} of {len(names)}: {dict(counts)}")

            for name in names:
                tests = self.tests_for(name)
                if not tests:
                    self.book.enter(name, NO_TESTS, 0.0)
                    counts[WORDS[NO_TESTS]] += 1
                    continue
                while len(running) >= self.chosen.jobs:
                    take_one()
                read, write = os.pipe()

                def in_child(
                    name: str = name, tests: Sequence[str] = tests, write: int = write
                ) -> int:
                    set_mutant_under_test(name)
                    killer = run_items([self.items[test] for test in tests])
                    os.write(write, killer.encode())
                    return 1 if killer else 0

                estimate = sum(self.took[test] for test in tests)
                running[forked(in_child, 10 + math.ceil(5 * estimate))] = (
                    name,
                    read,
                    time.monotonic(),
                )
                os.close(write)
            while running:
                take_one()
            self.book.save()

        def tests_for(self, name: str) -> list[str]:
            """Return what is run for a mutant, the likeliest to notice it first.

            These are the tests that killed others of its function or of its module, then those that
            are named after the module or tell whole drills, then those that come by most of its
            functions in a second.
            """
            function = mangled_name_from_mutant_name(name)
            module = name.rpartition(".")[0]
            own = (module.rpartition(".")[2], *TELL_ALL)
            in_function, in_module = self.killers[function], self.killers[module]
            left = self.chosen.budget
            chosen = []
            for test in sorted(
                self.tests_of[function],
                key=lambda test: (
                    -in_function[test],
                    -in_module[test],
                    not any(f"/test_{name}.py::" in test for name in own),
                    -self.calls[test][module] / self.took[test],
                ),
            ):
                if self.took[test] <= left:
                    left -= self.took[test]
                    chosen.append(test)
            return chosen

    class FirstFailure:
        """Takes note of the first test that fails."""

        def __init__(self) -> None:
            self.test = ""

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                self.test = report.nodeid

    def run_items(items: Sequence[pytest.Item]) -> str:
        """Run tests until one fails; return its name, or nothing."""
        first = FirstFailure()
        plugins = items[0].config.pluginmanager
        plugins.register(first)
        plugins.unregister(name="terminalreporter")  # Nobody reads along.
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if first.test:
                break
        return first.test

    def forked(work: Callable[[], int], seconds: int) -> int:
        """Start `work` in a child that may take so many seconds of a processor."""
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            import resource

            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(60 + 20 * seconds)  # What waits for ever takes no time of a processor.
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
            code = work()
        finally:
            os._exit(code)

    def show(text: str) -> None:
        if sys.__stderr__ is not None:
            sys.__stderr__.write(f"\r{text:<79}")
            sys.__stderr__.flush()

    def print_table(
        verdicts: dict[str, int | None], names: Iterable[str], *, sampled: bool, listed: bool
    ) -> None:
        modules: defaultdict[str, Counter[int | None]] = defaultdict(Counter)
        for name in names:
            modules[name.rpartition(".")[0].removeprefix("drillsim.")][verdicts[name]] += 1
            if listed and verdicts[name] in (SURVIVED, NO_TESTS):
                print(name)
        total: Counter[int | None] = Counter()
        print(
            f"\n{'module':<28}{'mutants':>8}{'killed':>8}{'survived':>9}{'untested':>9}{'share':>8}"
        )
        for module, counts in sorted(modules.items()):
            total += counts
            print_row(module, counts)
        print_row("all", total)
        judged = sum(count for verdict, count in total.items() if verdict is not None)
        if sampled and judged:
            share = (total[KILLED] + total[TIMEOUT]) / judged
            low, high = wilson(share, judged)
            print(f"a sample of {judged}: {low:.1%} to {high:.1%} at 95 % confidence")

    def print_row(name: str, counts: Counter[int | None]) -> None:
        killed = counts[KILLED] + counts[TIMEOUT]
        judged = sum(count for verdict, count in counts.items() if verdict is not None)
        share = f"{killed / judged:.1%}" if judged else "-"
        print(
            f"{name:<28}{judged:>8}{killed:>8}{counts[SURVIVED]:>9}{counts[NO_TESTS]:>9}{share:>8}"
        )

    def wilson(share: float, count: int) -> tuple[float, float]:
        """Return Wilson's interval of a share, at 95 %."""
        z = 1.96
        middle = (share + z * z / (2 * count)) / (1 + z * z / count)
        half = z / (1 + z * z / count)
        half *= math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
        return middle - half, middle + half


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
