"""What can go wrong while a drill runs, as a plan that follows from a seed and can be made smaller.

A plan holds three kinds of things. The *world* (people, servers, the network) is part of the
drill, as are the operator's *orders*: another world or other orders make another drill. *Troubles*
are what must change nothing: the director is killed, the disk or the mail server fails, mails come
doubled or late, the wall clock jumps. A drill with troubles, resumed as often as it takes, must end
exactly as the same drill without them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from drillsim.drill.board import Board
from drillsim.drill.durations import to_ms

TroubleKind: TypeAlias = Literal[
    "killed-before-commit",
    "killed-after-commit",
    "killed-at-hand-over",
    "killed-after-250",
    "disk-full-at-commit",
    "disk-full-at-mail",
    "broken-off-before-250",
    "mail-doubled",
    "hand-over-late",
    "mail-kept-late",
    "journal-locked",
    "wall-clock-jumps",
]

AT_COMMIT: frozenset[TroubleKind] = frozenset(
    {
        "killed-before-commit",
        "killed-after-commit",
        "disk-full-at-commit",
        "journal-locked",
        "wall-clock-jumps",
    }
)
AT_MAIL: frozenset[TroubleKind] = frozenset(
    {"disk-full-at-mail", "broken-off-before-250", "mail-kept-late"}
)
AT_HAND_OVER: frozenset[TroubleKind] = frozenset(get_args(TroubleKind)) - AT_COMMIT - AT_MAIL

ENDS_THE_RUN: frozenset[TroubleKind] = frozenset(
    {
        "killed-before-commit",
        "killed-after-commit",
        "killed-at-hand-over",
        "killed-after-250",
        "disk-full-at-commit",
        "disk-full-at-mail",
        "broken-off-before-250",
    }
)
"""After these the drill has to be resumed."""

ORDERS: tuple[str, ...] = (
    "note", "pause", "speed", "phase", "inject", "book", "book-busy", "book-report", "action",
    "credit", "nonsense", "end", "stop",
)  # fmt: skip

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault: `count` says at which commit, mail or hand-over of the drill's life it strikes."""

    kind: TroubleKind
    count: int
    size: int = 0
    """Turns of the event loop, or hours by which the wall clock jumps."""

    def __str__(self) -> str:
        return f"{self.kind}@{self.count}" + (f"/{self.size}" if self.size else "")


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """What the operator does, and when in drill time; on what is found on the board by then."""

    at: timedelta
    what: str

    def __str__(self) -> str:
        return f"{self.what}@{to_ms(self.at)}ms"


@dataclass(frozen=True, slots=True)
class Plan:
    """All that happens to one drill beside its own files and seed."""

    scenario: str
    seed: int
    rough: bool
    """Whether people and network are rough (`drills.roughened`)."""
    orders: tuple[PlannedOrder, ...]
    troubles: tuple[Trouble, ...]

    @property
    def together(self) -> int:
        """Instants in one commit at most: all in a few, some or one by one."""
        return (32, 1, 4, 2)[self.seed % 4]

    def __str__(self) -> str:
        parts = [self.scenario, f"seed {self.seed}", "rough" if self.rough else "as shipped"]
        parts += [" ".join(map(str, each)) for each in (self.orders, self.troubles) if each]
        return "; ".join(parts)


def plan_of(seed: int, names: Sequence[str]) -> Plan:
    """Return the plan of a seed: each class of faults is on or off, swarm by swarm."""
    chance = Random(f"troubles {seed}")
    kinds = [kind for kind in get_args(TroubleKind) if chance.random() < 0.4]
    troubles = {
        Trouble(kind, _count(chance, kind), _size(chance, kind))
        for kind in kinds
        for _n in range(chance.choice((1, 1, 2, 3) if kind in ENDS_THE_RUN else (1, 3, 10, 30)))
    }
    orders = [
        PlannedOrder(_moment(chance), chance.choice(ORDERS[:-2]))
        for _n in range(chance.choice((0, 0, 1, 2, 4)))
    ]
    if chance.random() < 0.25:
        orders.append(PlannedOrder(_moment(chance), chance.choice(ORDERS[-2:])))
    return Plan(
        scenario=chance.choice(list(names)),
        seed=seed,
        rough=chance.random() < 0.7,
        orders=tuple(sorted(orders, key=lambda order: (order.at, order.what))),
        troubles=tuple(sorted(troubles, key=lambda each: (each.count, each.kind, each.size))),
    )


