"""What simulated offices write is recognised like the mail of real ones, and matched."""

from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest

from drillsim.mail.compose import Charset, Letter, Mailbox, compose
from drillsim.mail.correspondence import (
    absence_notice,
    acknowledgement_words,
    delivery_report,
    read_letter,
    reply,
)
from drillsim.mail.matching import MatchedBy, NoticeIndex, match
from drillsim.mail.quote_styles import QUOTE_STYLES, QuoteStyle
from drillsim.mail.replies import recognise
from drillsim.mail.tokens import plus_address

TOKEN = "7KQ2-M4XD"
NOTICE = ("first-report", "sazanami")
DRILL = Mailbox("kunren@pref-akitsu.example", "秋津県 市町課")
OFFICER = Mailbox("irie@town-sazanami.example", "入江 なぎさ")
SENT = datetime(2026, 10, 14, 10, 5, tzinfo=timezone(timedelta(hours=9)))
CAME = SENT + timedelta(minutes=12)
BODY = """これは、訓練です。

さざなみ町　住基ネット担当課長　様

　ウイルス疑義を検知しました。(1) ９時40分 (2) 感染の有無は確認中
対応者（職・氏名）：

これは、訓練です。"""


def notice(charset: Charset = "utf-8", *, html: bool = False) -> bytes:
    return compose(
        Letter(
            kind="drill",
            sender=DRILL,
            to=(OFFICER,),
            reply_to=Mailbox(plus_address(DRILL.address, TOKEN)),
            subject="ウイルス疑義の発生について（第一報）",
            body=BODY,
            message_id="n1@pref-akitsu.example",
            date=SENT,
            token=TOKEN,
            charset=charset,
            html=html,
        )
    )


def own(text: str) -> str:
    """The words without the sentence that every mail of a drill carries."""
    return "".join(text.replace("これは、訓練です。", "").split())


@pytest.fixture
def index() -> NoticeIndex:
    index = NoticeIndex()
    index.add_officer(NOTICE[1], 1, [OFFICER.address])
    index.add_mail(
        message_id="n1@pref-akitsu.example",
        notices=[NOTICE],
        token=TOKEN,
        recipients=[OFFICER.address],
    )
    index.set_open(NOTICE, True)
    return index


@pytest.mark.parametrize("charset", get_args(Charset))
@pytest.mark.parametrize("style", QUOTE_STYLES)
@pytest.mark.parametrize("threaded", [True, False])
def test_an_answer_in_any_style_is_a_persons_with_their_words_alone(
    index: NoticeIndex, charset: Charset, style: QuoteStyle, threaded: bool
) -> None:
    original = read_letter(notice(charset))
    for variant in range(5):
        words = acknowledgement_words(
            body="さざなみ町", by="入江 なぎさ", role="主査", at=CAME, variant=variant
        )
        letter = reply(
            original,
            writer=OFFICER,
            words=words,
            message_id="r1@town-sazanami.example",
            date=CAME,
            style=style,
            threaded=threaded,
            charset=charset,
        )
        found = recognise(compose(letter))
        assert found.kind == "human_reply", found.reasons
        assert own(found.reply_text) == own(words)
        assert found.is_drill_marked
        matched = match(found, index)
        assert matched.notice == NOTICE
        expected = MatchedBy.thread if threaded else MatchedBy.plus_address
        assert matched.matched_by is expected


@pytest.mark.parametrize("style", QUOTE_STYLES)
def test_an_empty_answer_above_a_quote_is_an_answer(style: QuoteStyle) -> None:
    letter = reply(
        read_letter(notice()),
        writer=OFFICER,
        words="",
        message_id="r1@town-sazanami.example",
        date=CAME,
        style=style,
    )
    found = recognise(compose(letter))
    assert (found.kind, own(found.reply_text)) == ("human_reply", "")


@pytest.mark.parametrize("headers", [True, False])
def test_an_absence_notice_is_automatic_with_and_without_headers(
    index: NoticeIndex, headers: bool
) -> None:
    letter = absence_notice(
        read_letter(notice()),
        owner=OFFICER,
        message_id="a1@town-sazanami.example",
        date=CAME,
        headers=headers,
    )
    found = recognise(compose(letter), envelope_from=letter.envelope_from)
    assert found.kind == "auto_reply"
    assert match(found, index).notice == NOTICE


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.1.1", "550 5.1.1 User unknown", "bounce_hard"),
        ("5.2.2", "552 5.2.2 Mailbox full", "bounce_soft"),
        ("4.4.1", "connect to mx.town-sazanami.example: Connection timed out", "delayed"),
    ],
)
def test_a_delivery_report_is_read_with_and_without_its_parts(
    index: NoticeIndex, plain: bool, status: str, diagnostic: str, kind: str
) -> None:
    raw = notice()
    letter = delivery_report(
        read_letter(raw),
        raw,
        recipient=OFFICER.address,
        message_id="b1@town-sazanami.example",
        date=CAME,
        status=status,
        diagnostic=diagnostic,
        plain=plain,
    )
    found = recognise(compose(letter), envelope_from=letter.envelope_from)
    assert found.kind == kind, found.reasons
    assert [each.address for each in found.failed] == [OFFICER.address]
    assert found.failed[0].message_id == "n1@pref-akitsu.example"
    matched = match(found, index)
    assert (matched.notice, matched.matched_by, matched.officer) == (NOTICE, MatchedBy.thread, 1)


def test_a_notice_passed_on_keeps_its_mark_and_thread() -> None:
    found = recognise(notice("iso-2022-jp", html=True))
    assert found.is_drill_marked
    assert found.date == SENT.astimezone(UTC)
    assert "９時40分" in found.text
