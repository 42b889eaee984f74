"""【訓練】 and 「これは、訓練です。」 put on a mail, so that no text of a drill goes out without.

The mark stands first in the subject, the sentence first and last in the body; what the text has
already is not doubled. The stop mail alone carries 【訓練中止】 and a sentence of its own.
`drillsim.drill.marks` has the words, and knows what must not stand beside them.
"""

import re
from functools import lru_cache

from drillsim.drill.marks import (
    HIDDEN,
    MARK,
    SENTENCE,
    STOP_MARK,
    STOP_SENTENCE,
    SUBJECT_LENGTH_MAX,
    Slip,
    slips,
    subject_slips,
)
from drillsim.i18n import _
from drillsim.mail.headers import one_line

TOKEN_LABEL = "整理番号"

REASON_LENGTH_MAX = 200
"""Characters of an operator's reason that a stop mail repeats."""

_SENTENCES = re.compile(r"[ \t　]*これは[、，,]?[ 　]?訓練です[。．.]?[ \t　]*")
_STOP_SENTENCES = re.compile(
    r"[ \t　]*これは[、，,]?[ 　]?訓練を中止する実際の連絡です[。．.]?[ \t　]*"
)
_QUOTED_SENTENCE = re.compile(rf"(?:[ \t　]{{0,3}}[>＞|])+{_SENTENCES.pattern}")

_MARKS = re.compile(
    rf"{MARK}|[【\[〔<《]訓練中止[】\]〕>》]|{_SENTENCES.pattern}|{_STOP_SENTENCES.pattern}"
)

# Without one of these `slips` finds nothing: 訓練, 演習, テスト, 予行, 実際, 本番, 現実, "this is",
# "not a drill"; letters that stand for others, and what nobody sees. Most paragraphs hold none of
# them: セキュリティ and 見本 are no reason to read one closely.
_ODD = (
    r"\u249c-\u24e9\u2f00-\u2fdf\uf900-\ufaff\U0001d400-\U0001d7ff\U0002f800-\U0002fa1f"
    + HIDDEN.pattern[1:-1]
)
_TRIGGER = re.compile(
    # Letters with which one begins are looked for first, which takes a fifth of the time.
    rf"(?=[訓演テﾃ㋢予現真実本Ａ-Ｚａ-ｚTtNn{_ODD}])"
    r"(?:[訓演]|[テﾃ㋢]\s*[スｽ㋜]|予\s*行|[現真]\s*実|実\s*[際事通]|本\s*[物番]"
    rf"|[Ａ-Ｚａ-ｚ]{{3}}|(?i:this|not)|[{_ODD}])"
)


class NotADrillMailError(ValueError):
    """A mail that could pass for the real thing, or a stop mail that does not: and why."""

    def __init__(self, reasons: list[Slip]) -> None:
        super().__init__("; ".join(f"{each.message}; {each.remedy}" for each in reasons))
        self.reasons = reasons


def token_note(token: str) -> str:
    """Return 「（整理番号：7KQ2-M4XD）」."""
    return f"（{TOKEN_LABEL}：{token}）"


@lru_cache(maxsize=1024)
def marked_subject(subject: str) -> str:
    """Return the subject of a drill mail with 【訓練】 first, once."""
    return MARK + one_line(subject.replace(MARK, ""))


@lru_cache(maxsize=256)
def marked_stop_subject(subject: str) -> str:
    """Return the subject of the stop mail with 【訓練中止】 first, once."""
    return STOP_MARK + one_line(subject.replace(STOP_MARK, ""))


def marked_reply_subject(subject: str) -> str:
    """Return the subject of an answer: the mark may stand behind 「Re:」 and the like."""
    subject = one_line(subject)
    return subject if MARK in subject or STOP_MARK in subject else MARK + subject


@lru_cache(maxsize=2048)
def marked_body(body: str, note: str = "") -> str:
    """Return a body with 「これは、訓練です。」 as its first and last line.

    It is remembered, since everybody who answers a mail quotes it.

    Args:
        body: lines ended by LF.
        note: put above the last line, unless it stands in the body already.
    """
    return _framed(body, note, _SENTENCES, SENTENCE, SENTENCE)


