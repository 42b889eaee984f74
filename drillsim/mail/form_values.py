"""What a person wrote behind a label of a form, read as a number, a choice or a moment.

Offices answer 「０台」, 「無し」, 「○有・無」, 「10月14日　10時17分」, 「確認中（照会中）」. All
reading is done on NFKC text, so that full-width digits and half-width kana are no matter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from drillsim.mail.widths import nfkc

PENDING: Final = "確認中"
"""What an office writes for what it does not know yet; no field may be left blank for that."""

Outcome: TypeAlias = Literal["answered", "pending", "blank", "unreadable"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One field's answer: its value in one spelling, and what stood beside it in brackets."""

    outcome: Outcome
    value: str = ""
    remark: str = ""


BLANK: Final = Answer("blank")

_PENDING = re.compile(
    r"[・「]?\s*(?:現在|目下|ただ今|ただいま)?[、,]?"
    r"(?:(?:確認|照会|調査|問い?合わ?せ|点検)中|(?:確認|調査|照会)して(?:いる|います|おります)"
    r"|未確認|不明)"
    r"(?:です|でした|のため|につき)?(?=[\s(。、,.」)]|$)"
)
_REMARK = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_POLITE = re.compile(r"\s*(?:です|でした|である|となります|になります|とのこと)?[。.、,]*\s*$")

_NO_WORDS = (
    "無し", "なし", "無い", "無", "ない", "ナシ", "特になし", "特に無し", "該当なし", "該当無し",
    "ありません", "有りません", "ありませんでした", "ございません", "御座いません", "いません",
    "いいえ", "否", "no", "none",
)  # fmt: skip
_YES_WORDS = (
    "有り", "あり", "有", "ある", "アリ", "あります", "有ります", "ありました", "ございます",
    "はい", "yes",
)  # fmt: skip
_DONE_WORDS = (
    "済", "済み", "ずみ", "完了", "実施済", "報告済", "終了", "しました", "済んだ", "済んでいる",
)  # fmt: skip
_NOT_DONE_WORDS = (
    "未", "未済", "未了", "未実施", "未報告", "未完了", "まだ", "していません", "済んでいない",
    "済んでいません",
)  # fmt: skip
_SYNONYMS: Final[tuple[tuple[str, ...], ...]] = (
    _NO_WORDS, _YES_WORDS, _DONE_WORDS, _NOT_DONE_WORDS,
)  # fmt: skip

_TICK = r"[○〇◯●◎◉☑✓✔✅■☒レ]|\[[xXvV○レ✓✔*]\]|\([○〇◯●レ✓✔xX*]\)"
_TICK_BEFORE = re.compile(rf"(?:{_TICK})\s*$")
_TICK_AFTER = re.compile(rf"\s?(?:{_TICK})(?=\s|・|/|,|、|$)")
_RING = re.compile("[\u20dd\u20de]")  # A combining circle or square, drawn round a letter.
_BETWEEN = re.compile(r"(?:[□☐◻・/,、|\s]|\[\s*\]|\(\s*\))*")
"""What a blank form has between its options."""
_ARROW = re.compile(r"[→⇒⇨➡]|=>|->")

_NUMBER = re.compile(r"(?<![\d.])([-−▲△]?)\s*(\d{1,3}(?:,\d{3})+|\d+)(?!\.?\d)")
_OF_WHICH = re.compile(r"\d+\s*\D{0,3}(?:中|のうち)\D{0,4}?(\d+)")
_KANJI_NUMBER = re.compile(r"[〇零一二三四五六七八九十百]+")
_KANJI_DIGITS = {kanji: value for value, kanji in enumerate("〇一二三四五六七八九")} | {"零": 0}
_ZERO = re.compile(r"ゼロ|ぜろ|zero|皆無", re.IGNORECASE)

_CLOCK = re.compile(r"(午前|午後|am|pm)?\s*(\d{1,2})\s*[:時]\s*(\d{1,2}|半)?", re.IGNORECASE)
_FULL_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?T?")
_ERA_DAY = re.compile(
    r"(令和|平成|R|H)\s*(\d{1,2}|元)\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?"
)
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[月/]\s*(\d{1,2})\s*日?")
_ERA_BEFORE = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}  # The year before its first.


