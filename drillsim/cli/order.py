"""`drillsim order`: what the operator wants of a drill that runs, from the shell."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from drillsim.i18n import _
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.exercise import Exercise
    from drillsim.journal import JournalReader

_BY_HAND: Final = ("todo", "sent")
_LIVE: Final = (*_BY_HAND, "arrived", "pass-on", "paste")
"""Orders in a drill by hand alone. `todo` only shows what is to be sent."""
KINDS: Final = ("pause", "continue", "speed", "phase", "end", "stop", "inject", "note", *_LIVE)
WAIT_SECONDS: Final = 15.0
"""How long `--wait` waits; a director looks into its inbox some times a second."""
_LOOK_SECONDS: Final = 0.05

State = Literal["posted", "carried-out", "refused", "waiting", "too-late"]
"""`waiting`: not carried out within `WAIT_SECONDS`. `too-late`: the drill ended before it was."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted, as the inbox takes it."""

    kind: str
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an order."""

    state: State
    at_ms: int | None = None
    """The drill time at which it was carried out or refused."""
    why: str = ""


@click.command(
    "order",
    help=_(
        "Give an order to the director of DRILL: a path, the id of a drill in the folder drills, "
        "or latest, which is meant without DRILL too.\n\n"
        "\b\n"
        "pause          stop drill time\n"
        "continue       let it run again\n"
        "speed N|max    drill seconds per second\n"
        "phase          on to the next phase\n"
        "inject ID      send a message of the scenario now\n"
        "inject --subject … --body … --to …   send a message that is typed here\n"
        "note TEXT      write a remark into the record\n"
        "end            end the drill (EndEx)\n"
        "stop           stop it for a real incident, and tell everyone who was mailed\n\n"
        "\b\n"
        "In a live drill:\n"
        "todo           by hand: show what is to be sent\n"
        "sent N|all     by hand: mail N of that list was sent, at --at or now\n"
        "arrived ID     this message has come from outside\n"
        "pass-on ID NODE   write the mails by which NODE passes it on\n"
        "paste --from ADDRESS   an answer, as text on standard input\n\n"
        "Exit code: with --wait, 1 if it was not carried out."
    ),
)
@click.argument("words", nargs=-1, required=True, metavar=_("[DRILL] ORDER [VALUE]"))
@click.option("--reason", metavar=_("TEXT"), help=_("Why the drill is stopped, for the stop mail."))
@click.option("--subject", metavar=_("TEXT"), help=_("Of a message that is typed here."))
@click.option("--body", metavar=_("TEXT"), help=_("Its text; - reads it from standard input."))
@click.option(
    "--to",
    multiple=True,
    metavar=_("NODE"),
    help=_("To whom: the id of a body, a kind such as municipality, or all; several times."),
)
@click.option("--from", "sender", metavar=_("NODE"), help=_("In whose name; else as the first."))
@click.option(
    "--within",
    metavar="15m|none",
    help=_("By when to acknowledge it; none: for information. Else as the scenario's first."),
)
@click.option("--at", "moment", metavar="10:05", help=_("By hand: when it was, else now."))
@click.option("--one-mail", is_flag=True, help=_("By hand: pass-on writes one mail to all."))
@click.option("--bcc", is_flag=True, help=_("The same, and nobody sees to whom else it goes."))
@click.option("--as", "author", metavar=_("NAME"), help=_("In whose name. Default: your login."))
@click.option("--wait", is_flag=True, help=_("Wait until the director has carried it out."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(
    words: tuple[str, ...],
    reason: str | None,
    subject: str | None,
    body: str | None,
    to: tuple[str, ...],
    sender: str | None,
    within: str | None,
    moment: str | None,
    one_mail: bool,
    bcc: bool,
    author: str | None,
    wait: bool,
    as_json: bool,
) -> ExitCode:
    """Post an order; with --wait, tell what became of it."""
    from drillsim.journal import JournalReader, find_drill, is_held, post_command
    from drillsim.tui.orders import this_person

    drill, kind, values = split(words)
    if kind == "paste":
        order = _paste(values, sender, subject)
    else:
        typed = {"subject": subject, "body": body, "to": list(to), "from": sender, "within": within}
        order = order_of(kind, values, reason, {name: v for name, v in typed.items() if v})
    order = _with_hand(order, moment, one_mail="bcc" if bcc else one_mail)
    path = find_drill(drill)
    if order.kind in _LIVE:
        require_live(path, order.kind)
    if order.kind == "todo":
        return show_todo(path, as_json=as_json)
    by = author or this_person()
    with JournalReader(path) as reader:
        if order.kind == "inject":
            require_inject(reader, order.payload)
        seen = reader.count
        number = post_command(path, kind=order.kind, payload=order.payload, author=by)
        is_directed = is_held(path)
        answer = Answer("posted")
        if wait and is_directed:
            answer = wait_for(reader, number, seen)
    if as_json:
        data = _as_json(reader, number, order, by, answer)
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        _tell(path, number, order, answer)
    if not is_directed:
        click.echo(
            _("Nobody runs this drill now; the order is carried out by drillsim resume."), err=True
        )
    if wait and answer.state != "carried-out":
        return ExitCode.FOUND
    return ExitCode.DONE


def split(words: Sequence[str]) -> tuple[str | None, str, Sequence[str]]:
    """Return the drill that `words` name (None for the newest), the order and its values.

    A first word that is an order is one, unless a drill is called so and an order follows.

    Raises:
        UsageError: there is no order among them, or an unknown one.
    """
    first, rest = words[0], words[1:]
    is_order = first in KINDS
    if is_order and rest and rest[0] in KINDS:
        from drillsim.journal import find_drill

        is_order = not find_drill(first).exists()
    if is_order:
        return None, first, rest
    if not rest:
        raise UsageError(
            _("{word}: what is ordered? Write one of: {orders}").format(
                word=clean_line(first), orders=", ".join(KINDS)
            )
        )
    if rest[0] not in KINDS:
        raise UsageError(
            _("{word} is no order; write one of: {orders}").format(
                word=clean_line(rest[0]), orders=", ".join(KINDS)
            )
        )
    return first, rest[0], rest[1:]


def order_of(
    kind: str, values: Sequence[str], reason: str | None, typed: Mapping[str, object] | None = None
) -> Order:
    """Return the order that is meant; `typed` is what was given of a message that is typed here.

    Raises:
        UsageError: a value is missing, is none, or is one too many.
    """
    if reason is not None and kind != "stop":
        raise UsageError(_("--reason belongs to stop; leave it out"))
    if typed:
        return _typed(kind, values, typed)
    text = " ".join(values).strip()
    match kind:
        case "speed":
            return Order(kind, {"speed": _speed(text)})
        case "inject":
            if len(values) != 1:
                raise UsageError(_("inject needs the id of one message; write inject ID"))
            return Order(kind, {"inject": text})
        case "note":
            if not text:
                raise UsageError(_("the note is empty; write note TEXT"))
            return Order(kind, {"text": text})
        case "stop":
            if reason is not None and text:
                raise UsageError(_("the reason is given twice; leave out one of them"))
            return Order(kind, {"reason": reason or text})
        case "sent" | "arrived" | "pass-on":
            return _by_hand(kind, values)
        case _:
            if values:
                raise UsageError(
                    _("{order} takes no value; leave out {value}").format(
                        order=kind, value=clean_line(text)
                    )
                )
            return Order(kind, {})


def _by_hand(kind: str, values: Sequence[str]) -> Order:
    names = {"sent": ("mail",), "arrived": ("inject",), "pass-on": ("inject", "node")}[kind]
    if len(values) != len(names):
        usage = {"sent": "sent N|all", "arrived": "arrived ID", "pass-on": "pass-on ID NODE"}[kind]
        raise UsageError(_("{order} is written so: {usage}").format(order=kind, usage=usage))
    return Order(kind, dict(zip(names, values, strict=True)))


def _with_hand(order: Order, moment: str | None, *, one_mail: bool | str) -> Order:
    """Return the order with what only belongs to orders of a drill by hand.

    Raises:
        UsageError: it does not belong to this one.
    """
    if moment is not None and order.kind not in ("sent", "arrived", "paste"):
        raise UsageError(_("--at belongs to sent, arrived and paste; leave it out"))
    if one_mail and order.kind != "pass-on":
        raise UsageError(_("--one-mail and --bcc belong to pass-on; leave them out"))
    if moment is not None:
        return Order(order.kind, {**order.payload, "at": moment})
    return Order(order.kind, {**order.payload, "one_mail": one_mail}) if one_mail else order


def require_live(path: Path, kind: str) -> None:
    """Make sure that a drill is one to which an order belongs: by hand, or at least live.

    Raises:
        UsageError: it is not.
        JournalError: it cannot be read.
    """
    from drillsim.drill.ways import is_live, way_of
    from drillsim.journal import JournalReader

    with JournalReader(path) as reader:
        way = way_of(reader.opening.meta)
    if kind in _BY_HAND and way != "by-hand":
        raise UsageError(
            _("{path}: {order} belongs to a drill by hand (drillsim run --by-hand)").format(
                path=path, order=kind
            )
        )
    if not is_live(way):
        raise UsageError(
            _("{path}: {order} belongs to a live drill; this is a rehearsal").format(
                path=path, order=kind
            )
        )


def _paste(values: Sequence[str], sender: str | None, subject: str | None) -> Order:
    """Return the order that takes the text on standard input as a mail of `sender`.

    Raises:
        UsageError: no sender is named, or there is no text.
    """
    if values or not sender:
        raise UsageError(
            _("{order} is written so: {usage}").format(
                order="paste", usage="paste --from ADDRESS [--subject …] [--at 10:31] < text"
            )
        )
    payload = {"from": sender, "text": _standard_input()}
    if subject:
        payload["subject"] = subject
    require_pasteable(payload)
    return Order("paste", payload)


def require_pasteable(payload: Mapping[str, str]) -> None:
    """Make sure that a pasted text can be taken as a mail.

    Raises:
        UsageError: it is empty, or its sender is no address.
    """
    from datetime import UTC, datetime

    from drillsim.conduct.pasting import pasted
    from drillsim.conduct.refusal import RefusedOrderError

    try:
        pasted(payload, 0, datetime.now(UTC))
    except RefusedOrderError as refusal:
        raise UsageError(str(refusal)) from None


def show_todo(path: Path, *, as_json: bool) -> ExitCode:
    """Print what is to be sent by hand."""
    from drillsim.cli.by_hand import todo_data, todo_lines
    from drillsim.cli.status import look_at
    from drillsim.journal import JournalReader

    with JournalReader(path) as reader:
        look = look_at(reader)
        if as_json:
            click.echo(json.dumps(todo_data(look), ensure_ascii=False, indent=2))
            return ExitCode.DONE
        for line in todo_lines(look):
            if line:
                click.echo(line)
    return ExitCode.DONE


def _typed(kind: str, values: Sequence[str], typed: Mapping[str, object]) -> Order:
    if kind != "inject":
        raise UsageError(
            _("--{option} belongs to inject; leave it out").format(option=next(iter(typed)))
        )
    if values:
        raise UsageError(
            _("a message is typed, and {value} is named too; leave out one of them").format(
                value=clean_line(values[0])
            )
        )
    for option in ("subject", "body", "to"):
        if option not in typed:
            raise UsageError(
                _(
                    "a message that is typed needs --subject, --body and --to; add --{option}"
                ).format(option=option)
            )
    if typed["body"] == "-":
        return Order(kind, {**typed, "body": _standard_input()})
    return Order(kind, dict(typed))


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise UsageError(_("the text on standard input is not UTF-8; write it in UTF-8")) from None


def _speed(text: str) -> float | str:
    from drillsim.conduct.acts import parse_speed
    from drillsim.conduct.refusal import RefusedOrderError

    try:
        return parse_speed(text.removeprefix("x").removeprefix("×"))
    except RefusedOrderError as refusal:
        raise UsageError(str(refusal)) from None


def require_inject(reader: "JournalReader", payload: Mapping[str, object]) -> None:
    """Make sure that the scenario has this inject, or that a typed one can be sent in the drill.

    Raises:
        UsageError: it has not, and the message names those that it has; or why it cannot be sent.
    """
    from drillsim.files.scenario_file import load_stored

    loaded = load_stored(reader.files)
    if "subject" in payload:
        _require_sendable(loaded.exercise, payload)
        return
    inject, known = str(payload["inject"]), loaded.scenario.by_id
    if inject not in known:
        raise UsageError(
            _("the scenario has no message {inject}; it has: {known}").format(
                inject=clean_line(inject), known=", ".join(known)
            )
        )


def _require_sendable(exercise: "Exercise", payload: Mapping[str, object]) -> None:
    from drillsim.conduct.refusal import RefusedOrderError
    from drillsim.conduct.typing_injects import typed_order
    from drillsim.drill.durations import ZERO

    try:
        typed_order(payload, "", ZERO, exercise)
    except RefusedOrderError as refusal:
        raise UsageError(str(refusal)) from None


def wait_for(reader: "JournalReader", number: int, seen: int) -> Answer:
    """Return what became of command `number`, looking at the records behind `seen`.

    Raises:
        JournalError: the journal cannot be read.
    """
    from drillsim.journal.chain import SEAL

    until = time.monotonic() + WAIT_SECONDS
    done: Answer | None = None
    while True:
        for record in reader.records(after=seen):
            seen = record.seq
            if record.stream == "command" and record.data["id"] == number:
                done = Answer("carried-out", record.at_ms)
            elif record.kind == "order-refused" and record.data.get("command") == number:
                # It stands behind the command itself, in the same batch.
                return Answer("refused", record.at_ms, clean_line(str(record.data.get("why", ""))))
            elif record.stream == SEAL:
                return done or Answer("too-late")
        if done is not None:
            return done
        if time.monotonic() > until:
            return Answer("waiting")
        time.sleep(_LOOK_SECONDS)


def _as_json(
    reader: "JournalReader", number: int, order: Order, author: str, answer: Answer
) -> dict[str, Any]:
    return {
        "drill": reader.opening.meta.get("id", reader.path.stem),
        "file": str(reader.path),
        "command": number,
        "order": order.kind,
        "payload": dict(order.payload),
        "author": author,
        "state": answer.state,
        "at_seconds": None if answer.at_ms is None else answer.at_ms / 1000,
        "why": answer.why,
    }


def _tell(path: Path, number: int, order: Order, answer: Answer) -> None:
    said = {
        "posted": _("{path}: {order}: given, as order {number}"),
        "carried-out": _("{path}: {order}: carried out, as order {number}"),
        "refused": _("{path}: {order}: refused, as order {number}: {why}"),
        "waiting": _("{path}: {order}: given, as order {number}, but not carried out yet"),
        "too-late": _("{path}: {order}: given, as order {number}, but the drill ended before it"),
    }[answer.state]
    click.echo(said.format(path=path, order=order.kind, number=number, why=answer.why))
