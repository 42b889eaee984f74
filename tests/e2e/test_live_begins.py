"""A live drill begins with all of it, or connects to nothing: not even to its own mail server.

Each case runs the program itself, at terminals as two people have them. Every address that it looks
up or connects to is noted; a mail server listens on this machine and counts who comes.
"""

import os
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import live
from tests.live import workspace
from tests.tui.terminal import Terminal

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

SECONDS_MAX = 60.0
PASSWORD = "aikotoba-7"
TYPED = ("架空 太郎", "example", "4")
CODE = re.compile(r"Code: ([2-9A-Z]{4}-[2-9A-Z]{4})")

NOTING = """
import os, sys
from datetime import timedelta

NET = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname",
       "socket.gethostbyaddr")

def note(event, arguments):
    if event in NET:
        with open(os.environ["NOTED"], "a") as file:
            file.write(f"{event} {arguments}\\n")

sys.addaudithook(note)
from drillsim.conduct import approval_request
approval_request.EXPIRES_AFTER = timedelta(seconds=float(os.environ["EXPIRES"]))
from drillsim.cli.main import main
sys.exit(main(["--lang", "en", *sys.argv[1:]]))
"""


class Server:
    """A mail server that hangs up on everybody, and counts them."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.came = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.came += 1
            connection.close()

    def close(self) -> None:
        # To close is not enough to wake it.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(SECONDS_MAX)


class Person:
    """A program at a terminal, and who types there."""

    def __init__(self, folder: Path, words: Sequence[str], expires: float) -> None:
        self._read = 0
        self._noted = folder / f"noted-{words[0]}.txt"
        self.terminal = Terminal(
            [sys.executable, "-c", NOTING, *words],
            size=(250, 50),
            folder=folder,
            environment={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "NOTED": str(self._noted),
                "EXPIRES": str(expires),
                "DRILL_PASSWORD": PASSWORD,
            },
        )

    def read_until(self, words: str) -> None:
        """Read until these words have come, behind those that were waited for before."""
        wanted, until = words.encode(), time.monotonic() + SECONDS_MAX
        while (place := self.terminal.out.find(wanted, self._read)) < 0:
            assert time.monotonic() < until, self.said
            self.terminal.read(0.05)
        self._read = place + len(wanted)

    def type(self, text: str) -> None:
        self.terminal.press(f"{text}\n")

    def end(self) -> int:
        """Let it come to its end; return its exit code."""
        return self.terminal.read_to_end(SECONDS_MAX)

    @property
    def said(self) -> list[str]:
        """All lines so far."""
        return self.terminal.out.decode("utf-8").replace("\r\n", "\n").splitlines()

    @property
    def connected(self) -> list[str]:
        """Whom it looked up or connected to."""
        return self._noted.read_text("utf-8").splitlines() if self._noted.exists() else []


class Desk:
    """The folder of a drill for today, its mail server."""

    def __init__(self, folder: Path, server: Server, open_ones: ExitStack) -> None:
        self.folder, self.server, self._open = folder, server, open_ones
        self.lay_out()

    def lay_out(self, *, days: int = 0, domains: tuple[str, ...] = live.DOMAINS) -> None:
        # The time of day at which the tests run makes no difference.
        start = datetime.now(ZoneInfo("Asia/Tokyo")).replace(microsecond=0) + timedelta(days=days)
        _scenario, profile = workspace(
            self.folder, domains=domains, start=start.isoformat(), hours="office"
        )
        text = Path(profile).read_text("utf-8")
        text = re.sub(r'host = "[^"]+"', 'host = "127.0.0.1"', text)
        text = re.sub(r"port = \d+", f"port = {self.server.port}", text)
        Path(profile).write_text(text, encoding="utf-8")

    def person(self, *words: str, expires: float = 600) -> Person:
        found = Person(self.folder, words, expires)
        self._open.enter_context(found.terminal)
        return found

    def operator(self, *more: str, expires: float = 600) -> Person:
        words = ("run", "story.yaml", "--live", "live.toml", "--headless", *more)
        return self.person(*words, expires=expires)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as open_ones:
        server = Server()
        open_ones.callback(server.close)
        yield Desk(tmp_path, server, open_ones)


def refused(desk: Desk, operator: Person, why: str) -> None:
    """Make sure that the operator was told in one line, and nobody was connected to."""
    assert operator.end() == 2, operator.said
    errors = [line for line in operator.said if line.startswith("Error: ")]
    assert errors == operator.said[-1:]
    assert why in errors[0]
    assert operator.connected == []
    assert desk.server.came == 0
    drills = desk.folder / "drills"
    assert not drills.exists() or list(drills.iterdir()) == []
    assert PASSWORD.encode() not in operator.terminal.out


def typed(operator: Person, texts: Sequence[str] = TYPED) -> None:
    """Type what is asked for before the code."""
    prompts = ("LIVE: your name", "Type the scenario's name", "type how many bodies")
    for prompt, text in zip(prompts, texts, strict=False):
        operator.read_until(prompt)
        operator.type(text)


def test_without_the_word_that_it_is_real_nothing_is_connected_to(desk: Desk) -> None:
    refused(desk, desk.operator(), "--real")


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (("架空 太郎", "exemple"), "not the scenario's name"),
        (("架空 太郎", "example", "5"), "not the number of recipients"),
    ],
)
def test_a_wrong_name_or_count_connects_to_nothing(
    desk: Desk, texts: tuple[str, ...], why: str
) -> None:
    operator = desk.operator("--real")
    typed(operator, texts)
    refused(desk, operator, why)


def test_without_a_second_person_nothing_is_connected_to(desk: Desk) -> None:
    operator = desk.operator("--real", expires=0.5)
    typed(operator)
    refused(desk, operator, "nobody approved the drill")


def test_a_second_person_who_has_no_code_connects_to_nothing(desk: Desk) -> None:
    operator = desk.operator("--real")
    typed(operator)
    operator.read_until("Code: ")
    second = desk.person("approve")
    for name in ("架空太郎", "架空 花子", "架空 花子", "架空 花子"):
        second.read_until("Your own name")
        second.type(name)
        second.read_until("The code on")
        second.type("2222-2222")
        second.read_until("code" if name == "架空 花子" else "whoever asks cannot approve")
    assert second.end() == 2
    refused(desk, operator, "a wrong code was entered 3 times")
    assert second.connected == []


def test_a_recipient_outside_the_allow_list_connects_to_nothing(desk: Desk) -> None:
    desk.lay_out(domains=live.DOMAINS[:-1])
    refused(desk, desk.operator("--real"), "2 recipients are not in the profile's [allow]")


@pytest.mark.parametrize("days", [-1, 1])
def test_outside_of_its_day_nothing_is_connected_to(desk: Desk, days: int) -> None:
    desk.lay_out(days=days)
    refused(desk, desk.operator("--real"), "change start in the scenario")


def test_with_all_of_it_the_mail_server_is_connected_to(desk: Desk) -> None:
    """The cases above would not be worth much if the server could not be reached at all."""
    operator = desk.operator("--real")
    typed(operator)
    operator.read_until("begin nothing")
    found = CODE.search("\n".join(operator.said))
    assert found is not None
    second = desk.person("approve")
    second.read_until("Recipients: 4 bodies (8 addresses)")
    second.read_until("Your own name")
    assert desk.server.came == 0
    second.type("架空 花子")
    second.read_until("The code on")
    second.type(found[1])
    second.read_until("You have approved it")
    assert second.end() == 0
    operator.read_until("Approved by 架空 花子.")
    assert operator.end() != 0  # This server hangs up.
    assert desk.server.came > 0
    assert all("127.0.0.1" in line for line in operator.connected)
    assert second.connected == []


def test_a_rehearsal_of_the_same_files_leaves_the_mail_server_alone(desk: Desk) -> None:
    operator = desk.person("run", "story.yaml", "--headless", "--speed", "max")
    assert operator.end() == 0, operator.said
    assert desk.server.came == 0
    assert operator.connected
    assert all("127.0.0.1" in line for line in operator.connected)
