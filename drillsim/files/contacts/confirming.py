"""The yearly round: what each body answered about its own entry, and the entry as it is to be.

A body that answers 変更なし is confirmed as it stands. One that answers 変更あり has filled in the
lines that change; whose name is another is another person, who inherits neither the addresses nor
the private number of who was there before. What cannot be taken is said, and left to a telephone
call. Nothing is written here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from drillsim.drill.entry_form import CHANGED, entry_line, is_entry_form
from drillsim.drill.model import Unfit
from drillsim.drill.scenario import FormField, InjectId, Scenario
from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.contacts.applying import rewritten
from drillsim.files.contacts.comparison import BodyChanges, compare
from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.new_file import contact_file
from drillsim.files.contacts.notation import Data
from drillsim.files.contacts.people import folded
from drillsim.files.lists import values
from drillsim.files.lists.sheet import Cell
from drillsim.files.tree_file import parse_tree
from drillsim.i18n import _
from drillsim.problem import ProblemsError

State: TypeAlias = Literal["unchanged", "changed", "pending", "unclear", "acknowledged", "silent"]
"""`unclear`: changed, and no line says what. `acknowledged`: read, and not answered."""

PENDING: Final = "確認中"
_REMOVED: Final = frozenset({"削除", "なし", "無し", "無", "削除する", "いない", "none", "remove"})
_NO_REMARKS: Final = frozenset({PENDING, "特になし", "特に無し"})
_ALIKE_MIN: Final = 0.6


@dataclass(frozen=True, slots=True)
class Answer:
    """What a body answered: by whom, on which day, and the lines of the form by id."""

    node: NodeId
    is_acknowledged: bool
    is_reported: bool
    by: str = ""
    day: date | None = None
    lines: Mapping[str, str] = field(default_factory=dict)
    on_call_list: bool = False
    reminders: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to become of one body's entry; `data` is None where nothing is proposed."""

    node: NodeId
    name: str
    state: State
    answer: Answer
    data: Data | None = None
    changes: BodyChanges | None = None
    """What differs, but for the day of confirmation."""
    faults: tuple[str, ...] = ()
    """Answers that cannot be taken, and why."""
    remarks: str = ""
    """What the body wrote beside it."""

    @property
    def is_acceptable(self) -> bool:
        """Whether it can be accepted as it stands."""
        return self.data is not None and not self.faults


def confirmation_of(scenario: Scenario) -> tuple[InjectId, Sequence[FormField]] | None:
    """Return the message that asks bodies to confirm their entries, with its form, if any does."""
    for inject in scenario.injects:
        if inject.report is not None and inject.report.form is not None:
            form = scenario.forms[inject.report.form]
            if is_entry_form(form):
                return inject.id, form
    return None


def proposals(
    document: ContactDocument, form: Sequence[FormField], answers: Sequence[Answer]
) -> list[Proposal]:
    """Return what is to become of each body that was asked, in the order of the answers.

    A body that the file no longer has is left out. `document` stays as it is.
    """
    options = next(line.options for line in form if line.id == CHANGED)
    found = []
    for answer in answers:
        try:
            was = document.entries[document.place_of(answer.node)].data
        except KeyError:
            continue
        found.append(_proposal(was, answer, options))
    return found


def accepted(document: ContactDocument, chosen: Sequence[Proposal]) -> bytes:
    """Return the contact file with the entries of `chosen` as they are proposed.

    Raises:
        EditError: the file is written in a way that cannot be changed.
        ProblemsError: the tree would have errors, such as one address that is none.
    """
    changed = {str(one.node): one.data for one in chosen if one.data is not None}
    edit = rewritten(document, changed=changed)
    document.apply(edit)
    data = document.data
    document.apply(edit.undone)
    parse_tree(data, document.name)
    return data


def _proposal(was: Data, answer: Answer, options: Sequence[str]) -> Proposal:
    name = str(was.get("name", answer.node))
    base = Proposal(answer.node, name, "silent", answer, remarks=_remarks(answer))
    if not answer.is_reported:
        return replace(base, state="acknowledged") if answer.is_acknowledged else base
    word = answer.lines.get(CHANGED, "")
    data, faults = _answered(was, answer.lines)
    is_changed = data != was or bool(faults)
    if word == options[0] and not is_changed:
        return replace(base, state="unchanged", data=confirmed(was, answer.day))
    if word in (PENDING, "") and not is_changed:
        return replace(base, state="pending")
    if not is_changed:
        # 変更あり, and every line is as it was, or blank: somebody has to ask.
        return replace(base, state="unclear")
    state: State = "changed"
    data = confirmed(data, answer.day)
    changes, errors = _changes(was, data)
    return replace(base, state=state, data=data, changes=changes, faults=(*faults, *errors))


