"""Real mail programs that answer a mail of a drill: swaks, s-nail and mutt."""

import asyncio
import os
import shutil
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Literal, TypeAlias

import pytest

SECONDS_MAX = 30.0
"""After so long a test has failed; nothing here waits on purpose."""

Client: TypeAlias = Literal["swaks", "s-nail", "mutt"]
Call: TypeAlias = tuple[Sequence[str], str]
"""A program with its options, and what is typed into it."""


def needs(program: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test without a program, but for CI, which has it."""
    is_missing = shutil.which(program) is None and not os.environ.get("CI")
    return pytest.mark.skipif(is_missing, reason=f"{program} is not installed")


async def call(command: Sequence[str], words: str, home: Path) -> None:
    """Run a program, with `words` as its input, far from anybody's own settings."""
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


async def answer(
    by: Client, raw: bytes, writer: str, words: str, *, port: int, folder: Path
) -> None:
    """Have `writer` answer a mail with a program, which hands its answer over at `port`.

    The folder is the program's own, and is made.
    """
    command, typed = _COMMANDS[by](raw, writer, words, port, folder)
    await call(command, typed, folder)


def answered_address(mail: EmailMessage) -> str:
    """Return whom an answer goes to."""
    back = mail["Reply-To"] or mail["From"]
    return str(back.addresses[0].addr_spec)


def _swaks(raw: bytes, writer: str, words: str, port: int, folder: Path) -> Call:
    """Answer with nothing but the number in the subject, as from another machine."""
    folder.mkdir()
    mail = message_from_bytes(raw, policy=policy.default)
    number = mail["Subject"].rpartition("：")[2].strip("）")
    to = answered_address(mail).partition("@")
    command = ["swaks", "--server", f"127.0.0.1:{port}", "--silent", "2", "--from", writer]
    command += ["--to", f"{to[0].partition('+')[0]}@{to[2]}"]
    command += ["--h-Subject", f"Jushin kakunin ({number})"]
    return [*command, "--body", words], ""


def _s_nail(raw: bytes, writer: str, words: str, port: int, folder: Path) -> Call:
    """Reply to the mail in a mailbox, quoting it."""
    folder.mkdir()
    mbox = folder / "inbox"
    mail = raw.replace(b"\r\n", b"\n")
    mbox.write_bytes(b"From drill Wed Oct 14 10:00:00 2026\n" + mail + b"\n")
    settings = {
        "from": writer,
        "v15-compat": "yes",
        "mta": f"smtp://127.0.0.1:{port}",
        "smtp-auth": "none",
        "hostname": writer.partition("@")[2],
        "sendwait": "",
        "DEAD": "/dev/null",
        "ttycharset": "utf-8",
        "sendcharsets": "utf-8",
        "quote": "allheaders",
        "indentprefix": "> ",
    }
    options = [part for name, value in settings.items() for part in ("-S", f"{name}={value}")]
    command = ["s-nail", "-:/", "-#", *options, "-f", str(mbox)]
    return command, f"reply 1\n{words}\n~.\n"


def _mutt(raw: bytes, writer: str, words: str, port: int, folder: Path) -> Call:
    """Send an answer that was begun from the mail: mutt takes it as a draft (`-H`)."""
    folder.mkdir()
    mail = message_from_bytes(raw, policy=policy.default)
    draft = folder / "draft"
    draft.write_text(
        f"To: {answered_address(mail)}\nSubject: Re: {mail['Subject']}\n"
        f"In-Reply-To: {mail['Message-ID']}\nReferences: {mail['Message-ID']}\n\n"
        f"{words}\n\n> これは、訓練です。\n",
        encoding="utf-8",
    )
    rc = folder / "muttrc"
    rc.write_text(
        f'set smtp_url="smtp://127.0.0.1:{port}/"\nset from="{writer}"\n'
        "set use_envelope_from\nunset ssl_force_tls\nset ssl_starttls=no\nset copy=no\n"
        'set charset=utf-8\nset send_charset="us-ascii:iso-2022-jp:utf-8"\n'
        f"set hostname={writer.partition('@')[2]}\n"
    )
    return ["mutt", "-n", "-F", str(rc), "-H", str(draft)], ""


_COMMANDS: Final[dict[Client, Callable[[bytes, str, str, int, Path], Call]]] = {
    "swaks": _swaks,
    "s-nail": _s_nail,
    "mutt": _mutt,
}
