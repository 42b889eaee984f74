import email.policy
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage

import pytest

from drillsim.mail.compose import Letter, Mailbox, compose, final_body, final_subject
from drillsim.mail.correspondence import (
    REFERENCES_MAX,
    absence_notice,
    acknowledgement_words,
    delivery_report,
    read_letter,
    reply,
    report_words,
    thread,
)
from drillsim.mail.quote_styles import QUOTE_STYLES, QuoteStyle
from drillsim.mail.replies import Recognised, recognise

JST = timezone(timedelta(hours=9))
AT = datetime(2026, 10, 14, 10, 5, tzinfo=JST)
LATER = datetime(2026, 10, 14, 10, 17, tzinfo=JST)
PREFECTURE = Mailbox("kunren@pref.example", "山口県 市町課")
SUO = Mailbox("suo@city.example", "周防 太郎")
OTHER = Mailbox("irie@town.example", "入江 なぎさ")
NOTICE = Letter(
    kind="drill",
    sender=PREFECTURE,
    to=(SUO, OTHER),
    cc=(Mailbox("jlis@centre.example"),),
    reply_to=Mailbox("kunren+7kq2m4xd@pref.example"),
    subject="ウイルス疑義の発生について（第一報）",
    body="山口市　住基ネット担当課長　様\n\n　連絡がありました。\n",
    message_id="first@drillsim.test",
    date=AT,
    references=("root@drillsim.test",),
    in_reply_to="root@drillsim.test",
    token="7KQ2-M4XD",
)
WORDS = acknowledgement_words(
    body="山口市 市民課", by="周防 太郎", role="課長", at=LATER, original_by="山口県 市町課"
)


def answer(style: QuoteStyle = "outlook", *, threaded: bool = True, to_all: bool = False) -> Letter:
    return reply(
        NOTICE,
        writer=SUO,
        words=WORDS,
        message_id="answer@city.test",
        date=LATER,
        style=style,
        threaded=threaded,
        to_all=to_all,
    )


