"""The rows of a list as bodies with their officers; every cell that cannot be taken is named.

Several rows of one body are its officers in calling order. A row that names no body goes on with
the one above it, as merged cells do. Nothing is passed over in silence: what is no entry (a heading
that is repeated, a remark below the table) is listed as left out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeAlias, TypeVar

from drillsim.drill.marks import slips
from drillsim.drill.model import Unfit
from drillsim.drill.tree import NodeKind
from drillsim.files.contacts.people import folded
from drillsim.files.lists import values
from drillsim.files.lists.header import Column, Header, is_header_again
from drillsim.files.lists.mapping import BODY_FIELDS
from drillsim.files.lists.sheet import Cell, Sheet, empty_line
from drillsim.files.lists.values import Taken, one_line
from drillsim.i18n import _
from drillsim.problem import Problem, Severity

T = TypeVar("T")

OfficerValues: TypeAlias = dict[str, Any]
"""Keys of `Officer`, with those of `off_hours` as `off_hours_email` and `off_hours_phone`."""

_NAME_LENGTH_MAX: Final = 100
_SAME: Final = frozenset({"〃", "同上", "同", "々", '"', "”", "″", "↑"})
_REMARK_ROW = re.compile(
    r"^(?:[※＊*]|注[)）:： ]|（注|\(注|以上$|計$|合計|小計|備考[:：]|\d+団体$)"
)
_CONTACT_FIELDS: Final = frozenset(
    {"mailbox", "email", "phone", "contact", "night-email", "night-phone", "night-contact",
     "desk-phone", "verified", "kana", "role", "extension"}
)  # fmt: skip
"""Fields in which a word such as なし says that there is nothing."""


@dataclass(slots=True)
class ListedOfficer:
    """An officer of a list; `values` has the fields for which the list has a column."""

    row: int
    order: int | None = None
    values: OfficerValues = field(default_factory=dict)


@dataclass(slots=True)
class ListedBody:
    """A body of a list, in the row that names it first."""

    row: int
    name: str = ""
    section: str = ""
    prefecture: str = ""
    code: str = ""
    id: str = ""
    kind: NodeKind | None = None
    parent: str | None = None
    """As written; None where the list has no column for it."""
    values: dict[str, Any] = field(default_factory=dict)
    """Keys of `Node` for which the list has a column: kana, mailbox, duty_desk …"""
    officers: list[ListedOfficer] = field(default_factory=list)
    cells: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    """By field: row, column and text of the cell that gave it."""

    def column(self, field_name: str) -> int:
        """Return the column that gave a field, 1 if none did."""
        return self.cells.get(field_name, (0, 1, ""))[1]

    @property
    def whole_name(self) -> str:
        """The body with its section, as nodes are called."""
        return " ".join(part for part in (self.name, self.section) if part)


@dataclass(slots=True)
class Listing:
    """What was read from a list."""

    sheet: Sheet
    header: Header
    bodies: list[ListedBody] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """Errors: cells that cannot be taken. Warnings: cells taken otherwise than they stand."""
    left_out: list[tuple[int, str]] = field(default_factory=list)
    """Rows that are no entries, with what stands in them."""
    rows: int = 0
    """Rows that are entries."""
    empty: int = 0
    """Rows in which nothing stands."""

    @property
    def has_errors(self) -> bool:
        """Whether something cannot be taken."""
        return any(not problem.is_warning for problem in self.problems)

    def say(self, row: int, column: int, message: str, remedy: str, severity: Severity) -> None:
        """Take note of a problem of a cell."""
        self.problems.append(self.sheet.problem(row, column, message, remedy, severity))


def read_entries(sheet: Sheet, header: Header) -> Listing:
    """Return the bodies of a list, with whatever is wrong with its cells."""
    listing = Listing(sheet, header)
    reader = _Reader(listing)
    for row in range(header.last + 1, len(sheet.rows) + 1):
        if empty_line(sheet.rows[row - 1]):
            listing.empty += 1
        elif is_header_again(sheet, row, header):
            listing.left_out.append((row, _("the headings once more")))
        elif _is_remark(sheet, row):
            listing.left_out.append((row, _words(sheet, row)))
        else:
            listing.rows += 1
            reader.take(row)
    for body in listing.bodies:
        _put_in_order(body)
    return listing


def _is_remark(sheet: Sheet, row: int) -> bool:
    filled = [cell for cell in sheet.rows[row - 1] if not cell.is_empty]
    return len(filled) == 1 and _REMARK_ROW.match(filled[0].text) is not None


def _words(sheet: Sheet, row: int) -> str:
    return " ".join(cell.text for cell in sheet.rows[row - 1] if cell.text)


def _put_in_order(body: ListedBody) -> None:
    if all(officer.order is not None for officer in body.officers):
        body.officers.sort(key=lambda officer: officer.order or 0)


class _Reader:
    """Takes the rows of one list, one after the other."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.sheet = listing.sheet
        self.columns = [c for c in listing.header.columns if c.field is not None]
        self._spread = _spread(self.sheet)
        self._above: dict[int, Cell] = {}
        self._known: dict[tuple[str, ...], ListedBody] = {}
        self._last: ListedBody | None = None

    def take(self, row: int) -> None:
        """Take a row: its body, new or known, and its officers."""
        cells = {column: self._cell(row, column) for column in self.columns}
        body = self._body(row, cells)
        if body is None:
            return
        for number in range(1, self.listing.header.officers + 1):
            own = {c: cell for c, cell in cells.items() if c.officer == number}
            officer = self._officer(row, body, own)
            if officer is not None:
                _put_section(officer, body, cells)
                body.officers.append(officer)

    def _cell(self, row: int, column: Column) -> Cell:
        """Return what a cell means: the one merged over it, or the one above a 〃."""
        cell = self.sheet.cell(row, column.number)
        origin = self._spread.get((row, column.number))
        if origin is not None:
            cell = self.sheet.cell(*origin)
        if cell.text in _SAME:
            cell = self._above.get(column.number, cell)
        if cell.kind == "error":
            self._say(row, column, _("Excel shows an error here"), _("mend the formula"))
        elif cell.kind == "unknown-formula":
            message = _("the result of the formula is not in the file")
            self._say(row, column, message, _("open it in Excel, save it, and import it again"))
        if cell.unseen:
            self._remark(row, column, _("marks that cannot be seen were left out"))
        if cell.widened:
            self._remark(row, column, _("half-width kana were made wide"))
        if column.field in _CONTACT_FIELDS and values.is_nothing(cell.text):
            self._remark(row, column, _("{text} means nothing").format(text=cell.text))
            cell = Cell("")
        self._above[column.number] = cell
        return cell

    # Bodies -------------------------------------------------------------------------------------

    def _body(self, row: int, cells: Mapping[Column, Cell]) -> ListedBody | None:
        own = {c: cell for c, cell in cells.items() if c.field in BODY_FIELDS}
        naming = [c for c in own if c.field in ("id", "code", "body", "section")]
        if all(own[c].is_empty for c in naming) or self._goes_on(own):
            if self._last is None:
                column = naming[0]
                message = _("the row names no body, and none stands above it")
                self._say(row, column, message, _("write the body"))
                return None
            self._again(row, self._last, own)
            return self._last
        body = self._read_body(row, own)
        key = _key(body)
        known = self._known.get(key)
        if known is None:
            self._known[key] = body
            self.listing.bodies.append(body)
        else:
            self._again(row, known, own)
        self._last = known or body
        return self._last

    def _goes_on(self, cells: Mapping[Column, Cell]) -> bool:
        """Whether a row names the body above once more, without its section."""
        said = {c.field: one_line(cell.text) for c, cell in cells.items()}
        last = self._last
        return (
            last is not None
            and bool(said.get("body"))
            and not any(said.get(field) for field in ("id", "code", "section", "kind"))
            and folded(said["body"]) == folded(last.name)
            and said.get("prefecture", "") in ("", last.prefecture)
        )

    def _read_body(self, row: int, cells: Mapping[Column, Cell]) -> ListedBody:
        body = ListedBody(row)
        for column, cell in cells.items():
            assert column.field is not None
            body.cells[column.field] = (row, column.number, cell.text)
            self._set_body(body, row, column, cell)
        return body

    def _set_body(self, body: ListedBody, row: int, column: Column, cell: Cell) -> None:
        text = one_line(cell.text)
        match column.field:
            case "body":
                body.name = self._name(row, column, text)
            case "section":
                body.section = self._name(row, column, text)
            case "prefecture":
                body.prefecture = text
            case "id":
                body.id = text
            case "code":
                body.code = self._taken(row, column, cell, values.code) or ""
            case "kind":
                body.kind = self._taken(row, column, cell, values.kind)
            case "parent":
                body.parent = text
            case "mailbox":
                found = self._taken(row, column, cell, values.addresses) or ("",)
                body.values["mailbox"] = found[0]
                if len(found) > 1:
                    message = _("an office has one mailbox, and here are {n}").format(n=len(found))
                    self._say(row, column, message, _("leave one"))
            case "body-kana":
                body.values["kana"] = text
            case "body-note":
                body.values["note"] = cell.text
            case "also-notify":
                body.values["also_notify"] = tuple(re.split(r"[\s,;、，；]+", text)) if text else ()
            case "desk-name":
                body.values["desk_name"] = text
            case "desk-phone":
                body.values["desk_phone"] = self._taken(row, column, cell, values.phone) or ""
            case "desk-note":
                body.values["desk_note"] = cell.text

    def _again(self, row: int, body: ListedBody, cells: Mapping[Column, Cell]) -> None:
        """Look at a further row of a body: what it says of the body must be what was said.

        An empty cell says nothing; a first word where there was none is taken. The section may be
        another one: it goes to the officer's post.
        """
        for column, cell in cells.items():
            assert column.field is not None
            before = body.cells.get(column.field)
            if cell.is_empty or (before is not None and folded(before[2]) == folded(cell.text)):
                continue
            if before is None or not before[2]:
                body.cells[column.field] = (row, column.number, cell.text)
                self._set_body(body, row, column, cell)
            elif column.field != "section":
                message = _("{text} differs from {other} in row {row} of the same body").format(
                    text=cell.text, other=before[2], row=before[0]
                )
                self._say(row, column, message, _("write the same in all rows of a body"))

    # Officers -----------------------------------------------------------------------------------

    def _officer(
        self, row: int, body: ListedBody, cells: Mapping[Column, Cell]
    ) -> ListedOfficer | None:
        given = [c for c, cell in cells.items() if not cell.is_empty and c.field != "order"]
        if not given:
            return None
        officer = ListedOfficer(row)
        for column, cell in cells.items():
            self._set_officer(officer, row, column, cell)
        surname, given_name = officer.values.pop("surname", ""), officer.values.pop("given", "")
        if surname or given_name:
            officer.values["name"] = " ".join(part for part in (surname, given_name) if part)
        extension = officer.values.pop("extension", "")
        if extension:
            phone = officer.values.get("phone", "")
            officer.values["phone"] = f"{phone} 内線{extension}".strip()
        group = next((c.group for c in cells if c.group), "")
        if group and not officer.values.get("role"):
            officer.values["role"] = one_line(group)
        if not officer.values.get("name"):
            self._unnamed(row, body, officer, given)
        return officer if officer.values.get("name") else None

    def _unnamed(
        self, row: int, body: ListedBody, officer: ListedOfficer, given: list[Column]
    ) -> None:
        """Name an officer by their post: it stays when people move. Without one it is a fault."""
        role = officer.values.get("role")
        if role:
            officer.values["name"] = role
            self._remark(row, given[0], _("no name: {role} is taken for it").format(role=role))
        elif {c.field for c in given} <= {"verified", "note", "note-with-heading"}:
            body.values.setdefault("note", officer.values.get("note", ""))
            self._remark(row, given[0], _("no officer: the remark is taken for the body"))
        else:
            message = _("the officer has neither name nor post")
            self._say(row, given[0], message, _("write a name or a post"))

    def _set_officer(self, officer: ListedOfficer, row: int, column: Column, cell: Cell) -> None:
        found: OfficerValues = officer.values
        text = one_line(cell.text)
        match column.field:
            case "order":
                officer.order = self._taken(row, column, cell, values.order)
            case "name":
                if "\n" in cell.text:
                    message = _("several lines stand in a name")
                    self._say(row, column, message, _("write one officer a row"))
                found["name"] = self._name(row, column, text)
            case "surname":
                found["surname"] = self._name(row, column, text)
            case "given-name":
                found["given"] = self._name(row, column, text)
            case "role":
                found["role"] = self._name(row, column, text)
            case "kana":
                found["kana"] = text
            case "email":
                found["email"] = self._taken(row, column, cell, values.addresses) or ()
            case "phone":
                found["phone"] = self._taken(row, column, cell, values.phone) or ""
            case "extension":
                found["extension"] = re.sub(r"^内線[\s:：]*", "", text)
            case "contact":
                self._either(found, row, column, cell, ("email", "phone"))
            case "night-email":
                found["off_hours_email"] = self._taken(row, column, cell, values.addresses) or ()
            case "night-phone":
                found["off_hours_phone"] = self._taken(row, column, cell, values.phone) or ""
            case "night-contact":
                self._either(found, row, column, cell, ("off_hours_email", "off_hours_phone"))
            case "verified":
                found["verified"] = self._taken(row, column, cell, values.day)
            case "note":
                found["note"] = _joined(found.get("note", ""), cell.text)
            case "note-with-heading":
                told = f"{column.heading}：{cell.text}" if cell.text else ""
                found["note"] = _joined(found.get("note", ""), told)

    def _either(
        self, found: OfficerValues, row: int, column: Column, cell: Cell, keys: tuple[str, str]
    ) -> None:
        """Take a cell that may hold an address, a number, or both."""
        mail, phone = keys
        try:
            mails, number = values.contact(cell) if cell.text else (Taken(()), Taken(""))
        except Unfit as unfit:
            self._say(row, column, unfit.message, unfit.remedy)
            return
        found[mail] = (*found.get(mail, ()), *mails.value)
        found[phone] = found.get(phone) or number.value
        for taken in (mails.remark, number.remark):
            if taken:
                self._remark(row, column, taken)

    # Cells --------------------------------------------------------------------------------------

    def _taken(
        self, row: int, column: Column, cell: Cell, read: Callable[[Cell], Taken[T]]
    ) -> T | None:
        """Return what `read` makes of a cell; None where it is empty or cannot be taken."""
        if cell.is_empty or not cell.text:
            return None
        try:
            taken = read(cell)
        except Unfit as unfit:
            self._say(row, column, unfit.message, unfit.remedy)
            return None
        if taken.remark:
            self._remark(row, column, taken.remark)
        return taken.value

    def _name(self, row: int, column: Column, text: str) -> str:
        """Return a name or post, which stands in mails of drills."""
        for slip in islice(slips(text), 1):
            self._say(row, column, slip.message, slip.remedy)
        if len(text) > _NAME_LENGTH_MAX:
            message = _("this has {n} characters").format(n=len(text))
            self._say(
                row, column, message, _("write at most {limit}").format(limit=_NAME_LENGTH_MAX)
            )
        return text

    def _say(self, row: int, column: Column, message: str, remedy: str) -> None:
        self.listing.say(row, column.number, f"{column.heading}: {message}", remedy, "error")

    def _remark(self, row: int, column: Column, message: str) -> None:
        self.listing.say(row, column.number, f"{column.heading}: {message}", "", "warning")


