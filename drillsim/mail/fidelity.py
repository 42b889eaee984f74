"""Which facts of a scenario survived in what a node passed on.

A fact is a few words of the scenario (「都道府県サーバ集約センター」,「９時40分」). It is looked
for as people and mail clients rewrite it: full-width or not, サーバ or サーバー, 9:40 or
午前９時40分, 三台 or 3台, with lines broken anywhere. What comes near is *changed*, and shown with
what stands in its place; the rest is *lost*. An operator may overrule: only a person sees that
other words mean the same.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from drillsim.drill.events import Fate

TEXT_MAX = 60_000
NEARNESS_MIN = 0.6
"""From which share of like letters on a passage counts as the fact, changed."""

_SHARED_MIN = 3  # Letters in a row that a changed fact shares with the fact.

_DIGITS = {kanji: str(number) for number, kanji in enumerate("〇一二三四五六七八九")}
_KANJI_NUMBER = re.compile(
    r"[〇一二三四五六七八九十百]{1,5}(?=台|名|人|件|時|分|日|月|年|団体|[箇かカヶケ]?所|回|本|報|号|[%])"
)
_WEEKDAY = r"(?:\s?[(\[][月火水木金土日](?:曜日?)?[)\]])?"
_VALUE = re.compile(
    rf"(?P<time>(?P<half>午前|午後|[ap]\.?m\.?)?\s?(?<!\d)(?P<hour>[01]?\d|2[0-4])\s?"
    rf"(?:時\s?(?:(?P<minute>[0-5]?\d)\s?分|(?P<thirty>半))|:(?P<minutes>[0-5]\d)(?::[0-5]\d)?)(?!\d))"
    rf"|(?P<date>(?<![\d.])(?:(?P<era>令和|R)\s?(?P<era_year>\d{{1,2}}|元)\s?[年./-]\s?"
    rf"|(?P<year>20\d\d)\s?[年./-]\s?)?(?P<month>0?[1-9]|1[0-2])(?:\s?月\s?|[/.-])"
    rf"(?P<day>0?[1-9]|[12]\d|3[01])(?![\d.])\s?日?{_WEEKDAY})"
    rf"|(?P<number>\d{{1,3}}(?:,\d{{3}})+(?!\d))",
    re.IGNORECASE,
)
_MARKS = frozenset("\u3099\u309aﾞﾟ")
_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_KEPT_SIGNS = frozenset(".:/%+#@")
_BEGIN, _END = "\x02", "\x03"
_DATE_TOKEN = re.compile(rf"{_BEGIN}d(\d*)-(\d+-\d+){_END}")


@dataclass(frozen=True, slots=True)
class FactTrace:
    """One fact in one mail: what the scenario says, and what stands there now."""

    name: str
    said: str
    fate: Fate
    found: str = ""  # What stands in its place where it was changed.


def trace_facts(facts: Mapping[str, str], text: str) -> tuple[FactTrace, ...]:
    """Look for each fact in the text (subject and body) of what a node passed on."""
    page = _fold(text[:TEXT_MAX])
    return tuple(_trace(name, said, page) for name, said in facts.items())


def relevant_facts(facts: Mapping[str, str], told: Sequence[str]) -> dict[str, str]:
    """Return those facts that a message holds; nobody can lose what was not said.

    Args:
        facts: the facts of the scenario, by name.
        told: subject and text of the message, as templates or filled in.
    """
    text = "\n".join(told)
    for name, said in facts.items():
        used = re.compile(r"\{\{[^{}]*\b" + re.escape(name) + r"\b[^{}]*\}\}")
        text = said.join(used.split(text))
    return {each.name: each.said for each in trace_facts(facts, text) if each.fate == "kept"}


@dataclass(frozen=True, slots=True)
class _Page:
    """A text folded to what matters, and where each of its letters stood."""

    folded: str
    at: tuple[int, ...]  # For each letter of `folded`, its place in `text`.
    text: str

    def original(self, start: int, end: int) -> str:
        """Return the passage of the text that folded to these letters."""
        if start >= end or start >= len(self.at):
            return ""
        last = self.at[min(end, len(self.at)) - 1]
        after = next((place for place in self.at[end:] if place > last), len(self.text))
        return " ".join(self.text[self.at[start] : after].split()).rstrip("、。,. （(「『【〔")


def _trace(name: str, said: str, page: _Page) -> FactTrace:
    fact = _fold(said).folded
    if not fact or _pattern(fact).search(page.folded):
        return FactTrace(name, said, "kept")
    found = _nearest(fact, page)
    return FactTrace(name, said, "changed" if found else "lost", found)


def _pattern(fact: str) -> re.Pattern[str]:
    """Return a pattern for a folded fact; a year counts only where both name one."""
    pieces: list[str] = []
    at = 0
    for date in _DATE_TOKEN.finditer(fact):
        pieces.append(re.escape(fact[at : date.start()]))
        year = f"(?:{date[1]})?" if date[1] else r"\d*"
        pieces.append(f"{_BEGIN}d{year}-{date[2]}{_END}")
        at = date.end()
    pieces.append(re.escape(fact[at:]))
    before = r"(?<![\d.])" if fact[0].isdigit() else ""
    after = r"(?!\.?\d)" if fact[-1].isdigit() else ""
    return re.compile(before + "".join(pieces) + after)


def _nearest(fact: str, page: _Page) -> str:
    """Return the passage that comes nearest to a fact, "" if none comes near enough."""
    if fact.startswith(_BEGIN) and fact.index(_END) == len(fact) - 1:
        return _nearest_value(fact, page)
    matcher = SequenceMatcher(None, fact, page.folded, autojunk=False)
    shared = matcher.find_longest_match()
    if shared.size < min(_SHARED_MIN, len(fact)):
        return ""
    best, passage = 0.0, (0, 0)
    start = shared.b - shared.a
    for length in range(max(1, len(fact) - 3), len(fact) + 4):
        for begin in (start - 1, start, start + 1, shared.b):
            window = page.folded[max(0, begin) : max(0, begin) + length]
            nearness = SequenceMatcher(None, fact, window, autojunk=False).ratio()
            if nearness > best:
                best, passage = nearness, (max(0, begin), max(0, begin) + length)
    if best < NEARNESS_MIN:
        return ""
    start, end = passage
    while end < len(page.folded) and _goes_on(page.folded, end):
        end += 1
    return page.original(start, end)


def _goes_on(folded: str, at: int) -> bool:
    """Whether a number or a Latin word goes on at `at`: neither is shown by half."""
    return all(
        letter.isascii() and (letter.isalnum() or letter == ".")
        for letter in folded[at - 1 : at + 1]
    )


def _nearest_value(fact: str, page: _Page) -> str:
    """Return a time or date that may be a slip of the right one: other times are other things."""
    kind = fact[1]
    right = fact.strip(_BEGIN + _END)[1:]
    for found in re.finditer(rf"{_BEGIN}{kind}([^{_END}]*){_END}", page.folded):
        if _is_slip(right, found[1]):
            return page.original(found.start(), found.end())
    return ""


def _is_slip(right: str, other: str) -> bool:
    """Whether two values share a half (hour or minute, month or day) or all their figures."""
    a, b = re.findall(r"\d+", right)[-2:], re.findall(r"\d+", other)[-2:]
    if len(a) < 2 or len(b) < 2:
        return False
    return a[0] == b[0] or a[1] == b[1] or sorted("".join(a)) == sorted("".join(b))


def _fold(text: str) -> _Page:
    plain, places = _plain(text)
    folded: list[str] = []
    at: list[int] = []

    def write(letters: str, place: int) -> None:
        folded.append(letters)
        at.extend([place] * len(letters))

    last = 0
    for value in _VALUE.finditer(plain):
        for number in range(last, value.start()):
            write(_letter(plain, number), places[number])
        write(_token(value), places[value.start()])
        last = value.end()
    for number in range(last, len(plain)):
        write(_letter(plain, number), places[number])
    return _Page("".join(folded), tuple(at), text)


def _plain(text: str) -> tuple[str, list[int]]:
    """Return the text in NFKC with kanji numbers as figures, and where each letter stood."""
    letters: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and text[end] in _MARKS:
            end += 1
        made = unicodedata.normalize("NFKC", text[at:end])
        letters.append(made)
        places.extend([at] * len(made))
        at = end
    plain = "".join(letters)
    pieces: list[str] = []
    kept: list[int] = []
    last = 0
    for found in _KANJI_NUMBER.finditer(plain):
        number = _arabic(found[0])
        pieces += [plain[last : found.start()], number]
        kept += places[last : found.start()] + [places[found.start()]] * len(number)
        last = found.end()
    pieces.append(plain[last:])
    return "".join(pieces), kept + places[last:]


def _letter(plain: str, at: int) -> str:
    """Fold one letter: kana to large katakana, case away; blanks, signs and ー are nothing."""
    letter = plain[at]
    if "\u3041" <= letter <= "\u3096":
        letter = chr(ord(letter) + 0x60)
    letter = letter.translate(_SMALL)
    if letter == "ー":
        return ""
    if letter.isalnum():
        return letter.casefold()
    inside = 0 < at < len(plain) - 1 and plain[at - 1].isalnum() and plain[at + 1].isalnum()
    if letter.isspace() and inside and plain[at - 1].isdigit() and plain[at + 1].isdigit():
        return " "  # The number of a line does not go on with that of the line above.
    return letter if letter in _KEPT_SIGNS and inside else ""


def _token(value: re.Match[str]) -> str:
    """Write a time, a date or a number in the one form in which they are compared."""
    if value["number"]:
        return value["number"].replace(",", "")
    if value["time"]:
        hour = int(value["hour"])
        if value["half"] and value["half"].lower()[0] in "午p" and value["half"] != "午前":
            hour += 12 if hour < 12 else 0
        minute = int(value["minute"] or value["minutes"] or (30 if value["thirty"] else 0))
        return f"{_BEGIN}t{hour}:{minute:02}{_END}"
    year = value["year"] or ""
    if value["era"]:
        year = str(2018 + (1 if value["era_year"] == "元" else int(value["era_year"])))
    return f"{_BEGIN}d{year}-{int(value['month'])}-{int(value['day'])}{_END}"


def _arabic(kanji: str) -> str:
    if not set(kanji) & set("十百"):
        return "".join(_DIGITS[letter] for letter in kanji)
    total, digit = 0, 0
    for letter in kanji:
        if letter in "十百":
            total += (digit or 1) * (10 if letter == "十" else 100)
            digit = 0
        else:
            digit = int(_DIGITS[letter])
    return str(total + digit)
