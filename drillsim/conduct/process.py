"""The director as a process of its own: closing the terminal does not stop a drill.

The control room only follows the journal; the process that runs the drill is started here. It says
on its standard output where the journal is, as soon as it is there, and is on its own from then on.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drillsim.conduct.clocks import Speed
from drillsim.i18n import _, language
from drillsim.problem import CommandError, ExitCode, StoppedError, UsageError

_DIRECTORS: list[subprocess.Popen[str]] = []
"""The directors that this process has started."""


def start_director(
    scenario: str | os.PathLike[str],
    *,
    contacts: str | os.PathLike[str] | None = None,
    seed: int,
    speed: Speed,
    folder: Path | None = None,
    path: Path | None = None,
    seats: Sequence[str] = (),
    seated_by: str = "",
    foreseen: str = "",
) -> Path:
    """Start a rehearsal in a process of its own; return its journal, which is there by then.

    Args:
        scenario: its file.
        contacts: another contact tree than the scenario's.
        seed: what makes it repeatable.
        speed: drill seconds per second, or `max`.
        folder: where to keep the journal under a new name; `./drills` if None.
        path: where exactly to keep it.
        seats: nodes at which a person sits from the beginning, as `seat_nodes` takes them.
        seated_by: who it is.
        foreseen: the forecast to be kept in the file (`Foreseen.as_text`).

    Raises:
        CommandError: it could not be started; the message says why.
    """
    wish = {
        "scenario": os.fspath(scenario),
        "contacts": None if contacts is None else os.fspath(contacts),
        "seed": seed,
        "speed": speed,
        "folder": None if folder is None else os.fspath(folder),
        "path": None if path is None else os.fspath(path),
        "seats": list(seats),
        "seated-by": seated_by,
        "foreseen": foreseen,
        "lang": language(),
    }
    return _start("begin", wish)


def resume_director(path: Path, speed: Speed | None) -> Path:
    """Go on with a drill that was cut off, in a process of its own.

    Without a `speed` it goes as `pace_of` says.

    Raises:
        CommandError: it could not be gone on with; the message says why.
    """
    return _start("resume", {"path": os.fspath(path), "speed": speed, "lang": language()})


def _start(what: str, wish: dict[str, Any]) -> Path:
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        apart = {"creationflags": flags}
    process = subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "drillsim.conduct.process", what, json.dumps(wish)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        **apart,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline().strip()
    if line:
        # It has said where; what it might still say goes nowhere (`_detach`). It is kept, because
        # to forget a child that runs is warned about.
        _DIRECTORS.append(process)
        process.stdout.close()
        process.stderr.close()
        return Path(line)
    message = process.stderr.read().strip()
    code = process.wait()
    raise _error(code, message or _("the director could not be started"))


def _error(code: int, message: str) -> CommandError:
    if code == ExitCode.STOPPED:
        return StoppedError(message)
    return UsageError(message)


def main(words: list[str]) -> int:
    """Run a director; `words` are what to do, and the wish as JSON."""
    import asyncio

    from drillsim.conduct.rehearsal import Wanted, conduct, drill_path, lay_out, pace_of, reopen
    from drillsim.conduct.seating import seat_nodes
    from drillsim.files.scenario_file import load_scenario
    from drillsim.i18n import set_language

    what, wish = words[0], json.loads(words[1])
    set_language(wish["lang"])
    try:
        if what == "resume":
            path = Path(wish["path"])
            wish["speed"] = pace_of(path, wish["speed"])
            journal, loaded = reopen(path)
        else:
            loaded = load_scenario(wish["scenario"], wish["contacts"])
            folder = Path(wish["folder"] or "drills")
            path = Path(wish["path"]) if wish["path"] else drill_path(loaded.scenario.id, folder)
            seats = seat_nodes(wish["seats"], loaded.exercise)
            wanted = Wanted(
                loaded,
                wish["seed"],
                wish["speed"],
                path,
                seats,
                wish["seated-by"],
                wish["foreseen"],
            )
            journal = lay_out(wanted)
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"{path.resolve()}\n")
    sys.stdout.flush()
    _detach()
    try:
        outcome = asyncio.run(conduct(journal, loaded, wish["speed"]))
    except CommandError as error:
        return error.exit_code
    return ExitCode.STOPPED if outcome.reason in ("idle", "real-incident") else ExitCode.DONE


def _detach() -> None:
    """Write nowhere from now on: whoever started this may be gone."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(nowhere.fileno(), stream.fileno())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
