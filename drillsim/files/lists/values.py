"""What a cell says in the terms of a contact tree: addresses, numbers, days, codes, kinds.

Offices write 「なし」 for nothing, 2026/4/10 or 令和８年４月10日, and Excel takes the leading 0 of
a number away. Each function returns the value, or raises `Unfit` with how to mend the cell; `Taken`
also holds what the reader should know of the way it was taken.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Generic, TypeVar

from drillsim.drill.codes import check_digit, is_valid_code
from drillsim.drill.model import Unfit
from drillsim.drill.tree import NodeKind
from drillsim.files.bodies import by_code
from drillsim.files.checks.addresses import refuse_address
from drillsim.files.contacts.writing_rules import plain_number
from drillsim.files.lists.sheet import Cell
from drillsim.i18n import _

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Taken(Generic[T]):
    """A value, and a remark where it was not taken just as it stands."""

    value: T
    remark: str = ""


_NOTHING: Final = frozenset(
    "- – — ― ー － × ✕ なし 無し 無 ナシ 無。 該当なし 未設定 未定 なし。".split()
)
_SEPARATORS = re.compile(r"[\s,;、，；／]+")
_IN_ANGLES = re.compile(r"<([^<>]+)>")
_LINES = re.compile(r"\s*\n\s*")


def is_nothing(text: str) -> bool:
    """Whether a cell says in words that there is nothing: なし, ―."""
    return text in _NOTHING


def one_line(text: str) -> str:
    """Return a text whose lines were wrapped by hand in its cell, on one line."""
    return _LINES.sub(" ", text)


def addresses(cell: Cell) -> Taken[tuple[str, ...]]:
    """Return the addresses in a cell, which may be several, or stand as 氏名 <address>."""
    text = cell.text
    angled = _IN_ANGLES.findall(text.replace("＜", "<").replace("＞", ">"))
    words = angled or [word for word in _SEPARATORS.split(text) if word]
    found, changed = [], []
    for word in words:
        plain = unicodedata.normalize("NFKC", word).removeprefix("mailto:")
        refuse_address(plain)
        found.append(plain)
        if plain != word:
            changed.append(plain)
    remark = _("taken as {text}").format(text=", ".join(changed)) if changed else ""
    return Taken(tuple(dict.fromkeys(found)), remark)


_ZERO_LOST = re.compile(r"[1-9][0-9]{8,9}")
_EXTENSION = re.compile(r"内線|内|ext", re.IGNORECASE)


def phone(cell: Cell) -> Taken[str]:
    """Return a telephone number with half-width digits; an extension stays behind it."""
    text = one_line(cell.text)
    if cell.kind == "number" and _ZERO_LOST.fullmatch(text):
        text = f"0{text}"
        return Taken(text, _("the 0 that Excel took away was put back: {text}").format(text=text))
    head = _EXTENSION.split(text, maxsplit=1)[0]
    plain = plain_number(head) + unicodedata.normalize("NFKC", text[len(head) :])
    if not any(letter.isdecimal() for letter in plain):
        raise Unfit(
            _("{text} is no telephone number").format(text=text),
            _("write the number, or leave the cell empty"),
        )
    return Taken(plain, _("taken as {text}").format(text=plain) if plain != text else "")


def contact(cell: Cell) -> tuple[Taken[tuple[str, ...]], Taken[str]]:
    """Return addresses and number of a cell that may hold either, or both."""
    if "@" not in cell.text and "＠" not in cell.text:
        return Taken(()), phone(cell)
    words = [word for word in re.split(r"[\s,;、，；]+", cell.text) if word]
    mails = [word for word in words if "@" in word or "＠" in word]
    rest = " ".join(word for word in words if word not in mails)
    number = phone(Cell(rest)) if any(c.isdecimal() for c in rest) else Taken("")
    return addresses(Cell(" ".join(mails))), number


_ERAS: Final[Mapping[str, int]] = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988}
_DAYS = (
    re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\(.\))?(?:[T ].*)?"),
    re.compile(r"(令和|平成|[rh])(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\(.\))?"),
    re.compile(r"(\d{4})(\d\d)(\d\d)"),
)
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range(36_526, 73_051)  # 2000-01-01 to 2099-12-31


def day(cell: Cell) -> Taken[date]:
    """Return the day in a cell, also where Excel shows only its number."""
    if cell.day is not None:
        return Taken(cell.day)
    text = unicodedata.normalize("NFKC", cell.text).strip().lower()
    if text.isdecimal() and len(text) == 5 and int(text) in _SERIALS:
        found = _EXCEL_EPOCH + timedelta(days=int(text))
        return Taken(found, _("the number {n} is the day {day}").format(n=text, day=found))
    unfit = Unfit(
        _("{text} is no day with its year").format(text=cell.text), _("write it as 2026-04-10")
    )
    for pattern in _DAYS:
        parts = pattern.fullmatch(text)
        if parts is None:
            continue
        words = parts.groups()
        if words[0] in _ERAS:
            year = _ERAS[words[0]] + (1 if words[1] == "元" else int(words[1]))
            month, number = words[2:]
        else:
            year, month, number = int(words[0]), words[1], words[2]
        try:
            return Taken(date(year, int(month), int(number)))
        except ValueError:
            raise unfit from None
    raise unfit


def code(cell: Cell) -> Taken[str]:
    """Return the six digits of a body: also of 35201 without its check digit, or 10006 of 010006.

    Codes that no body of the country has are taken where their check digit is right: joint bodies
    have codes of their own.
    """
    text = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", cell.text))
    if text.isascii() and text.isdecimal():
        if len(text) == 6:
            if is_valid_code(text):
                return Taken(text)
            right = text[:5] + check_digit(text[:5])
            raise Unfit(
                _("code {code} fails its check digit").format(code=text),
                _("write {code}").format(code=right),
            )
        whole = {text.zfill(6)} if is_valid_code(text.zfill(6)) else set()
        for digits in (text.zfill(5), f"{text.zfill(2)}000"):
            if len(digits) == 5:
                whole.add(digits + check_digit(digits))
        known = sorted(each for each in whole if by_code(each) is not None)
        if len(known) == 1:
            return Taken(known[0], _("taken as {text}").format(text=known[0]))
    raise Unfit(
        _("code {code} has not six digits").format(code=cell.text),
        _("write it as 352012, with its check digit"),
    )


_KIND_WORDS: Final[Mapping[NodeKind, str]] = {
    "national-center": "national-center 全国センター センター 国 機構 j-lis",
    "prefecture": "prefecture 都道府県 県 都 道 府",
    "municipality": "municipality 市町村 市区町村 市町 市 町 村 区 特別区",
    "section": "section 課 課室 本庁 所属 室 係 業務端末設置所属",
    "branch": "branch 出先 出先機関 支所 出張所 事務所 利用所属",
    "contractor": "contractor 委託 委託業者 委託事業者 保守委託事業者 保守業者 業者 事業者 会社",
    "joint-body": "joint-body 一部事務組合 広域連合 組合 広域 広域事務組合 共同処理 協議会",
}
_KINDS: Final = {word: kind for kind, words in _KIND_WORDS.items() for word in words.split()}


def kind(cell: Cell) -> Taken[NodeKind]:
    """Return the kind of a node from the words that lists use for it."""
    found = _KINDS.get(unicodedata.normalize("NFKC", cell.text).strip().lower())
    if found is None:
        raise Unfit(
            _("{text} is no kind of body").format(text=cell.text),
            _("write one of: {choices}").format(
                choices="都道府県, 市町村, 課, 出先, 委託事業者, 一部事務組合, 全国センター"
            ),
        )
    return Taken(found)


def order(cell: Cell) -> Taken[int]:
    """Return the place in the calling order: 1, ①, 第１順位, 正, 副."""
    text = unicodedata.normalize("NFKC", cell.text)
    named = {"正": 1, "主": 1, "副": 2}.get(text)
    if named is not None:
        return Taken(named)
    found = re.search(r"[0-9]{1,3}", text)
    if found is None:
        raise Unfit(
            _("{text} is no place in the calling order").format(text=cell.text),
            _("write a number such as 1"),
        )
    return Taken(int(found[0]))
