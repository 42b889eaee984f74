import io
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from drillsim import __version__
from drillsim.cli import main as entry
from drillsim.cli.main import COMMANDS, _refused, main
from drillsim.problem import ExitCode, Problem, ProblemsError, StoppedError, UsageError

HEAVY = ["aiosmtpd", "aiosmtplib", "asyncio", "jinja2", "pydantic", "sqlite3"]
HEAVY += ["textual", "transitions", "yaml"]


@click.command(
    "probe", params=[click.Option(["--raise", "what"]), click.Argument(["word"], required=False)]
)
def probe(what: str | None, word: str | None) -> int | None:
    problem = Problem("a.yaml", 3, 4, "no node x", "write y")
    raised: dict[str, BaseException] = {
        "problems": ProblemsError([problem, problem]),
        "usage": UsageError("no drill\x1b[31m of that\nname"),
        "stopped": StoppedError("the mail server refused; drillsim resume d.drill goes on"),
        "interrupt": KeyboardInterrupt(),
        "abort": click.Abort(),
        "file": FileNotFoundError(2, "No such file or directory", "gone.yaml"),
        "bug": ZeroDivisionError("ours"),
        "click": click.FileError("x", "hint"),
    }
    if what in raised:
        raise raised[what]
    if what == "found":
        return ExitCode.FOUND
    if what == "exit":
        click.get_current_context().exit(1)
    click.echo(f"word {word}")
    return None


@pytest.fixture(autouse=True)
def with_a_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "COMMANDS", {"probe": (f"{__name__}:probe", "Try things.")})


def run_process(*words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "LC_ALL": "C.UTF-8", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("problems", 2, "a.yaml:3:4: no node x; write y\na.yaml:3:4: no node x; write y\n"),
        ("usage", 2, "Error: no drill of that name\n"),
        ("stopped", 3, "Error: the mail server refused; drillsim resume d.drill goes on\n"),
        ("interrupt", 130, "Interrupted.\n"),
        ("abort", 130, "Interrupted.\n"),
        ("file", 2, "Error: gone.yaml: No such file or directory\n"),
        ("click", 2, "Error: Could not open file 'x': hint\n"),
        ("found", 1, ""),
        ("exit", 1, ""),
    ],
)
def test_every_end_of_a_command_has_its_code_and_its_line(
    what: str, code: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "en", "probe", "--raise", what]) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert err == said


def test_a_folder_that_is_not_there_is_to_be_made_and_one_without_rights_to_be_changed(
    tmp_path: Path,
) -> None:
    place = tmp_path / "none" / "a.html"
    missing = FileNotFoundError(2, "No such file or directory", str(place))
    assert _refused(missing) == (
        f"{place}: No such file or directory; "
        f"there is no folder {place.parent}; make it, or name another"
    )
    assert _refused(PermissionError(13, "Permission denied", "a.html")) == (
        "a.html: Permission denied; see to the rights, or name another place"
    )


def test_what_is_done_ends_with_0_and_data_on_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "山口市"]) == 0
    assert capfd.readouterr() == ("word 山口市\n", "")


