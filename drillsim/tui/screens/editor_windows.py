"""The windows of the editor: search, findings, the lines that a save changes, both versions."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from typing_extensions import override

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.inspection import FieldFinding
from drillsim.files.contacts.merging import Difference, Merge, Side
from drillsim.files.contacts.text_diff import DiffLine
from drillsim.i18n import N_, _
from drillsim.text import clean_line, fit
from drillsim.tui.screens.dialogs import Dialog, Pick, field
from drillsim.tui.views.editor import (
    Hit,
    finding_line,
    name_of,
    node_fields,
    officer_fields,
    officer_name,
    search,
)
from drillsim.tui.views.tone import Cell, Tone
from drillsim.tui.widgets.choice_line import ChoiceLine
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Lines
from drillsim.tui.widgets.rows import Rows


class Listed(Rows):
    """Lines that are worked out when they come into sight."""

    def __init__(
        self, heading: str, count: int, line: Callable[[int, int], Sequence[Cell]]
    ) -> None:
        """Show `count` lines; `line` gives one by its number and width."""
        super().__init__()
        self._heading = heading
        self._count = count
        self._line = line

    def offer(self, count: int) -> None:
        """Show other lines, from the first."""
        self._count = count
        self.move_to(0)
        self.redraw()

    @override
    def count(self) -> int:
        return self._count

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        return (Cell(" " + fit(self._heading, width - 1)),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        return self._line(row, width)


class FindEntry(Pick[Hit]):
    """A body or an officer by name, kana, code, address or number."""

    def __init__(
        self, document: ContactDocument, title: str, do: str, *, masked: bool = False
    ) -> None:
        super().__init__(title, _("look for"), do)
        self._document = document
        self._masked = masked
        self._nothing = _("nothing is called so")

    @override
    def body(self) -> ComposeResult:
        yield Static(Text(_("name, kana, code, address or number")))
        yield from super().body()

    @override
    def matches(self, text: str) -> Sequence[Hit]:
        return search(self._document, text)

    @override
    def line(self, item: Hit) -> Sequence[Cell]:
        data = self._document.entries[item.place].data
        if item.officer is None:
            return (Cell(name_of(data)),)
        name = officer_name(data, item.officer, masked=self._masked)
        return (Cell(fit(name, 22) + " "), Cell(name_of(data), "muted"))


class FindBody(Pick[int]):
    """A body by name, kana or code, by its place in the file."""

    def __init__(
        self,
        document: ContactDocument,
        title: str,
        do: str,
        offered: Sequence[int],
        mark: Callable[[int], str] = lambda _place: "",
    ) -> None:
        """Search in `document`; `offered` stand there before one types; `mark` stands before."""
        super().__init__(title, _("name, kana or code"), do)
        self._document = document
        self._offered = offered
        self._mark = mark
        self._nothing = _("no body is called so")

    @override
    def matches(self, text: str) -> Sequence[int]:
        if not text.strip():
            return self._offered
        return list(dict.fromkeys(hit.place for hit in search(self._document, text)))

    @override
    def line(self, item: int) -> Sequence[Cell]:
        return (Cell(self._mark(item) + name_of(self._document.entries[item].data)),)


class Whole(ModalScreen[bool]):
    """A list over the whole screen, with a line above and the keys below."""

    def __init__(self, above: str, rows: Listed) -> None:
        super().__init__()
        self._above = above
        self.rows = rows

    @override
    def compose(self) -> ComposeResult:
        title = Lines(id="title")
        title.heading = True
        title.show([[Cell(" " + self._above)]])
        yield title
        yield self.rows
        yield KeyBar()

    def on_mount(self) -> None:
        self.rows.focus()


class FindingsWindow(Whole):
    """Every finding, the dearest first; Enter goes to the field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go", N_("go to the field")),
        Binding("escape,q", "leave", N_("back")),
    ]

    def __init__(
        self,
        document: ContactDocument,
        found: Sequence[tuple[int, FieldFinding]],
        said: Callable[[int, str], str],
        score: int,
    ) -> None:
        """Show `found`, each with the place of its node; `said` masks what is personal."""
        self._document = document
        self._found = sorted(found, key=lambda each: (-each[1].points, each[0]))
        self._said = said
        rows = Listed(_("what is wrong, and how to mend it"), len(self._found), self._line)
        rows.screen_opens = True  # type: ignore[misc]
        above = _("{n} findings, score {score} of 100").format(n=len(self._found), score=score)
        super().__init__(above, rows)

    def on_mount(self) -> None:
        super().on_mount()
        self._why()

    @override
    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Lines(id="why")

    def on_rows_moved(self) -> None:
        self._why()

    def _why(self) -> None:
        if self._found:
            place, finding = self._found[self.rows.cursor]
            said = self._said(place, finding_line(finding))
            why = _("Why it matters: {why}").format(why=finding.why)
            self.query_one("#why", Lines).show([[Cell(" " + said)], [Cell(" " + why, "muted")]])

    def _line(self, row: int, width: int) -> Sequence[Cell]:
        place, finding = self._found[row]
        tone: Tone = "alarm" if finding.is_error else "late"
        name = fit(name_of(self._document.entries[place].data), 20)
        line = self._said(place, finding_line(finding))
        return (
            Cell("✘ " if finding.is_error else "! ", tone),
            Cell(name + " ", "strong"),
            Cell(fit(line, max(width - 23, 1))),
        )

    @property
    def chosen(self) -> tuple[int, FieldFinding] | None:
        """The finding under the cursor, with the place of its node."""
        return self._found[self.rows.cursor] if self._found else None

    def action_go(self) -> None:
        self.dismiss(bool(self._found))

    def on_rows_chosen(self) -> None:
        self.action_go()

    def action_leave(self) -> None:
        self.dismiss(False)


