"""What a report is made of: a drill as its journal has it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent, decode
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.drill.ways import Way, way_of
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.evaluation.fidelity import Overruling
from drillsim.evaluation.foreseen import FORESEEN, Foreseen, foreseen_in
from drillsim.files.scenario_file import load_stored
from drillsim.journal import JournalReader
from drillsim.journal.approval import Approval, approval_of
from drillsim.mail.bodies import read_body
from drillsim.mail.parsing import parse_mail
from drillsim.text import clean, clean_line

Mode: TypeAlias = Literal["rehearsal", "live"]

_BODY_MAX = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SentText:
    """A mail of the drill as it was sent: the first one of its kind."""

    inject: InjectId
    sender: NodeId
    is_passed_on: bool
    """Whether it is what a node passes on, and not what the drill itself sends."""
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRecord:
    """One drill, as it ended or as it stands."""

    name: str
    """The drill's own name: its id."""
    mode: Mode
    evaluation: Evaluation
    events: Sequence[AnyEvent]
    """All of them, in the order of the journal; event number n is the n-th."""
    sent: Sequence[SentText]
    """For each message what the drill sent, and what was passed on."""
    count: int
    """How many records the journal has."""
    head: str
    digest: str
    is_sealed: bool
    way: Way = "rehearsal"
    approval: Approval | None = None
    """Who began a live drill over a mail server, and who approved it."""
    foreseen: Foreseen | None = None
    """The forecast that the drill's file keeps."""

    @property
    def exercise(self) -> Exercise:
        """The files of the drill."""
        return self.evaluation.timeline.exercise


def read_drill(reader: JournalReader) -> DrillRecord:
    """Read a drill from its journal.

    Raises:
        JournalError: the file is not what was written.
        ProblemsError: the files it keeps are none that this version can read.
        ValueError: it holds events that this version does not know.
    """
    meta = reader.opening.meta
    mode: Mode = "live" if meta.get("mode") == "live" else "rehearsal"
    exercise = load_stored(reader.files).exercise
    events = [decode(record.data) for record in reader.events()]
    return DrillRecord(
        name=clean_line(meta.get("id", reader.path.stem)),
        mode=mode,
        way=way_of(meta),
        approval=approval_of(reader),
        # Faults of the scenario belong to a rehearsal; a live drill meets real ones.
        evaluation=evaluate(
            exercise, events, with_faults=mode == "rehearsal", overrulings=overrulings_of(reader)
        ),
        events=events,
        sent=tuple(_sent(reader, exercise, events)),
        count=reader.count,
        head=reader.head,
        digest=reader.digest,
        is_sealed=reader.is_sealed,
        foreseen=foreseen_in(reader.files.get(FORESEEN)),
    )


def overrulings_of(reader: JournalReader) -> tuple[Overruling, ...]:
    """Return the judgements on facts that were made after the seal."""
    return tuple(
        Overruling(
            notice=(InjectId(each.data["inject"]), NodeId(each.data["node"])),
            fact=each.data["fact"],
            fate=each.data["fate"],
            by=each.author,
        )
        for each in reader.annex()
        if each.kind == "fidelity"
    )


def _sent(
    reader: JournalReader, exercise: Exercise, events: Sequence[AnyEvent]
) -> Iterator[SentText]:
    seen: set[tuple[InjectId, bool]] = set()
    for event in events:
        if not isinstance(event, ev.Submitted) or event.purpose != "notice" or not event.raw:
            continue
        inject = event.notice[0]
        is_passed_on = event.sender != exercise.inject(inject).from_
        if (inject, is_passed_on) in seen:
            continue
        seen.add((inject, is_passed_on))
        mail = parse_mail(reader.mail(event.raw))
        yield SentText(
            inject=inject,
            sender=event.sender,
            is_passed_on=is_passed_on,
            subject=clean_line(mail.fields.get("subject")),
            body=clean(read_body(mail).text, limit=_BODY_MAX).strip(),
        )
