"""The person's own words in a mail: quotes, attribution lines and signatures taken away.

Rests on what mail clients write. Quotes and signatures: RFC 3676 (">" and "-- "); attribution lines
of Gmail, Apple Mail, Outlook, Thunderbird, Becky!, Yahoo! and the phones, in the languages in which
these clients are sold; signatures between rules of signs, which is the Japanese custom.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drillsim.mail import quote_marks as marks
from drillsim.mail.lines import (
    ASKS,
    BEGINS_COPY,
    DATE_ALONE,
    DELIMITER,
    ENDS_WORDS,
    LABELLED,
    MAY_ATTRIBUTE,
    QUOTED,
    RULE,
    TextLines,
    holds_anything,
    is_wide,
    line_marks,
    text_lines,
)

_SIGNATURE_MAX = 15
_WROTE_LAST_MAX = 120  # Letters that `marks.WROTE_LAST` can take, and more.
_NAME_LINES_MAX = 5
_NOTES_HEADER_MAX = 16


@dataclass(frozen=True, slots=True)
class Words:
    """What of a mail's text the sender wrote anew, and what else stood in it."""

    own: str
    quotes: bool  # A quoted mail stands in it: something that vacation programs do not write.
    forwards: bool  # A whole other mail stands below, with its header.


def own_words(text: str) -> Words:
    """Return the sender's own words in a mail's text, answers between quoted lines included."""
    if not holds_anything(text):
        return Words(text.strip(), quotes=False, forwards=False)
    reader = _Reader(text_lines(text))
    reader.read()
    kept = _without_signature(reader.kept)
    while (
        kept
        and marks.WORDLESS.fullmatch(kept[-1])
        and (not kept[-1] or marks.RULE.fullmatch(kept[-1]))
    ):
        kept.pop()
    return Words("\n".join(_without_banner(kept)).strip(), reader.quotes, reader.forwards)


class _Reader:
    """One pass from the top; stops where all that follows is somebody else's."""

    def __init__(self, text: TextLines) -> None:
        self.lines = text.lines
        self.marks = text.marks
        self.kept: list[str] = []
        self._is_dated = any(each & DATE_ALONE for each in self.marks)
        self.quotes = False
        self.forwards = False

    def read(self) -> None:
        at = 0
        while at < len(self.lines):
            step = self._take(at)
            if step == 0:
                return
            at += step

    def _take(self, at: int) -> int:
        """Keep or pass over the line at `at`; return how many lines that took, 0 for the end."""
        line = self.lines[at]
        if not line:
            self.kept.append(line)
            return 1
        if self.marks[at] & QUOTED:
            self.quotes = True
            return 1 + self._wrapped_rest(at)
        attribution = self._attribution(at)
        if attribution:
            self.quotes = True
            after = next((n for n in range(at + attribution, len(self.lines)) if self.lines[n]), 0)
            return attribution if after and self.marks[after] & QUOTED else 0
        if self._begins_header(at):
            self.quotes = True
            self.forwards = True
            return 0
        if self._ends_words(at):
            return self._to_quote(at)
        self.kept.append(line)
        return 1

    def _ends_words(self, at: int) -> bool:
        line = self.lines[at]
        if self.marks[at] & DELIMITER:
            # "-- " is RFC 3676's delimiter; blanks at line ends do not survive every gateway.
            rest = self._until_quote(at + 1)
            if line.startswith("-- "):
                return len(rest) <= _NAME_LINES_MAX and not any(
                    each.startswith("-- ") for each in (*self.kept[-_NAME_LINES_MAX:], *rest)
                )
            return not _is_form(rest) and (line == "--" or len(rest) <= _SIGNATURE_MAX)
        return bool(self.marks[at] & ENDS_WORDS)

    def _until_quote(self, at: int) -> list[str]:
        """Return the lines from `at` that stand above any quote."""
        rest: list[str] = []
        for number in range(at, min(len(self.lines), at + 4 * _SIGNATURE_MAX)):
            line = self.lines[number]
            if line and (self.marks[number] & QUOTED or self._begins_quote(number)):
                break
            if line:
                rest.append(line)
        return rest

    def _begins_quote(self, at: int) -> bool:
        return self._attribution(at) > 0 or self._begins_header(at)

    def _begins_header(self, at: int) -> bool:
        found = self.marks[at]
        return (
            bool(found & BEGINS_COPY)
            or (bool(found & LABELLED) and self._is_header(at))
            or (self._is_dated and self._is_notes_header(at))
        )

    def _to_quote(self, at: int) -> int:
        """Pass over a signature; note whether a quote stands below it. Nothing more is kept."""
        for after in range(at + 1, len(self.lines)):
            line = self.lines[after]
            if line and (self.marks[after] & QUOTED or self._begins_quote(after)):
                self.quotes = True
                break
        return 0

    def _wrapped_rest(self, at: int) -> int:
        """Count the lines below a long quoted line that are its end, broken off by a re-wrap.

        Below a question or the label of a form stands an answer.
        """
        if self.marks[at] & ASKS:
            return 0
        count = 0
        while at + count + 1 < len(self.lines) and is_wide(self.lines[at + count]):
            if not self.lines[at + count + 1] or self.marks[at + count + 1] & QUOTED:
                break
            count += 1
        return count

    def _attribution(self, at: int) -> int:
        """Return how many lines from `at` say that somebody wrote what follows; 0 for none."""
        if not self._may_attribute(at):
            return 0
        joined = ""
        for count, line in enumerate(self.lines[at : at + 4], start=1):
            is_quoted = self.marks[at + count - 1] & QUOTED
            if not line or len(joined) > 300 or (count > 1 and is_quoted):
                return 0
            if marks.FIELD.match(line) and not line.endswith(("：", ":")):
                return 0  # An address and a number, filled in below one another in a form.
            joined = f"{joined} {line.strip()}" if joined else line.strip()
            if _is_attribution(joined):
                # A line of the person's own may stand right above: it is none unless it is a date.
                own = count > 1 and not _begins_attribution(self.lines[at])
                return 0 if own and self._attribution(at + 1) else count
            if marks.SENTENCE_END.search(line):
                return 0
        return 0

    def _may_attribute(self, at: int) -> bool:
        """Ask cheaply whether any line of this paragraph ends like an attribution."""
        for line, found in zip(self.lines[at : at + 4], self.marks[at : at + 4], strict=True):
            if not line:
                return False
            if found & MAY_ATTRIBUTE:
                return True
        return False

    def _is_header(self, at: int) -> bool:
        """Whether the header of a quoted mail begins here: From, Sent, To, Subject in any order."""
        first = marks.LABEL.match(self.lines[at])
        assert first is not None  # It is LABELLED.
        kinds: set[str] = set()
        address = False
        for line in _nearby(self.lines, at, 9):
            found = marks.LABEL.match(line)
            if found is None:
                if not kinds & {"to", "cc", "from"} or not ("@" in line or ";" in line):
                    break
                continue
            kinds.update(kind for kind in marks.LABELS if found[kind])
            address = address or "@" in found["value"]
        if "from" not in kinds:
            return False
        if kinds == {"from"}:
            # Alone it must look like a header's: a name and an address in brackets, words above.
            bracketed = marks.BRACKETED.search(first["value"]) is not None
            return bracketed and not self.lines[at - 1] and any(self.kept)
        return len(kinds) >= 3 or (len(kinds) == 2 and address and first["value"] != "")

    def _is_notes_header(self, at: int) -> bool:
        """Whether the header of a mail quoted by Notes begins here: labels on lines of their own.

        A name, a date below it, then "To" and "Subject" alone on their lines, without colons.
        """
        if not any(self.kept) or self.lines[at - 1]:
            return False
        near = list(_nearby(self.lines, at + 1, _NOTES_HEADER_MAX))
        dated = any(line_marks(line) & DATE_ALONE for line in near[:3])
        return (
            dated
            and any(marks.TO_ALONE.fullmatch(line) for line in near)
            and any(marks.SUBJECT_ALONE.fullmatch(line) for line in near)
        )


