"""docs/json.md names every key of the objects that commands print, and no other."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli.main import main
from drillsim.shipped import shipped_dir

DOCS = Path(__file__).parents[3] / "docs"
SCENARIO = str(shipped_dir("scenarios") / "r5-virus-suspicion.yaml")
TREE = str(shipped_dir("contacts") / "yamaguchi.yaml")
PAGES = ("json.md", "json.ja.md")

_WORD = re.compile(r"`([a-z_]+)`")


def sections(page: str) -> dict[str, list[str]]:
    """Return the lines of each section that is headed by a command."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (DOCS / page).read_text("utf-8").splitlines():
        if line.startswith("## "):
            name = line.removeprefix("## ").strip("`").split(" --json")[0]
        found.setdefault(name, []).append(line)
    return found


def keys(lines: list[str]) -> set[str]:
    """Return what the first column of a table names."""
    return {
        word for line in lines if line.startswith("|") for word in _WORD.findall(line.split("|")[1])
    }


def printed(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    main([str(word) for word in words])
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("json")


@pytest.fixture(scope="module")
def drill(folder: Path) -> Path:
    (folder / "drills").mkdir()
    path = folder / "drills" / "r5.drill"
    assert (
        main(["run", SCENARIO, "--seed", "7", "--headless", "--no-forecast", "--out", str(path)])
        == 0
    )
    return path


@pytest.mark.parametrize("page", PAGES)
def test_the_objects_of_a_drill_have_the_keys_of_the_page(
    page: str,
    drill: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {name: keys(lines) for name, lines in sections(page).items()}
    out = folder / f"{page}.drill"
    run = ("run", SCENARIO, "--headless", "--json", "--no-forecast", "--out", out)
    assert set(printed(capsys, *run)) == told["drillsim run"]
    alone = told["drillsim run"] - {"wall_seconds", "durable"}
    status = set(printed(capsys, "status", drill, "--json"))
    assert status == told["drillsim status"] | alone
    for name in ("score", "verify"):
        assert set(printed(capsys, name, drill, "--json")) == told[f"drillsim {name}"], name
    monkeypatch.chdir(folder)
    (row,) = printed(capsys, "drills", "--json")["drills"]
    assert set(row) == set(_WORD.findall(" ".join(sections(page)["drillsim drills"]))) - {"drills"}


@pytest.mark.parametrize("page", PAGES)
def test_what_is_printed_of_files_has_the_keys_of_the_page(
    page: str, drill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = sections(page)
    files: tuple[tuple[str, ...], ...] = (
        ("check", SCENARIO),
        ("plan", SCENARIO, "--runs", "2"),
        ("forecast", SCENARIO, "--runs", "20", "--score-runs", "0"),
    )
    for words in files:
        found = set(printed(capsys, *words, "--json"))
        assert found == keys(told[f"drillsim {words[0]}"]), words
    (contacts,) = (lines for name, lines in told.items() if name.startswith("drillsim contacts"))
    rows = {
        line.split("|")[1].strip(" `"): line.split("|")[2]
        for line in contacts
        if "`," in line or "`、" in line
    }
    trees: dict[str, tuple[str, ...]] = {
        "contacts check": (TREE,),
        "contacts diff": (TREE, TREE),
        "contacts what-if": (TREE,),
        "contacts mend": (str(drill),),
    }
    for name, paths in trees.items():
        found = set(printed(capsys, *name.split(), *paths, "--json"))
        assert found == set(_WORD.findall(rows[name])), name


@pytest.mark.parametrize("page", PAGES)
def test_what_is_printed_of_a_mail_has_the_keys_of_the_page(
    page: str, drill: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mails = folder / f"mails-{page}"
    assert main(["export", str(drill), "--mails", str(mails)]) == 0
    mail = next(iter(sorted(mails.glob("*-in-*.eml"))))
    capsys.readouterr()
    lines = sections(page)["drillsim explain"]
    assert set(printed(capsys, "explain", mail, "--json")) == keys(lines)
    assert set(printed(capsys, "mail", "classify", "--jsonl", mail)) == keys(lines)
    (more,) = ("".join(lines[at:]) for at, line in enumerate(lines) if "`--drill`" in line)
    in_drill = set(_WORD.findall(more)) - {"inject", "node"}
    found = set(printed(capsys, "explain", mail, "--json", "--drill", drill))
    assert found == keys(lines) | in_drill