def fold(text: str) -> str:
    """Return `text` in the one width in which answers are compared."""
    return nfkc(text)


def read_text(raw: str) -> Answer:
    """Read free words; they stay as they were written."""
    words = raw.strip()
    if not words:
        return BLANK
    if _PENDING.match(fold(words)):
        return Answer("pending", PENDING, words if words != PENDING else "")
    return Answer("answered", words)


def read_integer(raw: str) -> Answer:
    """Read a count: ０台, 無し, 約10台, 10台中2台, 三台.

    Two numbers that could both be meant cannot be read.
    """
    text, remark = _split_remark(fold(raw))
    text = text.strip()
    if not text:
        return Answer("unreadable", raw.strip()) if remark else BLANK
    if _PENDING.match(text):
        return Answer("pending", PENDING, remark)
    of_which = _OF_WHICH.search(text)
    if of_which is not None:
        return Answer("answered", str(int(of_which[1])), remark)
    numbers = _NUMBER.findall(text)
    if len(numbers) == 1:
        sign, digits = numbers[0]
        value = int(digits.replace(",", ""))
        return Answer("answered", str(-value if sign else value), remark)
    kanji = _KANJI_NUMBER.findall(text)
    if not numbers and len(kanji) == 1:
        return Answer("answered", str(_from_kanji(kanji[0])), remark)
    if not numbers and (_ZERO.search(text) or _POLITE.sub("", text).lower() in _NO_WORDS):
        return Answer("answered", "0", remark)
    return Answer("unreadable", raw.strip())


def read_choice(raw: str, options: Sequence[str]) -> Answer:
    """Read which of `options` was meant: 無し for 無, ○有・無, or the one that was left standing.

    All options as they stood in the blank form are no answer yet.
    """
    folded = _ARROW.split(fold(raw))[-1].strip()
    if not folded:
        return BLANK
    text, remark = _split_remark(folded)
    answer = _choose(text.strip(), options) if text.strip() else BLANK
    if answer.outcome in ("answered", "pending"):
        return Answer(answer.outcome, answer.value, remark)
    # What stands in brackets may be the tick itself: (○)有 (　)無.
    whole = _choose(folded, options)
    if whole.outcome == "unreadable":
        return (
            answer
            if answer.outcome == "blank" and text.strip()
            else Answer("unreadable", raw.strip())
        )
    return whole


def read_moment(raw: str, today: date | None) -> Answer:
    """Read a date and time as 2026-10-14T10:17; a time alone, with `today`, as of that day.

    Without `today`, a time alone is 10:17, and a day without a year cannot be read.
    """
    text, remark = _split_remark(fold(raw))
    text = text.strip()
    if not text:
        return Answer("unreadable", raw.strip()) if remark else BLANK
    if _PENDING.match(text):
        return Answer("pending", PENDING, remark)
    try:
        moment = _moment(text, today)
    except ValueError:  # There is no 31 November, and no 25 o'clock.
        moment = None
    if moment is None:
        return Answer("unreadable", raw.strip())
    return Answer("answered", moment, remark)


def _split_remark(text: str) -> tuple[str, str]:
    """Return the text without what stands in brackets, and that."""
    remarks = _REMARK.findall(text)
    if not remarks:
        return text, ""
    return _REMARK.sub(" ", text), "、".join(remark.strip() for remark in remarks)


def _from_kanji(text: str) -> int:
    """Return the number of 二十三, 百 or 一〇."""
    if not set(text) & set("十百"):
        return int("".join(str(_KANJI_DIGITS[letter]) for letter in text))
    total, digit = 0, 0
    for letter in text:
        if letter in "十百":
            total += max(digit, 1) * (10 if letter == "十" else 100)
            digit = 0
        else:
            digit = _KANJI_DIGITS[letter]
    return total + digit


@dataclass(frozen=True, slots=True)
class _Choices:
    """How the options of one field are told apart in text."""

    meaning: dict[str, str]  # Every word that is understood, in small letters: its option.
    words: re.Pattern[str]


