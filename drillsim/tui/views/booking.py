"""Booking an answer that did not come by mail: what can be booked, and what was filled in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from drillsim.conduct.refusal import RefusedOrderError
from drillsim.conduct.typed_times import typed_moment
from drillsim.drill.durations import ZERO, to_ms
from drillsim.drill.events import STOP, CallResult, Channel, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import FormField
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.tui.views.drill import DrillView

CHANNELS: Final[tuple[Channel, ...]] = ("telephone", "fax", "visit")
RESULTS: Final[tuple[CallResult, ...]] = (
    "talked",
    "message",
    "voicemail",
    "busy",
    "absent",
    "wrong-number",
)
UNKNOWN: Final = "確認中"
"""What may stand in any field of a report that cannot be filled in yet."""


@dataclass(frozen=True, slots=True)
class Booking:
    """An answer as it goes to the director."""

    notice: NoticeKey
    channel: Channel
    result: CallResult
    officer: int
    """From 1; 0 for the duty desk or somebody who is not on the list."""
    by: str
    report: Mapping[str, str] | None
    at: timedelta | None
    """When it came; None for now."""

    def payload(self) -> dict[str, Any]:
        """Return the command's payload."""
        return {
            "inject": self.notice[0],
            "node": self.notice[1],
            "channel": self.channel,
            "result": self.result,
            "officer": self.officer,
            "by": self.by,
            "report": None if self.report is None else dict(self.report),
            "at_ms": None if self.at is None else to_ms(self.at),
        }


def bookable(view: DrillView, node: NodeId) -> list[NoticeKey]:
    """Return the notices of a node that an answer can be booked for, the latest inject first.

    Nobody can answer what was never written to them. After a real-incident stop it is the
    confirmation of the stop.
    """
    if view.board.end is not None:
        waits = node in view.board.stop_sent and node not in view.board.stop_confirmed
        return [(STOP, node)] if waits else []
    records = (view.board.notices.get((inject, node)) for inject in reversed(view.injects))
    return [r.key for r in records if r is not None and r.submitted_at is not None]


def form_of(exercise: Exercise, notice: NoticeKey) -> Sequence[FormField]:
    """Return the form that a notice's report is filled in on; empty if none is asked for."""
    if notice[0] == STOP:
        return ()
    report = exercise.inject(notice[0]).report
    if report is None or report.form is None:
        return ()
    return exercise.scenario.forms.get(report.form, ())


def parse_time(
    text: str, view: DrillView, now: timedelta, since: timedelta = ZERO
) -> timedelta | str | None:
    """Return the drill time that `text` (HH:MM or HH:MM:SS) names; None for an empty one.

    What cannot be meant comes back as a sentence that says why.
    """
    try:
        return typed_moment(text, view.exercise, now, since)
    except RefusedOrderError as refusal:
        return str(refusal)


def fault_of(field: FormField, value: str) -> str | None:
    """Return what is wrong with an answer in a form, or None."""
    value = value.strip()
    if not value:
        return (
            _("{label} is empty; write {unknown} if it is not known").format(
                label=field.label, unknown=UNKNOWN
            )
            if field.required
            else None
        )
    if value == UNKNOWN:
        return None
    if field.type == "integer" and not re.fullmatch(r"-?[0-9]{1,9}", value):
        return _("{label} is no whole number").format(label=field.label)
    return None
