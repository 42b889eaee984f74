"""The form of a report as it stands in a mail: written blank, filled in, and read again.

Form and answer are lines of text, a label and a full-width colon, as offices write them:

    影響端末数　　　　：0台
    回線の切断　　　　：無

What comes back was typed by people and bent by mail programs and gateways: digits of either width,
quoting marks (many fill in the form inside the quote), labels spaced otherwise, lines wrapped anew,
the answer on the next line, an option ticked 「○有・無」. 「確認中」 is an answer in every field.
What cannot be read is named, never guessed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal, Protocol, TypeAlias
from urllib.parse import quote

from drillsim.mail.form_values import (
    PENDING,
    Answer,
    fold,
    read_choice,
    read_integer,
    read_moment,
    read_text,
)

__all__ = [
    "PENDING",
    "FieldLike",
    "FormAnswers",
    "Unread",
    "fill_form",
    "mailto_link",
    "parse_answers",
    "render_form",
]

FieldType: TypeAlias = Literal["text", "integer", "choice", "datetime"]

TEXT_LENGTH_MAX: Final = 100_000
"""Characters of a reply that are read; what lies beyond is no form."""
MAILTO_LENGTH_MAX: Final = 2_000
"""Characters of a link that mail programs on Windows still take."""


class FieldLike(Protocol):
    """One line of a form: `drillsim.drill.scenario.FormField`."""

    @property
    def id(self) -> str:
        """By what name its answer is kept."""

    @property
    def label(self) -> str:
        """What stands before the colon."""

    @property
    def type(self) -> FieldType:
        """What kind of answer it takes."""

    @property
    def options(self) -> tuple[str, ...]:
        """The answers of a choice."""

    @property
    def required(self) -> bool:
        """Whether it may not be left blank."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A field whose answer could not be read, and what stood there."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class FormAnswers:
    """What a reply says in a form.

    Attributes:
        values: the answer by field id: a whole number as digits, a choice as its option, a moment
            as 2026-10-14T10:17, 確認中 for what is not known yet, else the words as written.
        remarks: what stood in brackets beside an answer.
        unreadable: fields with something in them that is no answer of their type.
        missing: required fields that are blank or not there.
        pending: fields answered 確認中.
    """

    values: dict[str, str]
    remarks: dict[str, str]
    unreadable: tuple[Unread, ...]
    missing: tuple[str, ...]
    pending: tuple[str, ...]

    @property
    def is_report(self) -> bool:
        """Whether anything of the form was filled in at all."""
        return bool(self.values or self.unreadable)

    @property
    def is_complete(self) -> bool:
        """Whether every required field is answered, be it with 確認中."""
        return not self.missing and not self.unreadable


def render_form(fields: Sequence[FieldLike]) -> str:
    """Return the blank form, a line a field; a choice shows its options: 有・無・確認中."""
    return "\n".join(
        f"{label}：{'・'.join(field.options) if field.type == 'choice' else ''}"
        for field, label in _labelled(fields)
    )


def fill_form(fields: Sequence[FieldLike], answers: Mapping[str, str]) -> str:
    """Return the form with `answers` by field id; a field without one stays blank.

    Further lines of an answer are indented by a full-width space, so that they can be told from
    lines that a gateway wrapped.
    """
    return "\n".join(
        f"{label}：{written(field, answers.get(field.id, ''))}"
        for field, label in _labelled(fields)
    )


def parse_answers(
    fields: Sequence[FieldLike], words: str, *, whole: str = "", today: date | None = None
) -> FormAnswers:
    """Read the answers out of a reply.

    Args:
        fields: the form that was sent.
        words: the person's own words.
        whole: the whole text with what it quotes, for those who fill in the form inside the quote.
            There a label needs its colon, and a blank form says nothing.
        today: the day on which a time without a date, or a date without a year, lies.
    """
    by_label = {_bare(field.label): field for field in fields}
    labels = tuple(by_label)
    found: dict[str, Answer] = {}
    for text, strict in ((words, False), (whole, True)):
        if len(found) == len(by_label) and all(a.outcome != "blank" for a in found.values()):
            break
        for label, raw in _raw_answers(labels, text[:TEXT_LENGTH_MAX], strict=strict):
            field = by_label[label]
            known = found.get(field.id)
            if known is None or known.outcome in ("blank", "unreadable"):
                answer = _read(field, raw, today)
                if known is None or answer.outcome in ("answered", "pending"):
                    found[field.id] = answer
    return gather(fields, found)


