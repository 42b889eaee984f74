"""What operators can order, and what each order means for the drill.

An order comes from the control room or the shell through the journal's inbox. What it asks for is
checked here; a bad one is refused with a reason and changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias, cast, get_args

from drillsim.conduct.clocks import SPEED_MAX, DrillClock, Speed
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.conduct.seating import Producer, seat_order
from drillsim.conduct.typed_times import checked_moment, typed_moment
from drillsim.conduct.typing_injects import typed_order
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.crediting import Received
from drillsim.drill.durations import ZERO, from_ms
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.rules import Rules
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.i18n import _

TEXT_LENGTH_MAX = 2_000

Read: TypeAlias = Callable[[str, NoticeKey], Received]
"""Reads a mail, by its hash, as the answer to a notice."""


def clock_order(kind: str, payload: Mapping[str, Any], clock: DrillClock, board: Board) -> bool:
    """Carry out an order to the clock; return whether `kind` was one.

    Raises:
        RefusedOrderError: a speed that is none, or that a person at a seat cannot follow; a seat
            is to be taken in a drill that goes so fast, or acted at while the clock stands.
    """
    match kind:
        case "pause":
            clock.pause()
        case "continue":
            clock.go_on()
        case "speed":
            speed = parse_speed(payload.get("speed"))
            if speed == "max" and board.seats:
                raise RefusedOrderError(
                    _(
                        "somebody sits at {node}, who could not follow; choose a slower speed"
                    ).format(node=board.exercise.node(next(iter(board.seats))).name)
                )
            clock.set_speed(speed)
        case "seat" if clock.speed == "max":
            raise RefusedOrderError(
                _("nobody at a seat could follow this speed; choose a slower one first")
            )
        case "seat-stand-in" if clock.is_paused:
            raise RefusedOrderError(_("the drill is paused; go on when its clock runs again"))
        case _:
            return False
    return True


def parse_speed(value: object) -> Speed:
    """Return the speed that `value` means: `max`, or a number from 0.1 to a million.

    Raises:
        RefusedOrderError: it is none.
    """
    if value == "max":
        return "max"
    try:
        speed = float(str(value))
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= SPEED_MAX:
        raise RefusedOrderError(
            _("{value} is no speed; write max, or a number such as 60").format(value=value)
        )
    return speed


def order(
    kind: str,
    payload: Mapping[str, Any],
    author: str,
    at: timedelta,
    board: Board,
    read: Read | None = None,
) -> Producer:
    """Return what yields the events of an order.

    Args:
        kind: what is ordered.
        payload: what it needs.
        author: who ordered it.
        at: the drill time of the order.
        board: where the drill stands.
        read: reads a mail of the tray as the answer to a notice; without it, what the mail says
            beyond that it came is not known.

    Raises:
        RefusedOrderError: the order is unknown, incomplete, or comes too late.
    """
    if kind == "book" and payload.get("inject") == ev.STOP:
        return _confirm_stop(payload, author, at, board)
    if board.end is not None and kind != "note":
        raise RefusedOrderError(_("the drill has ended; only notes are taken now"))
    seating = seat_order(kind, payload, author, at, board)
    if seating is not None:
        return seating
    match kind:
        case "phase":
            return lambda rules: rules.next_phase(at, author)
        case "end":
            return lambda rules: rules.end(at, author)
        case "stop":
            reason = _text(payload, "reason")
            return lambda rules: rules.stop(at, author, reason)
        case "inject":
            return _inject(payload, author, at, board)
        case "book":
            return _book(payload, author, at, board)
        case "note":
            return _note(payload, author, at, board)
        case "action":
            return _action(payload, author, at, board)
        case "credit":
            return _credit(payload, author, at, board, read)
        case "dismiss":
            return _dismiss(payload, author, at, board)
        case "fidelity":
            return _fidelity(payload, author, at, board)
        case _:
            raise RefusedOrderError(_("there is no order {kind}").format(kind=kind))


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    return "" if value is None else str(value)[:TEXT_LENGTH_MAX]


def _notice(payload: Mapping[str, Any], board: Board) -> NoticeKey:
    notice = (InjectId(_text(payload, "inject")), NodeId(_text(payload, "node")))
    if notice not in board.notices:
        raise RefusedOrderError(
            _("{inject} has not been sent to {node}").format(inject=notice[0], node=notice[1])
        )
    return notice


def _inject(payload: Mapping[str, Any], author: str, at: timedelta, board: Board) -> Producer:
    if "subject" in payload or "body" in payload:
        return _typed(payload, author, at, board)
    inject = InjectId(_text(payload, "inject"))
    if inject not in board.exercise.order:
        raise RefusedOrderError(_("there is no inject {inject}").format(inject=inject))
    if inject in board.released:
        raise RefusedOrderError(_("{inject} was sent already").format(inject=inject))
    return lambda rules: rules.release(inject, at, f"operator {author}")


def _typed(payload: Mapping[str, Any], author: str, at: timedelta, board: Board) -> Producer:
    written = typed_order(payload, author, at, board.exercise)

    def produce(rules: Rules) -> Iterator[AnyEvent]:
        yield written
        yield from rules.release(written.inject, at, written.because)

    return produce


def _book(payload: Mapping[str, Any], author: str, at: timedelta, board: Board) -> Producer:
    notice = _notice(payload, board)
    if board.notices[notice].submitted_at is None:
        raise RefusedOrderError(
            _("{inject} has not been sent to {node}").format(inject=notice[0], node=notice[1])
        )
    channel, result = _call(payload)
    officers = board.exercise.node(notice[1]).officers
    officer = payload.get("officer") or 0
    if not isinstance(officer, int) or not 0 <= officer <= len(officers):
        raise RefusedOrderError(_("{value} is no officer of this body").format(value=officer))
    by = _text(payload, "by") or (officers[officer - 1].name if officer else "")
    report = payload.get("report")
    happened_at = _happened_at(payload, board, at, board.notices[notice].submitted_at)

    def produce(rules: Rules) -> Iterator[AnyEvent]:
        common: dict[str, Any] = {
            "at": at,
            "because": f"operator {author}",
            "happened_at": happened_at,
            "notice": notice,
            "officer": officer,
            "channel": channel,
            "by": by,
        }
        yield ev.Called(**common, result=result)
        record = rules.board.notices[notice]
        if result != "talked":
            return
        if isinstance(report, dict) and record.asked.report:
            answers = tuple((str(k), str(v)[:TEXT_LENGTH_MAX]) for k, v in report.items())
            yield ev.Reported(**common, answers=answers, number=record.reports + 1)
        elif not record.is_acknowledged:
            yield ev.Acknowledged(**common)

    return produce


def _happened_at(
    payload: Mapping[str, Any], board: Board, at: timedelta, since: timedelta | None
) -> timedelta | None:
    """Return the earlier time for which something is booked; None for now.

    Raises:
        RefusedOrderError: it is none, is still to come, or lies before `since`.
    """
    since = ZERO if since is None else since
    typed = payload.get("at_ms")
    if isinstance(typed, int):
        return checked_moment(from_ms(typed), board.exercise, at, since)
    return typed_moment(_text(payload, "at"), board.exercise, at, since)


def _call(payload: Mapping[str, Any]) -> tuple[ev.Channel, ev.CallResult]:
    """Return channel and result of what is booked."""
    channel, result = _text(payload, "channel"), _text(payload, "result")
    if channel not in get_args(ev.Channel) or channel == "mail":
        raise RefusedOrderError(_("{value} is no channel").format(value=channel))
    if result not in get_args(ev.CallResult):
        raise RefusedOrderError(_("{value} is no result of a call").format(value=result))
    return cast("ev.Channel", channel), cast("ev.CallResult", result)


def _confirm_stop(payload: Mapping[str, Any], author: str, at: timedelta, board: Board) -> Producer:
    """Book that a body knows of the stop; a call that reached nobody is noted."""
    node = NodeId(_text(payload, "node"))
    if node not in board.stop_sent:
        raise RefusedOrderError(
            _("{inject} has not been sent to {node}").format(inject=ev.STOP, node=node)
        )
    channel, result = _call(payload)
    by = _text(payload, "by")
    common: dict[str, Any] = {
        "at": at,
        "because": f"operator {author}",
        "happened_at": _happened_at(payload, board, at, board.stop_sent[node]),
    }
    if result == "talked":
        confirmed = ev.StopConfirmed(**common, node=node, by=by, channel=channel)
        return lambda _rules: (confirmed,)
    noted = ev.Noted(**common, text=f"{node}: {channel}, {result}", by=author)
    return lambda _rules: (noted,)


def _note(payload: Mapping[str, Any], author: str, at: timedelta, board: Board) -> Producer:
    text = _text(payload, "text").strip()
    if not text:
        raise RefusedOrderError(_("the note is empty"))
    notice = _notice(payload, board) if payload.get("inject") and payload.get("node") else None
    return lambda _rules: (ev.Noted(at=at, text=text, by=author, notice=notice),)


def _action(payload: Mapping[str, Any], author: str, at: timedelta, board: Board) -> Producer:
    notice = _notice(payload, board)
    action = _text(payload, "action")
    if action not in board.exercise.inject(notice[0]).actions:
        raise RefusedOrderError(_("{action} is no step of this inject").format(action=action))
    by = _text(payload, "by") or author
    because = f"operator {author}"
    return lambda _rules: (
        ev.ActionDone(at=at, because=because, notice=notice, action=action, by=by),
    )


def _in_tray(payload: Mapping[str, Any], board: Board) -> ev.SetAside:
    mail = board.tray.get(_text(payload, "mail"))
    if mail is None:
        raise RefusedOrderError(_("this mail is not in the tray"))
    return mail


def _credit(
    payload: Mapping[str, Any], author: str, at: timedelta, board: Board, read: Read | None
) -> Producer:
    """Book a mail of the tray as the answer to a notice: acknowledgement, or report."""
    notice = _notice(payload, board)
    mail = _in_tray(payload, board)
    got = None if read is None else read(mail.raw, notice)
    by = mail.sender if got is None or not got.by else got.by
    answers = () if got is None else got.answers
    typed = payload.get("report")
    if isinstance(typed, dict):  # What the operator read in a file that nobody else could.
        answers = tuple((str(k), str(v)[:TEXT_LENGTH_MAX]) for k, v in typed.items())
    is_report = isinstance(typed, dict) or (got is not None and got.is_report)

    def produce(rules: Rules) -> Iterator[AnyEvent]:
        record = rules.board.notices[notice]
        common: dict[str, Any] = {
            "at": at,
            "because": f"operator {author}",
            "notice": notice,
            "by": by,
            "mail": mail.mail,
            "raw": mail.raw,
            "matched_by": "operator",
        }
        answer: dict[str, Any] = {
            "channel": "mail",
            "officer": 0 if got is None else got.officer,
            "sender": mail.sender,
            "foreign": got is not None and got.is_foreign,
        }
        if is_report and record.asked.report:
            yield ev.Reported(**common, **answer, answers=answers, number=record.reports + 1)
        elif record.is_acknowledged:
            yield ev.Repeated(**common, identical=False)
        else:
            yield ev.Acknowledged(**common, **answer)

    return produce


def _dismiss(payload: Mapping[str, Any], author: str, at: timedelta, board: Board) -> Producer:
    """Take a mail out of the tray that is nobody's answer; it stays in the record."""
    mail = _in_tray(payload, board)
    aside = replace(mail, at=at, because=f"operator {author}", tray=False, why="operator")
    return lambda _rules: (aside,)


def _fidelity(payload: Mapping[str, Any], author: str, at: timedelta, board: Board) -> Producer:
    """Judge a fact in what a node passed on."""
    notice = _notice(payload, board)
    fact, fate = _text(payload, "fact"), _text(payload, "fate")
    if fate not in get_args(ev.Fate):
        raise RefusedOrderError(
            _("{value} is no fate of a fact; write one of: {choices}").format(
                value=fate, choices=", ".join(get_args(ev.Fate))
            )
        )
    passed = board.notices[notice].passed_to
    if not any(fact in board.notices[(notice[0], hop)].facts for hop in passed):
        raise RefusedOrderError(
            _("{node} has not passed on a fact {fact}").format(node=notice[1], fact=fact)
        )
    judged = ev.FidelityOverruled(
        at=at,
        because=f"operator {author}",
        notice=notice,
        fact=fact,
        fate=cast("ev.Fate", fate),
        by=author,
    )
    return lambda _rules: (judged,)
