"""What a mail is: over the mails of tests/data/mail, each in the folder of its kind.

The mails were written for these tests after the formats that the products and RFCs document.
Everyone in them is fictional. A `.txt` beside a mail holds the person's own words.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drillsim.mail.replies import Cause, Recognised, recognise

MAILS = Path(__file__).parents[2] / "data" / "mail"
TOKEN = "7KQ2-M4XD"

PERSON = b"""\
From: =?UTF-8?B?5YWl5rGf?= <Irie@town-sazanami.example>
To: =?UTF-8?B?55yM?= <kunren+7kq2m4xd@pref-akitsu.example>, "a, b" <other@pref-akitsu.example>
Cc: umi@city-shiomi.example
Subject: Re: =?UTF-8?B?44CQ6KiT57e044CR?= drill
Date: Wed, 14 Oct 2026 10:17:05 +0900
Message-ID: <r1@town-sazanami.example>
In-Reply-To: <n2@pref-akitsu.example>
References: <n0@jlis.example> <n1@pref-akitsu.example> <n2@pref-akitsu.example>

OK
"""


def mails() -> list[Path]:
    return sorted(MAILS.glob("*/*.eml"))


def name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def read(kind: str, stem: str) -> Recognised:
    return recognise((MAILS / kind / f"{stem}.eml").read_bytes())


@pytest.mark.parametrize("path", mails(), ids=name)
def test_a_mail_is_what_its_folder_says(path: Path) -> None:
    found = recognise(path.read_bytes())
    assert found.error is None
    assert found.kind == path.parent.name, found.reasons
    assert found.reasons
    assert all(reason.strip() for reason in found.reasons)


@pytest.mark.parametrize(
    "path", [path for path in mails() if path.with_suffix(".txt").exists()], ids=name
)
def test_only_the_persons_own_words_are_left(path: Path) -> None:
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert recognise(path.read_bytes()).reply_text.split() == expected.split()


def test_every_kind_has_mails() -> None:
    folders = {path.parent.name for path in mails()}
    assert folders == {
        "human_reply",
        "auto_reply",
        "bounce_hard",
        "bounce_soft",
        "delayed",
        "read_receipt",
        "feedback_report",
        "not_a_reply",
        "malformed",
    }


def test_headers_are_decoded() -> None:
    found = recognise(
        PERSON, envelope_to=["<kunren@pref-akitsu.example>", "umi@city-shiomi.example"]
    )
    assert (found.sender, found.sender_name) == ("Irie@town-sazanami.example", "入江")
    assert found.recipients == (
        "kunren+7kq2m4xd@pref-akitsu.example",
        "other@pref-akitsu.example",
        "umi@city-shiomi.example",
        "kunren@pref-akitsu.example",
    )
    assert found.subject == "Re: 【訓練】 drill"
    assert found.is_drill_marked
    assert found.message_id == "r1@town-sazanami.example"
    assert found.date == datetime(2026, 10, 14, 1, 17, 5, tzinfo=UTC)


def test_the_thread_begins_with_what_was_answered() -> None:
    assert recognise(PERSON).thread == (
        "n2@pref-akitsu.example",
        "n1@pref-akitsu.example",
        "n0@jlis.example",
    )


def test_the_token_in_the_address_comes_first() -> None:
    mail = PERSON.replace(b"drill\n", b"drill (ABC2-DEF3)\n")
    assert (recognise(mail).token, recognise(mail).token_from) == (TOKEN, "plus-address")


@pytest.mark.parametrize(
    ("subject", "body", "token_from"),
    [
        ("Re: （整理番号：７ＫＱ２－Ｍ４ＸＤ）", "OK", "subject"),
        ("Re:", "整理番号は 7kq2 m4xd です。", "body"),
        ("Re:", "OK\n\n> （整理番号：7KQ2-\n> M4XD）", "body"),
        ("Re:", "OK\n\n> （整理番号：7KQ2-M4XD）", "body"),
    ],
)
def test_a_token_is_found_where_a_gateway_left_it(subject: str, body: str, token_from: str) -> None:
    mail = f"From: a@b.example\nTo: kunren@x.example\nSubject: {subject}\n\n{body}\n".encode()
    found = recognise(mail)
    if "\n> M4XD" in body:
        assert found.token in (None, TOKEN)
    else:
        assert (found.token, found.token_from) == (TOKEN, token_from)


def test_the_recipients_of_the_envelope_carry_tokens_too() -> None:
    mail = b"From: a@b.example\nTo: undisclosed-recipients:;\nSubject: Re:\n\nOK\n"
    found = recognise(mail, envelope_to=["kunren+7kq2m4xd@pref-akitsu.example"])
    assert (found.kind, found.token) == ("human_reply", TOKEN)


def test_a_line_break_inside_an_encoded_subject_is_none_of_the_subjects() -> None:
    mail = b"From: a@b.example\nSubject: =?UTF-8?Q?Re:_x=0D=0ABcc:_v@evil.example?=\n\nOK\n"
    assert recognise(mail).subject == "Re: x Bcc: v@evil.example"


def test_a_bounce_names_address_status_cause_and_mail() -> None:
    found = read("bounce_hard", "postfix-unknown-user")
    assert len(found.failed) == 1
    failed = found.failed[0]
    assert failed.address == "irie@town-sazanami.example"
    assert (failed.status, failed.action, failed.cause) == (
        "5.1.1",
        "failed",
        Cause.UNKNOWN_ADDRESS,
    )
    assert "User unknown" in failed.diagnostic
    assert failed.message_id == "n1@pref-akitsu.example"
    assert found.thread[0] == "n1@pref-akitsu.example"
    assert found.token == TOKEN  # From the Reply-To of the mail that came back.


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in mails()
        if path.parent.name in ("bounce_hard", "bounce_soft", "delayed")
        and path.stem != "groupwise"  # It names no address, only a user.
    ],
    ids=name,
)
def test_every_failure_names_the_address(path: Path) -> None:
    found = recognise(path.read_bytes())
    assert found.failed
    assert all(each.address.endswith(".example") for each in found.failed)
    assert not any(each.address.startswith(("kunren", "MAILER")) for each in found.failed)


def test_a_report_in_prose_names_the_mail_that_came_back() -> None:
    found = read("bounce_hard", "exim-unknown")
    assert found.failed[0].message_id == "n1@pref-akitsu.example"


def test_of_several_failures_each_has_its_own_cause() -> None:
    found = read("bounce_soft", "several-recipients-one-full")
    assert [each.cause for each in found.failed] == [Cause.UNKNOWN_ADDRESS, Cause.MAILBOX_FULL]


def test_a_null_sender_tells_a_report_from_prose() -> None:
    mail = (
        b"From: Info <info@town-sazanami.example>\nTo: kunren@x.example\n"
        b"Subject: Undelivered\n\nYour mail to <a@b.example> could not be delivered.\n"
    )
    assert recognise(mail, envelope_from="<>").kind == "bounce_soft"


def test_a_receipt_points_at_the_mail_that_was_shown() -> None:
    found = read("read_receipt", "mdn")
    assert found.thread[0] == "n1@pref-akitsu.example"


def test_only_a_form_of_the_drill_is_carried_as_bytes() -> None:
    found = read("human_reply", "form-attached")
    assert [(each.name, each.data[:4]) for each in found.attachments] == [
        ("報告.xlsx", b"PK\x03\x04")
    ]
    signed = read("human_reply", "signed-smime").attachments
    assert [(each.name, each.data) for each in signed] == [("smime.p7s", b"")]


def test_the_whole_text_holds_quotes_and_attached_mails() -> None:
    assert "これは、訓練です。" in read("human_reply", "gmail-ja").text
    mail = (
        b"From: a@b.example\nTo: c@d.example\nSubject: FW: x\nContent-Type: multipart/mixed;"
        b" boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\n"
        b"Subject: x\nContent-Type: text/plain; charset=utf-8\n\n"
        + "9時40分".encode()
        + b"\n--b--\n"
    )
    found = recognise(mail)
    assert found.reply_text == "see below"
    assert "9時40分" in found.text


def test_tokens_of_other_tools_are_found_by_their_pattern() -> None:
    import re

    pattern = re.compile(r"(?i)\bexer[-+.]([A-Z0-9]{6})\b")
    head = "From: a@b.example\nTo: {to}\nSubject: {subject}\nIn-Reply-To: <{thread}>\n\n{body}\n"

    def token(**given: str) -> str | None:
        fields = {"to": "x@y.example", "subject": "Re:", "thread": "a@b", "body": "OK"}
        return recognise(head.format(**{**fields, **given}).encode(), token_pattern=pattern).token

    assert token(to="exer+AB12CD@y.example") == "AB12CD"
    assert token(to="exer+ab12cd=a=b.example@y.example") == "AB12CD"
    assert token(subject="Re: [EXER-AB12CD] x") == "AB12CD"
    assert token(subject="Ｒｅ：［ＥＸＥＲ－ＡＢ１２ＣＤ］") == "AB12CD"
    assert token(thread="exer.AB12CD.7@y.example") == "AB12CD"
    assert token(body="[EXER-AB12CD]") == "AB12CD"
    assert token() is None


def test_a_pattern_without_a_group_finds_its_whole_match() -> None:
    import re

    mail = b"From: a@b.example\nTo: exer+AB12CD@y.example\nSubject: Re:\n\nOK\n"
    assert recognise(mail, token_pattern=re.compile(r"[A-Z0-9]{6}")).token == "AB12CD"


def test_the_reasons_say_why_in_words() -> None:
    person = recognise(PERSON).reasons
    assert any("In-Reply-To" in reason for reason in person)
    assert any("Re:" in reason for reason in person)
    assert any(TOKEN in reason for reason in person)
    automatic = read("auto_reply", "looks-like-a-person-but-auto-submitted").reasons
    assert any("Auto-Submitted" in reason for reason in automatic)
    assert any("full" in reason for reason in read("bounce_soft", "postfix-mailbox-full").reasons)


def test_a_date_that_is_none_is_left_out() -> None:
    for date in (b"yesterday", b"Wed, 99 Foo 2026 99:99:99 +9999", b"1 Jan 99999 00:00 +0000"):
        assert recognise(PERSON.replace(b"Wed, 14 Oct 2026 10:17:05 +0900", date)).date is None


def test_a_word_in_small_letters_is_no_token_however_loose_the_pattern() -> None:
    loose = re.compile(r"\b([A-Z0-9]{6})\b")
    plain = b"From: a@x.example\r\nTo: b@y.example\r\nSubject: %s\r\n\r\nWords.\r\n"
    assert recognise(plain % b"Saying Hello", token_pattern=loose).token is None
    assert recognise(plain % b"Re: drill m32dwp", token_pattern=loose).token == "M32DWP"
    assert recognise(plain % b"Re: [KXWRTQ]", token_pattern=loose).token == "KXWRTQ"
