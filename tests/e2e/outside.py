"""A rehearsal that runs in the test's own loop, and mail handed to its sink from outside."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from drillsim.conduct.clocks import Speed
from drillsim.conduct.director import Outcome
from drillsim.conduct.rehearsal import Wanted, conduct, lay_out
from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent, decode
from drillsim.drill.tree import NodeId
from drillsim.files.scenario_file import LoadedScenario
from drillsim.journal import JournalReader, post_command

SECONDS_MAX = 30.0
"""After so long a test has failed; nothing here waits on purpose."""


@dataclass
class Running:
    """A drill that runs; its journal is read as any other process would."""

    path: Path
    reader: JournalReader
    task: "asyncio.Task[Outcome]"
    port: int = 0
    is_paused: bool = False
    events: list[AnyEvent] = field(default_factory=list)
    _seen: int = 0

    def look(self) -> None:
        """Read what is new in the journal."""
        for record in self.reader.records(after=self._seen):
            self._seen = record.seq
            if record.stream == "event":
                self.events.append(decode(record.data))
            elif record.kind == "port":
                self.port = record.data["port"]
            elif record.kind == "clock":
                self.is_paused = record.data["paused"]

    async def until(self, holds: Callable[[list[AnyEvent]], Any]) -> Any:
        """Return what `holds` finds in the events, as soon as it finds anything."""
        async with asyncio.timeout(SECONDS_MAX):
            while True:
                self.look()
                if found := holds(self.events):
                    return found
                if self.task.done():
                    raise AssertionError(f"the drill has ended: {self.task.result()}")
                await asyncio.sleep(0.01)

    async def about(self, kind: type[Any], **values: Any) -> Any:
        """Return the first event of a kind that has these values."""
        return await self.until(
            lambda events: next(
                (
                    event
                    for event in events
                    if isinstance(event, kind)
                    and all(getattr(event, name) == value for name, value in values.items())
                ),
                None,
            )
        )

    def mail(self, event: Any) -> EmailMessage:
        """Return the mail behind an event."""
        return message_from_bytes(self.reader.mail(event.raw), policy=policy.default)

    async def send(self, message: EmailMessage | bytes, sender: str, to: Sequence[str]) -> None:
        """Hand a mail to the sink, as any program would."""
        raw = message if isinstance(message, bytes) else message.as_bytes(policy=policy.SMTP)

        def hand_over() -> None:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=SECONDS_MAX) as client:
                assert client.sendmail(sender, list(to), raw) == {}

        await asyncio.to_thread(hand_over)

    def order(self, kind: str, **payload: Any) -> None:
        """Give an order."""
        post_command(self.path, kind=kind, payload=payload, author="訓練統制員")

    async def finish(self) -> list[AnyEvent]:
        """Let the drill run to its end; return all its events."""
        self.order("speed", speed="max")
        await self.task
        self.look()
        return self.events


@asynccontextmanager
async def running(
    given: LoadedScenario,
    path: Path,
    *,
    speed: Speed = 1,
    seed: int = 7,
    seats: Sequence[str] = (),
) -> AsyncIterator[Running]:
    """Run a rehearsal; by default in real time, its journal durable."""
    nodes = tuple(NodeId(node) for node in seats)
    journal = lay_out(Wanted(given, seed, speed, path, nodes, "練習 一郎"))
    task = asyncio.create_task(conduct(journal, given, speed))
    with JournalReader(path) as reader:
        drill = Running(path, reader, task)
        try:
            await drill.until(lambda _events: drill.port)
            yield drill
        finally:
            if not task.done():
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def reply_to(
    mail: EmailMessage, sender: str, words: str, *, threaded: bool = True, number: int = 1
) -> EmailMessage:
    """Return a person's answer to a mail of a drill."""
    answer = EmailMessage()
    answer["From"] = sender
    answer["To"] = mail["Reply-To"]
    answer["Subject"] = f"Re: {mail['Subject']}"
    answer["Date"] = "Wed, 14 Oct 2026 10:05:00 +0900"
    answer["Message-ID"] = f"<answer-{number}@office.example>"
    if threaded:
        answer["In-Reply-To"] = mail["Message-ID"]
        answer["References"] = mail["Message-ID"]
    answer.set_content(words)
    return answer


def first_mail(node: str) -> Callable[[list[AnyEvent]], ev.Submitted | None]:
    """Return what finds the first mail that was written to a node."""
    return lambda events: next(
        (e for e in events if isinstance(e, ev.Submitted) and e.notice[1] == node), None
    )
