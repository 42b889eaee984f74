"""The page of guarantees names tests that there are, the same ones in both languages."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("docs/guarantees.md", "docs/guarantees.ja.md")
PROOF = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def proofs(page: str) -> list[tuple[str, str]]:
    return PROOF.findall((ROOT / page).read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_is_there(page: str) -> None:
    named = proofs(page)
    assert len(named) >= 30
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        functions = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in functions or not name, f"{path}::{name}"


def test_both_languages_promise_the_same() -> None:
    assert proofs(PAGES[0]) == proofs(PAGES[1])


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_has_its_proof(page: str) -> None:
    rows = [line for line in (ROOT / page).read_text("utf-8").splitlines() if line[:2] == "| "]
    promises = [row for row in rows if row not in ("| Promise | Held by |", "| 約束 | 試験 |")]
    assert len(promises) >= 25
    assert [row for row in promises if not PROOF.search(row)] == []
