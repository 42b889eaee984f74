"""A drill for other programs: its events as JSON lines, its mails as `.eml` files.

What each field means is in docs/export.md. The journal is only read, so a drill may be running.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from drillsim.drill import events as ev
from drillsim.drill.durations import from_ms
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.journal import JournalReader
from drillsim.journal.chain import named_mails, utf8
from drillsim.mail.form_values import PENDING

MAIL_INDEX: Final = "mails.jsonl"

_PUBLIC: Final = frozenset(
    """kind at notice officer attempt purpose tries retry_at reply_code failure lost missing cause
    channel result answer copies number identical status permanent mail_kind tray suggested to
    left_out one_mail action reason phase level inject scenario seed nodes participants node
    matched_by raw""".split()
)
"""Fields that name bodies at the most. Any other, and any that is added later, may hold what a
person wrote, an address or a name, and is left out of a redacted export."""

_PUBLIC_OF: Final[Mapping[str, frozenset[str]]] = {
    ev.InjectWritten.kind: frozenset({"sender", "within_ms"}),
    ev.Submitted.kind: frozenset({"sender"}),  # A node; elsewhere it is an address.
    ev.StandInCalled.kind: frozenset({"by"}),  # mail or telephone; elsewhere it is a name.
}


def event_lines(reader: JournalReader, exercise: Exercise, *, redact: bool) -> Iterator[str]:
    """Yield every drill event as a line of JSON without its line feed, in the order of the journal.

    Args:
        reader: the journal.
        exercise: the drill's files.
        redact: leave out names, addresses, what people wrote, and the operator's words.
    """
    for number, record in enumerate(reader.events(), 1):
        data = record.data
        when = exercise.when(from_ms(data["at"])).isoformat(timespec="milliseconds")
        head = {"event": number, "record": record.seq, "time": when, "kind": data["kind"]}
        yield _line({**head, **(_redacted(data, exercise) if redact else data)})


def _line(data: Mapping[str, Any]) -> str:
    return utf8(json.dumps(data, ensure_ascii=False))


def _redacted(data: Mapping[str, Any], exercise: Exercise) -> dict[str, Any]:
    kept = _PUBLIC | _PUBLIC_OF.get(data["kind"], frozenset())
    shown = {name: value for name, value in data.items() if name in kept}
    if "answers" in data:
        shown["answers"] = _without_words(data["notice"][0], data["answers"], exercise)
    return shown


def _without_words(
    inject: InjectId, answers: list[list[str]], exercise: Exercise
) -> list[list[str]]:
    """Return the answers of a form that are an option, a whole number or 確認中."""
    report = exercise.inject(inject).report
    form = () if report is None or report.form is None else exercise.scenario.forms[report.form]
    lines = {line.id: line for line in form}
    kept = []
    for name, value in answers:
        line = lines.get(name)
        is_number = line is not None and line.type == "integer" and value.lstrip("-").isdecimal()
        if line is not None and (value in line.options or value == PENDING or is_number):
            kept.append([name, value])
    return kept


def write_mails(reader: JournalReader, folder: Path) -> int:
    """Write every mail of a drill as it was on the wire, and a list of them; return how many.

    A mail that went out in several envelopes is one file. The list, `mails.jsonl`, has a line for
    each envelope. `folder` is there, and empty.
    """
    events = _naming_events(reader)
    files: dict[str, str] = {}
    with (folder / MAIL_INDEX).open("x", encoding="utf-8", newline="\n") as index:
        for envelope in reader.envelopes():
            name = files.get(envelope.hash)
            if name is None:
                name = f"{envelope.id:06d}-{envelope.direction}-{envelope.hash[:8]}.eml"
                (folder / name).write_bytes(reader.mail(envelope.hash))
                files[envelope.hash] = name
            line = {
                "envelope": envelope.id,
                "file": name,
                "hash": envelope.hash,
                "direction": envelope.direction,
                "sender": envelope.sender,
                "recipients": envelope.recipients,
                "wall": envelope.wall,
                "events": events.get(envelope.hash, []),
            }
            index.write(_line(line) + "\n")
    return len(files)


def _naming_events(reader: JournalReader) -> dict[str, list[int]]:
    """Return the numbers of the events that name each mail, by its hash."""
    found: dict[str, list[int]] = {}
    for number, record in enumerate(reader.events(), 1):
        for name in named_mails(record.json):
            found.setdefault(name, []).append(number)
    return found
