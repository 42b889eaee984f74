"""Windows in which a person at a seat writes: an answer, a report, a message to others.

What was filled in is kept when a window is left, and is there again when it is opened next.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static, TextArea
from typing_extensions import override

from drillsim.drill.board import NoticeRecord
from drillsim.drill.scenario import FormField
from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _
from drillsim.mail.forms import fill_form, parse_answers
from drillsim.text import clean, clean_line
from drillsim.tui.screens.dialogs import Dialog, field
from drillsim.tui.views.booking import UNKNOWN, fault_of
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.seat_words import fault_of_text
from drillsim.tui.widgets.choice_line import ChoiceLine
from drillsim.tui.widgets.recipients import Recipient, Recipients

T = TypeVar("T")
Draft = Mapping[str, Any]

_KEEP_SECONDS: Final = 1.0
"""How often a draft is kept while one writes."""
_TEXT_MAX: Final = 20_000


class Writing(Dialog[T], Generic[T]):
    """A window whose draft is kept; where there is a text of several lines, ^s sends."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("back"), priority=True),
        Binding("ctrl+s", "accept", N_("send"), show=False, priority=True),
    ]

    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-tall")]

    def __init__(self, draft: Draft, keep: Callable[[dict[str, Any]], None]) -> None:
        """Begin with `draft`; `keep` is told what stands there from time to time."""
        super().__init__()
        self.draft = draft
        self._keep = keep

    def on_mount(self) -> None:
        self.set_interval(_KEEP_SECONDS, self._keep_draft)

    def drafted(self) -> dict[str, Any]:
        """Return what stands in the window, as plain data."""
        raise NotImplementedError

    def _keep_draft(self) -> None:
        if self.is_mounted and self.is_current:
            self._keep(self.drafted())

    @override
    def action_leave(self) -> None:
        self._keep(self.drafted())
        super().action_leave()

    @override
    def action_accept(self) -> None:
        self._keep(self.drafted())
        super().action_accept()

    def officer_line(self, view: DrillView, node: NodeId) -> ChoiceLine[int]:
        """Return the choice of who at the node writes."""
        count = len(view.exercise.node(node).officers)
        people = [(view.names.officer(node, n), n) for n in range(1, count + 1)]
        chosen = min(max(int(self.draft.get("officer", 1)), 1), max(count, 1)) - 1
        return ChoiceLine(people or [(_("somebody"), 1)], chosen=chosen, id="officer")

    @property
    def officer(self) -> int:
        """The officer who writes, from 1."""
        line: ChoiceLine[int] = self.query_one("#officer", ChoiceLine)
        return line.value


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgement, as it was filled in."""

    officer: int
    remark: str


class AnswerDialog(Writing[Answer]):
    """Say that a mail has come."""

    def __init__(
        self,
        view: DrillView,
        node: NodeId,
        subject: str,
        draft: Draft,
        keep: Callable[[dict[str, Any]], None],
    ) -> None:
        super().__init__(draft, keep)
        self._view, self._node, self._subject = view, node, subject
        self.title_text = _("Acknowledge")
        self.do_text = _("send")

    @override
    def body(self) -> ComposeResult:
        yield Static(Text(self._subject), classes="text")
        yield field(_("who answers"), self.officer_line(self._view, self._node))
        remark = Input(str(self.draft.get("remark", "")), compact=True, max_length=500, id="remark")
        remark.placeholder = _("nothing, or a remark")
        yield field(_("remark"), remark)

    @override
    def drafted(self) -> dict[str, Any]:
        return {"officer": self.officer, "remark": self.query_one("#remark", Input).value}

    @override
    def result(self) -> Answer:
        return Answer(self.officer, clean_line(self.query_one("#remark", Input).value))


@dataclass(frozen=True, slots=True)
class ReportFilled:
    """A report, as it was filled in."""

    officer: int
    answers: dict[str, str]
    words: str


class ReportDialog(Writing[ReportFilled]):
    """The form of a report; a second one begins with what the first one said."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "unknown", N_("not known yet"), priority=True),
    ]

    def __init__(
        self,
        view: DrillView,
        record: NoticeRecord,
        form: Sequence[FormField],
        draft: Draft,
        keep: Callable[[dict[str, Any]], None],
    ) -> None:
        super().__init__(draft, keep)
        self._view, self._record, self._form = view, record, form
        self._today = view.exercise.when(view.board.at).date()
        number = record.reports + 1
        self.title_text = (
            _("Report")
            if number == 1
            else _("Report no. {number}, a correction").format(number=number)
        )
        self.do_text = _("send")

    @override
    def body(self) -> ComposeResult:
        text = _("What is not known yet: F2 writes {unknown}.").format(unknown=UNKNOWN)
        yield Static(Text(f"{text}  {self._collected()}".strip()), classes="text")
        yield field(_("who reports"), self.officer_line(self._view, self._record.key[1]))
        with VerticalScroll(id="report-fields", can_focus=False):
            answers = self.draft.get("answers") or self._record.answers
            for line in self._form:
                widget = _widget(line, str(answers.get(line.id, "")))
                yield field(clean_line(line.label, limit=60), widget)
        words = Input(str(self.draft.get("words", "")), compact=True, max_length=2_000, id="words")
        words.placeholder = _("nothing, or a remark") if self._form else ""
        yield field(_("remark") if self._form else _("report"), words)

    def _collected(self) -> str:
        asked = self._record.asked.collect
        if not asked:
            return ""
        missing = self._record.to_collect
        if not missing:
            return _("The reports of all {count} are here.").format(count=len(asked))
        text = _("Reports here: {count} of {all}; who is missing is named in yours.")
        return text.format(count=len(asked) - missing, all=len(asked))

    @override
    def on_mount(self) -> None:
        filled = list(self.query("#report-fields .field"))
        (filled[0].children[1] if filled else self.query_one("#words")).focus()

    def action_unknown(self) -> None:
        """Write 確認中 where the cursor is."""
        at = self.focused
        if isinstance(at, Input):
            at.value = UNKNOWN
        elif isinstance(at, ChoiceLine) and not at.choose(UNKNOWN):
            self.complain(_("{unknown} is none of the choices").format(unknown=UNKNOWN))

    def _values(self) -> dict[str, str]:
        values = {}
        for line, filled in zip(self._form, self.query("#report-fields .field"), strict=True):
            widget = filled.children[1]
            value = widget.value if isinstance(widget, Input | ChoiceLine) else ""
            values[line.id] = str(value).strip()
        return values

    @override
    def drafted(self) -> dict[str, Any]:
        words = self.query_one("#words", Input).value
        return {"officer": self.officer, "answers": self._values(), "words": words}

    @override
    def result(self) -> ReportFilled | None:
        values = self._values()
        for line, filled in zip(self._form, self.query("#report-fields .field"), strict=True):
            fault = _fault(line, values[line.id], self._today)
            if fault is not None:
                self.complain(clean_line(fault))
                filled.children[1].focus()
                return None
        words = clean_line(self.query_one("#words", Input).value, limit=2_000)
        if not self._form and not words:
            self.complain(_("the report is empty"))
            return None
        return ReportFilled(self.officer, {name: v for name, v in values.items() if v}, words)