def _answered(was: Data, lines: Mapping[str, str]) -> tuple[Data, tuple[str, ...]]:
    """Return the entry with the lines that were filled in, and what could not be taken."""
    data = deepcopy(was)
    faults: list[str] = []
    officers: list[Data] = data.setdefault("officers", [])
    gone: set[int] = set()
    given: dict[int, dict[str, str]] = {}
    for field_id, text in lines.items():
        line = entry_line(field_id)
        if line is None or not text.strip() or text.strip() == PENDING:
            continue
        given.setdefault(line.officer, {})[line.part] = text.strip()
    for part, text in given.pop(0, {}).items():
        _take(faults, partial(_put_body, data, part, text))
    for number in sorted(given):
        parts = given[number]
        if "name" in parts and _is_removed(parts["name"]):
            gone.add(number - 1)
            continue
        if number > len(officers):
            if "name" not in parts:
                faults.append(_("officer {n} has no name").format(n=number))
                continue
            officers.append({})
        officer = officers[min(number, len(officers)) - 1]
        if "name" in parts:
            _begin_anew(officer, parts["name"])
        for part, text in parts.items():
            _take(faults, partial(_put_officer, officer, part, text))
    data["officers"] = [officer for n, officer in enumerate(officers) if n not in gone]
    if not data["officers"]:
        del data["officers"]
    return data, tuple(faults)


def _remarks(answer: Answer) -> str:
    text = answer.lines.get("remarks", "")
    return "" if text in _NO_REMARKS or values.is_nothing(text) else text


def _begin_anew(officer: Data, name: str) -> None:
    """Take from an officer what was of the person before, if the name is that of another."""
    before = folded(str(officer.get("name", "")))
    if not before or SequenceMatcher(None, before, folded(name)).ratio() >= _ALIKE_MIN:
        return
    for key in ("kana", "email", "off-hours", "verified", "note"):
        officer.pop(key, None)


def _put_body(data: Data, part: str, text: str) -> None:
    if part == "mailbox":
        _put(data, "mailbox", "" if _is_removed(text) else _one_address(text))
        return
    desk = dict(data.get("duty-desk", {}))
    if _is_removed(text):
        data.pop("duty-desk", None)
        return
    desk["phone"] = values.phone(Cell(text)).value
    data["duty-desk"] = desk


def _put_officer(officer: Data, part: str, text: str) -> None:
    removed = _is_removed(text)
    match part:
        case "name" | "role":
            _put(officer, part, "" if removed else values.one_line(text))
        case "email":
            _put(officer, "email", () if removed else values.addresses(Cell(text)).value)
        case "phone":
            _put(officer, "phone", "" if removed else values.phone(Cell(text)).value)
        case _:
            night = dict(officer.get("off-hours", {}))
            if part == "night-email":
                _put(night, "email", () if removed else values.addresses(Cell(text)).value)
            else:
                _put(night, "phone", "" if removed else values.phone(Cell(text)).value)
            _put(officer, "off-hours", night)


def _put(data: Data, key: str, value: Any) -> None:
    before = data.get(key)
    if isinstance(value, tuple):
        listed = [before] if isinstance(before, str) else list(before or ())
        if listed == list(value):
            return
        value = value[0] if len(value) == 1 else list(value)
    if value:
        data[key] = value
    else:
        data.pop(key, None)


def _one_address(text: str) -> str:
    found = values.addresses(Cell(text)).value
    return found[0] if found else ""


def _is_removed(text: str) -> bool:
    return text in _REMOVED or values.is_nothing(text)


def _take(faults: list[str], put: Callable[[], None]) -> None:
    try:
        put()
    except Unfit as unfit:
        faults.append(str(unfit))


def confirmed(data: Data, day: date | None) -> Data:
    """Return an entry whose officers were all confirmed on `day`."""
    if day is None:
        return data
    new = deepcopy(data)
    for officer in new.get("officers", []):
        officer["verified"] = day.isoformat()
    return new


def _changes(was: Data, data: Data) -> tuple[BodyChanges | None, tuple[str, ...]]:
    """Return what differs between an entry as it is and as it is to be, without `verified`."""
    same = deepcopy(data)
    days = {folded(str(o.get("name", ""))): o.get("verified") for o in was.get("officers", [])}
    for officer in same.get("officers", []):
        officer.pop("verified", None)
        day = days.get(folded(str(officer.get("name", ""))))
        if day:
            officer["verified"] = day
    old = _alone(was)
    try:
        new = _alone(same)
    except ProblemsError as error:
        return None, tuple(_fault(error))
    return next(iter(compare(old, new).bodies), None), ()


def _alone(data: Data) -> ContactTree:
    """Return a tree of one body alone: to compare it, the others need not be looked at."""
    own = {key: value for key, value in data.items() if key not in ("parent", "also-notify")}
    return parse_tree(contact_file([own], "-"), "answer").tree


def _fault(error: ProblemsError) -> Iterator[str]:
    for problem in error.problems:
        if not problem.is_warning:
            yield f"{problem.message}; {problem.remedy}"