def test_a_fault_of_ours_is_a_traceback_and_not_taken_for_a_finding(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert main(["--lang", "en", "probe", "--raise", "bug"]) == 70
    err = capfd.readouterr().err
    assert "ZeroDivisionError: ours" in err
    assert err.endswith("please report the lines above.\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--lang", "fr"], "Error: Invalid value for '--lang': 'fr' is not one of 'en', 'ja'."),
        (["--bogus"], "Error: No such option '--bogus'."),
        (["prob"], "Error: No such command 'prob'. Did you mean 'probe'?"),
        (["zzz"], "Error: No such command 'zzz'."),
        (["probe", "a", "b"], "Error: Got unexpected extra argument (b)"),
        (["--lang"], "Error: Option '--lang' requires an argument."),
    ],
)
def test_wrong_use_is_one_line_with_code_2(
    words: list[str], line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([*words]) == 2
    assert capfd.readouterr().err.splitlines()[-1] == line


@pytest.mark.parametrize(
    "words",
    [
        ["--lang", "ja", "probe", "--raise", "interrupt"],
        ["probe", "--lang=ja", "--raise", "interrupt"],
    ],
)
def test_the_language_may_be_named_before_the_command_and_after(
    words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 130
    assert capfd.readouterr().err == "中断しました。\n"


def test_what_stands_after_two_dashes_is_no_language(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", "probe", "--", "--lang=ja"]) == 0
    assert capfd.readouterr().out == "word --lang=ja\n"


def test_clicks_own_messages_are_in_the_language_asked_for(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    assert main(["--lang", "ja", "--bogus"]) == 2
    err = capfd.readouterr().err
    assert "使い方:" in err
    assert "エラー: '--bogus' という指定はありません。" in err
    assert os.environ["LANGUAGE"] == "en"


def test_help_lists_commands_in_the_order_of_the_table_without_importing_them(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"zeta": ("no.such.module:z", "Last letter."), "alpha": ("no.such.module:a", "First.")}
    monkeypatch.setattr(entry, "COMMANDS", table)
    assert main(["--help"]) == 0
    out = capfd.readouterr().out
    assert out.index("zeta   Last letter.") < out.index("alpha  First.")


def test_every_command_of_the_table_exists_and_has_its_own_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, (place, line) in COMMANDS.items():
        module, attribute = place.split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command), name
        assert command.name == name
        assert line.endswith("."), name


def test_the_version_is_that_of_the_package(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capfd.readouterr().out == f"drillsim {__version__}\n"


def test_without_a_terminal_the_control_room_does_not_open(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["--lang", "en"]) == 2
    assert "needs a terminal" in capfd.readouterr().err


def test_every_command_is_introduced_in_the_same_polite_tone() -> None:
    out = run_process("-m", "drillsim", "--lang", "ja", "--help", PYTHONUTF8="1").stdout
    lines = [line.split() for line in out.decode().splitlines()]
    told = {line[0]: line[1] for line in lines if len(line) == 2}
    assert all(re.search("ます(（.*）)?。$", told[name]) for name in COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, json; from drillsim.cli.main import _refused, main; code = main(['--help']);"
        f"print(json.dumps([code, [m for m in {HEAVY!r} if m in sys.modules]]), file=sys.stderr)"
    )
    done = run_process("-c", code)
    assert done.returncode == 0
    assert json.loads(done.stderr) == [0, []]


def test_japanese_comes_out_as_utf8_even_where_the_locale_is_not() -> None:
    done = run_process(
        "-m", "drillsim", "--lang", "ja", "--help", PYTHONIOENCODING="cp932", PYTHONUTF8="0"
    )
    assert done.returncode == 0
    assert "使い方:" in done.stdout.decode("utf-8")


def test_what_no_encoding_can_say_is_escaped_instead_of_a_traceback() -> None:
    code = (
        "import sys, click; from drillsim.cli.main import _write_utf8;"
        "_write_utf8(sys.stdout); click.echo('a\\udce5b')"
    )
    assert run_process("-c", code).stdout.strip() == b"a\\udce5b"


@pytest.mark.skipif(os.name == "nt", reason="needs a pipe closed by its reader")
def test_a_closed_pipe_is_no_reason_to_complain() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "drillsim", "--help"],
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")


def test_patterns_are_files_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "b.yaml", "a.yaml":
        (tmp_path / name).touch()
    pattern = str(tmp_path / "*.yaml")
    assert entry._expanded([pattern]) == [pattern]
    monkeypatch.setattr("drillsim.cli.main.os.name", "nt")
    assert entry._expanded(["check", pattern, "no*.such"]) == [
        "check",
        str(tmp_path / "a.yaml"),
        str(tmp_path / "b.yaml"),
        "no*.such",
    ]


def test_a_shell_is_told_the_commands(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_DRILLSIM_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "drillsim pro")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert main([]) == 0
    assert capfd.readouterr().out == "plain,probe\n"


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_front_page_names_every_command(page: str) -> None:
    text = (Path(__file__).parents[3] / page).read_text("utf-8")
    named = set()
    for row in (line for line in text.splitlines() if line.startswith("| `")):
        for said in re.findall(r"`([^`]+)`", row.replace("\\|", "/").split(" | ")[0]):
            first, *more = said.split()
            named |= {first, *(f"{first} {each}" for word in more for each in word.split("/"))}
    for name, (place, _line) in COMMANDS.items():
        module, attribute = place.split(":")
        command = getattr(import_module(module), attribute)
        below = (
            command.list_commands(click.Context(command))
            if isinstance(command, click.Group)
            else []
        )
        assert {name, *(f"{name} {each}" for each in below)} <= named
