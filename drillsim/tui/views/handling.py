"""The steps of handling (対処) that an inject expects of a node, and which are done."""

from dataclasses import dataclass

from drillsim.drill.events import NoticeKey
from drillsim.i18n import _
from drillsim.text import clean_line
from drillsim.tui.views.drill import DrillView


@dataclass(frozen=True, slots=True)
class Step:
    """One step: as the scenario has it, as it is shown, and when and by whom it was done, or ""."""

    action: str
    text: str
    done: str


def handling_of(view: DrillView, notice: NoticeKey) -> list[Step]:
    """Return the steps of a notice, in the scenario's order."""
    booked = view.actions.get(notice, {})
    steps = []
    for action in view.exercise.inject(notice[0]).actions:
        done = booked.get(action)
        text = ""
        if done is not None:
            when = f"{view.exercise.when(done.moment):%H:%M}"
            text = _("done {time} {by}").format(time=when, by=clean_line(done.by, limit=30))
        steps.append(Step(action, clean_line(action, limit=60), text))
    return steps
