"""A small live drill over a mail server on this machine, run by its real director."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import aiosmtplib

from drillsim.conduct.live_start import Live, lay_out_live, mail_director
from drillsim.conduct.mail_director import MailDirector
from drillsim.conduct.rehearsal import reopen
from drillsim.drill.board import Board, fold
from drillsim.drill.events import AnyEvent, decode
from drillsim.drill.recipients import Recipients
from drillsim.files.live_profile import PROFILE, LoadedProfile, load_profile
from drillsim.files.scenario_file import LoadedScenario, load_scenario, load_stored
from drillsim.journal import Journal, JournalReader, post_command
from drillsim.journal.approval import Approval
from drillsim.journal.writer import AsyncJournal
from tests.e2e.office import USER, Kept, Office, ca_file
from tests.e2e.servers.processes import free_ports

VARIABLE: Final = "DRILL_TEST_PASSWORD"
NOW: Final = datetime(2026, 10, 14, 1, 3, tzinfo=UTC)
QUICK: Final = (timedelta(milliseconds=20), timedelta(milliseconds=40))
SCENARIO: Final = """\
format: drillsim-scenario/1
id: over-mail
title: 架空の訓練
purpose: 確認
incident: {kind: misuse}
announcement: full
contacts: contacts.yaml
start: 2026-10-14T10:00+09:00
window: 4h
injects:
  - id: alert
    from: pref
    to: {kind: municipality}
    subject: 架空の障害（第一報）
    body: 架空の障害です。
    acknowledge: {within: 15m}
phases:
  initial: notice
  states:
    notice:
      level: 2
      send: [alert]
      next: [{when: {acknowledged: alert, of: municipality, share: 100%}, to: ended}]
    ended: {level: 1, final: true}
"""


def contacts(bodies: int) -> str:
    """Return a tree of one prefecture and so many municipalities."""
    lines = [
        "format: drillsim-contacts/1",
        "title: 架空の連絡網",
        "zone: Asia/Tokyo",
        "nodes:",
        "  - {id: pref, name: 架空県, kind: prefecture, mailbox: juki@pref.example,",
        "     officers: [{name: 県太郎, email: ken@pref.example, phone: 000-000-0000}]}",
    ]
    for n in range(bodies):
        lines += [
            f"  - {{id: m{n}, name: 架空{n}市, kind: municipality, parent: pref,",
            f"     officers: [{{name: 担当{n}, email: tanto{n}@city.example,",
            "                 phone: 000-000-0000}]}",
        ]
    return "\n".join(lines) + "\n"


@dataclass
class Given:
    """A drill that may be begun: its files, its server, and a port for its answers."""

    folder: Path
    office: Office
    loaded: LoadedScenario
    profile: LoadedProfile
    exchanger: int
    path: Path

    def begin(self, now: datetime = NOW) -> tuple[Journal, LoadedScenario]:
        return lay_out_live(Live(self.loaded, self.profile, 7, self.path, approval(self)), now)


def given(
    folder: Path,
    office: Office,
    *,
    bodies: int = 3,
    scenario: str = SCENARIO,
    submission: str = "",
    security: str = "starttls",
    allow: str = "city.example",
    tree: str | None = None,
) -> Given:
    """Write the files of a drill; return it."""
    (folder / "contacts.yaml").write_text(tree or contacts(bodies), encoding="utf-8")
    (folder / "s.yaml").write_text(scenario, encoding="utf-8")
    ca_file(folder)
    port = free_ports(1)[0]
    (folder / "live.toml").write_text(
        f"""\