def mailto_link(
    address: str, *, subject: str = "", body: str = "", length_max: int = MAILTO_LENGTH_MAX
) -> str:
    """Return a link that opens a mail to `address` (RFC 6068), filled in as far as it fits.

    Japanese takes nine characters of a link for one of text; where the body does not fit it is left
    out whole, since half a form misleads.
    """
    link = f"mailto:{quote(address, safe='@.!#$*-_~')}"
    for name, value in (("subject", subject), ("body", body.replace("\n", "\r\n"))):
        if value:
            longer = f"{link}{'&' if '?' in link else '?'}{name}={quote(value, safe='')}"
            link = longer if len(longer) <= length_max else link
    return link


def gather(fields: Sequence[FieldLike], found: Mapping[str, Answer]) -> FormAnswers:
    """Return what was found by field id as the answers of a whole form."""
    values: dict[str, str] = {}
    remarks: dict[str, str] = {}
    unreadable: list[Unread] = []
    missing: list[str] = []
    pending: list[str] = []
    for field in fields:
        answer = found.get(field.id)
        if answer is None or answer.outcome == "blank":
            if field.required:
                missing.append(field.id)
            continue
        if answer.outcome == "unreadable":
            unreadable.append(Unread(field.id, answer.value))
            continue
        values[field.id] = answer.value
        if answer.remark:
            remarks[field.id] = answer.remark
        if answer.outcome == "pending":
            pending.append(field.id)
    return FormAnswers(values, remarks, tuple(unreadable), tuple(missing), tuple(pending))


# Writing ------------------------------------------------------------------------------------------


