"""Drills for the screens: recorded from the pure kernel into a real journal, with real mails."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from drillsim.drill import events as ev
from drillsim.drill.durations import to_ms
from drillsim.drill.events import AnyEvent, encode
from drillsim.drill.scenario import Scenario
from drillsim.drill.tree import ContactTree
from drillsim.files.scenario_file import (
    CONTACTS,
    SCENARIO,
    LoadedScenario,
    load_scenario,
    load_stored,
)
from drillsim.journal.chain import event_entry
from drillsim.journal.journal import Batch, Journal, Writing, conduct_entry
from drillsim.journal.mails import Mail, mail_hash
from drillsim.world.course import Course
from drillsim.world.drafts import Draft
from drillsim.world.post import IdealPost

TOKEN = "7KQ2-M4XD"


class WritingPost(IdealPost):
    """An ideal post that also writes down a short mail for every act."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: dict[str, Mail] = {}

    def outgoing(self, mail: ev.Submitted) -> str:
        subject = f"【訓練】架空の連絡（{mail.purpose}）（整理番号：{TOKEN}）"
        return self._write("out", "kunren@pref.example", mail.recipient, subject, mail.mail)

    def answer(self, mail: ev.AnswerSent, draft: Draft) -> str:
        return self._write("in", mail.sender, "kunren@pref.example", "Re: 【訓練】", mail.mail)

    def stop(self, mail: ev.StopSubmitted) -> str:
        return self._write("out", "kunren@pref.example", mail.recipient, "【訓練中止】", mail.mail)

    def received(self, mail: ev.AnswerSent, draft: Draft) -> Any:
        return replace(super().received(mail, draft), raw=mail.raw)

    def _write(self, direction: Any, sender: str, recipient: str, subject: str, name: str) -> str:
        message = EmailMessage()
        message["From"] = Address(addr_spec=sender)
        message["To"] = Address(addr_spec=recipient)
        message["Subject"] = subject
        message["Message-ID"] = f"<{name}>"
        message["Date"] = "Wed, 14 Oct 2026 10:00:00 +0900"
        message.set_content("これは、訓練です。\n\n受信しました。\n\nこれは、訓練です。\n")
        raw = message.as_bytes()
        mail = Mail(raw, direction, sender, [recipient])
        self.mails[mail.hash] = mail
        return mail_hash(raw)


@dataclass
class Recording:
    """The files and the events of a drill that has been played through."""

    loaded: LoadedScenario
    events: list[AnyEvent]
    mails: dict[str, Mail]

    def until(self, at: timedelta) -> list[AnyEvent]:
        """Return the events up to `at`."""
        return [event for event in self.events if event.at <= at]


def record(scenario: str | Path = "r5-virus-suspicion", seed: int = 7) -> Recording:
    """Play a shipped scenario, or one at a path, through."""
    return play(load_scenario(scenario), seed)


def play(loaded: LoadedScenario, seed: int = 7) -> Recording:
    """Play a loaded scenario through."""
    post = WritingPost()
    events = list(Course(loaded.exercise, seed, lambda _board: post).run())
    return Recording(loaded, events, post.mails)


def writings(recording: Recording, events: Iterable[AnyEvent]) -> Iterator[Writing]:
    """Yield what a director would write for `events`."""
    for event in events:
        raw = getattr(event, "raw", "")
        if raw and raw in recording.mails:
            yield recording.mails[raw]
        yield Batch((event_entry(encode(event)),), "test")


def clock(at: timedelta, *, paused: bool = True, speed: float | str = 60) -> Batch:
    """Return the record of a clock."""
    wall = datetime(2026, 10, 14, 1, 0, tzinfo=UTC).isoformat()
    data = {"speed": speed, "paused": paused, "at_ms": to_ms(at), "wall": wall}
    return Batch((conduct_entry("clock", data, to_ms(at)),))


def begin(path: Path, recording: Recording, *, mode: str = "rehearsal", way: str = "") -> Journal:
    """Return the journal of a drill that has not begun."""
    meta = {
        "drill": path.stem,
        "scenario": recording.loaded.scenario.id,
        "seed": "7",
        "mode": mode,
        **({"way": way} if way else {}),
        "zone": recording.loaded.tree.zone,
    }
    return Journal.create(path, meta=meta, files=recording.loaded.files, durable=False)


def journal_until(path: Path, recording: Recording, at: timedelta, **options: Any) -> Path:
    """Make the journal of a drill that is paused at `at`; return its path."""
    with begin(path, recording) as journal:
        journal.write([*writings(recording, recording.until(at)), clock(at, **options)])
    return path


def sealed_journal(path: Path, recording: Recording, **options: Any) -> Path:
    """Make the journal of a whole drill; return its path."""
    with begin(path, recording, **options) as journal:
        journal.write(list(writings(recording, recording.events)))
        journal.seal()
    return path


def stored(files: dict[str, bytes], seed: int = 7) -> Recording:
    """Play files that are given as bytes."""
    return play(load_stored(files), seed)


def files_of(scenario: Scenario, tree: ContactTree) -> dict[str, bytes]:
    """Return models as the two files that a journal keeps."""
    return {name: _yaml(model) for name, model in ((SCENARIO, scenario), (CONTACTS, tree))}


def _yaml(model: BaseModel) -> bytes:
    data = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000).encode()
