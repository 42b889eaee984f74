"""In a real-time drill a mail is on the disk before its 250: shown by tracing system calls."""

import os
import re
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from drillsim.journal import JournalReader, UnreadableJournalError, post_command
from tests.simulation.drills import SCENARIOS

MAILS = 200
SECONDS_MAX = 60.0
# strace -f -y: 12345 fdatasync(9</tmp/x.drill-wal>) = 0; a call that another thread cuts in two is
# "<unfinished ...>" and then "<... fdatasync resumed>".
CALL = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$")


def can_trace() -> bool:
    if shutil.which("strace") is None:
        return bool(os.environ.get("CI"))
    done = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    return done.returncode == 0


def hand_over(port: int) -> None:
    mail = (
        "From: s{0}@strangers.example\r\nSubject: {0}\r\nMessage-ID: <{0}@s.example>\r\n\r\nx\r\n"
    )
    with smtplib.SMTP("127.0.0.1", port, timeout=SECONDS_MAX, local_hostname="tracer") as client:
        for number in range(MAILS):
            sender = f"s{number}@strangers.example"
            client.sendmail(sender, ["kunren@drillsim.test"], mail.format(number))


def traced(path: Path, trace: Path) -> "subprocess.Popen[bytes]":
    command = ["strace", "-f", "-y", "-s", "64", "-o", str(trace)]
    command += ["-e", "trace=fsync,fdatasync,sendto,recvfrom,write,read"]
    drill = ["run", str(SCENARIOS / "r5-virus-suspicion.yaml"), "--seed", "7", "--speed", "1"]
    drill += ["--headless", "--out", str(path)]
    return subprocess.Popen(
        [*command, sys.executable, "-m", "drillsim", *drill],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def port_of(path: Path, process: "subprocess.Popen[bytes]") -> int:
    until = time.monotonic() + SECONDS_MAX
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[1].decode("utf-8", "replace")
        # The file is there some milliseconds before it is a journal.
        with suppress(UnreadableJournalError), JournalReader(path) as reader:
            for record in reader.records():
                if record.kind == "port":
                    return int(record.data["port"])
        time.sleep(0.05)  # Another process is waited for.
    raise AssertionError("the drill has not begun")


def calls(trace: Path) -> Iterator[tuple[str, str, bool, bool]]:
    """Yield (call, arguments, begins, ends) in the order of the trace."""
    for line in trace.read_text("utf-8", "replace").splitlines():
        found = CALL.match(line)
        if found is not None:
            resumed, begun, rest = found[2], found[3], found[4]
            yield (
                resumed or begun,
                rest,
                resumed is None,
                not rest.endswith("<unfinished ...>"),
            )


@pytest.mark.skipif(not can_trace(), reason="strace is not installed, or may not trace")
def test_the_fsync_of_each_mail_precedes_its_250(tmp_path: Path) -> None:
    path, trace = tmp_path / "a.drill", tmp_path / "trace"
    process = traced(path, trace)
    try:
        hand_over(port_of(path, process))
        post_command(path, kind="end", payload={}, author="t")
        process.wait(SECONDS_MAX)
    finally:
        if process.poll() is None and sys.platform != "win32":
            # The drill too: without its tracer it would go on, and keep the pipe open for hours.
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    with JournalReader(path) as reader:
        stored = [each for each in reader.envelopes() if each.sender.startswith("s")]
    assert len(stored) == MAILS
    # From each mail's end (a lone dot) to its 250, a sync of the write-ahead log began and ended.
    in_time = 0
    state = "idle"
    for name, rest, begins, ends in calls(trace):
        if name == "recvfrom" and '"From: s' in rest:
            state = "received"
        elif name in ("fdatasync", "fsync") and begins and state == "received":
            if "-wal" in rest:
                state = "synced" if ends else "syncing"
        elif name in ("fdatasync", "fsync") and not begins and state == "syncing":
            state = "synced"
        elif name in ("sendto", "write") and '"250 2.0.0 OK' in rest and state != "idle":
            in_time += state == "synced"
            state = "idle"
    assert in_time == MAILS
