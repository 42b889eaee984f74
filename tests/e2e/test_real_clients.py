"""Real mail programs answer a mail that was exported from a running drill, and are credited."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from drillsim.drill import events as ev
from drillsim.files.scenario_file import LoadedScenario
from drillsim.journal import JournalReader
from drillsim.reports.export import write_mails
from tests.e2e.outside import SECONDS_MAX, Running, first_mail, running
from tests.simulation.rehearsing import loaded

PREFECTURE = "350001"


def needs(program: str) -> pytest.MarkDecorator:
    is_missing = shutil.which(program) is None and not os.environ.get("CI")
    return pytest.mark.skipif(is_missing, reason=f"{program} is not installed")


@pytest.fixture
def given() -> LoadedScenario:
    return loaded("r5-virus-suspicion")


@pytest.fixture
def officer(given: LoadedScenario) -> str:
    node = next(node for node in given.exercise.tree.nodes if node.id == PREFECTURE)
    return given.exercise.address(node.id, 1)


async def exported(drill: Running, folder: Path) -> tuple[Path, EmailMessage]:
    """Export the mails of the running drill; return the file of the first one and what it says."""
    event = await drill.until(first_mail(PREFECTURE))
    return export(drill, folder, event.raw)


def export(drill: Running, folder: Path, name: str) -> tuple[Path, EmailMessage]:
    folder.mkdir()
    with JournalReader(drill.path) as reader:
        write_mails(reader, folder)
    (path,) = folder.glob(f"*-out-{name[:8]}.eml")
    return path, message_from_bytes(path.read_bytes(), policy=policy.default)


async def call(command: Sequence[str], words: str, home: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"},
        cwd=home,
    )
    said, _ = await asyncio.wait_for(process.communicate(words.encode()), SECONDS_MAX)
    assert process.returncode == 0, said.decode("utf-8", "replace")


def as_mbox(path: Path, folder: Path) -> Path:
    """Return a mailbox with one mail in it, as mail programs of Unix read them."""
    mbox = folder / "inbox"
    mail = path.read_bytes().replace(b"\r\n", b"\n")
    mbox.write_bytes(b"From drill Wed Oct 14 10:00:00 2026\n" + mail + b"\n")
    return mbox


@needs("s-nail")
async def test_s_nail_replies(given: LoadedScenario, officer: str, tmp_path: Path) -> None:
    async with running(given, tmp_path / "a.drill") as drill:
        path, _mail = await exported(drill, tmp_path / "mails")
        settings = {
            "from": officer,
            "v15-compat": "yes",
            "mta": f"smtp://127.0.0.1:{drill.port}",
            "smtp-auth": "none",
            "hostname": "pref.example",
            "sendwait": "",
            "ttycharset": "utf-8",
            "sendcharsets": "utf-8",
            "quote": "allheaders",
            "indentprefix": "> ",
        }
        options = [part for name, value in settings.items() for part in ("-S", f"{name}={value}")]
        command = ["s-nail", "-:/", "-#", *options, "-f", str(as_mbox(path, tmp_path))]
        await call(command, "reply 1\n　受信しました。対応者は周防です。\n~.\n", tmp_path)
        got = await drill.about(ev.Acknowledged)
        raw = drill.mail(got)
    assert (got.notice[1], got.matched_by, got.officer) == (PREFECTURE, "thread", 1)
    assert "s-nail" in raw["User-Agent"]


@needs("mutt")
async def test_mutt_sends_an_answer_that_was_begun_from_the_mail(
    given: LoadedScenario, officer: str, tmp_path: Path
) -> None:
    """Mutt takes an answer as a draft (`-H`), whose fields are those of the exported mail."""
    async with running(given, tmp_path / "a.drill") as drill:
        _path, mail = await exported(drill, tmp_path / "mails")
        draft = tmp_path / "draft"
        draft.write_text(
            f"To: {mail['Reply-To']}\nSubject: Re: {mail['Subject']}\n"
            f"In-Reply-To: {mail['Message-ID']}\nReferences: {mail['Message-ID']}\n\n"
            "受信を確認しました。\n\n> これは、訓練です。\n",
            encoding="utf-8",
        )
        rc = tmp_path / "muttrc"
        rc.write_text(
            f'set smtp_url="smtp://127.0.0.1:{drill.port}/"\nset from="{officer}"\n'
            "set use_envelope_from\nunset ssl_force_tls\nset ssl_starttls=no\nset copy=no\n"
            'set charset=utf-8\nset send_charset="us-ascii:iso-2022-jp:utf-8"\n'
            "set hostname=pref.example\n"
        )
        await call(["mutt", "-n", "-F", str(rc), "-H", str(draft)], "", tmp_path)
        got = await drill.about(ev.Acknowledged)
    assert (got.notice[1], got.matched_by, got.officer) == (PREFECTURE, "thread", 1)


@needs("swaks")
async def test_swaks_answers_with_nothing_but_the_number(
    given: LoadedScenario, officer: str, tmp_path: Path
) -> None:
    async with running(given, tmp_path / "a.drill") as drill:
        _path, mail = await exported(drill, tmp_path / "mails")
        number = mail["Reply-To"].partition("+")[2].partition("@")[0].upper()
        command = ["swaks", "--server", f"127.0.0.1:{drill.port}", "--silent", "2"]
        command += ["--from", officer, "--to", "kunren@drillsim.test"]
        command += ["--h-Subject", f"Jushin kakunin ({number[:4]}-{number[4:]})"]
        await call([*command, "--body", "受信しました。"], "", tmp_path)
        got = await drill.about(ev.Acknowledged)
    assert (got.notice[1], got.matched_by, got.officer) == (PREFECTURE, "subject-token", 1)