class DiffWindow(Whole):
    """The lines that a save changes; Enter saves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+s", "accept", N_("save")),
        Binding("escape,q", "leave", N_("back")),
    ]

    def __init__(self, path: str, lines: Sequence[DiffLine], said: Callable[[str], str]) -> None:
        """Show `lines`; `said` masks what is personal."""
        self._lines = lines
        self._said = said
        came = sum(line.sign == "+" for line in lines)
        went = sum(line.sign == "-" for line in lines)
        above = _("{path}: {came} lines come, {went} go; Enter saves").format(
            path=clean_line(path), came=came, went=went
        )
        rows = Listed(_("all other lines stay as they are"), len(lines), self._line)
        rows.screen_opens = True  # type: ignore[misc]
        super().__init__(above, rows)

    def _line(self, row: int, width: int) -> Sequence[Cell]:
        line = self._lines[row]
        if line.sign == "@":
            text = _("line {line}: {body}").format(line=line.line, body=clean_line(line.text))
            return (Cell(fit("@ " + text, width), "strong"),)
        tones: dict[str, Tone] = {"+": "good", "-": "alarm", " ": "muted"}
        text = clean_line("." + self._said(line.text))[1:]
        return (Cell(fit(f"{line.sign} {text}", width), tones[line.sign]),)

    def on_rows_chosen(self) -> None:
        self.action_accept()

    def action_accept(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)


class MergeWindow(Whole):
    """What I changed and what somebody else changed, value by value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "take('mine')", N_("mine")),
        Binding("right", "take('theirs')", N_("theirs")),
        Binding("M", "take_all('mine')", N_("all mine")),
        Binding("T", "take_all('theirs')", N_("all theirs")),
        Binding("enter,ctrl+s", "accept", N_("take it over")),
        Binding("escape,q", "leave", N_("back")),
    ]

    def __init__(self, merge: Merge, said: Callable[[str], str]) -> None:
        self.merge = merge
        self._said = said
        self._labels = {f.path: f.label for f in (*node_fields(), *officer_fields())}
        rows = Listed(_("body and field"), len(merge.differences), self._line)
        super().__init__(_("the file was changed on disk: your changes and theirs"), rows)

    @override
    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Lines(id="values")

    def on_mount(self) -> None:
        super().on_mount()
        self._show()

    def on_rows_moved(self) -> None:
        self._show()

    @property
    def difference(self) -> Difference | None:
        """What the cursor is on."""
        found = self.merge.differences
        return found[self.rows.cursor] if self.rows.cursor < len(found) else None

    def _label(self, difference: Difference) -> str:
        path = difference.key[1]
        if not path:
            return _("the whole body")
        if path[0] != "officers":
            return self._labels.get(path, str(path[0]))
        who = str(path[1])
        number = _("officer {n}").format(n=int(who) + 1) if who.isdecimal() else _("added officer")
        if who == "calling-order":
            return _("calling order")
        return " ".join([number, self._labels.get(path[2:], "")]).strip()

    def _line(self, row: int, width: int) -> Sequence[Cell]:
        difference = self.merge.differences[row]
        chosen = self.merge.chosen(difference)
        signs = {"mine": "◂ " + _("mine"), "theirs": "▸ " + _("theirs")}
        sign = signs[chosen] if chosen is not None else "? " + _("choose")
        who = {"mine": _("yours"), "theirs": _("theirs"), "both": _("both")}[difference.who]
        label = f"{clean_line(difference.name)}: {self._label(difference)}"
        return (
            Cell(fit(sign, 12), "alarm" if chosen is None else "good"),
            Cell(fit(who, 10), "muted"),
            Cell(fit(label, max(width - 22, 1))),
        )

    def _show(self) -> None:
        difference = self.difference
        lines: list[list[Cell]] = []
        if difference is not None:
            for word, value in (
                (_("as it was"), difference.base),
                (_("mine"), difference.mine),
                (_("theirs"), difference.theirs),
            ):
                text = self._said(_value_text(value))
                lines.append([Cell(" " + fit(word, 12), "muted"), Cell(clean_line(text))])
        left = len(self.merge.undecided)
        if left:
            lines.append([Cell(" " + _("{n} still to choose").format(n=left), "alarm")])
        self.query_one("#values", Lines).show(lines)

    def action_take(self, side: Side) -> None:
        difference = self.difference
        if difference is not None:
            cursor = self.rows.cursor
            self.merge.choose(difference, side)
            self.rows.offer(len(self.merge.differences))
            self.rows.move_to(cursor)
            self._show()

    def action_take_all(self, side: Side) -> None:
        self.merge.choose_all(side)
        self.rows.offer(len(self.merge.differences))
        self._show()

    def on_rows_chosen(self) -> None:
        self.action_accept()

    def action_accept(self) -> None:
        undecided = self.merge.undecided
        if undecided:
            self.rows.move_to(self.merge.differences.index(undecided[0]))
            self.notify(_("choose here: left takes yours, right takes theirs"), markup=False)
            return
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)