def _spread(sheet: Sheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the cells that a cell merged downwards covers, with that cell: they mean the same."""
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    for top, left, bottom, _right in sheet.merged:
        for row in range(top + 1, min(bottom, len(sheet.rows)) + 1):
            covered[(row, left)] = (top, left)
    return covered


def _key(body: ListedBody) -> tuple[str, ...]:
    """Return by what rows are known to be about one body.

    A section of its own makes a body of a prefecture's office; a city's officers in several
    sections stay with the city, which has one code.
    """
    if body.id:
        return ("id", body.id)
    name, section = folded(body.name), folded(body.section)
    if body.code and not body.code.endswith("000", 2, 5):
        return ("code", body.code, str(body.kind or ""))
    return ("name", body.code, folded(body.prefecture), name, section, str(body.kind or ""))


def _joined(before: str, text: str) -> str:
    return "\n".join(part for part in (before, text) if part)


def _put_section(officer: ListedOfficer, body: ListedBody, cells: Mapping[Column, Cell]) -> None:
    """Put another section than the body's own before an officer's post."""
    section = next((one_line(c.text) for k, c in cells.items() if k.field == "section"), "")
    if section and folded(section) != folded(body.section):
        role = officer.values.get("role", "")
        officer.values["role"] = " ".join(part for part in (section, role) if part)
