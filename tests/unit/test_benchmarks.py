"""The benchmarks are found by name, and each can be run."""

import asyncio
import sys
from collections.abc import Awaitable
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.__main__ import main, names
from drillsim.mail.sink import Delivery, Sink


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


def test_the_nation_ten_times_over_is_one_tree(tmp_path: Path) -> None:
    from benchmarks.relay import larger, load

    loaded = load(tmp_path)
    tree = larger(loaded.tree, 10)
    assert len(tree.nodes) == len(tree.by_id) == 1 + 10 * (len(loaded.tree.nodes) - 1)
    assert sum(1 for _node in tree.walk()) == len(tree.nodes)


def test_a_stack_belongs_to_the_innermost_layer_that_it_is_in() -> None:
    from benchmarks.relay import layer_of

    assert layer_of(sys._getframe()) == "the rest"
    seen: list[str] = []

    def store(delivery: Delivery) -> Awaitable[None]:
        seen.append(layer_of(sys._getframe()))
        raise OSError

    sink = Sink(store, known_recipient=lambda _address: True)
    asyncio.run(sink.keeps(Delivery("a@b.test", ("c@d.test",), b"", ("127.0.0.1", 1))))
    assert seen == ["SMTP: the sink"]
