"""An inject that a controller types while the drill runs: what an order says, and its checks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, get_args

from drillsim.conduct.refusal import RefusedOrderError
from drillsim.drill import events as ev
from drillsim.drill.durations import parse_duration, to_ms
from drillsim.drill.exercise import Exercise
from drillsim.drill.model import Unfit
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.drill.typed import free_id, typed_inject
from drillsim.i18n import _
from drillsim.text import clean_line

INFORMATION: Final = "none"
"""Stands for the time that an acknowledgement may take where none is asked for."""

BODY_LENGTH_MAX: Final = 20_000
_WITHIN: Final = timedelta(minutes=30)
"""What is asked where neither the order nor the scenario says by when to acknowledge."""
_NAMED_MAX: Final = 5


def typed_order(
    payload: Mapping[str, Any], author: str, at: timedelta, exercise: Exercise
) -> ev.InjectWritten:
    """Return the message that an order wants to be sent.

    Args:
        payload: `subject`, `body`, `to` (ids of nodes, kinds of nodes, or `all`); `from` (the
            scenario's own sender if left out) and `within` (`15m`, or `none` for information only;
            as the scenario's first inject has it, if left out).
        author: who typed it.
        at: the drill time of the order.
        exercise: the drill.

    Raises:
        RefusedOrderError: something is missing, unknown, or not fit for a mail of a drill.
    """
    sender = _sender(payload, exercise)
    event = ev.InjectWritten(
        at=at,
        because=f"operator {author}",
        inject=free_id(exercise.order),
        by=author,
        sender=sender,
        to=_recipients(payload.get("to"), sender, exercise),
        subject=_line(payload),
        body=_body(payload),
        within_ms=_within_ms(payload.get("within"), exercise),
    )
    from drillsim.files.checks.text_checks import typed_faults

    for message, remedy in typed_faults(typed_inject(event), exercise):
        raise RefusedOrderError(f"{message}; {remedy}" if remedy else message)
    return event


def _line(payload: Mapping[str, Any]) -> str:
    subject = str(payload.get("subject") or "").strip()
    if not subject:
        raise RefusedOrderError(_("the message has no subject; write one"))
    if "\n" in subject or "\r" in subject:
        raise RefusedOrderError(_("the subject has more than one line; write one line"))
    return subject


def _body(payload: Mapping[str, Any]) -> str:
    body = str(payload.get("body") or "").strip()
    if not body:
        raise RefusedOrderError(_("the message has no text; write one"))
    if len(body) > BODY_LENGTH_MAX:
        raise RefusedOrderError(
            _("the text has over {limit} characters; write a shorter one").format(
                limit=BODY_LENGTH_MAX
            )
        )
    return body


def _sender(payload: Mapping[str, Any], exercise: Exercise) -> NodeId:
    given = payload.get("from")
    if given is None:
        return exercise.scenario.injects[0].from_
    return _known(str(given), exercise)


def _known(word: str, exercise: Exercise) -> NodeId:
    node = NodeId(word)
    if node not in exercise.tree.by_id:
        raise RefusedOrderError(
            _("there is no body {node}; write the id of one in the contact tree").format(
                node=clean_line(word, limit=60)
            )
        )
    return node


def _recipients(given: object, sender: NodeId, exercise: Exercise) -> tuple[NodeId, ...]:
    """Return the nodes that are meant, in file order; all of them take part."""
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, Sequence) or not words:
        raise RefusedOrderError(_("the message has no recipients; name bodies, kinds, or all"))
    kinds = get_args(NodeKind)
    chosen: set[NodeId] = set()
    for word in map(str, words):
        if word == "all":
            chosen |= exercise.participants - {sender}
        elif word in kinds:
            chosen |= {n.id for n in exercise.tree.nodes if n.kind == word} & exercise.participants
            chosen.discard(sender)
        else:
            node = _known(word, exercise)
            if node not in exercise.participants:
                raise RefusedOrderError(
                    _("{node} does not take part; leave it out").format(node=node)
                )
            if node == sender:
                raise RefusedOrderError(
                    _("{node} cannot write to itself; leave it out").format(node=node)
                )
            chosen.add(node)
    if not chosen:
        raise RefusedOrderError(
            _("nobody is of the kind {words}; name other recipients").format(
                words=clean_line(", ".join(map(str, words[:_NAMED_MAX])), limit=100)
            )
        )
    return tuple(sorted(chosen, key=exercise.tree.order.__getitem__))


def _within_ms(given: object, exercise: Exercise) -> int | None:
    if given == INFORMATION:
        return None
    if given is None:
        asked = (inject.acknowledge for inject in exercise.scenario.injects)
        usual = next((asks.within.length for asks in asked if asks is not None), None)
        # A scenario that counts in business days has no length to go by.
        return to_ms(usual or _WITHIN)
    try:
        length = parse_duration(str(given))
    except Unfit as fault:
        raise RefusedOrderError(str(fault)) from None
    if not length:
        raise RefusedOrderError(_("nobody can answer within {value}").format(value=given))
    return to_ms(length)
