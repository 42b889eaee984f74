"""The mails of the tray (振分け待ち): whose answer each may be, and why that is suggested."""

from dataclasses import dataclass

from drillsim.drill import events as ev
from drillsim.drill.events import NoticeKey
from drillsim.i18n import _
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.mail import kind_word


@dataclass(frozen=True, slots=True)
class Perhaps:
    """A notice that a mail may answer."""

    notice: NoticeKey
    node: str
    inject: str
    why: str


def why_suggested(by: ev.SuggestedBy) -> str:
    """Return what speaks for a suggestion."""
    words = {
        "thread": _("it answers a mail that went to this body"),
        "old-thread": _("it answers an older mail of this body"),
        "number": _("the 整理番号 is said in it"),
        "officer": _("the sender is an officer there"),
        "domain": _("the sender is of the same domain: a colleague?"),
    }
    return words[by]


def suggestions_of(view: DrillView, mail: ev.SetAside) -> list[Perhaps]:
    """Return the notices that a mail of the tray may answer, the likeliest first."""
    reasons = (*mail.suggested_by, *("officer",) * len(mail.suggested))  # Old journals have none.
    return [
        Perhaps(
            notice=notice,
            node=view.names.node(notice[1]),
            inject=view.names.inject(notice[0]),
            why=why_suggested(by),  # type: ignore[arg-type]
        )
        for notice, by in zip(mail.suggested, reasons, strict=False)
    ]


def why_in_tray(mail: ev.SetAside) -> str:
    """Return why a mail lies in the tray."""
    if mail.why == "unreadable-file":
        return _("credited, but its file cannot be read: book the report from it")
    return _("{kind}; matched with nothing").format(kind=kind_word(mail.mail_kind))
