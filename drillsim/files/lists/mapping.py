"""Which heading of a list means which field of a contact tree: a small file that users edit."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast, get_args

from pydantic import ValidationError

from drillsim.drill.model import Model
from drillsim.files.model_faults import did_you_mean, model_problems
from drillsim.files.yaml_nodes import Document, plain
from drillsim.files.yaml_reader import read_bytes, read_document
from drillsim.i18n import _
from drillsim.problem import Problem, ProblemsError

BodyField: TypeAlias = Literal[
    "id",
    "code",
    "prefecture",
    "body",
    "section",
    "body-kana",
    "kind",
    "parent",
    "mailbox",
    "desk-name",
    "desk-phone",
    "desk-note",
    "also-notify",
    "body-note",
]
OfficerField: TypeAlias = Literal[
    "order",
    "role",
    "name",
    "surname",
    "given-name",
    "kana",
    "email",
    "phone",
    "extension",
    "contact",
    "night-email",
    "night-phone",
    "night-contact",
    "verified",
    "note",
    "note-with-heading",
]
FieldName: TypeAlias = BodyField | OfficerField

BODY_FIELDS: Final = frozenset(get_args(BodyField))
OFFICER_FIELDS: Final = frozenset(get_args(OfficerField))
_NIGHT: Final[Mapping[FieldName, FieldName]] = {
    "phone": "night-phone",
    "email": "night-email",
    "contact": "night-contact",
}
_FREE: Final = frozenset({"name", "email", "phone", "role", "kana", "extension", "contact"})
"""Fields whose heading may have a word before it: 責任者氏名, 夜間電話番号."""
_BRACKETS = re.compile(r"[(\[【〔「]([^)\]】〕」]*)[)\]】〕」]")
_PERSON = re.compile("担当者|職員|連絡担当者")
_MARKS = re.compile(r"[\s*※☆★:・]|必須|任意")


class MappingFile(Model):
    """A mapping file as it is written."""

    format: Literal["drillsim-columns/1"]
    """What kind of file this is, and in which version."""
    columns: dict[str, tuple[str, ...]] = {}
    """Headings by field; upper and lower case, widths, blanks and brackets are no matter."""
    ignore: tuple[str, ...] = ()
    """Headings of columns that are not taken, such as No."""
    night_words: tuple[str, ...] = ()
    """Words that make a telephone or mail column one for nights and holidays."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading means; `field` is None for a column that is to be left out."""

    field: FieldName | None
    group: str = ""
    """What stood before the field's own heading: 責任者 of 責任者氏名."""
    number: int | None = None
    """The place in the calling order that the heading itself names: 2 of 氏名２."""


@dataclass(frozen=True, slots=True)
class HeadingMap:
    """All headings that are known, folded, with what they mean."""

    fields: Mapping[str, FieldName | None]
    night_words: tuple[str, ...]

    def meaning(self, heading: str, group: str = "") -> Meaning | None:
        """Return what a column means by its heading and the heading above it; None if nothing."""
        own, above = folded_heading(heading), folded_heading(group)
        for whole in (f"{above}{own}", own) if above else (own,):
            found = self._known(whole, above)
            if found is not None:
                return Meaning(found.field, found.group or group, found.number)
        return None

    def _known(self, heading: str, above: str) -> Meaning | None:
        bare = _MARKS.sub("", _BRACKETS.sub("", heading))
        inside = "".join(_BRACKETS.findall(heading))
        for each in (_MARKS.sub("", heading), f"{inside}{bare}", f"{bare}{inside}"):
            if each in self.fields:
                return Meaning(self._by_night(self.fields[each], above))
        stem, number = _numbered(bare)
        night = f"{inside}{above}"
        if stem in self.fields:
            return Meaning(self._by_night(self.fields[stem], night), number=number)
        for length in range(len(stem) - 1, 1, -1):  # The longest known heading at its end.
            field, prefix = self.fields.get(stem[-length:]), stem[:-length]
            if field in _FREE:
                by_night = self._by_night(field, f"{night}{prefix}")
                person = _PERSON.match(stem[-length:])  # 副担当者 of 副担当者氏名
                group = prefix + (person[0] if person is not None else "")
                return Meaning(by_night, "" if by_night != field else group, number)
        return None

    def _by_night(self, field: FieldName | None, words: str) -> FieldName | None:
        if field is not None and any(word in words for word in self.night_words):
            return _NIGHT.get(field, field)
        return field


