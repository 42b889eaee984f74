"""Bodies with their changes as a list to be gone through: after a round, or by telephone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drillsim.drill.tree import Node
from drillsim.files.contacts.change_lines import body_lines
from drillsim.files.contacts.comparison import BodyChanges
from drillsim.files.contacts.confirming import Proposal, State
from drillsim.i18n import N_, _
from drillsim.text import clean, clean_line
from drillsim.tui.views.tone import Cell, Tone

Line = tuple[Cell, ...]

STATES: dict[State, tuple[str, Tone]] = {
    "unchanged": (N_("reports no change"), "good"),
    "changed": (N_("reports a change"), "late"),
    "pending": (N_("is still checking"), "busy"),
    "unclear": (N_("changed, not said what"), "alarm"),
    "acknowledged": (N_("read, not answered"), "busy"),
    "silent": (N_("no answer"), "alarm"),
}
"""What a body's answer is called (marked for `_`), and its tone."""

_SIGN_TONES: dict[str, Tone] = {"+": "good", ">": "good", "-": "alarm", "<": "alarm", "~": "late"}


@dataclass(frozen=True, slots=True)
class BodyItem:
    """One body of the list: what is said of it, and what below it in full."""

    node: str
    name: str
    state: Cell
    summary: str
    lines: tuple[Line, ...]
    can_accept: bool
    is_plain: bool = False
    """Whether nothing changes: such bodies are accepted all at once."""


def telephone_item(body: BodyChanges) -> BodyItem:
    """Return a body whose changes are to be checked by telephone."""
    node = body.node
    people = len(body.left) + len(body.came) + len(body.moved_in) + len(body.moved_out)
    word = (
        _("new body") if body.old is None else _("body gone") if body.new is None else _("differs")
    )
    return BodyItem(
        node=node.id,
        name=clean_line(node.name),
        state=Cell(word, "late"),
        summary=_("{people} came or left, {changes} changed").format(
            people=people, changes=len(body.changed) + len(body.changes)
        ),
        lines=(*_changes(body), (), *_numbers(node)),
        can_accept=True,
    )


def confirmation_item(proposal: Proposal, node: Node | None) -> BodyItem:
    """Return what a body answered in the yearly round; `node` is its entry as it is now."""
    word, tone = STATES[proposal.state]
    answer = proposal.answer
    lines: list[Line] = []
    if answer.is_reported or answer.is_acknowledged:
        said = _("answered by {who}").format(who=answer.by or "-")
        if answer.day is not None:
            said += f"  {answer.day.isoformat()}"
        lines.append((Cell(said, "muted"),))
    if proposal.changes is not None:
        lines += _changes(proposal.changes)
    elif proposal.state == "unchanged":
        lines.append((Cell(_("The entry is right as it stands.")),))
    for fault in proposal.faults:
        lines.append((Cell(_("cannot be taken: {fault}").format(fault=fault), "alarm"),))
    if proposal.remarks:
        lines.append((Cell(_("remarks: {text}").format(text=clean_line(proposal.remarks))),))
    if not proposal.is_acceptable:
        lines += [(), (Cell(_("Ask by telephone:"), "strong"),)]
        lines += _numbers(node) if node is not None else []
    return BodyItem(
        node=proposal.node,
        name=clean_line(proposal.name),
        state=Cell(_(word), tone),
        summary=_summary(proposal),
        lines=tuple(lines),
        can_accept=proposal.is_acceptable,
        is_plain=proposal.state == "unchanged",
    )


def _summary(proposal: Proposal) -> str:
    answer = proposal.answer
    if proposal.faults:
        return _("{n} lines cannot be taken").format(n=len(proposal.faults))
    if proposal.state in ("silent", "acknowledged", "pending", "unclear"):
        told = _("on the call list") if answer.on_call_list else ""
        reminded = _("reminded {n} times").format(n=answer.reminders) if answer.reminders else ""
        return "  ".join(part for part in (reminded, told) if part)
    if proposal.changes is not None:
        body = proposal.changes
        count = len(body.left) + len(body.came) + len(body.changed) + len(body.changes)
        return _("{n} changes").format(n=count)
    return ""


def _changes(body: BodyChanges) -> list[Line]:
    return [(Cell(line, _SIGN_TONES.get(line[:1], "")),) for line in body_lines(body)]


def _numbers(node: Node) -> list[Line]:
    """Return whom to call, in calling order."""
    return [(Cell(line),) for line in number_lines(node)]


def number_lines(node: Node) -> Iterator[str]:
    """Yield every officer of a body with the numbers, then the duty desk."""
    for number, officer in enumerate(node.officers, 1):
        words = [f"{number} {officer.name}", officer.role, officer.phone]
        if officer.off_hours.phone:
            words.append(_("[nights and holidays: {contact}]").format(
                contact=officer.off_hours.phone
            ))  # fmt: skip
        yield clean_line("  ".join(word for word in words if word))
    if node.duty_desk is not None:
        desk = " ".join(part for part in (node.duty_desk.name, node.duty_desk.phone) if part)
        yield clean_line(_("duty desk {desk}").format(desk=desk))
    if not node.officers:
        yield clean(_("nobody is listed"))


def counted(items: Sequence[BodyItem]) -> str:
    """Return how many bodies there are of each state."""
    counts: dict[str, int] = {}
    for item in items:
        counts[item.state.text] = counts.get(item.state.text, 0) + 1
    return "  ".join(f"{state} {count}" for state, count in counts.items())
