"""Booking an answer by telephone, FAX or visit."""

from collections.abc import Sequence
from datetime import timedelta

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input
from typing_extensions import override

from drillsim.drill.durations import ZERO
from drillsim.drill.events import STOP, CallResult, Channel, NoticeKey
from drillsim.drill.scenario import FormField
from drillsim.evaluation.wording import call_word, channel_word
from drillsim.i18n import _
from drillsim.text import clean_line
from drillsim.tui.screens.dialogs import Dialog, field
from drillsim.tui.views.booking import (
    CHANNELS,
    RESULTS,
    UNKNOWN,
    Booking,
    fault_of,
    form_of,
    parse_time,
)
from drillsim.tui.views.calls import numbers_of
from drillsim.tui.views.drill import DrillView
from drillsim.tui.widgets.choice_line import ChoiceLine


class BookDialog(Dialog[Booking]):
    """Everything about one answer; what is usual is filled in already."""

    def __init__(
        self,
        view: DrillView,
        notices: Sequence[NoticeKey],
        now: timedelta,
        *,
        chosen: int = 0,
    ) -> None:
        """Offer `notices` of one node, at least one."""
        super().__init__()
        self._view = view
        self._notices = notices
        self._chosen = chosen
        self._now = now
        node = notices[0][1]
        self._people = list(numbers_of(view.exercise.node(node), view.exercise.off_hours))
        self.title_text = _("Book an answer: {node}").format(node=view.names.node(node))
        self.do_text = _("book")

    @override
    def body(self) -> ComposeResult:
        injects = [(self._inject_name(notice), notice) for notice in self._notices]
        yield field(_("inject"), ChoiceLine(injects, chosen=self._chosen, id="inject"))
        channels = [(channel_word(channel), channel) for channel in CHANNELS]
        yield field(_("by way of"), ChoiceLine(channels, id="channel"))
        results = [(call_word(result), result) for result in RESULTS]
        yield field(_("result"), ChoiceLine(results, id="result"))
        people = [(person.name or person.role, person.officer) for person in self._people]
        yield field(_("whom"), ChoiceLine([*people, (_("somebody else"), -1)], id="officer"))
        by = Input(self._people[0].name if self._people else "", compact=True, id="by")
        yield field(_("who answered"), by)
        hint = _("now; or a time such as 10:25")
        yield field(_("when"), Input(placeholder=hint, compact=True, id="at"))
        given = [(_("no report"), False), (_("with the report"), True)]
        yield field(_("report"), ChoiceLine(given, id="given"))
        yield VerticalScroll(id="report-fields", can_focus=False)

    def on_mount(self) -> None:
        self._show_report()
        self.query_one("#result").focus()

    def _inject_name(self, notice: NoticeKey) -> str:
        return _("stop of the drill") if notice[0] == STOP else self._view.names.inject(notice[0])

    def _choice(self, name: str) -> ChoiceLine[object]:
        return self.query_one(f"#{name}", ChoiceLine)

    @property
    def _notice(self) -> NoticeKey:
        line: ChoiceLine[NoticeKey] = self.query_one("#inject", ChoiceLine)
        return line.value

    @property
    def _form(self) -> Sequence[FormField]:
        return form_of(self._view.exercise, self._notice)

    def on_choice_line_changed(self, message: ChoiceLine.Changed) -> None:
        if message.line.id == "officer":
            name = next((p.name for p in self._people if p.officer == message.line.value), "")
            self.query_one("#by", Input).value = name
        elif message.line.id in ("inject", "given"):
            self._show_report()

    def _show_report(self) -> None:
        form = self._form
        given = self._choice("given")
        for each in self.query(".field"):
            if given in each.children:
                each.display = bool(form)
        area = self.query_one("#report-fields", VerticalScroll)
        is_shown = bool(form) and bool(given.value)
        area.display = is_shown
        area.remove_children()
        if is_shown:
            area.mount_all(field(clean_line(line.label), blank(line)) for line in form)

    @override
    def result(self) -> Booking | None:
        record = self._view.board.notices.get(self._notice)
        since = record.submitted_at if record is not None else None
        typed = self.query_one("#at", Input).value
        at = parse_time(typed, self._view, self._now, ZERO if since is None else since)
        if isinstance(at, str):
            self.complain(at)
            return None
        report: dict[str, str] | None = None
        if self._form and self._choice("given").value:
            report = {}
            for line, filled in zip(self._form, self.query("#report-fields .field"), strict=True):
                widget = filled.children[1]
                value = widget.value if isinstance(widget, Input | ChoiceLine) else ""
                fault = fault_of(line, str(value))
                if fault is not None:
                    self.complain(clean_line(fault))
                    widget.focus()
                    return None
                report[line.id] = str(value).strip()
        channel: ChoiceLine[Channel] = self.query_one("#channel", ChoiceLine)
        result: ChoiceLine[CallResult] = self.query_one("#result", ChoiceLine)
        officer: ChoiceLine[int] = self.query_one("#officer", ChoiceLine)
        return Booking(
            notice=self._notice,
            channel=channel.value,
            result=result.value,
            officer=max(officer.value, 0),
            by=self.query_one("#by", Input).value.strip(),
            report=report,
            at=at,
        )


def blank(line: FormField) -> Input | ChoiceLine[str]:
    """Return the widget for one line of a form."""
    if line.options:
        return ChoiceLine([(clean_line(option, limit=20), option) for option in line.options])
    return Input(compact=True, max_length=500, placeholder=UNKNOWN if line.required else "")