def _widget(line: FormField, value: str) -> Input | ChoiceLine[str]:
    """Return what one line of a form is filled in with; nothing is chosen beforehand."""
    if not line.options:
        return Input(clean_line(value), compact=True, max_length=500)
    options = [("-", ""), *((clean_line(option, limit=20), option) for option in line.options)]
    chosen = next((n for n, (_text, option) in enumerate(options) if option == value), 0)
    return ChoiceLine(options, chosen=chosen)


def _fault(line: FormField, value: str, today: date) -> str | None:
    """Return what is wrong with an answer: whether whoever gets the mail could read it."""
    if not value or value == UNKNOWN:
        return fault_of(line, value)
    read = parse_answers((line,), fill_form((line,), {line.id: value}), today=today)
    if line.id in read.values:
        return None
    text = {
        "integer": _("{label}: write a whole number, or {unknown}"),
        "datetime": _("{label}: write a time such as 10:25, or {unknown}"),
    }.get(line.type, _("{label}: this cannot be read; write it otherwise, or {unknown}"))
    return text.format(label=line.label, unknown=UNKNOWN)


@dataclass(frozen=True, slots=True)
class LetterFilled:
    """A mail to others, as it was filled in."""

    officer: int
    to: tuple[Recipient, ...]
    more: tuple[str, ...]
    """Addresses that were typed."""
    subject: str
    body: str


