"""A live drill of the twenty bodies: laid out, followed through its journal, killed and judged."""

import asyncio
import hashlib
import json
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drillsim.conduct.live_start import Live, lay_out_live
from drillsim.drill import events as ev
from drillsim.drill.board import Board, fold
from drillsim.drill.events import AnyEvent, decode
from drillsim.drill.recipients import Recipients
from drillsim.files.live_profile import PROFILE, LoadedProfile, load_profile
from drillsim.files.scenario_file import LoadedScenario, load_scenario, load_stored
from drillsim.journal import JournalReader, verify
from drillsim.journal.approval import Approval
from tests.e2e.servers.dovecot import PASSWORD
from tests.e2e.twenty import BODIES, Body, Town

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""After so long a test has failed; a busy machine takes its time to start a process."""


def lay_out(servers: Town, folder: Path, mails_per_minute: int = 60_000) -> Path:
    """Lay the journal of a drill out that has been approved and not begun; return its path."""
    now = datetime.now(UTC)
    servers.write(folder, now.astimezone().isoformat(timespec="seconds"), mails_per_minute)
    loaded = load_scenario(folder / "scenario.yaml")
    profile = load_profile(folder / "live.toml")
    path = folder / "twenty.drill"
    wanted = Live(loaded, profile, 7, path, approval(loaded, profile, now))
    journal, _loaded = lay_out_live(wanted, now)
    journal.close()
    return path


def approval(loaded: LoadedScenario, profile: LoadedProfile, now: datetime) -> Approval:
    """Return that a second person approved a drill."""
    files = {**loaded.files, PROFILE: profile.data}
    return Approval(
        scenario=loaded.scenario.id,
        recipients=Recipients(loaded.exercise).bodies,
        asked_by="県 太郎",
        asked_at=now,
        approved_by="県 花子",
        approved_at=now,
        files={name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        salt="00",
        check="00",
    )


class Seen:
    """What a journal says, read as any other process would."""

    def __init__(self, path: Path) -> None:
        with JournalReader(path) as reader:
            self._files = reader.files
            records = list(reader.records())
        self.records = len(records)
        self.events: list[AnyEvent] = [decode(r.data) for r in records if r.stream == "event"]
        self.notes = [(r.kind, dict(r.data)) for r in records if r.stream == "conduct"]

    @property
    def board(self) -> Board:
        """Return where the drill stands."""
        return fold(load_stored(self._files).exercise, self.events)

    def count(self, kind: type[Any]) -> Counter[str]:
        """Return how many events of a kind there are, by node."""
        return Counter(each.notice[1] for each in self.events if isinstance(each, kind))

    def noted(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of a kind on how the drill was run."""
        return [data for name, data in self.notes if name == kind]


def has_been_told(path: Path, bodies: Sequence[Body] = BODIES) -> Callable[[], bool]:
    """Return what tells whether all has come that is to come."""
    answering = {body.id for body in bodies if body.client}
    dead = {body.id for body in bodies if body.dead}
    absent = sum(body.absent for body in bodies)

    def told() -> bool:
        seen = Seen(path)
        robots = sum(isinstance(e, ev.AutoReplied) for e in seen.events)
        failed = {*seen.count(ev.Refused), *seen.count(ev.Bounced)}
        return set(seen.count(ev.Acknowledged)) == answering and failed == dead and robots == absent

    return told


def assert_all_is_where_it_should_be(path: Path, bodies: Sequence[Body] = BODIES) -> None:
    """See to it that every body has had its fate, once; that the file holds, and no password."""
    seen = Seen(path)
    fates = {notice[1]: record.state.value for notice, record in seen.board.notices.items()}
    assert fates == {body.id: body.fate for body in bodies}
    assert set(seen.count(ev.Acknowledged).values()) == {1}
    assert verify(path).ok
    for form in (PASSWORD.encode(), b64encode(PASSWORD.encode())):
        assert form not in path.read_bytes()


class Process:
    """The director as a process of its own, to be killed; a `quick` one waits shortly only."""

    def __init__(self, path: Path, *, quick: bool = True) -> None:
        wish = json.dumps({"path": str(path), "speed": None, "lang": "en"})
        resume = ["drillsim.conduct.process", "resume", wish]
        self._process = subprocess.Popen(
            [sys.executable, "-m", *(["tests.e2e.live_process", str(path)] if quick else resume)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process.poll() is None, "it had ended before"
        self._process.kill()
        self._process.communicate()

    async def ended(self) -> tuple[int, str]:
        """Return its exit code, and what it said."""
        _out, said = await asyncio.to_thread(self._process.communicate, None, PATIENCE)
        return self._process.returncode, said.decode("utf-8", "replace")
