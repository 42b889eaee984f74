"""What an answer says about itself: which report it is, and whether it refuses."""

import re
from dataclasses import dataclass

from drillsim.mail.widths import nfkc

_KANJI = {kanji: number for number, kanji in enumerate("〇一二三四五六七八九")}
_NUMBER = re.compile(r"第\s{0,8}([0-9]{1,3}|[〇一二三四五六七八九十百]{1,5})\s{0,8}報")
_FOLLOW_UP = re.compile(
    r"続報|追加報告|追報|再報告|経過報告|follow[- ]?up report|update to (?:my|our)", re.I
)
_CORRECTION = re.compile(
    r"訂正|差し?替え|修正(?:版|報告|します)|誤り(?:が|で)|correct(?:ion|ed report)", re.I
)
_FINAL = re.compile(r"最終報|終報|完了報告|final report", re.IGNORECASE)
_REFUSAL = re.compile(
    r"(?:対応|参加|協力|回答|伝達|報告|受託|応諾|実施)(?:は|が|を|に|も)?(?:いた"
    r"|致)?(?:し?かね(?:ます|る)|(?:する?こと(?:は|が))?(?:でき|出来)(?:ません(?!でした)"
    r"|かね(?:ます|る)|ない(?!場合|とき|時|旨|団体|もの))|不可(?!否|能性)|不能です|は?困難です"
    r"|しません(?!でした))|辞退(?:いた|致)?(?:し|させ)|お断り|(?:参加|対応)を?見合わせ|所管(?:外"
    r"|では(?:あり|な))|担当では(?:あり|ござい)ません|応じ(?:られません|かね)|\b(?:we"
    r"|i) (?:can(?:no|['’])t|cannot|can not|are unable to|am unable to|decline to"
    r"|will not) (?:respond|take|do|handle|participate|act|comply|pass|support)",
    re.IGNORECASE,
)

# Without one of which nobody refuses; tests hold it.
_REFUSING = (
    "かね", "でき", "出来", "不可", "不能", "困難", "しません", "辞退", "お断り", "見合わせ",
    "所管", "担当では", "応じ", "can", "unable", "decl", "ll not",
)  # fmt: skip

_REPORTS = re.compile(
    r"報告(?:を)?(?:(?:いた|致)?します|申し上げ|させていただ)|(?:次|下記|以下|別添|別紙|添付|上記)の"
    r"(?:とおり|通り)|\breport(?:s|ing|ed)? as follows|\b(?:here is|this is|find) .{0,30}\breport\b"
    r"|\breport is attached|\bwe report (?:that|the following)",
    re.IGNORECASE,
)
_PROMISES = re.compile(
    r"改めて|あらためて|後ほど|のちほど|追って|後日|別途|次第|でき次第|までに報告|確認(?:の上|後)"
    r"|\b(?:will|shall|later|shortly|once|as soon as)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNumber:
    """Which report of a body this is: 第２報, 続報, 訂正, 最終報."""

    number: int | None = None  # None where the text gives none.
    follow_up: bool = False
    correction: bool = False
    final: bool = False


def recognise_report_number(text: str) -> ReportNumber | None:
    """Return which report `text` says that it is, None if it says nothing of the kind.

    Give it the person's own words, not a subject that is answered: "Re: …（第一報）" is the number
    of the mail that asked.
    """
    plain = nfkc(text)
    found = _NUMBER.search(plain)
    number = _number(found[1]) if found else None
    report = ReportNumber(
        number=number,
        follow_up=_FOLLOW_UP.search(plain) is not None or (number or 0) > 1,
        correction=_CORRECTION.search(plain) is not None,
        final=_FINAL.search(plain) is not None,
    )
    return None if report == ReportNumber() else report


def is_refusal(text: str) -> bool:
    """Whether the person says that they will not or cannot act: 「対応できません」.

    A refusal is an answer, and moves on to the next officer. A condition (対応できない場合) and a
    failed attempt (対応できませんでした) are none.
    """
    plain = nfkc(text)
    small = plain.lower()
    return any(word in small for word in _REFUSING) and _REFUSAL.search(plain) is not None


def reports_in_words(text: str) -> bool:
    """Whether the person says that this is the report: 「次のとおり報告します」.

    A report that is promised（確認の上、改めて報告します）is none.
    """
    plain = nfkc(text)
    return any(
        _REPORTS.search(sentence) and not _PROMISES.search(sentence)
        for sentence in re.split(r"[。\n]|\. ", plain)
    )


def _number(written: str) -> int:
    if written.isascii():
        return int(written)
    total, digit = 0, 0
    for kanji in written:
        if kanji in "十百":
            total += (digit or 1) * (10 if kanji == "十" else 100)
            digit = 0
        else:
            digit = digit * 10 + _KANJI[kanji]
    return total + digit
