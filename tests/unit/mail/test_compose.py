import email.policy
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage

import pytest

from drillsim.drill.marks import SENTENCE, STOP_SENTENCE
from drillsim.mail.bodies import read_body
from drillsim.mail.compose import (
    HeaderError,
    Letter,
    LetterKind,
    Mailbox,
    NotADrillMailError,
    Returned,
    compose,
    final_body,
    final_subject,
)
from drillsim.mail.flatten import flatten_html
from drillsim.mail.forms import mailto_link
from drillsim.mail.parsing import parse_mail

AT = datetime(2026, 10, 14, 10, 5, tzinfo=timezone(timedelta(hours=9)))
BODY = """山口市 市民課　住基ネット担当課長　様

　住基ネット全国センターから連絡がありました。
１　検知日時　9時40分
２　 <b>確認中</b> & "引用"
.行頭の点
"""
LETTER = Letter(
    kind="drill",
    sender=Mailbox("kunren@pref.example", "山口県 市町課"),
    to=(Mailbox("suo@city.example", "周防 太郎"),),
    reply_to=Mailbox("kunren+7kq2m4xd@pref.example"),
    subject="ウイルス疑義の発生について（第一報）",
    body=BODY,
    message_id="0123456789abcdef@drillsim.test",
    date=AT,
    token="7KQ2-M4XD",
)
KINDS: tuple[LetterKind, ...] = ("drill", "stop", "passed-on", "reply", "auto-reply", "bounce")


