"""A drill must not pass for the real thing: texts that deny or hide that they are a drill.

Every mail of a drill carries 【訓練】 and「これは、訓練です。」, which the composer adds. What a
scenario writes beside them may not take that back: it may not say that this mail is no drill, not
carry the mark of the stop mail (訓練中止), not imitate a mark, and not hold characters that nobody
sees. Ordinary sentences about real incidents (「実際の障害が発生した場合は、訓練を中止します。」)
pass: a sentence is read as a whole, and one with a condition is no denial.

`check` reads the texts of a scenario, and the composer reads every finished mail again.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from drillsim.i18n import _

MARK: Final = "【訓練】"
SENTENCE: Final = "これは、訓練です。"
STOP_MARK: Final = "【訓練中止】"
STOP_SENTENCE: Final = "これは、訓練を中止する実際の連絡です。"
HIDDEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0001-\U000e007f]"
)
"""Format characters and blanks that take no ink; not variation selectors, which 辻 and 葛 need."""
SUBJECT_LENGTH_MAX: Final = 200  # Characters, as mail programs show it with the mark and the token.


@dataclass(frozen=True, slots=True)
class Slip:
    """One reason to refuse a text: in which of its lines (from 1), what is wrong, the remedy."""

    line: int
    message: str
    remedy: str


def slips(text: str) -> Iterator[Slip]:
    """Yield every reason to refuse `text`, the subject or the body of an ordinary drill mail."""
    if _SUSPECT.search(text) is None:
        return
    if _MARK_LIKE.search(text) is None and _DENIAL_LIKE.search(_shown(text)) is None:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if _MARK_LIKE.search(line) is None:
            continue
        hidden = HIDDEN.search(line)
        if hidden is not None:
            yield Slip(
                number,
                _("the character U+{code:04X} cannot be seen").format(code=ord(hidden.group())),
                _("delete it, since it can hide the mark of a drill"),
            )
        plain = _plain(line)
        if _STOP.search(plain):
            yield Slip(
                number,
                _("{mark} belongs to the stop mail alone").format(mark=STOP_MARK),
                _("write it otherwise, or set texts: stop:"),
            )
        imitation = _imitation(line)
        if imitation is not None:
            yield Slip(
                number,
                _("{text} looks like the mark of a drill, but is none").format(text=imitation),
                _("write {mark}, or leave it out, since it is added to every mail").format(
                    mark=MARK
                ),
            )
    yield from _denials(text)


def subject_slips(subject: str) -> Iterator[Slip]:
    """Yield every reason to refuse a finished subject."""
    if len(subject) > SUBJECT_LENGTH_MAX:
        yield Slip(
            1,
            _("the subject has {n} characters").format(n=len(subject)),
            _("write at most {limit}, so that the mark stays in sight").format(
                limit=SUBJECT_LENGTH_MAX
            ),
        )
    yield from slips(subject)


# Letters without one of which there is nothing to find, whatever width or style they are typed in:
# 訓練, 演習, テスト, 予行, 実際, 本番, "this is", "not a drill"; and what nobody sees.
_SUSPECT = re.compile(
    rf"[訓演テﾃ㋢予実本Ａ-Ｚａ-ｚ\u249c-\u24e9\U0001d400-\U0001d7ff]|{HIDDEN.pattern}|(?i:this|not)"
)
_STOP = re.compile(r"[【\[〔<《]訓練中止[】\]〕>》]|訓練を中止する実際の連絡")

# Brackets that marks are made of; 「訓練」 and （訓練） are ordinary writing.
_OPEN, _CLOSE = r"[【\[［〔〖《〈<＜{｛]", r"[】\]］〕〗》〉>＞}｝]"
_LIKE_MARK = re.compile(rf"{_OPEN}\s*(訓\s*[練錬鍊煉链練])\s*{_CLOSE}")
_WRONG_KANJI = re.compile("訓[錬鍊煉]")
_COUNTER_MARK = re.compile(
    rf"{_OPEN}\s*(?:訓練外|訓練では\S{{0,8}}|非訓練|本番|実事案|実際の\S{{0,8}}|実通報)\s*{_CLOSE}"
)

# Without one of these a line holds no mark, and nothing that looks like one. No other character
# stands for 訓 in NFKC.
_MARK_LIKE = re.compile(rf"訓|{_OPEN}|{HIDDEN.pattern}")

_THIS = (
    r"(?:これ|それ|本(?:メール|連絡|件|通知|通報|信|状|事案)"
    r"|この(?:メール|連絡|件|通知|通報|事案|文書))"
)
_DRILL = r"(?:訓練|演習|テスト|予行)(?:の(?:連絡|メール|通知))?"
_NOT = r"(?:では|じゃ|で)(?:ありません|ございません|ありませぬ|あらず|ない|なく|無い|無く)"
_DENIALS = (
    re.compile(rf"{_DRILL}{_NOT}(?!か|と|よう|なる)"),
    re.compile(
        rf"{_THIS}(?:は|が|も),?(?:全て|すべて|いま|今)?(?:実際|本物|本番|現実|真実)"
        r"(?:の(?:連絡|通報|通知|障害|事案|事故|緊急|事態|感染|被害|メール|もの)|です|である|だ(?![とが]))(?!\S{0,3}想定)"
    ),
    re.compile(rf"{_THIS}(?:は|が|も),?{_DRILL}と(?:は)?(?:異な|違|別の|無関係|関係(?:が|は)?な)"),
)
# Without one of these a text, as a reader takes it, holds none of the denials.
_DENIAL_LIKE = re.compile("訓練|演習|テスト|予行|実際|本物|本番|現実|真実|(?i:this|not)")
_ENGLISH = re.compile(
    r"\b(?:this(?:\s+e-?mail|\s+message|\s+notice)?\s+is\s*(?:not|no)\s+(?:an?\s+|the\s+)?"
    r"(?:drill|exercise|test)|this\s+isn['’]?t\s+an?\s+(?:drill|exercise|test)"
    r"|not\s+an?\s+(?:drill|exercise)\b"
    r"|this(?:\s+e-?mail|\s+message|\s+incident|\s+alert)?\s+is\s+(?:for\s+real|real\b|a\s+real))",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"(?:場合|とき|時に?は|際に?は|なら|たら|れば|恐れ|おそれ"
    r"|\bif\b|\bwhen\b|\bin case\b|\bshould\b)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[。！？!?])|\n[\s　]*\n|(?<=[.])\s")


def _plain(text: str) -> str:
    """Return text as a reader takes it: one width, no blanks, nothing invisible, ASCII commas."""
    seen = _shown(HIDDEN.sub("", text))
    return seen.replace("、", ",").replace("，", ",").replace("､", ",")


def _shown(text: str) -> str:
    """Return text in one width and without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _imitation(line: str) -> str | None:
    """Return what in `line` looks like 【訓練】 and is not, or None."""
    clean = HIDDEN.sub("", line)
    for found in _LIKE_MARK.finditer(clean):
        if found.group() != MARK:
            return found.group()
    counter = _COUNTER_MARK.search(clean)
    if counter is not None:
        return counter.group()
    wrong = _WRONG_KANJI.search(unicodedata.normalize("NFKC", clean))
    return wrong.group() if wrong is not None else None


def _denials(text: str) -> Iterator[Slip]:
    """Yield the sentences that say that this mail is no drill; they may run over lines."""
    begin = 0
    for end in [*(m.end() for m in _SENTENCE_END.finditer(text)), len(text)]:
        sentence = text[begin:end]
        if _SUSPECT.search(sentence) is None:
            begin = end
            continue
        plain = _plain(sentence)
        if _DENIAL_LIKE.search(plain) is None:
            begin = end
            continue
        words = unicodedata.normalize("NFKC", HIDDEN.sub("", sentence))
        said = any(denial.search(plain) for denial in _DENIALS) or _ENGLISH.search(words)
        if said and not _CONDITION.search(sentence):
            lead = len(sentence) - len(sentence.lstrip())
            yield Slip(
                text.count("\n", 0, begin + lead) + 1,
                _("this says that the mail is no drill"),
                _("take it out, since every mail of a drill is one"),
            )
        begin = end