format = "drillsim-live/1"
title = "架空県"
from = "kunren@pref.example"
plus-addresses = true
[submission]
host = "127.0.0.1"
port = {office.port}
security = "{security}"
user = "{USER}"
password = "env:{VARIABLE}"
ca-file = "ca.pem"
hello = "director.pref.example"
{submission}
[exchanger]
port = {port}
[allow]
domains = ["{allow}"]
""",
        encoding="utf-8",
    )
    return Given(
        folder,
        office,
        load_scenario(folder / "s.yaml"),
        load_profile(folder / "live.toml"),
        port,
        folder / "d.drill",
    )


def approval(drill: Given) -> Approval:
    """Return that a second person approved a drill."""
    files = {**drill.loaded.files, PROFILE: drill.profile.data}
    return Approval(
        scenario=drill.loaded.scenario.id,
        recipients=Recipients(drill.loaded.exercise).bodies,
        asked_by="県太郎",
        asked_at=NOW,
        approved_by="県花子",
        approved_at=NOW,
        files={name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        salt="00",
        check="00",
    )


def approval_from(words: dict[str, Any]) -> Approval:
    """Return an approval from what `approval` says, in another process."""
    return Approval(
        **words, asked_by="県太郎", asked_at=NOW, approved_by="県花子", approved_at=NOW,
        salt="00", check="00",
    )  # fmt: skip


@dataclass
class Drill:
    """A drill that runs, or has run."""

    given: Given
    director: MailDirector
    task: "asyncio.Task[Any]"

    @property
    def path(self) -> Path:
        return self.given.path

    def order(self, kind: str, **payload: Any) -> None:
        post_command(self.path, kind=kind, payload=payload, author="県")

    async def until(self, met: Callable[[Board], bool]) -> Board:
        """Return the board when it is so; the drill's own failure is not waited out."""
        while not met(board := self.director.course.board):
            if self.task.done():
                self.task.result()
                assert met(board), "the drill is over"
                break
            await asyncio.sleep(0.005)
        return board

    async def recorded(self, kind: type[Any], count: int = 1) -> list[Any]:
        """Return the events of a kind when so many are on record."""
        while True:
            found = [each for each in events_of(self.path) if isinstance(each, kind)]
            if len(found) >= count:
                return found
            if self.task.done():
                raise AssertionError(f"the drill has ended: {self.task.result()}")
            await asyncio.sleep(0.01)

    async def noted(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Return the records of a kind when there are so many."""
        while True:
            found = conduct_of(self.path, kind)
            if len(found) >= count:
                return found
            await asyncio.sleep(0.01)


@asynccontextmanager
async def run(
    drill: Given,
    journal: Journal | None = None,
    loaded: LoadedScenario | None = None,
    *,
    wall: datetime = NOW,
    speed: float = 1.0,
) -> AsyncIterator[Drill]:
    """Run a drill while the test does; without a journal, begin it or go on with it."""
    if journal is None or loaded is None:
        journal, loaded = reopen(drill.path) if drill.path.exists() else drill.begin(wall)
    written = AsyncJournal(journal)
    director = mail_director(
        written, loaded.exercise, loaded.files, speed, wall=lambda: wall, back_off=QUICK
    )
    task = asyncio.create_task(director.run())
    try:
        yield Drill(drill, director, task)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await written.close()


async def answer(drill: Given, mail: Kept, text: str = "受信しました。") -> None:
    """Answer a mail as the person to whom it went, by their mail program."""
    await hand_in(drill, answer_to(mail, text), mail.envelope_to[0], mail.envelope_from)


def answer_to(mail: Kept, text: str = "受信しました。") -> bytes:
    """Return what a mail program makes of an answer."""
    got = message_from_bytes(mail.raw, policy=policy.default)
    reply = EmailMessage(policy=policy.SMTP)
    reply["From"] = mail.envelope_to[0]
    reply["To"] = str(got["Reply-To"] or got["From"])
    reply["Subject"] = f"Re: {got['Subject']}"
    reply["In-Reply-To"] = got["Message-ID"]
    reply["Message-ID"] = f"<answer-{hashlib.sha256(mail.raw).hexdigest()[:12]}@city.example>"
    reply.set_content(text)
    return reply.as_bytes()


async def hand_in(drill: Given, raw: bytes, sender: str, to: str) -> None:
    """Hand a mail to the drill, as the office's server does."""
    while True:
        try:
            await aiosmtplib.send(
                raw,
                sender=sender,
                recipients=[to],
                hostname="127.0.0.1",
                port=drill.exchanger,
                start_tls=False,
                local_hostname="mail.office.test",
            )
            return
        except aiosmtplib.SMTPConnectError:
            await asyncio.sleep(0.01)


def events_of(path: Path) -> list[AnyEvent]:
    """Return the events on record."""
    with JournalReader(path) as reader:
        return [decode(record.data) for record in reader.events()]


def board_of(path: Path) -> Board:
    """Return where the drill stands, from its journal alone."""
    with JournalReader(path) as reader:
        exercise = load_stored(reader.files).exercise
    return fold(exercise, events_of(path))


def conduct_of(path: Path, kind: str) -> list[dict[str, Any]]:
    """Return the records of a kind on how the drill was run."""
    with JournalReader(path) as reader:
        return [
            dict(each.data)
            for each in reader.records()
            if each.stream == "conduct" and each.kind == kind
        ]


def main() -> None:
    """Go on with the drill at the path that is given, as its process does: for tests that kill."""
    from drillsim.conduct.process import main as director

    sys.exit(director(["resume", f'{{"path": "{sys.argv[1]}", "speed": null, "lang": "en"}}']))


if __name__ == "__main__":
    main()
