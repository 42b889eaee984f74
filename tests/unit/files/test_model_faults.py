"""Every error that pydantic can raise for our models is told in users' words."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from drillsim.drill.model import Unfit
from drillsim.drill.scenario import Scenario
from drillsim.drill.tree import ContactTree
from drillsim.files.model_faults import did_you_mean, known_keys, listed, model_problems
from drillsim.files.yaml_nodes import plain
from drillsim.files.yaml_reader import read_document

GOOD = Path(__file__).parents[2] / "data" / "bad"

WRONG: list[Any] = [
    "",
    "x",
    "-1",
    "999999999999999999999999",
    "1.5",
    "nan",
    "2026-01-01",
    "a\nb",
    "@",
    "x" * 200,
    [],
    ["x"],
    [["x"]],
    {},
    {"x": "y"},
    [{}],
    [{"x": "y"}],
]


def paths_in(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = data.items() if isinstance(data, dict) else enumerate(data)
    if isinstance(data, dict | list):
        for key, value in items:
            found += paths_in(value, (*path, key))
    return found


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(data, dict):
        return {**data, path[0]: replaced(data[path[0]], path[1:], value)}
    return [
        replaced(item, path[1:], value) if n == path[0] else item for n, item in enumerate(data)
    ]


EVERYTHING = """
participants: {default: all, except: {"352012": 会議}}
keep-open: 1h
hours: auto
values: {extension: "1234"}
texts: {stop: {subject: 中止, body: 中止します。}}
people:
  acknowledge: {median: 10m, sigma: 1.2}
  away: 5%
  telephone: {answered: 50%}
  nodes: {"352012": {absent: [1], answers: {down: "1"}, leave-out: []}}
faults: [{node: "352012", kind: delay, by: 10m, from: 5m, until: 10m, officer: 1}]
scoring: {weights: {reach: 3}, thresholds: {P: 80}, late-credit: 50%}
"""


def refusals(model: type[BaseModel], data: Any) -> Iterator[ValidationError]:
    """Yield pydantic's answer to each wrong value in the place of each right one."""
    for path in paths_in(data):
        for value in WRONG:
            try:
                model.model_validate(replaced(data, path, value), by_alias=True, by_name=False)
            except ValidationError as error:
                yield error


@pytest.mark.parametrize(
    ("name", "model", "more", "kinds_at_least"),
    [
        pytest.param("good-scenario.yaml", Scenario, EVERYTHING, 20, id="scenario"),
        pytest.param("good-tree.yaml", ContactTree, "", 9, id="tree"),
    ],
)
def test_no_wrong_value_anywhere_is_told_in_the_librarys_words(
    name: str, model: type[BaseModel], more: str, kinds_at_least: int
) -> None:
    document = read_document((GOOD / name).read_bytes() + more.encode(), name)
    data = plain(document.root)
    model.model_validate(data, by_alias=True, by_name=False)
    kinds = set()
    for error in refusals(model, data):
        kinds |= {fault["type"] for fault in error.errors()}
        problems = model_problems(error, document, model)
        assert problems
        for problem in problems:
            said = f"{problem.message}; {problem.remedy}"
            assert problem.remedy
            assert "does not fit" not in said, error
            assert not re.search(r"Input should|Value error|Field required|When[A-Z]|\[key", said)
    assert len(kinds) >= kinds_at_least


def test_a_value_error_of_our_own_names_its_key() -> None:
    fault = Unfit("is wrong", "write right", "by")
    assert str(fault) == "is wrong; write right"


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("stand_in_after", ["stand-in-after", "within"], "stand-in-after"),
        ("Within", ["stand-in-after", "within"], "within"),
        ("withn", ["stand-in-after", "within"], "within"),
        ("xyzzy", ["stand-in-after", "within"], None),
        ("x", [], None),
    ],
)
def test_a_near_word_is_offered(word: str, known: list[str], meant: str | None) -> None:
    assert did_you_mean(word, known) == meant


def test_words_are_listed_with_or() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b or c"


def test_keys_are_known_at_every_depth() -> None:
    when = ("phases", "states", "x", "next", 0, "when", "WhenReported")
    assert known_keys(Scenario, when) == ["reported", "of", "share"]
    assert "stand-in-after" in known_keys(Scenario, ("injects", 3, "acknowledge"))
    assert known_keys(Scenario, ("people", "nodes", "352012", "acknowledge")) == ["median", "sigma"]
    assert known_keys(Scenario, ("nowhere", 1)) == []
