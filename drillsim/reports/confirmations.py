"""What the bodies answered in a yearly round (連絡先の確認), out of its drill."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.events import decode
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import FormField
from drillsim.files.contacts.confirming import Answer, confirmation_of
from drillsim.files.scenario_file import load_stored
from drillsim.i18n import _
from drillsim.journal import JournalReader
from drillsim.problem import UsageError
from drillsim.text import clean_line


@dataclass(frozen=True, slots=True)
class Round:
    """A yearly round as its journal has it."""

    name: str
    is_rehearsal: bool
    """Whether its people were simulated: what they answer is made up."""
    form: Sequence[FormField]
    answers: Sequence[Answer]
    """One for every body that was asked, in the order of the contact tree."""


def read_round(reader: JournalReader) -> Round:
    """Return the answers of a drill that asked bodies to confirm their own entries.

    Raises:
        UsageError: the drill asked nobody to.
        JournalError: the file is not what was written.
        ProblemsError: the files it keeps are none that this version can read.
    """
    meta = reader.opening.meta
    exercise = load_stored(reader.files).exercise
    asked = confirmation_of(exercise.scenario)
    if asked is None:
        raise UsageError(
            _("{drill} is no round of confirmation; name a drill of annual-contact-confirmation")
            .format(drill=clean_line(str(reader.path)))
        )  # fmt: skip
    inject, form = asked
    board = Board(exercise)
    said: dict[str, ev.Reported] = {}
    for record in reader.events():
        event = decode(record.data)
        board.apply(event)
        if isinstance(event, ev.Reported) and event.notice[0] == inject:
            said[event.notice[1]] = event
    answers = []
    for node in exercise.tree.nodes:
        notice = board.notices.get((inject, node.id))
        if notice is None:
            continue
        report = said.get(node.id)
        answers.append(
            Answer(
                node=node.id,
                is_acknowledged=notice.is_acknowledged,
                is_reported=report is not None,
                by=clean_line(report.by if report is not None else notice.acknowledged_by),
                day=_day(exercise, report),
                lines=dict(report.answers) if report is not None else {},
                on_call_list=notice.called_at is not None,
                reminders=notice.reminders,
            )
        )
    return Round(
        clean_line(meta.get("id", reader.path.stem)), meta.get("mode") != "live", form, answers
    )


def _day(exercise: Exercise, report: ev.Reported | None) -> date | None:
    return None if report is None else exercise.when(report.moment).date()
