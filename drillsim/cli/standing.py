"""How a drill's journal stands: running, ended, cut off; read by `drills` and `status`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from drillsim.drill.events import AnyEvent, DrillEnded, decode
from drillsim.i18n import _
from drillsim.journal import JournalReader, is_held
from drillsim.journal.chain import SEAL
from drillsim.problem import UsageError
from drillsim.tui.views.clock import DrillClock

State = Literal["running", "paused", "ended", "stopped", "cut-off"]
"""`stopped`: for a real incident. `cut-off`: it has not ended, and nobody runs it."""


@dataclass(slots=True)
class Standing:
    """What a journal holds at one look."""

    state: State = "cut-off"
    events: list[AnyEvent] = field(default_factory=list)
    clock: DrillClock = field(default_factory=DrillClock)
    """The director's last word on its clock."""
    end: DrillEnded | None = None
    is_sealed: bool = False


def standing_of(reader: JournalReader) -> Standing:
    """Read a whole journal.

    Raises:
        JournalError: it is not what was written.
        ValueError: it holds events that this version does not know.
    """
    # Asked before the journal is read: a drill that ends meanwhile has ended, not been cut off.
    is_directed = is_held(reader.path)
    found = Standing()
    for record in reader.records():
        if record.stream == "event":
            event = decode(record.data)
            found.events.append(event)
            if isinstance(event, DrillEnded):
                found.end = event
        elif record.stream == "conduct" and record.kind == "clock":
            found.clock = found.clock.take(record.data)
        elif record.stream == SEAL:
            found.is_sealed = True
    found.state = _state(found, is_directed)
    return found


def _state(found: Standing, is_directed: bool) -> State:
    if found.is_sealed:
        is_stop = found.end is not None and found.end.reason == "real-incident"
        return "stopped" if is_stop else "ended"
    if not is_directed:
        return "cut-off"
    return "paused" if found.clock.is_paused and found.end is None else "running"


def state_word(state: State) -> str:
    """Return the word for how a drill stands."""
    return {
        "running": _("running"),
        "paused": _("paused"),
        "ended": _("ended"),
        "stopped": _("stopped"),
        "cut-off": _("cut off"),
    }[state]


def other_version(path: Path) -> UsageError:
    """Return the error for a journal that is whole, but holds what this version does not know."""
    return UsageError(
        _("{path}: written by another version of drillsim; read it with that one").format(path=path)
    )
