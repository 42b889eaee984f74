"""The benchmarks are found by name, each can be run, and their figures can be compared."""

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.__main__ import RELEASE, main, names
from benchmarks.figures import Figure, as_json, lines, number, read

RATE = Figure("smtp", "mails", 1_200.0, "a second", "bare", 1_000.0, more_is_better=True)
COST = Figure("journal", "verify", 0.6, "s", "a bare chain", 0.05)
PLAIN = Figure("stop", "last stop mail", 2.0, "s")


def test_every_benchmark_is_found_and_has_a_main() -> None:
    assert {"events", "journal", "smtp", "relay", "forecast"} <= set(names())
    assert {"figures", "postfix"}.isdisjoint(names())
    assert all(callable(import_module(f"benchmarks.{name}").main) for name in names())


def test_a_benchmark_that_does_not_exist_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "gone"]) == 2
    assert capsys.readouterr().err.startswith("no benchmark gone; there are ")


def test_a_file_that_holds_no_figures_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[]")
    for path in (wrong, tmp_path / "none.json"):
        assert main(["events", "--against", str(path)]) == 2
        assert "these are no figures" in capsys.readouterr().err


def test_figures_are_kept_read_again_and_compared(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "run", lambda _name: [PLAIN, RATE])
    before = tmp_path / "before.json"
    assert main(["stop", "--json", str(before)]) == 0
    monkeypatch.setattr(command, "run", lambda _name: [replace(PLAIN, value=4.0), RATE])
    capsys.readouterr()
    assert main(["stop", "--against", str(before)]) == 0
    table = capsys.readouterr().out.splitlines()
    assert [line.rsplit("× ")[-1] for line in table if " × " in line] == ["2.00  worse", "1.00"]
    assert set(read(before).values()) == {PLAIN, RATE}


def test_what_was_kept_of_benchmarks_that_were_not_run_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(as_json([PLAIN, COST]), encoding="utf-8")
    again = replace(PLAIN, name="first", value=1.0)
    monkeypatch.setattr(command, "run", lambda _name: [again])
    assert main(["stop", "--json", str(kept)]) == 0
    assert [figure.name for figure in read(kept).values()] == ["verify", "first"]


def test_a_benchmark_runs_in_a_process_of_its_own_and_hands_its_figures_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("benchmarks.stop")
    monkeypatch.setattr(module, "main", lambda: [PLAIN])
    monkeypatch.setattr("sys.argv", [])
    into = tmp_path / "figures.json"
    command.alone("stop", [], str(into))
    assert list(read(into).values()) == [PLAIN]


def test_a_ratio_is_compared_rather_than_a_figure_of_another_machine() -> None:
    slow = replace(RATE, value=120.0, base=100.0)
    assert slow.change(RATE) == pytest.approx(1.0)
    assert not slow.is_worse(RATE)
    assert replace(RATE, value=900.0).is_worse(RATE)
    assert not replace(RATE, value=2_000.0).is_worse(RATE)
    assert replace(COST, value=0.8).is_worse(COST)
    assert not replace(COST, value=0.3).is_worse(COST)


def test_numbers_have_three_digits_that_count() -> None:
    told = [number(value) for value in (0, 0.00123, 0.123, 1.234, 12.34, 123.4, 1234567.0)]
    assert told == ["0", "0.0012", "0.123", "1.23", "12.3", "123", "1,234,567"]


def test_the_kept_figures_name_no_machine() -> None:
    data = json.loads(RELEASE.read_text(encoding="utf-8"))
    assert set(data) == {"version", "python", "cores", "figures"}
    assert set(json.loads(as_json([PLAIN]))) == set(data)
    kept = read(RELEASE)
    assert {of for of, _name in kept} >= {"smtp", "relay", "journal", "events", "forecast"}
    assert list(lines(list(kept.values()), kept))


def test_the_trees_measured_have_the_sizes_that_they_say() -> None:
    from benchmarks.events import SHAPES, tree

    assert [shape.nodes for shape in SHAPES] == [21, 1_789, 17_890, 17_890]
    shape = SHAPES[0]
    assert len(tree(shape).nodes) == shape.nodes
