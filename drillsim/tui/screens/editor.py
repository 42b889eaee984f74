"""The editor of a contact tree: the tree, the form, and at every field what is wrong with it."""

import asyncio
import gc
import sys
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import date
from typing import ClassVar, Final, Literal, get_args

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input
from typing_extensions import override

from drillsim.drill.kinds import kind_word
from drillsim.drill.tree import NodeKind
from drillsim.files.contacts.document import ContactDocument, EditError
from drillsim.files.contacts.edits import Edit, Splice
from drillsim.files.contacts.inspection import FieldFinding, Inspection
from drillsim.files.contacts.office_rules import today_in_japan
from drillsim.files.contacts.opened import Opened
from drillsim.files.yaml_nodes import Path as FieldPath
from drillsim.i18n import N_, _, ngettext
from drillsim.text import clean_line, fit, width
from drillsim.tui.screens.editor_acts import EditorActs
from drillsim.tui.views.editor import (
    TreeRows,
    counted,
    field_of,
    field_text,
    finding_line,
    masked_text,
    name_of,
    node_fields,
    officer_fields,
    officer_name,
    officers_of,
    typed_value,
    value_at,
)
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.entry_form import FieldRow, FormPage, OfficerStrip, PickLine
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Line, Lines
from drillsim.tui.widgets.office_tree import OfficeTree
from drillsim.tui.widgets.rows import Rows

_REST: Final = 0.4
"""Seconds without a key before the whole tree is looked at."""
_FIRST_LOOK: Final = 0.1
"""Seconds until the first look: the first frame goes before."""
_TODAY: Final = frozenset({"t", "ｔ", "today", "本日", "今日"})
"""What one types for the date of today, perhaps behind the date that stands there."""
_LARGE: Final = 500
"""Nodes from which on a look takes long enough to be felt while one types."""
_SWITCH: Final = 0.0005
"""Seconds after which a look gives way: a key asks for its turn a dozen times until it is drawn."""