_LEADING_NUMBER = re.compile(r"^(?:第)?([1-9])(?:連絡者|連絡先|順位)?")
_TRAILING_NUMBER = re.compile(r"([1-9])$")
_CIRCLED = {chr(ord("①") + n): str(n + 1) for n in range(9)}


def _numbered(heading: str) -> tuple[str, int | None]:
    """Return a heading without the number before or behind it, and that number."""
    for pattern in (_TRAILING_NUMBER, _LEADING_NUMBER):
        found = pattern.search(heading)
        if found is not None and len(heading) > len(found[0]):
            return heading[: found.start()] + heading[found.end() :], int(found[1])
    return heading, None


def folded_heading(text: str) -> str:
    """Return a heading as it is compared: without widths, case and blanks."""
    plain_text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s‐‑–—―−]", lambda mark: "" if mark[0].isspace() else "-", plain_text)


@cache
def shipped_mapping_text() -> str:
    """Return the shipped mapping file, to be copied and edited."""
    return (resources.files("drillsim") / "data" / "list-columns.yaml").read_text("utf-8")


@cache
def field_names() -> Mapping[str, str]:
    """Return what each field is called in Japanese: its first heading in the shipped file."""
    shipped = _parsed(read_document(shipped_mapping_text().encode(), "list-columns.yaml"))
    return {field: headings[0] for field, headings in shipped.columns.items()}


def heading_map(path: Path | None = None, name: str = "") -> HeadingMap:
    """Return the headings that are known: the shipped ones, and before them those of a file.

    Raises:
        UnreadableError: the file cannot be had.
        ProblemsError: it is no mapping file, or gives one heading two meanings.
    """
    shipped = _parsed(read_document(shipped_mapping_text().encode(), "list-columns.yaml"))
    known = _headings(shipped)
    if path is None:
        return HeadingMap(known, _words(shipped))
    document = read_document(read_bytes(path, name), name)
    own = _parsed(document)
    _refuse_doubled(own, document)
    return HeadingMap({**known, **_headings(own)}, (*_words(own), *_words(shipped)))


def _parsed(document: Document) -> MappingFile:
    try:
        file = MappingFile.model_validate(plain(document.root), by_alias=True, by_name=False)
    except ValidationError as error:
        raise ProblemsError(model_problems(error, document, MappingFile)) from None
    known = sorted(BODY_FIELDS | OFFICER_FIELDS)
    faults = []
    for name in file.columns:
        if name in known:
            continue
        at = document.key_place(("columns", name))
        meant = did_you_mean(name, known)
        what = _("there is no field {name}").format(name=name)
        how = (
            _("did you mean {word}?").format(word=meant)
            if meant
            else _("write one of: {choices}").format(choices=", ".join(known))
        )
        faults.append(Problem(document.name, at.line, at.column, what, how))
    if faults:
        raise ProblemsError(faults)
    return file


def _words(file: MappingFile) -> tuple[str, ...]:
    return tuple(folded_heading(word) for word in file.night_words)


def _headings(file: MappingFile) -> dict[str, FieldName | None]:
    found: dict[str, FieldName | None] = {}
    for heading in file.ignore:
        found[_MARKS.sub("", folded_heading(heading))] = None
    for field, headings in file.columns.items():
        for heading in headings:
            found[_MARKS.sub("", folded_heading(heading))] = cast(FieldName, field)
    return found


def _refuse_doubled(file: MappingFile, document: Document) -> None:
    first: dict[str, str] = {}
    faults = []
    for field, headings in file.columns.items():
        for place, heading in enumerate(headings):
            other = first.setdefault(folded_heading(heading), field)
            if other != field:
                at = document.place(("columns", field, place))
                faults.append(
                    Problem(
                        document.name,
                        at.line,
                        at.column,
                        _("the heading {heading} stands under {other} too").format(
                            heading=heading, other=other
                        ),
                        _("leave it in one place"),
                    )
                )
    if faults:
        raise ProblemsError(faults)
