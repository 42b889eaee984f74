"""Postfix's own load generator and sink, as a measure of the machine: `smtp-source` → `smtp-sink`.

Two processes in C that send and take the same mails in the same number of sessions, and do nothing
with them. They need no Postfix that runs.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

_SBIN = "/usr/sbin:/usr/local/sbin:/usr/libexec/postfix"
_SECONDS = 10


def is_there() -> bool:
    """Whether both are installed."""
    return all(_path(name) is not None for name in ("smtp-source", "smtp-sink"))


def _path(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=_SBIN)


@contextmanager
def _sink() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    own = ["-u", "nobody"] if getpass.getuser() == "root" else []
    command = [_path("smtp-sink") or "", *own, f"127.0.0.1:{port}", "128"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as sink:
        try:
            _await(port, sink)
            yield port
        finally:
            sink.kill()


def _await(port: int, sink: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if sink.poll() is not None or time.monotonic() > until:
                assert sink.stderr is not None
                raise RuntimeError(f"smtp-sink: {sink.stderr.read().decode()}") from None
            time.sleep(0.01)
        else:
            return


def handed_over(mails: int, size: int, sessions: int, sender: str, to: str) -> tuple[float, float]:
    """Return seconds by the clock, and of the processor in both processes, for so many mails."""
    before = _spent()
    with _sink() as port:
        words = ["-d", "-s", str(sessions), "-m", str(mails), "-l", str(size)]
        command = [_path("smtp-source") or "", *words, "-f", sender, "-t", to]
        begin = time.perf_counter()
        subprocess.run([*command, f"127.0.0.1:{port}"], check=True, timeout=60)
        seconds = time.perf_counter() - begin
    return seconds, _spent() - before


def _spent() -> float:
    """Return the processor seconds of children that have ended."""
    times = os.times()
    return times.children_user + times.children_system