class EditorScreen(EditorActs, Screen[None]):
    """The tree on the left, the form on the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("save"), priority=True),
        Binding("enter", "fill_in", N_("fill in")),
        Binding("a", "add", N_("add body")),
        Binding("c", "copy", N_("copy")),
        Binding("delete,d", "delete", N_("delete")),
        Binding("m", "move", N_("hang elsewhere")),
        Binding("a", "add_officer", N_("add officer")),
        Binding("delete,d", "remove_officer", N_("remove officer")),
        Binding("s", "stand_in", N_("make stand-in")),
        Binding("t", "verify", N_("confirmed today")),
        Binding("shift+left", "shift_officer(-1)", N_("call earlier")),
        Binding("shift+right", "shift_officer(1)", N_("call later")),
        Binding("ctrl+o", "add_officer", N_("add officer"), priority=True),
        Binding("ctrl+f", "find", N_("find"), priority=True),
        Binding("ctrl+n", "next_finding", N_("next finding"), priority=True),
        Binding("ctrl+z", "undo", N_("undo"), priority=True),
        Binding("ctrl+y", "redo", N_("redo"), priority=True),
        Binding("question_mark", "app.help", N_("help")),
        Binding("q", "leave_asking", N_("leave")),
        Binding("ctrl+l", "findings", N_("findings"), priority=True),
        Binding("ctrl+r", "mask", N_("mask"), priority=True),
        Binding("shift+up", "shift(-1)", N_("move up")),
        Binding("shift+down", "shift(1)", N_("move down")),
        Binding("at", "domain", N_("mail domain")),
        Binding("escape", "back", N_("back"), show=False, priority=True),
        Binding("tab", "panel(1)", N_("next panel"), show=False, priority=True),
        Binding("shift+tab", "panel(-1)", N_("panel before"), show=False, priority=True),
        Binding("up", "field(-1)", N_("field above"), show=False, priority=True),
        Binding("down,enter", "field(1)", N_("field below"), show=False, priority=True),
        Binding("pageup", "body(-1)", N_("body above"), show=False),
        Binding("pagedown", "body(1)", N_("body below"), show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-tall")]

    def __init__(
        self,
        opened: Opened,
        *,
        masked: bool = False,
        at: tuple[int, int | None] | None = None,
        today: date | None = None,
    ) -> None:
        """Edit a file; begin at a node (its place) and perhaps an officer (from 0)."""
        super().__init__()
        self.opened = opened
        self.masked = masked
        self.today = today or today_in_japan()
        self.inspection = Inspection(opened.document, self.today)
        self.branches = TreeRows(opened.document)
        self.place: int | None = at[0] if at is not None else None
        self.officer: int | None = at[1] if at is not None else None
        self._at = at
        self._offices = OfficeTree(self.branches, self._mark)
        self._strip = OfficerStrip()
        kinds = [(kind, kind_word(kind)) for kind in get_args(NodeKind)]
        self._body_page = FormPage(node_fields(), kinds, id="body-page")
        self._officer_page = FormPage(officer_fields(), kinds, id="officer-page")
        self._rest: Timer | None = None
        self._is_settled = False
        self._last_mark = ""
        self._filled = (0, 0)
        """The node and the officer whose values stand in the form."""

    # Building -----------------------------------------------------------------------------------

    @override
    def compose(self) -> ComposeResult:
        title = Lines(id="title")
        title.heading = True
        yield title
        with Horizontal(id="panels"):
            yield self._offices
            with Vertical(id="form"):
                yield Lines(id="whose")
                yield self._strip
                yield self._body_page
                yield self._officer_page
        yield KeyBar()

    def on_mount(self) -> None:
        self._offices.focus()
        start = self._at[0] if self._at is not None else None
        if start is None and self.branches.rows:
            start = self.branches.rows[0].place
        if start is not None:
            self.go_to(start, self.officer)
        if self._at is not None and self.officer is not None:
            self.call_after_refresh(self._officer_page.rows[0].widget.focus)
        self._draw_title()
        self.set_timer(_FIRST_LOOK, self._look)
        self.watch_file()

    def on_unmount(self) -> None:
        gc.unfreeze()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_pages)

    # Showing ------------------------------------------------------------------------------------

    def go_to(
        self,
        place: int,
        officer: int | None = None,
        path: FieldPath | None = None,
        *,
        select: bool = False,
    ) -> None:
        """Show a node, an officer of it (from 0), and with a path the field; () is the strip.

        With `select`, what one types there takes the place of what stands there.
        """
        if not self.document.entries:
            self.place = self.officer = None
            self._offices.redraw()
            return
        self.place = min(place, len(self.document.entries) - 1)
        count = len(officers_of(self.document.entries[self.place].data))
        self.officer = officer if officer is not None and officer < count else None
        with self.prevent(Rows.Moved):
            self._offices.go_to(self.place)
        self._fill()
        if path == ():
            self._strip.focus()
        elif path is not None:
            page = self._body_page if self.officer is None else self._officer_page
            row = page.row(path) or page.rows[0]
            row.go_into(select=select)

    def on_rows_moved(self, message: Rows.Moved) -> None:
        if message.rows is self._offices and self._offices.place not in (None, self.place):
            self.settle()
            self.place, self.officer = self._offices.place, None
            self.history.pause()
            self._fill()

    def on_choice_line_changed(self) -> None:
        self.officer = self._strip.value
        self._fill()

    def _show_pages(self) -> None:
        """Show both pages where there is room, else the one that is chosen."""
        has_officers = self.place is not None and bool(
            officers_of(self.document.entries[self.place].data)
        )
        both = self.has_class("-tall") and has_officers
        self._body_page.display = both or self.officer is None
        self._officer_page.display = both or self.officer is not None

    def _fill(self) -> None:
        """Fill the form with the node that is chosen."""
        if self.place is None or self.place >= len(self.document.entries):
            return
        data = self.document.entries[self.place].data
        officers = officers_of(data)
        if self.officer is not None and self.officer >= len(officers):
            self.officer = len(officers) - 1 if officers else None
        self._offer_pages()
        for row in self._body_page.rows:
            row.fill(self._shown(row, data), disabled=self._is_closed(row))
        shown = self.officer if self.officer is not None else 0
        self._filled = (self.place, shown)
        if shown < len(officers):
            for row in self._officer_page.rows:
                row.fill(
                    field_text(row.field, officers[shown], masked=self.masked),
                    disabled=self._is_closed(row),
                )
        self._show_pages()
        self._tell()

    def _offer_pages(self) -> None:
        """Name the page of the body and those of its officers."""
        if self.place is None:
            return
        data = self.document.entries[self.place].data
        pages: list[tuple[str, int | None]] = [(_("body"), None)]
        for at in range(len(officers_of(data))):
            stands = _("stand-in") if at == 1 else ""
            name = fit(officer_name(data, at, masked=self.masked), 12).rstrip()
            pages.append((f"{at + 1} {stands} {name}".replace("  ", " "), at))
        self._strip.offer(pages, self.officer)

    def _is_closed(self, row: FieldRow) -> bool:
        return self.masked and row.field.is_personal

    def _shown(self, row: FieldRow, data: dict[str, object]) -> str:
        """Return what a field of the body shows; ids of other nodes stand with their names."""
        text = field_text(row.field, data, masked=self.masked)
        if row.field.kind == "parent":
            return self._named(text) if text else _("(nothing: this is the top)")
        if row.field.kind == "told":
            return ", ".join(self._named(each) for each in text.split(", ") if each) or "-"
        return text

    def _named(self, node: str) -> str:
        try:
            return name_of(self.document.entries[self.document.place_of(node)].data)
        except KeyError:
            return clean_line(node) + _(" (there is no such node)")

    def findings_here(self) -> tuple[FieldFinding, ...]:
        """Return what was found at the node that is shown."""
        return self.inspection.findings(self.place) if self.place is not None else ()

    def _tell(self) -> None:
        """Show at every field what is wrong with it, and above the form what is wrong with all."""
        if self.place is None:
            return
        data = self.document.entries[self.place].data
        at_fields: dict[tuple[bool, FieldPath], list[tuple[str, bool]]] = {}
        shown = self.officer if self.officer is not None else 0
        known = {row.field.path for row in (*self._body_page.rows, *self._officer_page.rows)}
        above: list[Line] = []
        for finding in self.findings_here():
            officer, path = field_of(finding)
            line = self.said(finding_line(finding))
            if path in known and (officer is None or officer == shown):
                key = (officer is None, path)
                at_fields.setdefault(key, []).append((line, finding.is_error))
            elif officer is None or not path:
                sign = Cell("✘ " if finding.is_error else "! ", _tone(finding))
                above.append([sign, Cell(self.said(clean_line(finding.message)))])
                if finding.remedy:
                    above.append([Cell("  " + self.said(clean_line(finding.remedy)))])
        for page, is_body in ((self._body_page, True), (self._officer_page, False)):
            for row in page.rows:
                row.tell(at_fields.get((is_body, row.field.path), ()))
        name = Cell(" " + name_of(data), "strong")
        self.query_one("#whose", Lines).show([[name], *above[:3]])

    def said(self, text: str) -> str:
        """Return a line about the node that is shown, masked where personal data is."""
        if not self.masked or self.place is None:
            return text
        return masked_text(text, [self.document.entries[self.place].data])

    def _draw_title(self) -> None:
        points, count = self.inspection.total()
        found = ngettext("{n} finding", "{n} findings", count).format(n=count)
        score = _("score {score}").format(score=points)
        state = "" if self.history.is_saved else "● " + _("not saved")
        marks = [state, _("masked") if self.masked else "", found, score]
        right = "  ".join(mark for mark in marks if mark) + " "
        left = " " + clean_line(self.opened.path.name)
        cells = self.size.width or 80
        left = fit(left, max(cells - width(right), 8))
        self.query_one("#title", Lines).show([[Cell(left), Cell(right)]])

    def _mark(self, place: int) -> str:
        return counted(self.inspection.findings(place))

    def action_mask(self) -> None:
        self.settle()
        self.masked = not self.masked
        self.history.pause()
        self._fill()
        self._draw_title()

    # Typing -------------------------------------------------------------------------------------

    def on_field_row_typed(self, message: FieldRow.Typed) -> None:
        message.stop()
        self._take(message.row)

    def on_field_row_left(self, message: FieldRow.Left) -> None:
        message.stop()
        self._take(message.row, leaving=True)
        self.history.pause()

    def _take(self, row: FieldRow, *, leaving: bool = False) -> None:
        """Take what stands in a field into the node that the form was filled with.

        A key may have led to another node before the message of the last letter is here.
        """
        place, officer = self._filled
        if self._is_closed(row) or place >= len(self.document.entries):
            return
        if isinstance(row.widget, PickLine) and row.field.kind != "kind":
            return  # Its window says what is chosen.
        path: FieldPath = row.field.path
        if row not in self._body_page.rows:
            path = ("officers", officer, *path)
            if officer >= len(officers_of(self.document.entries[place].data)):
                return
        whole = replace(row.field, path=path)
        if field_text(whole, self.document.entries[place].data, masked=False) == row.text.strip():
            return
        if path == ("id",):  # It is named elsewhere: taken as a whole, when the field is left.
            new = row.text.strip()
            if leaving:
                self._make(lambda document: document.rename(place, new), None, fill=True)
            return
        if path[-1] == "verified" and row.text.strip().lstrip("0123456789-").casefold() in _TODAY:
            row.fill(self.today.isoformat(), disabled=False)
        value = typed_value(row.field, row.text)
        if value != value_at(self.document.entries[place].data, path):
            self._make(lambda document: document.set(place, path, value), (place, path), fill=False)

    def settle(self) -> None:
        """Take what was typed, and see where the cursors are, before a key does something."""
        row = self._row_of(self.focused)
        if row is not None:
            self._take(row, leaving=True)
        if self.focused is self._strip and self._strip.value != self.officer:
            self.officer = self._strip.value
            self._fill()
        elif self.focused is self._offices and self._offices.place not in (None, self.place):
            self.place, self.officer = self._offices.place, None
            self._fill()

    def do(self, make: Callable[[ContactDocument], Edit]) -> bool:
        """Make an edit and show it; say so where it cannot be made."""
        return self._make(make, None, fill=True)

    def _make(self, make: Callable[[ContactDocument], Edit], key: Hashable, *, fill: bool) -> bool:
        try:
            edit = self.history.do(make, key)
        except EditError as error:
            self.notify(str(error), severity="error", markup=False)
            return False
        if edit is not None:
            self.shown_anew(edit, fill=fill)
        return edit is not None

    def shown_anew(self, edit: Edit, *, fill: bool = True) -> None:
        """Show what an edit has changed, and look at it."""
        for step in edit.steps:
            if isinstance(step, Splice) and len(step.old) == len(step.new):
                self.inspection.carry(step.old, step.new)
        is_one = all(isinstance(s, Splice) and len(s.old) == len(s.new) == 1 for s in edit.steps)
        if not is_one or edit.path[:1] in ((), ("parent",), ("id",)):
            self.branches.update()
            self._offices.redraw()
        if edit.place is not None and edit.place < len(self.document.entries):
            self.inspection.look(edit.place)
        if fill:
            officer = None
            if edit.path[:1] == ("officers",):
                officer = int(edit.path[1]) if len(edit.path) > 1 else 0
            if edit.place is not None:
                self.go_to(edit.place, officer)
            else:
                self.go_to(self.place or 0, self.officer)
        else:
            self._tell()
            if edit.place is not None and (edit.path == ("name",) or self._is_marked_anew()):
                self._offices.refresh()
            if edit.path[:1] == ("officers",) and edit.path[-1] == "name":
                self._offer_pages()
        self._draw_title()
        self.look_at_all()

    def _is_marked_anew(self) -> bool:
        """Whether the node that is shown has another mark in the tree than before."""
        mark = self._mark(self.place) if self.place is not None else ""
        before, self._last_mark = self._last_mark, mark
        return mark != before

    # Looking ------------------------------------------------------------------------------------

    def look_at_all(self) -> None:
        """Look at the whole tree when nobody types any more."""
        if self._rest is not None:
            self._rest.stop()
        rest = _REST if len(self.document.entries) < _LARGE else 2 * _REST
        self._rest = self.set_timer(rest, self._look)

    @work(group="look", exclusive=True)
    async def _look(self) -> None:
        look = self.inspection.look_all()
        usual = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH)
        try:
            await asyncio.to_thread(look.run)
        finally:
            sys.setswitchinterval(usual)
        look.take()
        if not self._is_settled:
            # The tree is there to stay: a walk over all of it would be felt under a key.
            self._is_settled = True
            gc.freeze()
            gc.enable()
        self._tell()
        self._offices.refresh()
        self._draw_title()

    # Moving about -------------------------------------------------------------------------------

    def on_descendant_focus(self) -> None:
        self.refresh_bindings()

    def action_field(self, by: int) -> None:
        """Go to the next field or the one before; from the officers into the page that is chosen.

        These keys come first (priority), since others may follow them at once over a slow line.
        """
        self.settle()
        if self.focused is self._strip:
            page = self._body_page if self.officer is None else self._officer_page
            page.rows[0].go_into()
        elif by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_panel(self, by: int) -> None:
        """Go from the tree to the officers, from there into the form, and from field to field."""
        if self.focused is self._offices or (by < 0 and self.focused is self._strip):
            self.settle()
            (self._strip if by > 0 else self._offices).focus()
        else:
            self.action_field(by)

    def _is_in_form(self, widget: object) -> bool:
        return isinstance(widget, Input | PickLine)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        focused = self.focused
        in_tree = focused is self._offices
        in_strip = focused is self._strip
        match action:
            case "fill_in" | "add" | "copy" | "delete" | "move" | "shift" | "domain":
                return in_tree
            case "remove_officer" | "shift_officer" | "stand_in":
                return in_strip and self.officer is not None
            case "verify":
                return in_strip and self.officer is not None and not self.masked
            case "app.help" | "leave_asking":
                return not isinstance(focused, Input)
            case "field":
                return self._is_in_form(focused) or (in_strip and parameters == (1,))
            case "back" | "panel":
                return self.app.screen is self
            case "body":
                return not in_tree
            case _:
                return True

    def action_back(self) -> None:
        """Go from the fields to the officers, and from there to the tree."""
        self.settle()
        if self.focused is not None and self._is_in_form(self.focused):
            self._strip.focus()
        else:
            self._offices.focus()

    def action_body(self, by: int) -> None:
        self.settle()
        self._offices.action_move(by)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        if message.rows is self._offices:
            self.action_fill_in()

    def action_fill_in(self) -> None:
        self.settle()
        self._body_page.rows[0].go_into()

    def help_signs(self) -> list[tuple[str, str]]:
        """Return the signs of this screen with their meaning."""
        return [
            ("✘", _("an error: no drill can run on the file")),
            ("!", _("worth mending; the score says how much")),
            ("●", _("there are changes that are not saved")),
            ("-  +", _("before a name: the branch is open, or closed")),
            ("▾", _("Enter opens a list to choose from")),
            ("◂ ▸", _("left and right change it")),
            (_("mouse"), _("drag a body onto another: it hangs below that one")),
            ("Esc", _("from the fields to the officers, from there to the tree")),
        ]


def _tone(finding: FieldFinding) -> Literal["alarm", "late"]:
    return "alarm" if finding.is_error else "late"
