"""Servers as processes of a test: begun in the foreground, ended with it, each on a free port.

They are Debian's packages with configuration, queue and mailboxes of their own in a folder of /tmp;
the system's own services stay as they are. With CI set, a missing server is an error.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest

HOST = "127.0.0.1"
SECONDS_MAX = 20.0
"""After so long a test has failed; nothing here waits on purpose."""

_PORTS = range(20_000, 32_000, 200)
"""Where each block of ports begins; the servers of one test have some fifteen."""

POSTFIX = Path("/usr/lib/postfix/sbin/master")
DOVECOT = Path("/usr/sbin/dovecot")
SIEVE = Path("/usr/lib/dovecot/modules/lib90_sieve_plugin.so")


def require_servers() -> None:
    """Skip the test where there are no mail servers, or no right to start them; in CI fail."""
    why = ""
    if missing := [str(each) for each in (POSTFIX, DOVECOT, SIEVE) if not each.exists()]:
        why = (
            f"{', '.join(missing)}: not there; apt-get install postfix dovecot-imapd "
            "dovecot-lmtpd dovecot-sieve"
        )
    elif not os.access("/root", os.W_OK):
        why = "Postfix can be started by root alone"
    elif shutil.which("setpriv") is None:
        why = "setpriv (util-linux) is not installed"
    if why and os.environ.get("CI"):
        pytest.fail(why)
    if why:
        pytest.skip(why)


@cache
def _own_ports() -> tuple[socket.socket, Iterator[int]]:
    """Return ports that this process alone hands out, again and again, and what keeps them its own.

    A server that is stopped for a while leaves its port to whoever asks next: tests that run beside
    this one, in other processes, have other ports. Whose they are is told by the first of them,
    which is bound as long as the process lives.
    """
    blocks = list(_PORTS)
    secrets.SystemRandom().shuffle(blocks)
    for first in blocks:
        guard = socket.socket()
        try:
            guard.bind((HOST, first))
        except OSError:
            guard.close()
            continue
        return guard, cycle(range(first + 1, first + _PORTS.step))
    raise AssertionError(f"all ports from {_PORTS.start} to {_PORTS.stop} are taken")


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, and that nobody else is given.

    They lie below those that the system gives out (from 32768), so that no other connection takes
    one while its server is stopped.
    """
    _guard, own = _own_ports()
    found: list[int] = []
    while len(found) < count:
        if not listens(port := next(own)):
            found.append(port)
    return found


def listens(port: int) -> bool:
    """Whether anybody listens on a port."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def wait_for(holds: Callable[[], bool], what: str, seconds: float = SECONDS_MAX) -> None:
    """Look again and again until `holds` does."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)


_GUARD = '"$@" & child=$!; trap "kill -TERM $child" TERM; wait $child; wait $child'
"""Runs a program, and hands a TERM on to it."""


@dataclass
class Daemon:
    """One server, with all that it starts itself."""

    command: Sequence[str]
    ports: Sequence[int]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and return when it listens."""
        # It ends with this process, even when that is killed. Postfix changes its user, and so
        # forgets that it was to: a shell does not.
        command = ["setpriv", "--pdeathsig", "TERM", "sh", "-c", _GUARD, "sh", *self.command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(self._is_up, f"{self.command[0]} listens ({self.log})")

    def _is_up(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"{self.command[0]} ended: {self.log.read_text('utf-8')}")
        return all(listens(port) for port in self.ports)

    def stop(self) -> None:
        """End it; more than once does nothing."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(SECONDS_MAX)
        finally:
            # Dovecot's processes that hold a connection would live on for some seconds.
            if sys.platform != "win32":
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        wait_for(lambda: not any(map(listens, self.ports)), f"{self.command[0]} ended")
