"""A drill run by its rules alone, minute by minute: what comes from outside is booked by hand."""

from collections.abc import Iterable
from dataclasses import MISSING, fields
from datetime import timedelta
from typing import Any

from drillsim.drill.agenda import Agenda
from drillsim.drill.board import Board
from drillsim.drill.crediting import Received
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.machines import NoticeState
from drillsim.drill.rules import Rules
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId

EMPTY = ("", "{}", "[]", "None", "()")


def m(minutes: float) -> timedelta:
    """Return so many minutes."""
    return timedelta(minutes=minutes)


class Desk:
    """Rules, board and agenda of one drill; times are minutes since StartEx."""

    def __init__(
        self, exercise: Exercise, *, waits_for_outside: bool = False, by_hand: bool = False
    ) -> None:
        self.board = Board(exercise)
        self.agenda = Agenda()
        self.events: list[AnyEvent] = []
        self.rules = Rules(
            exercise,
            self.board,
            lambda notice, officer, attempt: f"{notice[1]}/{officer}/{attempt}",
            waits_for_outside=waits_for_outside,
            by_hand=by_hand,
        )

    def take(self, events: Iterable[AnyEvent]) -> None:
        """Take events in, one after the other."""
        for event in events:
            self.board.apply(event)
            self.events.append(event)
            for due in self.rules.follow(event):
                self.agenda.add(due)

    def start(self) -> "Desk":
        """Begin the drill."""
        self.take(self.rules.start(seed=5))
        return self

    def until(self, minutes: float) -> "Desk":
        """Carry out what falls due until then."""
        while (due := self.agenda.peek()) is not None and due.at <= m(minutes):
            self.take(self.rules.carry_out(self.agenda.pop()))
        return self

    def book(self, minutes: float, event: type[Any], node: str = "n1", **values: Any) -> "Desk":
        """Carry out what is due by then, and have something happen to a notice of `first`."""
        self.until(minutes)
        about = {"notice": key(node)} if "notice" in {f.name for f in fields(event)} else {}
        self.take([event(at=m(minutes), **(about | values))])
        return self

    def receive(self, minutes: float, mail: Received) -> "Desk":
        """Carry out what is due by then, and have a mail come in."""
        self.until(minutes)
        self.take(self.rules.credit(mail, m(minutes)))
        return self

    def tells(self) -> str:
        """Return all there is to tell: the events, the notices, the rest of the board."""
        return f"{self.told()}\n\n{self.stands()}\n\n{self.board_stands()}\n"

    def told(self) -> str:
        """Return the events, a line each, with all that is not usual."""
        return "\n".join(map(line, self.events))

    def stands(self) -> str:
        """Return where every notice stands, a line each, with all that is not as at its release."""
        return "\n".join(
            f"{key[0]} {key[1]}: {_values(record, {'key', 'kind', 'sender', 'asked'})}"
            for key, record in self.board.notices.items()
        )

    def board_stands(self) -> str:
        """Return where the rest of the board stands, a line each."""
        untold = ("exercise", "notices", "_same_answers")
        named = (f.name for f in fields(self.board) if f.name not in untold)
        shown = ((name, _shown(getattr(self.board, name))) for name in named)
        return "\n".join(f"{name}: {value}" for name, value in shown if value not in EMPTY)


def key(node: str, inject: str = "first") -> NoticeKey:
    """Return the notice of an inject to a node."""
    return InjectId(inject), NodeId(node)


def line(event: AnyEvent) -> str:
    """Return an event as a line: minutes, kind, node, and every value that is not the usual one."""
    notice: NoticeKey | None = getattr(event, "notice", None)
    words = [_shown(event.at), event.kind]
    words += [] if notice is None else ["/".join(notice)]
    return " ".join(filter(None, [*words, _values(event, {"at", "notice"})]))


def _values(thing: Any, but: set[str]) -> str:
    found = []
    for each in fields(thing):
        value = getattr(thing, each.name)
        usual = each.default if each.default_factory is MISSING else each.default_factory()
        if each.name not in but and value != usual:
            found.append(f"{each.name}={_shown(value)}")
    return " ".join(found)


def _shown(value: Any) -> str:
    if isinstance(value, timedelta):
        return f"{value / timedelta(minutes=1):g}"
    if isinstance(value, NoticeState):
        return value.value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(_shown, value))) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_shown, value)) + ")"
    if hasattr(value, "__dataclass_fields__"):
        return f"[{_values(value, set())}]"
    return str(value)
