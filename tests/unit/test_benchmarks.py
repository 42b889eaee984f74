"""The benchmarks are found by name, and each can be run."""

from importlib import import_module

import pytest

from benchmarks.__main__ import main, names


def test_every_benchmark_is_found_and_has_a_main() -> None:
    assert {"events", "journal", "smtp"} <= set(names())
    assert all(callable(import_module(f"benchmarks.{name}").main) for name in names())


def test_a_benchmark_that_does_not_exist_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "gone"]) == 2
    assert capsys.readouterr().err.startswith("no benchmark gone; there are ")


def test_the_trees_measured_have_the_sizes_that_they_say() -> None:
    from benchmarks.events import SHAPES, tree

    assert [shape.nodes for shape in SHAPES] == [21, 1_789, 17_890, 17_890]
    shape = SHAPES[0]
    assert len(tree(shape).nodes) == shape.nodes