class LetterDialog(Writing[LetterFilled]):
    """A mail of one's own: to the next hops, or to anybody in the contact tree."""

    do_key = "^s"

    def __init__(
        self,
        view: DrillView,
        node: NodeId,
        title: str,
        recipients: Sequence[Recipient],
        texts: Sequence[tuple[str, str, str]],
        draft: Draft,
        keep: Callable[[dict[str, Any]], None],
    ) -> None:
        """Offer `recipients`, and `texts` to begin with: what each is called, subject, body."""
        super().__init__(draft, keep)
        self._view, self._node = view, node
        self._recipients = Recipients(recipients)
        self._texts = {name: (subject, body) for name, subject, body in texts}
        self._begun = next(iter(self._texts), "")
        self.title_text, self.do_text = title, _("send")

    @override
    def body(self) -> ComposeResult:
        yield field(_("find"), Input(compact=True, max_length=60, id="find"))
        self._recipients.chosen = {str(each) for each in self.draft.get("to", ())}
        yield self._recipients
        more = Input(str(self.draft.get("more", "")), compact=True, max_length=2_000, id="more")
        more.placeholder = _("further addresses, with commas between")
        yield field(_("also to"), more)
        yield field(_("who writes"), self.officer_line(self._view, self._node))
        if len(self._texts) > 1:
            yield field(_("begin with"), ChoiceLine([(n, n) for n in self._texts], id="texts"))
        subject = str(self.draft.get("subject", ""))
        yield field(_("subject"), Input(subject, compact=True, max_length=180, id="subject"))
        note = _("text; 【訓練】 and the sentence that this is a drill are put on it")
        yield Static(Text(note), classes="label")
        yield TextArea(
            clean(str(self.draft.get("body", ""))), compact=True, tab_behavior="focus", id="text"
        )

    @override
    def on_mount(self) -> None:
        self._recipients.focus()

    def on_input_changed(self, message: Input.Changed) -> None:
        if message.input.id == "find":
            self._recipients.narrow(message.value)

    @override
    def on_input_submitted(self) -> None:
        """Go on to the next field: a mail to many is not sent by chance."""
        self.focus_next()

    def on_choice_line_changed(self, message: ChoiceLine.Changed) -> None:
        if message.line.id != "texts":
            return
        subject, text = self.query_one("#subject", Input), self.query_one(TextArea)
        self._texts[self._begun] = (subject.value, text.text)
        self._begun = str(message.line.value)
        subject.value, text.text = self._texts[self._begun]

    def _more(self) -> tuple[str, ...]:
        typed = self.query_one("#more", Input).value.replace("、", ",").replace(";", ",")
        return tuple(each.strip() for each in typed.split(",") if each.strip())

    @override
    def drafted(self) -> dict[str, Any]:
        return {
            "officer": self.officer,
            "to": sorted(self._recipients.chosen),
            "more": self.query_one("#more", Input).value,
            "subject": self.query_one("#subject", Input).value,
            "body": self.query_one(TextArea).text,
        }

    @override
    def result(self) -> LetterFilled | None:
        to, more = tuple(self._recipients.ticked), self._more()
        odd = next((each for each in more if each.count("@") != 1 or " " in each), None)
        subject, text = self.query_one("#subject", Input), self.query_one(TextArea)
        body = clean(text.text, limit=_TEXT_MAX)
        if not to and not more:
            self.complain(_("nobody is chosen: go to the list, and choose with the space bar"))
            self._recipients.focus()
        elif odd is not None:
            self.complain(_("{value} is no address").format(value=clean_line(odd, limit=60)))
            self.query_one("#more").focus()
        elif (fault := fault_of_text(subject.value, body)) is not None:
            self.complain(fault)
            (text if subject.value.strip() else subject).focus()
        else:
            return LetterFilled(self.officer, to, more, clean_line(subject.value), body)
        return None