def _is_attribution(text: str) -> bool:
    if len(text) > 400:
        return False
    if marks.WROTE_JA.search(text):
        return len(text) <= 200 and bool(
            "@" in text or marks.MOMENT.search(text) or text.endswith((":", "："))
        )
    if not text.endswith((":", "：")):
        return bool(marks.OPENER.match(text) and marks.MOMENT.search(text) and _wrote_last(text))
    if marks.CITED.fullmatch(text):
        return True
    if marks.MOMENT.search(text):
        if marks.ADDRESS_LAST.search(text) or _wrote_last(text):
            return bool(marks.OPENER.match(text) or "<" in text or _wrote_last(text))
        if marks.OPENER.match(text):
            return "@" in text or marks.WROTE_ANYWHERE.search(text) is not None
        return "@" in text and marks.WROTE_ANYWHERE.search(text) is not None
    if _wrote_last(text):
        return len(text) <= 160 and ("@" in text or "さん" in text or "様" in text or "<" in text)
    return False


def _wrote_last(text: str) -> bool:
    """Whether a line ends with a word for writing; only its end can."""
    return marks.WROTE_LAST.search(text, max(0, len(text) - _WROTE_LAST_MAX)) is not None


def _begins_attribution(line: str) -> bool:
    if marks.CITES.match(line):
        return True
    return marks.OPENER.match(line) is not None and marks.DIGIT.search(line) is not None


def _nearby(lines: Sequence[str], at: int, count: int) -> Iterator[str]:
    for line in lines[at : at + count]:
        if line:
            yield line


def _without_banner(kept: list[str]) -> list[str]:
    """Take away the warning that a gateway put on top of a mail from outside."""
    first = next((at for at, line in enumerate(kept[:5]) if line), None)
    if first is None or not marks.BANNER.fullmatch(kept[first]):
        return kept
    after = first + 1
    while after < len(kept) and marks.BANNER_ADVICE.search(kept[after]):
        after += 1
    return kept[after:]


def _without_signature(kept: list[str]) -> list[str]:
    """Cut a trailing block that a rule of signs opens and that holds ways to reach somebody."""
    end = len(kept)
    while end and not kept[end - 1]:
        end -= 1
    for at in range(max(0, end - 16), end):
        if not line_marks(kept[at]) & RULE:
            continue
        block = [line for line in kept[at + 1 : end] if line and not line_marks(line) & RULE]
        if block and any(marks.CONTACT.search(line) for line in block) and not _is_form(block):
            return kept[:at]
    return kept


def _is_form(block: Sequence[str]) -> bool:
    """Whether lines are filled-in fields of a form rather than telephone and address."""
    fields = [found for line in block if (found := marks.FORM_LINE.match(line))]
    return sum(marks.CONTACT.search(found[1]) is None for found in fields) >= 2