def parsed(letter: Letter) -> EmailMessage:
    mail = message_from_bytes(compose(letter), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert not any(part.defects for part in mail.walk())
    return mail


def recognised(letter: Letter) -> Recognised:
    return recognise(
        compose(letter), envelope_from=letter.envelope_from, envelope_to=letter.envelope_to
    )


@pytest.mark.parametrize("style", QUOTE_STYLES)
def test_a_reply_is_a_persons_whatever_program_wrote_it(style: QuoteStyle) -> None:
    seen = recognised(answer(style))
    assert seen.kind == "human_reply"
    assert seen.thread[0] == "first@drillsim.test"
    assert seen.token == "7KQ2-M4XD"
    assert "10時17分に受信しました" in seen.reply_text
    assert "住基ネット担当課長" not in seen.reply_text


def test_a_reply_goes_to_the_reply_address_and_is_threaded() -> None:
    mail = parsed(answer())
    assert mail["to"] == "kunren+7kq2m4xd@pref.example"
    assert mail["subject"] == (
        "RE: 【訓練】ウイルス疑義の発生について（第一報）（整理番号：7KQ2-M4XD）"
    )
    assert mail["in-reply-to"] == "<first@drillsim.test>"
    assert mail["references"] == "<root@drillsim.test> <first@drillsim.test>"
    assert mail["cc"] is None


def test_a_reply_to_all_copies_everybody_else() -> None:
    cc = parsed(answer(to_all=True))["cc"].addresses
    assert [each.addr_spec for each in cc] == ["irie@town.example", "jlis@centre.example"]


def test_a_telephone_may_lose_the_thread_and_the_token_tells_all_the_same() -> None:
    seen = recognised(answer("iphone", threaded=False))
    assert parsed(answer("iphone", threaded=False))["in-reply-to"] is None
    assert (seen.kind, seen.thread, seen.token_from) == ("human_reply", (), "plus-address")


def test_a_reply_to_a_reply_has_one_prefix() -> None:
    again = reply(
        answer("gmail"), writer=PREFECTURE, words="了解", message_id="x@y.test", date=LATER,
        style="gmail",
    )  # fmt: skip
    assert again.subject.count("Re:") == 1
    assert again.to == (SUO,)
    assert again.references == ("root@drillsim.test", "first@drillsim.test", "answer@city.test")


def test_a_long_thread_keeps_its_root_and_its_end() -> None:
    ids = tuple(f"m{n}@drillsim.test" for n in range(50))
    in_reply_to, references = thread(replace(NOTICE, references=ids))
    assert in_reply_to == "first@drillsim.test"
    assert len(references) == REFERENCES_MAX
    assert references[0] == "m0@drillsim.test"
    assert references[-2:] == ("m49@drillsim.test", "first@drillsim.test")


@pytest.mark.parametrize("variant", range(10))
def test_every_wording_of_an_acknowledgement_is_one(variant: int) -> None:
    words = acknowledgement_words(body="山口市", by="周防", at=LATER, variant=variant)
    seen = recognised(replace(answer("gmail"), body=words))
    assert seen.kind == "human_reply"
    assert "受信" in seen.reply_text


def test_an_empty_answer_above_the_quote_is_still_marked() -> None:
    seen = recognised(replace(answer("outlook"), body=""))
    assert seen.is_drill_marked
    assert seen.kind == "human_reply"


def test_a_consolidated_report_names_what_is_in_it_and_what_is_missing() -> None:
    words = report_words(
        form="影響端末数：0", body="山口県", by="長門", number=2, collected=["山口市", "萩市"],
        missing=["上関町"],
    )  # fmt: skip
    assert "（第２報）" in words
    assert "３団体中２団体" in words
    assert "未報告の団体　上関町" in words
    alone = report_words(form="影響端末数：0", body="山口市", by="周防")
    assert "報）" not in alone
    assert "団体中" not in alone


@pytest.mark.parametrize("headers", [True, False])
def test_an_absence_notice_is_automatic_with_and_without_its_headers(headers: bool) -> None:
    notice = absence_notice(
        NOTICE, owner=SUO, message_id="away@city.test", date=LATER, back_on=date(2026, 10, 16),
        headers=headers,
    )  # fmt: skip
    mail = parsed(notice)
    assert ("Auto-Submitted" in mail) == headers
    assert "令和８年10月16日（金）まで不在" in final_body(notice)
    assert recognised(notice).kind == "auto_reply"
    assert notice.envelope_from == "<>"


@pytest.mark.parametrize("plain", [True, False])
def test_a_dead_address_is_reported_with_and_without_the_parts_for_machines(plain: bool) -> None:
    report = delivery_report(
        NOTICE, compose(NOTICE), recipient="suo@city.example", message_id="b@city.test", date=LATER,
        plain=plain,
    )  # fmt: skip
    seen = recognised(report)
    assert seen.kind == "bounce_hard"
    assert [each.address for each in seen.failed] == ["suo@city.example"]
    assert report.to == (PREFECTURE,)
    assert parsed(report)["from"] == "Mail Delivery Subsystem <mailer-daemon@city.example>"


def test_a_delay_is_reported_as_one() -> None:
    report = delivery_report(
        NOTICE, compose(NOTICE), recipient="suo@city.example", message_id="b@city.test", date=LATER,
        status="4.4.1", diagnostic="451 4.4.1 timed out",
    )  # fmt: skip
    assert recognised(report).kind == "delayed"


def test_a_mail_is_read_back_as_the_letter_that_it_was() -> None:
    seen = read_letter(compose(NOTICE))
    assert final_subject(seen) == final_subject(NOTICE)
    assert final_body(seen) == final_body(NOTICE)
    assert seen.sender == PREFECTURE
    assert seen.envelope_to == NOTICE.envelope_to
    assert (seen.message_id, seen.references) == (NOTICE.message_id, NOTICE.references)
    assert seen.date == AT
    assert seen.reply_to == NOTICE.reply_to


def test_the_stop_mail_is_read_back_as_one_and_answered_without_calling_it_a_drill() -> None:
    stop = replace(NOTICE, kind="stop", subject="訓練の中止について", body="中止しました。")
    seen = read_letter(compose(stop))
    assert seen.kind == "stop"
    confirmed = reply(seen, writer=SUO, words="確認しました。", message_id="x@y.test", date=LATER)
    assert "これは、訓練です。" not in final_body(confirmed)
    assert final_subject(confirmed).startswith("RE: 【訓練中止】")


@pytest.mark.parametrize("raw", [b"", b"Subject: x\r\n\r\n", b"From: a@b.example\r\n\r\nx"])
def test_what_is_no_mail_of_the_drill_cannot_be_answered(raw: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be answered"):
        read_letter(raw)
