"""Nothing but this machine is ever connected to: a program that refuses all else still does all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REFUSING = """
import sys

ALLOWED = {"127.0.0.1", "::1"}
seen = []

def refuse(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and address[0] not in ALLOWED:
            raise SystemExit(f"REFUSED {event} {address}")
        seen.append(event)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        if arguments[0] not in ALLOWED:
            raise SystemExit(f"REFUSED {event} {arguments[0]}")

sys.addaudithook(refuse)
from drillsim.cli.main import main
for line in sys.argv[1:]:
    seen.clear()
    code = main(["--lang", "en", *line.split()])
    print(f"\\nDONE {code} {seen.count('socket.connect')} {line}", file=sys.stderr)
"""

RUN = "run r5-virus-suspicion --seed 7 --speed max --headless --out a.drill"
OTHERS = (
    "plan r5-virus-suspicion",
    "check",
    "status a.drill",
    "verify a.drill",
    "score a.drill",
    "report a.drill -o a.html",
    "report a.drill -o a.csv",
    "contacts check yamaguchi",
    "contacts new --national",
)


def refusing(folder: Path, script: str, *lines: str) -> subprocess.CompletedProcess[str]:
    """Run commands in a program that ends at once where it would leave this machine."""
    return subprocess.run(
        [sys.executable, "-c", script, *lines],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_a_drill_and_all_that_is_made_of_it_stay_on_this_machine(tmp_path: Path) -> None:
    done = refusing(tmp_path, REFUSING, RUN, *OTHERS)
    assert "REFUSED" not in done.stderr
    told = [line.split(" ", 3) for line in done.stderr.splitlines() if line.startswith("DONE ")]
    assert [line for _done, _code, _count, line in told] == [RUN, *OTHERS]
    assert int(told[0][2]) > 0, "the drill's mail went over no socket"
    for _done, code, count, line in told[1:]:
        assert code in ("0", "1"), (line, done.stderr)
        assert count == "0", line


@pytest.mark.parametrize("host", ["192.0.2.1", "198.51.100.7", "0.0.0.0"])
def test_the_test_itself_refuses_what_is_not_this_machine(host: str, tmp_path: Path) -> None:
    act = "bind" if host == "0.0.0.0" else "connect"
    script = REFUSING.partition("from drillsim")[0]
    script += f"import socket; socket.socket().{act}(({host!r}, 25))"
    done = refusing(tmp_path, script)
    assert done.returncode == 1
    assert "REFUSED" in done.stderr
