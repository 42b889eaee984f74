"""Which server of a live drill is away, as its control room says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, Literal, TypeAlias

from drillsim.i18n import _, ngettext
from drillsim.text import clean_line
from drillsim.tui.views.tone import EMPTY, Cell

Server: TypeAlias = Literal["mail-server", "mailbox"]
"""What the mails go out by, and what answers come in by; so are they called in the journal."""
SERVERS: Final[tuple[Server, ...]] = ("mail-server", "mailbox")


@dataclass(frozen=True, slots=True)
class ServerState:
    """What the journal said last about a server."""

    away: str = ""
    """Why it cannot be reached; "" if it can."""
    since: datetime | None = None
    unreadable: int = 0
    """How many mails the mailbox would not hand out."""

    def after(self, data: Mapping[str, Any]) -> "ServerState":
        """Return the state after a further record; away for another reason is away since then."""
        away = str(data.get("away", ""))
        since = datetime.fromisoformat(str(data["wall"]))
        if away and self.away:
            since = self.since or since
        return ServerState(away, since, int(data.get("unreadable", 0)))


def servers_warning(states: Mapping[Server, ServerState], zone: tzinfo) -> Cell:
    """Return what must be known about the servers, or nothing."""
    said = []
    for name in SERVERS:
        state = states.get(name)
        if state is None or not state.away or state.since is None:
            continue
        text = (
            _("mails do not go out since {time}: {why}")
            if name == "mail-server"
            else _("answers are not read since {time}: {why}")
        )
        time = f"{state.since.astimezone(zone):%H:%M:%S}"
        said.append(text.format(time=time, why=clean_line(state.away, limit=300)))
    if said:
        return Cell(" / ".join(said), "alarm")
    unreadable = states["mailbox"].unreadable if "mailbox" in states else 0
    if not unreadable:
        return EMPTY
    text = ngettext(
        "{count} mail in the mailbox cannot be fetched; look at it with a mail program",
        "{count} mails in the mailbox cannot be fetched; look at them with a mail program",
        unreadable,
    )
    return Cell(text.format(count=unreadable), "late")