@lru_cache(maxsize=512)
def _choices(options: tuple[str, ...]) -> _Choices:
    meaning = {fold(option).strip().lower(): option for option in options}
    for option in options:
        for group in _SYNONYMS:
            if fold(option).strip().lower() in group:
                for word in group:
                    meaning.setdefault(word, option)
    # The longest first: 最新でない holds 最新, ありません holds あり.
    ordered = sorted((word for word in meaning if word), key=len, reverse=True)
    words = re.compile("|".join(re.escape(word) for word in ordered) or "(?!)", re.IGNORECASE)
    return _Choices(meaning, words)


def _choose(text: str, options: Sequence[str]) -> Answer:
    choices = _choices(tuple(options))
    bare = _POLITE.sub("", text).strip().lower()
    for whole in (text.lower(), bare):
        if whole in choices.meaning:
            return _as_answer(choices.meaning[whole])
    found = list(choices.words.finditer(text))
    meant = [choices.meaning[word.group().lower()] for word in found]
    ticked = {
        option
        for option, word in zip(meant, found, strict=True)
        if _TICK_BEFORE.search(text, 0, word.start())
        or _TICK_AFTER.match(text, word.end())
        or _RING.match(text, word.end())
    }
    if len(ticked) == 1:
        return _as_answer(ticked.pop())
    different = list(dict.fromkeys(meant))
    if len(different) == 1:
        return _as_answer(different[0])
    if _BETWEEN.fullmatch(choices.words.sub("", text)) and len(different) == len(set(options)):
        # The options of the blank form; one of them may stand behind once more.
        again = [option for option in different if meant.count(option) > 1]
        return _as_answer(again[0]) if len(again) == 1 else BLANK
    if not found:
        return _by_part(bare, options) or _pending_or_unread(text)
    if text[found[0].end() :].lstrip()[:1] in ("。", ",", "、") and not found[0].start():
        return _as_answer(meant[0])  # 無。ただし、有線の機器は確認中
    return _pending_or_unread(text)


def _by_part(bare: str, options: Sequence[str]) -> Answer | None:
    """Take なし for 異常なし, where one option alone holds the word."""
    words: tuple[str, ...] = next((group for group in _SYNONYMS if bare in group), (bare,))
    holding = {o for o in options for word in words if word and word in fold(o).lower()}
    return _as_answer(holding.pop()) if len(holding) == 1 else None


def _pending_or_unread(text: str) -> Answer:
    return Answer("pending", PENDING) if _PENDING.match(text) else Answer("unreadable", text)


def _as_answer(option: str) -> Answer:
    return Answer("pending" if fold(option) == PENDING else "answered", option)


def _moment(text: str, today: date | None) -> str | None:
    """Return the ISO form of a day and time, of either alone, or None if there is neither.

    Raises:
        ValueError: there is no such day or hour.
    """
    day, rest = _day(text, today)
    clock = _CLOCK.search(rest)
    if clock is None:
        return day.isoformat() if day is not None else None
    hour = int(clock[2])
    minute = 30 if clock[3] == "半" else int(clock[3] or 0)
    if (clock[1] or "").lower() in ("午後", "pm") and hour < 12:
        hour += 12
    clock_time = f"{time(hour, minute):%H:%M}"
    if day is None and _MONTH_DAY.search(text):
        return None
    day = day or today
    return f"{day.isoformat()}T{clock_time}" if day is not None else clock_time


def _day(text: str, today: date | None) -> tuple[date | None, str]:
    """Return the day in `text`, if one stands there, and the text behind it."""
    era = _ERA_DAY.search(text)
    if era is not None:
        year = _ERA_BEFORE[era[1]] + (1 if era[2] == "元" else int(era[2]))
        return date(year, int(era[3]), int(era[4])), text[era.end() :]
    full = _FULL_DAY.search(text)
    if full is not None:
        return date(int(full[1]), int(full[2]), int(full[3])), text[full.end() :]
    month = _MONTH_DAY.search(text)
    if month is not None:
        day = date(today.year, int(month[1]), int(month[2])) if today is not None else None
        return day, text[month.end() :]
    return None, text
