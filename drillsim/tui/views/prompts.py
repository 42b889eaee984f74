"""What the control room asks before it does what cannot be undone.

A rehearsal and a live drill share no sentence here, so that nobody answers the one by the habit of
the other. A test compares them in both languages.
"""

from dataclasses import dataclass

from drillsim.drill.ways import Way, is_live
from drillsim.i18n import _, ngettext


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question."""

    title: str
    text: str
    do: str
    """What Enter does."""
    value: str = ""
    """What stands in its field at first."""

    @property
    def sentences(self) -> frozenset[str]:
        """All that it says."""
        return frozenset(text for text in (self.title, self.text, self.do, self.value) if text)


def phase_prompt(way: Way, phase: str) -> Prompt:
    """Ask whether the drill leaves its phase."""
    if is_live(way):
        text = _("LIVE: “{phase}” is left for good; what the next phase sends goes out for real.")
        return Prompt(_("LIVE: next phase"), text.format(phase=phase), _("move the live drill on"))
    text = _("The rehearsal leaves the phase “{phase}” now, whatever is still missing.")
    return Prompt(_("Rehearsal: next phase"), text.format(phase=phase), _("move on"))


def end_prompt(way: Way) -> Prompt:
    """Ask whether the drill ends."""
    if is_live(way):
        text = _("LIVE: EndEx for everybody. Answers that are still on their way come too late.")
        return Prompt(_("LIVE: end of the drill"), text, _("end the live drill"))
    text = _("The rehearsal ends now; what is open is counted as cancelled.")
    return Prompt(_("End the rehearsal"), text, _("end it"))


def stop_prompt(way: Way, mailed: int) -> Prompt:
    """Ask for the reason of a real-incident stop."""
    if way == "mail":
        text = ngettext(
            "LIVE: the drill ends at once, and the stop mail goes out to {count} body for real.",
            "LIVE: the drill ends at once, and the stop mail goes out to {count} bodies for real.",
            mailed,
        )
    elif way == "by-hand":
        text = ngettext(
            "LIVE: the drill ends at once. A stop mail to {count} body is written: send it first.",
            "LIVE: the drill ends at once. Stop mails to {count} bodies are written: "
            "send them first.",
            mailed,
        )
    else:
        text = ngettext(
            "Practises the stop: the rehearsal ends at once; {count} body is told so here.",
            "Practises the stop: the rehearsal ends at once; {count} bodies are told so here.",
            mailed,
        )
        return Prompt(
            _("REHEARSE THE STOP"),
            text.format(count=mailed),
            _("STOP the rehearsal"),
            _("a real incident is supposed"),
        )
    return Prompt(
        _("STOP FOR A REAL INCIDENT"),
        text.format(count=mailed),
        _("STOP"),
        _("a real incident has happened"),
    )


def inject_prompt(way: Way) -> Prompt:
    """Ask which extra inject is sent."""
    if is_live(way):
        text = _("LIVE: what is chosen here goes out to real people at once.")
        if way == "by-hand":
            text = _("LIVE: mails to real people are written, for you to send.")
        return Prompt(_("LIVE: send an extra inject"), text, _("send it for real"))
    return Prompt(_("Send an extra inject"), "", _("send it"))


def all_prompts(way: Way) -> tuple[Prompt, ...]:
    """Return every prompt of a way."""
    return (
        phase_prompt(way, "○"),
        end_prompt(way),
        *(stop_prompt(way, count) for count in (1, 2)),
        inject_prompt(way),
    )
