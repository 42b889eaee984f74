"""A form as a workbook (xlsx): written blank or filled in, to be attached to a mail, and read back.

The sheet has a title, the 整理番号, and then a line a field: label on the left, answer to the
right of it, what may be written behind. A choice offers its options, and takes other words all the
same. What comes back may have been re-saved, moved, merged and added to: a label is looked for in
every cell, and what stands to the right of it is its answer, read like one in a mail's text.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from drillsim.mail.bodies import XLSX
from drillsim.mail.compose import Enclosed
from drillsim.mail.form_values import fold
from drillsim.mail.forms import FieldLike, FormAnswers, gather, read_as, written
from drillsim.mail.tokens import find_tokens
from drillsim.sheets import AS_TEXT, Sheet, UnreadableSheetError, read_workbook, text_of

__all__ = [
    "FormSheet",
    "UnreadableSheetError",
    "enclosed_sheet",
    "read_form_sheet",
    "write_form_sheet",
]

_MADE: Final = datetime(2020, 1, 1)  # noqa: DTZ001 - a workbook knows no zone
"""A fixed moment, so that the same form gives the same bytes."""
_FIELD_ROWS_MAX: Final = 1_000
_CELLS_READ_MAX: Final = 50_000
_LIST_LENGTH_MAX: Final = 255
"""Characters that Excel takes for the options of a choice."""

_FILE_NAMES: Final = {"ja": "回答様式.xlsx", "en": "form.xlsx"}

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ja": {
        "sheet": "回答様式",
        "ref": "整理番号",
        "hint": "「回答」の欄に記入し、このファイルを添付して返信してください。"
        "分からない項目は「確認中」と記入してください。",
        "field": "項目",
        "answer": "回答",
        "how": "記入の仕方",
        "integer": "数字",
        "datetime": "日時（例　10月14日 10時17分）",
        "optional": "任意",
    },
    "en": {
        "sheet": "Form",
        "ref": "Number",
        "hint": "Fill in the answers, and reply with this file attached. "
        "Write 確認中 (being checked) for what is not known yet.",
        "field": "Item",
        "answer": "Answer",
        "how": "How to fill it in",
        "integer": "a number",
        "datetime": "date and time (such as 2026-10-14 10:17)",
        "optional": "may be left out",
    },
}


@dataclass(frozen=True, slots=True)
class FormSheet:
    """What a workbook that came back says.

    Attributes:
        answers: by field, as those of a mail's text are.
        ref: the 整理番号 in it, canonical, or None.
    """

    answers: FormAnswers
    ref: str | None


def write_form_sheet(
    fields: Sequence[FieldLike],
    answers: Mapping[str, str] | None = None,
    *,
    title: str = "",
    ref: str = "",
    note: str = "",
    lang: Literal["ja", "en"] = "ja",
) -> bytes:
    """Return the form as a workbook; the same arguments give the same bytes.

    Args:
        fields: the form.
        answers: by field id; a field without one stays blank.
        title: stands on top.
        ref: 整理番号, by which the sheet is known when it comes back by itself.
        note: stands below the title in place of the usual hint on how to answer.
        lang: of the words that are not the form's own.
    """
    import xlsxwriter

    words = _WORDS[lang]
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, AS_TEXT) as book:
        book.set_properties({"created": _MADE, "author": "", "title": title})
        sheet = book.add_worksheet(words["sheet"])
        wrapped = {"text_wrap": True, "valign": "top", "border": 1}
        label = book.add_format({**wrapped, "bg_color": "#EEEEEE"})
        answer = book.add_format({**wrapped, "num_format": "@", "locked": False})
        how = book.add_format({**wrapped, "font_color": "#555555"})
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#DDDDDD"})
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 44)
        sheet.set_column(2, 2, 34)
        sheet.merge_range(0, 0, 0, 2, "", book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(0, 0, title or words["sheet"], book.add_format({"bold": True}))
        sheet.merge_range(1, 0, 1, 2, "", book.add_format({"text_wrap": True, "valign": "top"}))
        sheet.write_string(1, 0, note or words["hint"], book.add_format({"text_wrap": True}))
        sheet.set_row(1, 34)
        if ref:
            sheet.write_string(2, 0, words["ref"])
            sheet.write_string(2, 1, ref)
        for column, name in enumerate(("field", "answer", "how")):
            sheet.write_string(3, column, words[name], head)
        for row, field in enumerate(fields[:_FIELD_ROWS_MAX], 4):
            given = (answers or {}).get(field.id, "")
            sheet.write_string(row, 0, field.label, label)
            sheet.write_string(row, 1, written(field, given).replace("\n　", "\n"), answer)
            sheet.write_string(row, 2, _how(field, words), how)
            choices = [option for option in field.options if "," not in option]
            if field.type == "choice" and len(",".join(choices)) <= _LIST_LENGTH_MAX:
                # It offers, and refuses nothing: 「無（確認済み）」 is an answer too.
                sheet.data_validation(
                    row, 1, row, 1, {"validate": "list", "source": choices, "show_error": False}
                )
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_selection(4, 1, 4, 1)
    return _as_stored(made.getvalue())


def enclosed_sheet(data: bytes, lang: Literal["ja", "en"] = "ja") -> Enclosed:
    """Return a form as the file of a mail."""
    return Enclosed(name=_FILE_NAMES[lang], content_type=XLSX, data=data)


def read_form_sheet(
    data: bytes, fields: Sequence[FieldLike], *, today: date | None = None
) -> FormSheet:
    """Return what a workbook answers to a form, wherever in it the form stands.

    Args:
        data: the workbook.
        fields: the form that was sent.
        today: as for `drillsim.mail.forms.parse_answers`.

    Raises:
        UnreadableSheetError: it cannot be read, or does not hold the form.
    """
    from drillsim.i18n import _

    sheets = read_workbook(data)
    labels = {bare_label(field.label): field for field in fields}
    found: dict[str, str] = {}
    seen: set[str] = set()
    refs: list[str] = []
    for label, answer in _pairs(sheets, labels.keys() | _REF_LABELS):
        if label in _REF_LABELS:
            refs += find_tokens(f"整理番号：{answer}")
            continue
        seen.add(label)
        if answer and not found.get(label):
            found[label] = answer
    if fields and not seen:
        raise UnreadableSheetError(_("it does not hold the form"))
    answers = {
        labels[label].id: read_as(labels[label], answer.replace("\r\n", "\n"), today)
        for label, answer in found.items()
    }
    return FormSheet(gather(fields, answers), refs[0] if refs else None)


_NOT_LABEL = re.compile(r"[\s:：・■□●○◆◇※*]+|^[(\[（]?\d{1,2}[.):\]）、．]")


def bare_label(text: str) -> str:
    """Return a label without blanks, colons, bullets and numbers before it, in one width."""
    return _NOT_LABEL.sub("", fold(text)).casefold()


_REF_LABELS: Final = frozenset(bare_label(words["ref"]) for words in _WORDS.values())
_ANSWER_HEADS: Final = frozenset(bare_label(words["answer"]) for words in _WORDS.values())


def _pairs(sheets: Sequence[Sheet], labels: Set[str]) -> Iterator[tuple[str, str]]:
    """Yield (bare label, its answer), from the top of the first sheet."""
    left = _CELLS_READ_MAX
    for sheet in sheets:
        answers_at: int | None = None  # The column that is headed 回答.
        for row in sheet.rows:
            left -= len(row)
            if left < 0:
                return
            shown = [text_of(cell).strip() for cell in row]
            bare = [bare_label(text) if text else "" for text in shown]
            for column, label in enumerate(bare):
                if label in _ANSWER_HEADS and any(bare[:column]):
                    answers_at = column
                if label not in labels:
                    continue
                if answers_at is not None and answers_at > column and label not in _REF_LABELS:
                    yield label, shown[answers_at]
                else:
                    # Merged cells leave empty ones behind.
                    yield label, next((each for each in shown[column + 1 :] if each), "")


def _how(field: FieldLike, words: Mapping[str, str]) -> str:
    """Return what may be written into a field."""
    told = "・".join(field.options) if field.type == "choice" else words.get(field.type, "")
    if not field.required:
        return f"{told}（{words['optional']}）" if told else words["optional"]
    return told


def _as_stored(book: bytes) -> bytes:
    """Return a workbook without compression, whose result differs between systems."""
    plain = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as packed,
        zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as stored,
    ):
        for entry in packed.infolist():
            stored.writestr(zipfile.ZipInfo(entry.filename), packed.read(entry))
    return plain.getvalue()