def _labelled(fields: Sequence[FieldLike]) -> Iterator[tuple[FieldLike, str]]:
    """Yield every field with its label, spaced so that the colons stand in one column."""
    widest = max((_cells(field.label) for field in fields), default=0)
    for field in fields:
        yield field, field.label + "　" * ((widest - _cells(field.label) + 1) // 2)


@lru_cache(maxsize=1024)
def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


_ISO_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?")


def written(field: FieldLike, answer: str) -> str:
    """Return an answer as a person writes it."""
    moment = _ISO_MOMENT.fullmatch(answer) if field.type == "datetime" else None
    if moment is not None:
        year, month, day, hour, minute = moment.groups()
        text = f"{year}年{int(month)}月{int(day)}日"
        return f"{text} {int(hour)}時{minute}分" if hour else text
    lines = [line.strip() for line in answer.strip().splitlines()]
    return "\n　".join(line for line in lines if line)


# Reading ------------------------------------------------------------------------------------------

_QUOTING = ">＞|｜"
_QUOTE_MARKS = re.compile(rf"^(?:[ \t　]{{0,3}}[{_QUOTING}])+[ \t]?", re.MULTILINE)
_BULLET = r"[ \t・■□●○◆◇▼▽※*\-–]*(?:[(\[]?\d{1,2}[.):\]、]?[ \t]*)?"
_STOP = re.compile(
    r"[ \t　]*(?:これは[、,]?訓練です|以上[。.]?$|[-=_─━＝－*~]{3,}|-- ?$"
    r"|[\w（）()・ 　]{1,30}様[ 　]*$)"
)
_OTHER_LABEL = re.compile(r"[ \t]*[^\s:\d][^:]{0,24}[^\s:\d][ \t]*:(?!//)")
_HARD_LINE = "　"


@lru_cache(maxsize=1024)
def _bare(label: str) -> str:
    return re.sub(r"\s+", "", fold(label)).lower()


@lru_cache(maxsize=128)
def _label_pattern(labels: tuple[str, ...], strict: bool) -> re.Pattern[str]:
    """Find any of the labels at the head of a line or behind a stroke, spaced in whatever way.

    With `strict` a colon has to follow; else a blank or 「は」 will do.
    """
    ordered = sorted((label for label in labels if label), key=len, reverse=True)
    names = "|".join(r"[ \t]*".join(re.escape(letter) for letter in label) for label in ordered)
    colon = "[:;=]" if strict else r"(?:[:;=]|は[、,]?(?=\S)|(?=\n|\Z|[ \t]\S))"
    return re.compile(
        rf"(?:^{_BULLET}|(?<=/)[ \t]*)({names or '(?!)'})[ \t]*{colon}",
        re.MULTILINE | re.IGNORECASE,
    )


def _raw_answers(labels: tuple[str, ...], text: str, *, strict: bool) -> Iterator[tuple[str, str]]:
    """Yield (bare label, what stands behind it as written), in the order of the text."""
    pattern = _label_pattern(labels, strict)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(mark in text for mark in _QUOTING):  # Most people's own words quote nothing.
        text = _QUOTE_MARKS.sub("", text)
    if pattern.search(fold(text)) is None:
        return
    folded, origin = _folded(text)
    matches = list(pattern.finditer(folded))
    for place, found in enumerate(matches):
        is_last = place + 1 == len(matches)
        follows = len(folded) if is_last else matches[place + 1].start()
        behind = text[origin[found.end()] : origin[follows]]
        if not is_last and "\n" not in folded[found.end() : follows]:
            behind = behind.rstrip().removesuffix("／").removesuffix("/")
        yield _bare(found[1]), behind


_UNCHANGED = re.compile("[\n -~、。「」ぁ-ゔァ-ヺー一-鿿]+(?![ﾞﾟ\u3099\u309a])")
"""Runs of letters that NFKC leaves as they are, each."""


def _folded(text: str) -> tuple[str, list[int]]:
    """Return `text` in NFKC, and for each of its letters (and the end) its place in `text`.

    Half-width kana and the voicing mark behind it are taken together.
    """
    letters: list[str] = []
    origin: list[int] = []
    at = 0
    while at < len(text):
        run = _UNCHANGED.match(text, at)
        if run is not None:
            end = run.end()
            letters.append(run.group())
            origin.extend(range(at, end))
        else:
            end = at + 1
            while end < len(text) and text[end] in "ﾞﾟ\u3099\u309a":
                end += 1
            piece = fold(text[at:end])
            letters.append(piece)
            origin.extend([at] * len(piece))
        at = end
    origin.append(len(text))
    return "".join(letters), origin


def _read(field: FieldLike, raw: str, today: date | None) -> Answer:
    lines = _answer_lines(raw)
    if field.type == "text":
        return read_text(_joined(lines))
    answer = read_as(field, lines[0].strip() if lines else "", today)
    if answer.outcome == "unreadable" and len(lines) > 1:
        joined = read_as(field, _joined(lines).replace("\n", " "), today)
        return joined if joined.outcome != "unreadable" else answer
    return answer


def read_as(field: FieldLike, raw: str, today: date | None) -> Answer:
    """Read one answer by the type of its field."""
    match field.type:
        case "integer":
            return read_integer(raw)
        case "choice":
            return read_choice(raw, field.options)
        case "datetime":
            return read_moment(raw, today)
        case "text":
            return read_text(raw)


def _answer_lines(raw: str) -> list[str]:
    """Return the lines of an answer: from the label, or below it, to a blank or foreign line."""
    lines: list[str] = []
    for number, line in enumerate(raw.split("\n")):
        if not line.strip():
            if lines or number > 1:
                break
            continue
        if number and _STOP.match(line):
            break
        if number and not line.startswith(_HARD_LINE) and _OTHER_LABEL.match(fold(line)):
            break
        lines.append(line.rstrip())
    return lines


def _joined(lines: Iterable[str]) -> str:
    """Put an answer together: lines that a gateway wrapped are joined, indented ones stay lines."""
    text = ""
    for line in lines:
        if not text:
            text = line.strip()
        elif line.startswith(_HARD_LINE):
            text += "\n" + line.strip()
        else:
            blank = " " if text[-1].isascii() and line.strip()[:1].isascii() else ""
            text += blank + line.strip()
    return text
