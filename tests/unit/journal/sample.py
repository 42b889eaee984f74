"""A small journal for tests; everyone in it is fictional."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from drillsim.journal import Entry, Journal, Seal, event_entry

FILES = {
    "scenarios/r5.yaml": "title: ウイルス疑義\n".encode(),
    "contacts/山口.yaml": b"\xff\x00 not text",
}
RAW = "Subject: =?utf-8?b?44CQ6KiT57e044CR?=\r\n\r\nこれは、訓練です。\r\n".encode()


def new(path: Path, *, durable: bool = False) -> Journal:
    meta = {"drill": "r5", "scenario": "r5-virus-suspicion", "seed": "7", "mode": "rehearsal"}
    return Journal.create(path, meta=meta, files=FILES, durable=durable)


def event(at: int, kind: str = "acknowledged", **data: Any) -> Entry:
    return event_entry({"kind": kind, "at": at, **data})


def store(journal: Journal, raw: bytes = RAW, to: Sequence[str] = ("drill@drill.test",)) -> str:
    return journal.store_mail(raw, direction="in", sender="suo@city.example", recipients=to)


def sealed_drill(path: Path, records: int = 51) -> Seal:
    """Write a drill of so many records, with mails, a command and its run noted; end it."""
    from drillsim.journal import post_command

    with new(path) as journal:
        journal.note_conduct("port", {"port": 2525})
        post_command(path, kind="note", payload={"text": "宇部市は不在"}, author="防府 次郎")
        journal.append([command.entry(5) for command in journal.take_commands(0)])
        for number in range(journal.count + 1, records):
            mail = store(journal, RAW + b"%d\r\n" % number) if number % 5 == 0 else ""
            entry = event(number * 1000, node=f"3520{number}", raw=mail, by="周防 太郎")
            journal.append([entry], key=f"{number * 1000}/1/0/{number}")
        return journal.seal()


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a journal as somebody else would, and commit what they do."""
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def copy_of(path: Path, name: str = "copy.drill") -> Path:
    return Path(shutil.copy(path, path.with_name(name)))


def start(program: str, *words: object) -> subprocess.Popen[str]:
    """Run a Python program in a process of its own; its stdin and stdout are pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
    )
