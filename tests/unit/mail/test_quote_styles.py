from datetime import datetime, timedelta, timezone

import pytest

from drillsim.mail.headers import Mailbox
from drillsim.mail.quote_styles import QUOTE_STYLES, QuoteStyle, quoted
from drillsim.mail.quotes import own_words

AT = datetime(2026, 10, 14, 9, 5, tzinfo=timezone(timedelta(hours=9)))
FROM = Mailbox("kunren@pref.example", "山口県 市町課")
TO = (Mailbox("suo@city.example", "周防 太郎"), Mailbox("b@city.example"))
BODY = "これは、訓練です。\n\n本文\n\nこれは、訓練です。\n"


def quote(style: QuoteStyle) -> str:
    return quoted(style, sender=FROM, to=TO, subject="【訓練】第一報", date=AT, body=BODY)


@pytest.mark.parametrize(
    ("style", "first"),
    [
        ("gmail", "2026年10月14日(水) 9:05 山口県 市町課 <kunren@pref.example>:"),
        ("iphone", "iPhoneから送信"),
        ("thunderbird", "On 2026/10/14 9:05, 山口県 市町課 wrote:"),
        ("becky", "On Wed, 14 Oct 2026 09:05:00 +0900"),
        ("outlook", "________________________________"),
        ("outlook-original", "-----Original Message-----"),
    ],
)
def test_each_program_has_its_own_attribution(style: QuoteStyle, first: str) -> None:
    assert quote(style).split("\n")[0] == first


def test_outlook_shows_the_header_and_leaves_the_text_unmarked() -> None:
    assert quote("outlook").split("\n")[1:] == [
        "差出人: 山口県 市町課 <kunren@pref.example>",
        "送信日時: 2026年10月14日 09:05",
        "宛先: 周防 太郎 <suo@city.example>; b@city.example",
        "件名: 【訓練】第一報",
        "",
        "これは、訓練です。",
        "",
        "本文",
        "",
        "これは、訓練です。",
    ]
    assert "Sent: Wednesday, October 14, 2026 9:05 AM" in quote("outlook-original")


def test_others_mark_every_line() -> None:
    lines = quote("gmail").split("\n")
    assert lines[2:] == ["> これは、訓練です。", ">", "> 本文", ">", "> これは、訓練です。"]
    assert "2026/10/14 09:05、山口県 市町課 <kunren@pref.example>のメール:" in quote("iphone")


def test_a_quote_may_be_left_out() -> None:
    assert quote("none") == ""


@pytest.mark.parametrize("style", QUOTE_STYLES)
def test_the_own_words_above_any_quote_are_found_again(style: QuoteStyle) -> None:
    assert own_words(f"受信しました。\n\n{quote(style)}").own == "受信しました。"


def test_a_name_cannot_break_a_line() -> None:
    hostile = quoted(
        "outlook",
        sender=Mailbox("a@b.example", "x\n差出人: y"),
        to=TO,
        subject="a\nb",
        date=AT,
        body="",
    )
    assert "\n差出人: x 差出人: y <a@b.example>\n" in hostile
    assert "件名: a b" in hostile