def _count(chance: Random, kind: TroubleKind) -> int:
    # Early ones are as likely as late ones, whatever the length of the drill.
    return round(10 ** chance.uniform(0, 2.4))


def _size(chance: Random, kind: TroubleKind) -> int:
    match kind:
        case "hand-over-late" | "mail-kept-late":
            return chance.randrange(1, 40)
        case "wall-clock-jumps":
            return chance.choice((-9_000, -24, -1, 1, 24, 9_000))
        case _:
            return 0


def _moment(chance: Random) -> timedelta:
    return timedelta(milliseconds=round(10 ** chance.uniform(0, 7.1)))


def shrunk(plan: Plan, fails: Callable[[Plan], bool], tries: int = 60) -> Plan:
    """Return a smaller plan that still fails: what can be left out is left out.

    Halves are taken away, then quarters, down to single troubles and orders (delta debugging:
    Zeller and Hildebrandt, 2002); at most `tries` drills are run.
    """
    left = tries

    def still_fails(smaller: Plan) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and fails(smaller)

    if plan.rough and still_fails(replace(plan, rough=False)):
        plan = replace(plan, rough=False)
    troubles = _fewest(plan.troubles, lambda some: still_fails(replace(plan, troubles=some)))
    plan = replace(plan, troubles=troubles)
    orders = _fewest(plan.orders, lambda some: still_fails(replace(plan, orders=some)))
    return replace(plan, orders=orders)


def _fewest(
    parts: tuple[Part, ...], still_fails: Callable[[tuple[Part, ...]], bool]
) -> tuple[Part, ...]:
    """Return as few of `parts`, in their order, as still fail."""
    size = len(parts)
    while size:
        start = 0
        while start < len(parts):
            fewer = (*parts[:start], *parts[start + size :])
            if still_fails(fewer):
                parts = fewer
            else:
                start += size
        size = min(size, len(parts)) // 2 if size > 1 else 0
    return parts


def commands_of(order: PlannedOrder, board: Board) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what the operator posts: it follows from the plan and from where the drill stands."""
    chance = Random(f"{order.what} {to_ms(order.at)}")
    open_notices = [key for key, each in board.notices.items() if each.submitted_at is not None]
    notice = chance.choice(open_notices) if open_notices else ("nothing", "nobody")
    at_notice = {"inject": notice[0], "node": notice[1]}
    match order.what:
        case "pause":
            yield "pause", {}
            yield "note", {"text": "休憩中"}
            yield "continue", {}
        case "speed":
            yield "speed", {"speed": 1_000_000}
            yield "speed", {"speed": "max"}
        case "note":
            yield "note", {"text": "県庁\x1b[2J\r\nBcc: x@y.example 【実際】", **at_notice}
        case "inject":
            contingencies = [i.id for i in board.exercise.scenario.injects if i.contingency]
            yield "inject", {"inject": chance.choice(contingencies or ["none"])}
        case "book" | "book-busy":
            result = "busy" if order.what == "book-busy" else "talked"
            yield "book", {**at_notice, "channel": "telephone", "result": result, "officer": 1}
        case "book-report":
            call = {"channel": "fax", "result": "talked", "by": "総務課 職員"}
            yield "book", {**at_notice, **call, "report": {"terminals": "3", "none": "="}}
        case "action":
            actions = [
                {"inject": i.id, "node": node, "action": i.actions[0]}
                for i in board.exercise.scenario.injects
                for first, node in open_notices
                if i.actions and first == i.id
            ]
            yield "action", chance.choice(actions) if actions else at_notice
        case "credit":
            mails = sorted(board.tray)
            yield "credit", {**at_notice, "mail": chance.choice(mails) if mails else "none"}
        case "nonsense":
            yield chance.choice(("book", "inject", "fly", "action")), {"node": 7, "inject": None}
        case "stop":
            yield "stop", {"reason": "実際の障害"}
        case kind:
            yield kind, {}
