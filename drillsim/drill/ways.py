"""In which way a drill is run, and the words for it: rehearsed, by hand, or over a mail server."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from drillsim.i18n import _

Way: TypeAlias = Literal["rehearsal", "by-hand", "mail"]
"""The last two are live drills: real people get the mails."""


def way_of(meta: Mapping[str, str]) -> Way:
    """Return in which way the drill of a journal is run; a live one of unknown way is by mail."""
    if meta.get("mode", "rehearsal") != "live":
        return "rehearsal"
    return "by-hand" if meta.get("way") == "by-hand" else "mail"


def is_live(way: Way) -> bool:
    """Whether real people get the mails of such a drill."""
    return way != "rehearsal"


def way_word(way: Way) -> str:
    """Return the word for a way, as a list and a headline have it."""
    return {
        "rehearsal": _("rehearsal"),
        "by-hand": _("live drill by hand"),
        "mail": _("live drill by mail"),
    }[way]


def live_mark(way: Way) -> str:
    """Return the mark that a live drill carries wherever it is shown; "" for a rehearsal."""
    return {"rehearsal": "", "by-hand": _("LIVE by hand"), "mail": _("LIVE")}[way]
