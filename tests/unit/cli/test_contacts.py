import json
import os
from pathlib import Path

import pytest

from drillsim.cli.main import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_tree_is_shown_as_a_tree(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts", "show", "yamaguchi"]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0].startswith("山口県")
    assert lines[1].startswith("J-LIS 住基ネット全国センター  [jlis]")
    assert any(line.startswith("└ 山口県 市町課  [350001]") for line in lines)
    assert any(line.startswith("  ├ 下関市 市民課  [352012]") for line in lines)
    assert any(line.startswith("  └ 阿武町") for line in lines)
    assert "21 nodes, " in said.err


def test_with_redact_no_name_address_or_number_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["contacts", "show", "yamaguchi", "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    secrets = {
        value
        for node in tree["nodes"]
        for officer in node["officers"]
        for value in (officer["name"], officer["phone"], *officer["email"])
        if value
    }
    assert len(secrets) > 60
    for words in (["--redact"], ["--redact", "--json"]):
        assert main(["contacts", "show", "yamaguchi", *words]) == 0
        shown = capsys.readouterr().out
        assert not [secret for secret in secrets if secret in shown]
        assert "下関市 市民課" in shown


def test_a_new_tree_passes_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts", "new", "--prefecture", "350001", "-o", "new.yaml"]) == 0
    assert main(["check", "new.yaml"]) == 0
    assert capsys.readouterr().err == "written: new.yaml\n1 file checked: no problems\n"
    if os.name == "posix":
        assert (folder / "new.yaml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("word", ["350001", "35000", "35", "山口県"])
def test_a_prefecture_is_named_by_code_or_name(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "new", "--prefecture", word]) == 0
    assert "title: 山口県 住基ネット緊急時連絡網\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "write either --prefecture CODE or --national"),
        (["--national", "--prefecture", "350001"], "write either --prefecture CODE or --national"),
        (["--prefecture", "350002"], "no prefecture 350002; did you mean 350001?"),
        (["--prefecture", "山口"], "no prefecture 山口; did you mean 山口県?"),
        (["--prefecture", "352012"], "no prefecture 352012; did you mean 350001?"),
        (["--prefecture", "99"], "no prefecture 99; write a code such as 350001"),
        (["--prefecture", "\x1b[2J"], "no prefecture ; write a code"),
    ],
)
def test_wrong_use_is_told_in_a_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "new", *words]) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert said in caught.err
    assert "\x1b" not in caught.err


def test_nothing_is_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine.yaml").write_text("mine")
    assert main(["contacts", "new", "--prefecture", "350001", "-o", "mine.yaml"]) == 2
    assert "mine.yaml is there already; name another file" in capsys.readouterr().err
    assert (folder / "mine.yaml").read_text() == "mine"


def test_the_group_alone_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts"]) == 0
    assert "Commands:" in capsys.readouterr().out


def test_a_tree_with_errors_is_not_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "t.yaml").write_text("format: drillsim-contacts/1\ntitle: x\nnodes: []\n")
    assert main(["contacts", "show", "t.yaml"]) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert caught.err == "t.yaml:3:8: nodes is empty; write something there\n"
