"""Text that acts on a terminal, and a drill that is full of it."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Final

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent
from drillsim.journal.mails import Mail
from tests.tui.recorded import Recording

SEQUENCES: Final = (
    "\x1b]52;c;SEFDSw==\x07",  # OSC 52: the clipboard
    "\x1b]0;HACKED\x07",  # OSC 0: the title
    "\x1b]8;;http://hostile.example\x1b\\",  # OSC 8: a link
    "\x1b[9;77777H",  # CSI: the cursor
    "\x1bP1;2;3q\x1b\\",  # DCS
    "\x9b31;77777m",  # C1 CSI
    "\x9d0;HACKED\x9c",  # C1 OSC
    "\u202e",  # bidi override
    "\u2066",
)
MARKUP: Final = "[/] [@click=app.quit]out[/] [bold]x"
READABLE: Final = "読める文字"

TEXT: Final = (
    "".join(SEQUENCES) + READABLE + MARKUP + "e" + "\u0301" * 100 + "\r\n\t" + "長" * 10_000
)


def hostile_mail() -> bytes:
    """Return a mail whose sender, subject and body are hostile."""
    message = EmailMessage()
    message["From"] = "=?utf-8?q?=1B=5D0=3BHACKED=07?= <o1@n1.example>"
    message["Subject"] = "=?utf-8?q?=1B=5B9=3B77777H=5B=2F=5D?= " + MARKUP
    raw = message.as_bytes() + b"Content-Type: text/plain; charset=utf-8\n\n"
    return raw + TEXT.encode("utf-8", "replace")


def made_hostile(recording: Recording) -> Recording:
    """Return the recording with hostile names of those who answered, notes and mails."""
    mail = Mail(hostile_mail(), "in", "o1@n1.example", ["kunren@pref.example"])
    events: list[AnyEvent] = []
    for event in recording.events:
        if isinstance(event, ev.Acknowledged | ev.Reported):
            events.append(replace(event, by=TEXT, matched_by=TEXT, raw=mail.hash))
        else:
            events.append(event)
        if isinstance(event, ev.PassedOn):
            noted = ev.Noted(at=event.at, text=TEXT, by=TEXT, notice=event.notice)
            aside = ev.SetAside(
                at=event.at,
                mail_kind=TEXT,
                sender=TEXT,
                mail="hostile@n1.example",
                raw=mail.hash,
                tray=True,
                suggested=(event.notice,),
            )
            events += [noted, aside]
    return Recording(recording.loaded, events, {**recording.mails, mail.hash: mail})


AT: Final = timedelta(hours=1)