def _value_text(value: object) -> str:
    if value in (None, "", [], {}):
        return _("(nothing)")
    if isinstance(value, dict):
        return "  ".join(f"{key}: {_value_text(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_value_text(each) for each in value)
    return str(value)


class ChangeDomain(Dialog[tuple[str, str, bool]]):
    """The old domain, the new one, and whether all bodies are meant or some."""

    def __init__(
        self,
        domains: Mapping[str, int],
        some: Mapping[str, int],
        some_name: str,
        first: str,
    ) -> None:
        """Offer domains, each with its number of addresses, and those of some bodies alone.

        Args:
            domains: those of all bodies.
            some: those of the bodies that may be meant alone.
            some_name: what these are called.
            first: the domain to begin with.
        """
        super().__init__()
        self.title_text = _("Change a mail domain")
        self.do_text = _("change it")
        self._domains = {True: domains, False: some}
        self._some_name = some_name
        self._first = first

    @override
    def body(self) -> ComposeResult:
        common = sorted(self._domains[True].items(), key=lambda each: -each[1])[:4]
        shown = ", ".join(f"{clean_line(domain)} ({count})" for domain, count in common)
        yield Static(Text(_("in use: {domains}").format(domains=shown)), classes="text")
        yield field(_("from"), Input(self._first, compact=True, max_length=200, id="old"))
        yield field(_("to"), Input(compact=True, max_length=200, id="new"))
        scopes = [(_("all bodies"), True), (self._some_name, False)]
        yield field(_("which bodies"), ChoiceLine(scopes, id="scope"))
        yield Static(Text(""), id="count")

    def on_mount(self) -> None:
        self._count()

    def on_input_changed(self) -> None:
        self._count()

    def on_choice_line_changed(self) -> None:
        self._count()

    def _count(self) -> None:
        self.query_one("#count", Static).update(
            Text(_("{n} addresses will change").format(n=self._affected()))
        )

    def _affected(self) -> int:
        return self._domains[self._is_all].get(self._values()[0].lower(), 0)

    @property
    def _is_all(self) -> bool:
        line: ChoiceLine[bool] = self.query_one("#scope", ChoiceLine)
        return line.value

    def _values(self) -> tuple[str, str]:
        old, new = (self.query_one(f"#{name}", Input).value for name in ("old", "new"))
        return old.strip().removeprefix("@"), new.strip().removeprefix("@")

    @override
    def result(self) -> tuple[str, str, bool] | None:
        from drillsim.drill.model import Unfit
        from drillsim.files.checks.addresses import refuse_address

        old, new = self._values()
        if not self._affected():
            self.complain(_("no address has this domain"))
            return None
        try:
            refuse_address(f"a@{new}")
        except Unfit as unfit:
            self.complain(unfit.remedy)
            return None
        return old, new, self._is_all