def parsed(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    for part in mail.walk():
        assert not part.defects
        assert not any(value.defects for value in part.values())
    return mail


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_drill_mail_has_its_fields_in_order_and_no_others() -> None:
    mail = parsed(compose(LETTER))
    assert mail.keys() == [
        "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "X-Drillsim", "MIME-Version",
        "Content-Type", "Content-Transfer-Encoding",
    ]  # fmt: skip
    assert mail["from"] == "山口県 市町課 <kunren@pref.example>"
    assert mail["to"].addresses[0].display_name == "周防 太郎"
    assert mail["reply-to"] == "kunren+7kq2m4xd@pref.example"
    assert mail["subject"] == (
        "【訓練】ウイルス疑義の発生について（第一報）（整理番号：7KQ2-M4XD）"
    )
    assert mail["message-id"] == "<0123456789abcdef@drillsim.test>"
    assert mail["date"].datetime == AT
    assert mail["x-drillsim"] == "notice"
    assert text_of(mail) == (
        f"{SENTENCE}\n\n{BODY.rstrip()}\n\n（整理番号：7KQ2-M4XD）\n\n{SENTENCE}\n"
    )


def test_every_line_ends_with_crlf_and_none_is_too_long() -> None:
    for letter in (LETTER, replace(LETTER, html=True), replace(LETTER, charset="iso-2022-jp")):
        raw = compose(letter)
        assert raw.endswith(b"\r\n")
        assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
        assert max(len(line) for line in raw.split(b"\r\n")) <= 900
        assert raw.isascii()


def test_the_same_letter_is_the_same_bytes() -> None:
    assert compose(LETTER) == compose(replace(LETTER))
    assert compose(replace(LETTER, html=True)) == compose(replace(LETTER, html=True))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_mail_parses_without_defects_in_both_charsets(kind: LetterKind) -> None:
    for letter in (
        replace(LETTER, kind=kind),
        replace(LETTER, kind=kind, charset="iso-2022-jp"),
        replace(LETTER, kind=kind, html=True),
        replace(LETTER, kind=kind, charset="iso-2022-jp", html=True),
        replace(LETTER, kind=kind, cc=LETTER.to, in_reply_to="a@b.test", references=("a@b.test",)),
    ):
        raw = compose(letter)
        mail = parsed(raw)
        assert text_of(mail).rstrip("\n") == final_body(letter).rstrip("\n")
        assert mail["subject"] == final_subject(letter)
        assert read_body(parse_mail(raw)).text.rstrip("\n") == final_body(letter).rstrip("\n")


def test_iso_2022_jp_is_sent_as_seven_bits_and_gives_way_where_it_lacks_a_character() -> None:
    plain = parsed(compose(replace(LETTER, charset="iso-2022-jp")))
    assert plain.get_content_charset() == "iso-2022-jp"
    assert plain["content-transfer-encoding"] == "7bit"
    lacking = parsed(compose(replace(LETTER, charset="iso-2022-jp", body="㈱髙﨑①")))
    assert lacking.get_content_charset() == "utf-8"
    assert "㈱髙﨑①" in text_of(lacking)


def test_a_paragraph_without_line_breaks_is_encoded() -> None:
    letter = replace(LETTER, charset="iso-2022-jp", body="訓練" * 3000)
    raw = compose(letter)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 76
    assert "訓練" * 3000 in text_of(parsed(raw))


def test_the_html_says_the_same_as_the_text() -> None:
    link = mailto_link("kunren+7kq2m4xd@pref.example", subject="Re: 訓練", body="様式：\n無：")
    letter = replace(LETTER, html=True, reply_link=link)
    mail = parsed(compose(letter))
    assert mail.get_content_type() == "multipart/alternative"
    page = mail.get_body(("html",))
    assert page is not None
    assert "<b>確認中" not in page.get_content()
    assert f'<a href="{link.replace("&", "&amp;")}">kunren+7kq2m4xd@' in page.get_content()
    assert flatten_html(page.get_content()).split() == text_of(mail).split()
    assert "返信先：kunren+7kq2m4xd@pref.example" in text_of(mail)


def test_a_boundary_never_stands_in_a_part() -> None:
    first = compose(replace(LETTER, html=True, charset="iso-2022-jp"))
    mark = first.partition(b'boundary="')[2].partition(b'"')[0].decode()
    letter = replace(LETTER, html=True, charset="iso-2022-jp", body=f"x\n--{mark}--\ny")
    mail = parsed(compose(letter))
    assert f"--{mark}--" in text_of(mail)
    assert len(list(mail.iter_parts())) == 2


def test_a_token_that_the_text_has_is_not_written_twice() -> None:
    letter = replace(
        LETTER, subject="x（整理番号：7KQ2-M4XD）", body="整理番号（7KQ2-M4XD）を添えて電話"
    )
    assert final_subject(letter) == "【訓練】x（整理番号：7KQ2-M4XD）"
    assert final_body(letter).count("7KQ2-M4XD") == 1


def test_the_stop_mail_alone_is_marked_as_stop() -> None:
    letter = replace(LETTER, kind="stop", subject="訓練の中止について", body="中止しました。")
    mail = parsed(compose(letter))
    assert mail["subject"] == "【訓練中止】訓練の中止について（整理番号：7KQ2-M4XD）"
    assert text_of(mail).startswith(f"{STOP_SENTENCE}\n\n中止しました。")
    assert SENTENCE not in text_of(mail)
    assert mail["x-drillsim"] == "stop"


def test_an_answer_to_the_stop_mail_is_no_drill_mail() -> None:
    letter = replace(LETTER, kind="reply", subject="Re: 【訓練中止】中止", body="確認しました。")
    assert final_body(letter) == "確認しました。"


def test_a_text_that_denies_the_drill_is_not_composed() -> None:
    for kind in ("drill", "passed-on"):
        with pytest.raises(NotADrillMailError):
            compose(replace(LETTER, kind=kind, body="これは訓練ではありません。"))
        with pytest.raises(NotADrillMailError):
            compose(replace(LETTER, kind=kind, subject="あ" * 200))
    with pytest.raises(NotADrillMailError):
        compose(replace(LETTER, kind="stop", body="開始\n\nこれは、訓練です。\n\n終わり"))


def test_machines_do_not_answer_machines() -> None:
    assert replace(LETTER, kind="auto-reply").envelope_from == "<>"
    assert replace(LETTER, kind="bounce").envelope_from == "<>"
    assert LETTER.envelope_from == "kunren@pref.example"
    mail = parsed(compose(replace(LETTER, kind="auto-reply", auto_submitted="auto-replied")))
    assert mail["auto-submitted"] == "auto-replied"
    assert parsed(compose(LETTER))["auto-submitted"] is None


def test_every_recipient_is_on_the_envelope_once() -> None:
    other = Mailbox("b@city.example", "別")
    letter = replace(LETTER, to=(*LETTER.to, other), cc=(other, Mailbox("c@city.example")))
    assert letter.envelope_to == ("suo@city.example", "b@city.example", "c@city.example")


def test_a_delivery_report_has_the_three_parts_of_its_rule() -> None:
    raw = compose(LETTER)
    returned = Returned(
        recipient="suo@city.example",
        status="5.1.1",
        diagnostic="550 5.1.1 利用者 unknown\r\nX: y",
        reporting_mta="mx.city.example",
        original=raw,
    )
    mail = parsed(compose(replace(LETTER, kind="bounce", returned=returned)))
    assert mail.get_content_type() == "multipart/report"
    assert mail.get_param("report-type") == "delivery-status"
    words, status, header = mail.iter_parts()
    assert "検知日時" in words.get_content()
    per_message, per_recipient = status.iter_parts()
    assert per_message["reporting-mta"] == "dns; mx.city.example"
    assert per_recipient.keys() == [
        "Final-Recipient", "Action", "Status", "Diagnostic-Code",
    ]  # fmt: skip
    assert per_recipient["diagnostic-code"] == "smtp; 550 5.1.1 unknown X: y"
    assert "Message-ID: <0123456789abcdef@drillsim.test>" in header.get_content()


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, message_id="x\r\nBcc: a@b.example"),
        replace(LETTER, in_reply_to="x y"),
        replace(LETTER, references=("a@b.test", "x>\r\nBcc: <y@z")),
        replace(LETTER, to=(Mailbox("a@b.example\r\nBcc: c@d.example"),)),
        replace(LETTER, reply_to=Mailbox("a b@c.example")),
        replace(LETTER, sender=Mailbox("")),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(letter: Letter) -> None:
    with pytest.raises(HeaderError):
        compose(letter)


def test_a_body_is_text_whatever_bytes_stand_in_it() -> None:
    letter = replace(LETTER, body="a\r\nb\rc\x00d\x1be\u2028f\x85g\ud800h\ti\x0bj\ufeff"[:-1])
    assert f"{SENTENCE}\n\na\nb\ncde\nf\ngh\ti\nj\n" in final_body(letter)
