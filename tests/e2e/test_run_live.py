"""`drillsim run --live` as a program: what it refuses, its process, and where no password is."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from drillsim.conduct.live import wall_now
from drillsim.conduct.process import resume_director
from drillsim.journal import JournalReader
from tests.e2e.live_drill import VARIABLE, Given, answer, approval, board_of, given
from tests.e2e.office import PASSWORD, Office, office

APPROVED: Final = """
import json, sys
from drillsim.cli import live_start
from tests.e2e import live_drill

approved = live_drill.approval_from(json.loads(sys.argv.pop(1)))
live_start.begin_live = lambda *_given: approved
exec(sys.argv.pop(1))
from drillsim.cli.main import main

sys.exit(main())
"""
"""The program, with two people who have agreed already: that is tried in tests/unit/cli."""

BREAKS: Final = """
from drillsim.conduct.mail_director import MailDirector

def broken(self, *_given):
    raise RuntimeError("a fault of the program")

MailDirector._became = broken
"""


async def program(
    drill: Given, *words: str, before: str = "", password: str = PASSWORD
) -> tuple[int, str]:
    """Run the program; return its exit code, and all that it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", APPROVED, json.dumps(approved_words(drill)), before, *words,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "LC_ALL": "C.UTF-8",
            VARIABLE: password,
        },
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=drill.folder,
    )  # fmt: skip
    out, _err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


def approved_words(drill: Given) -> dict[str, object]:
    kept = approval(drill)
    return {"scenario": kept.scenario, "recipients": kept.recipients, "files": dict(kept.files)}


def today(drill: Given) -> None:
    """Have the drill on the day that it is: a process of its own has the clock on the wall."""
    path = drill.folder / "s.yaml"
    start = f"start: {wall_now().isoformat(timespec='minutes')}"
    text = path.read_text("utf-8").replace("start: 2026-10-14T10:00+09:00", start)
    path.write_text(text, encoding="utf-8")


def asked(drill: Given, *more: str) -> tuple[str, ...]:
    return ("run", "s.yaml", "--live", "live.toml", "--out", str(drill.path), *more)


async def test_without_real_nothing_is_begun_and_nothing_connected_to(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server)
        code, said = await program(drill, *asked(drill, "--headless"))
    assert (code, said.count("\n")) == (2, 1)
    assert "--live writes to real people; nothing was begun. Write --real" in said
    assert server.said == []
    assert not drill.path.exists()


async def test_a_password_that_is_missing_or_wrong_begins_nothing(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server)
        code, said = await program(drill, *asked(drill, "--real", "--headless"), password="")
        assert (code, said.splitlines()[-1]) == (
            2,
            f"Error: the variable {VARIABLE} holds no password; set it before you begin",
        )
        assert server.said == []
        wrong = "a-wrong-password-indeed"
        code, said = await program(drill, *asked(drill, "--real", "--headless"), password=wrong)
    assert code == 2
    assert "does not accept the user kunren and the password (535" in said
    assert "nothing was begun, and no mail was sent" in said
    assert wrong not in said
    assert server.mails == []
    assert not drill.path.exists()


async def test_a_live_drill_from_its_start_to_its_report_has_no_password_anywhere(
    tmp_path: Path,
) -> None:
    async with office() as server:
        drill = given(tmp_path, server)
        today(drill)
        running = asyncio.create_task(
            program(drill, *asked(drill, "--real", "--headless", "--json"))
        )
        for mail in await server.took(3):
            await answer(drill, mail)
        code, said = await running
        assert code == 0, said
        for name in ("report.html", "report.docx"):
            code, more = await program(drill, "report", str(drill.path), "-o", name)
            assert code == 0, more
            said += more
    assert json.loads(said[said.index("{") : said.rindex("}") + 1])["reached"] == 3
    assert PASSWORD not in said
    files = files_in(tmp_path)
    assert {"d.drill", "report.html", "report.docx"} <= {path.name for path in files}
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_fault_of_the_program_shows_no_password(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server)
        today(drill)
        words = asked(drill, "--real", "--headless")
        code, said = await program(drill, *words, before=BREAKS)
    assert code != 0
    assert "RuntimeError: a fault of the program" in said
    assert "Traceback" in said
    assert PASSWORD not in said


async def test_the_director_is_a_process_of_its_own_and_its_words_hold_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    async with office() as server:
        drill = given(tmp_path, server)
        journal, _loaded = drill.begin(wall_now())
        journal.close()
        path = await asyncio.to_thread(resume_director, drill.path, None)
        assert path == drill.path
        mails = await server.took(3)
        assert_not_in_words(drill)
        for mail in mails:
            await answer(drill, mail)
        await sealed(drill)
    assert sorted(board_of(drill.path).reached) == ["m0", "m1", "m2"]


def assert_not_in_words(drill: Given) -> None:
    """Look at the words of every process, as `ps` shows them."""
    if sys.platform == "win32":
        return
    words = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words.append(place.read_bytes())
        except OSError:
            continue  # It has ended.
    assert any(str(drill.path).encode() in each for each in words)
    assert not any(PASSWORD.encode() in each for each in words)


async def sealed(drill: Given) -> None:
    """Return when the drill is over."""
    while True:
        with JournalReader(drill.path) as reader:
            if reader.is_sealed:
                return
        await asyncio.sleep(0.02)


async def test_the_programs_words_about_profiles_are_lines_of_files(tmp_path: Path) -> None:
    drill = given(tmp_path, Office(port=1))
    path = tmp_path / "live.toml"
    text = path.read_text("utf-8").replace(f"env:{VARIABLE}", "swordfish-in-the-clear")
    path.write_text(text, encoding="utf-8")
    code, said = await program(drill, *asked(drill, "--real", "--headless"))
    assert code == 2
    assert "live.toml:10:1: password names no place" in said
    assert "swordfish" not in said
