"""Rehearsals over real mail, for tests: run, read, cut off, taken up again."""

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import fields, replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cache
from pathlib import Path
from typing import Any

from drillsim.conduct.clocks import Speed
from drillsim.conduct.director import Outcome
from drillsim.conduct.rehearsal import Progress, Wanted, conduct, lay_out, reopen
from drillsim.drill.events import AnyEvent, decode
from drillsim.files.scenario_file import LoadedScenario, load_scenario
from drillsim.journal import JournalReader, post_command
from tests.simulation.drills import SCENARIOS, roughened

ONLY_IN_MAIL = {
    *("raw", "matched_by", "suggested", "suggested_by", "identical"),
    *("facts", "foreign", "sender"),
}
"""What only bytes can tell; `identical`, since two answers may happen to have the same words."""


@cache
def loaded(name: str) -> LoadedScenario:
    """Return a shipped scenario."""
    return load_scenario(SCENARIOS / f"{name}.yaml")


def rough(name: str, seed: int) -> LoadedScenario:
    """Return a shipped scenario among rough people and machines."""
    given = loaded(name)
    exercise, _orders = roughened(given.exercise, seed)
    return replace(given, scenario=exercise.scenario)


def rehearse(
    given: LoadedScenario,
    seed: int,
    path: Path,
    speed: Speed = "max",
    orders: Iterable[tuple[str, dict[str, Any]]] = (),
    progress: Progress | None = None,
) -> Outcome:
    """Run a rehearsal to its end; `orders` are in the inbox before it starts."""
    journal = lay_out(Wanted(given, seed, speed, path))
    for kind, payload in orders:
        post_command(path, kind=kind, payload=payload, author="訓練統制員")
    return asyncio.run(conduct(journal, given, speed, progress))


def resume(path: Path, given: LoadedScenario | None = None) -> Outcome:
    """Go on with a drill that was cut off; `given` stands for files that were changed in memory."""
    journal, stored = reopen(path)
    return asyncio.run(conduct(journal, given if given is not None else stored, "max"))


def events_of(path: Path) -> list[AnyEvent]:
    """Return the drill's events as the journal has them."""
    with JournalReader(path) as reader:
        return [decode(record.data) for record in reader.events()]


def digest_of(path: Path) -> str:
    """Return the digest of a drill."""
    with JournalReader(path) as reader:
        return reader.digest


def without_mail(event: AnyEvent) -> dict[str, Any]:
    """Return what the kernel alone knows of an event."""
    names = (field.name for field in fields(event))
    known = {name: getattr(event, name) for name in names if name not in ONLY_IN_MAIL}
    return {"kind": event.kind, **known}


def cut(path: Path, copy: Path, share: float) -> Path:
    """Write to `copy` what a director that was killed after that share of its records had left."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        query = "SELECT max(seq) FROM records WHERE key <> '' GROUP BY batch ORDER BY batch"
        ends = [seq for (seq,) in target.execute(query)]
        last = ends[min(int(share * len(ends)), len(ends) - 2)]
        # The mails of an instant are committed with its events.
        later = target.execute("SELECT json FROM records WHERE seq > ?", (last,)).fetchall()
        names = [json.loads(data).get("raw", "") for (data,) in later]
        target.executemany("DELETE FROM envelopes WHERE hash = ?", [(name,) for name in names])
        target.execute("DELETE FROM records WHERE seq > ?", (last,))
        target.commit()
    return copy


def mails_of(path: Path) -> list[tuple[bytes, EmailMessage]]:
    """Return every mail in the journal, as bytes and as the standard library reads it."""
    with JournalReader(path) as reader:
        names = dict.fromkeys(envelope.hash for envelope in reader.envelopes())
        raws = [reader.mail(name) for name in names]
    parser = BytesParser(EmailMessage, policy=policy.default)
    return [(raw, parser.parsebytes(raw)) for raw in raws]