def marked_stop_body(body: str, note: str = "") -> str:
    """Return the body of the stop mail with its own sentence first; nothing stands last."""
    return _framed(body, note, _STOP_SENTENCES, STOP_SENTENCE, "")


def stop_reason(typed: str) -> str:
    """Return an operator's reason as a stop mail may repeat it: one line, and no word of a drill.

    What is typed in a hurry must never keep the stop mail from being written.
    """
    return without_marks(one_line(typed)).strip()[:REASON_LENGTH_MAX]


@lru_cache(maxsize=16_384)
def without_marks(text: str) -> str:
    """Return a name as it may stand in any mail: no mark or sentence of one, nothing hidden.

    A body that is called 「【訓練】演習町」 must not make the stop mail call itself a drill.
    """
    while (plain := _MARKS.sub("", HIDDEN.sub("", text))) != text:
        text = plain  # What stood around a mark may be one together.
    return text


def marked_words(words: str, quote: str) -> str:
    """Return what a person answers, with the mail that they quote below it.

    The sentence stands first and last in what the person writes; a quote that ends with it may
    stand below, and one that does not is followed by it.
    """
    marked = _framed(words, "", _SENTENCES, SENTENCE, SENTENCE)
    if not quote:
        return marked
    last = quote.rstrip().rpartition("\n")[2]
    is_marked = _QUOTED_SENTENCE.fullmatch(last) or _SENTENCES.fullmatch(last)
    return f"{marked}\n\n{quote.rstrip()}" + ("" if is_marked else f"\n\n{SENTENCE}")


def refuse_unmarked(subject: str, body: str, token: str = "") -> None:
    """Read a finished drill mail again.

    Raises:
        NotADrillMailError: its text denies or hides that it is a drill, or its subject is too long.
    """
    # The token is all that differs in most paragraphs of many mails, and says nothing itself.
    reasons = list(_reasons(subject.replace(token, "") if token else subject))
    if len(subject) > SUBJECT_LENGTH_MAX:
        reasons.append(next(subject_slips(subject)))
    line = 0
    # No sentence runs over a blank line, so paragraphs are read one by one and remembered: those
    # of many recipients are the same.
    for paragraph in (body.replace(token, "") if token else body).split("\n\n"):
        reasons.extend(
            Slip(line + slip.line, slip.message, slip.remedy) for slip in _reasons(paragraph)
        )
        line += paragraph.count("\n") + 2
    if reasons:
        raise NotADrillMailError(reasons)


def refuse_unclear_stop(subject: str, body: str) -> None:
    """Read a finished stop mail again.

    Raises:
        NotADrillMailError: it calls itself a drill, so that nobody would stop.
    """
    reasons = []
    if MARK in subject.removeprefix(STOP_MARK):
        reasons.append(
            Slip(
                1,
                _("the stop mail carries {mark} in its subject").format(mark=MARK),
                _("take it out"),
            )
        )
    for number, line in enumerate(body.split("\n"), 1):
        if _SENTENCES.fullmatch(line):
            reasons.append(
                Slip(number, _("the stop mail says that it is a drill"), _("take the line out"))
            )
    if len(subject) > SUBJECT_LENGTH_MAX:
        reasons.append(next(subject_slips(subject)))
    if reasons:
        raise NotADrillMailError(reasons)


@lru_cache(maxsize=4096)
def _reasons(text: str) -> tuple[Slip, ...]:
    return tuple(slips(text)) if _TRIGGER.search(text) else ()


def _framed(body: str, note: str, sentences: re.Pattern[str], first: str, last: str) -> str:
    lines = body.strip("\n").split("\n")
    start, end = 0, len(lines)
    while start < end and (not lines[start].strip() or sentences.fullmatch(lines[start])):
        start += 1
    while end > start and (not lines[end - 1].strip() or sentences.fullmatch(lines[end - 1])):
        end -= 1
    text = "\n".join(lines[start:end])
    parts = [first, text] if text else [first]
    if note and note not in text:
        parts.append(note)
    if last:
        parts.append(last)
    return "\n\n".join(parts)
