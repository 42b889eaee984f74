"""What a gateway changed in a mail: sent against received, and whether it matters."""

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from drillsim.i18n import set_language
from drillsim.mail.compose import Enclosed, Letter, compose
from drillsim.mail.gateway import changes
from drillsim.mail.headers import Mailbox

FILE = Enclosed(name="様式.xlsx", content_type="application/octet-stream", data=b"PK\x03\x04form")


def sent(**changes_of: object) -> bytes:
    letter = {
        "kind": "drill",
        "sender": Mailbox("kunren@pref.example", "架空県"),
        "to": (Mailbox("kunren@pref.example", ""),),
        "subject": "接続の確認",
        "body": "一行目です。\n二行目です。\n返信してください。",
        "message_id": "check-1@pref.example",
        "date": datetime(2026, 10, 14, 1, 0, tzinfo=UTC),
        "reply_to": Mailbox("kunren+7kq2m4xd@pref.example", ""),
        "token": "7KQ2-M4XD",
        "html": True,
        "reply_link": "mailto:kunren+7kq2m4xd@pref.example?subject=Re",
        "enclosed": (FILE,),
        **changes_of,
    }
    return compose(Letter(**letter))  # type: ignore[arg-type]


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.SMTP)


def told(raw: bytes, after: bytes) -> list[tuple[str, bool]]:
    return [(each.what, each.matters) for each in changes(raw, after)]


def rewritten(act: Callable[[EmailMessage], None]) -> bytes:
    mail = parsed(sent())
    act(mail)
    return mail.as_bytes()


def test_what_every_server_adds_is_no_change() -> None:
    raw = sent()
    trail = b"Return-Path: <kunren@pref.example>\r\nReceived: from a by b; now\r\n"
    assert told(raw, trail + raw) == []
    assert told(raw, raw.replace(b"\r\n", b"\n")) == []


def test_a_mail_written_anew_by_a_library_is_the_same_to_its_readers() -> None:
    found = changes(sent(), rewritten(lambda _mail: None))
    assert not any(each.matters for each in found)


@pytest.mark.parametrize(
    ("field", "value", "what", "matters"),
    [
        ("Subject", "[EXT] {}", "subject", False),
        ("Subject", "quarantined", "subject", True),
        ("From", "relay@gateway.example", "from", True),
        ("Reply-To", "kunren@pref.example", "reply-to", True),
        ("Reply-To", "", "reply-to", True),
        ("Message-ID", "<new@gateway.example>", "message-id", True),
        ("X-Spam-Score", "0.1", "headers", False),
    ],
)
def test_each_changed_field_is_told_with_its_weight(
    field: str, value: str, what: str, matters: bool
) -> None:
    def change(mail: EmailMessage) -> None:
        before = mail[field] or ""
        del mail[field]
        if value:
            mail[field] = value.format(before)

    found = told(sent(), rewritten(change))
    assert (what, matters) in found
    assert [each for each in found if each[1]] == ([(what, True)] if matters else [])


def plain(raw: bytes, text: str, charset: str = "utf-8") -> bytes:
    """Return the mail as a plain one, as a strict gateway makes it."""
    mail = parsed(raw)
    mail.clear_content()
    mail.set_content(text, charset=charset)
    return mail.as_bytes()


def text_of(raw: bytes) -> str:
    body = parsed(raw).get_body(("plain",))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def test_html_and_attachments_that_are_taken_out_are_named() -> None:
    raw = sent()
    found = changes(raw, plain(raw, text_of(raw)))
    assert [(each.what, each.matters) for each in found][:2] == [
        ("attachment", True),
        ("html", False),
    ]
    assert "様式.xlsx was taken out" in found[0].text


def test_a_warning_above_the_text_does_not_matter_and_a_lost_line_does() -> None:
    raw = sent(html=False, enclosed=())
    text = text_of(raw)
    above = changes(raw, plain(raw, f"注意：外部からのメールです。\n{text}"))
    assert [(each.what, each.matters) for each in above if each.what == "text"] == [("text", False)]
    assert "注意" in next(each.text for each in above if each.what == "text")
    lost = changes(raw, plain(raw, text.replace("二行目です。\n", "")))
    assert (lost[0].what, lost[0].matters) == ("text", True)
    assert "二行目" in lost[0].text


def test_lines_that_are_broken_otherwise_are_no_change() -> None:
    raw = sent(html=False, enclosed=())
    broken = text_of(raw).replace("返信してください。", "返信して\nください。")
    assert not [each for each in changes(raw, plain(raw, broken)) if each.what == "text"]


def test_another_charset_is_told_and_does_not_matter_where_the_text_survives() -> None:
    raw = sent(html=False, enclosed=())
    found = changes(raw, plain(raw, text_of(raw), "iso-2022-jp"))
    assert ("charset", False) in [(each.what, each.matters) for each in found]
    assert not any(each.matters for each in found)
    assert any("iso-2022-jp" in each.text for each in found)


def test_a_renamed_or_altered_file_is_told_apart() -> None:
    raw = sent()
    renamed = sent(enclosed=(Enclosed(name="a.xlsx", content_type="x/y", data=FILE.data),))
    altered = sent(enclosed=(Enclosed(name=FILE.name, content_type="x/y", data=b"other"),))
    assert ("attachment", False) in told(raw, renamed)
    assert ("attachment", True) in told(raw, altered)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_hostile_text_from_a_gateway_is_text(lang: str) -> None:
    set_language(lang)

    raw = sent()
    after = raw.replace(b"Message-ID: <check-1", b"Message-ID: <\x1b[2Jx")
    for found in (changes(raw, after), changes(raw, b"Subject: \x1b[31m[b]\r\n\r\n\x00")):
        assert found
        assert all("\x1b" not in each.text and "\n" not in each.text for each in found)


def test_nothing_at_all_came_through() -> None:
    found = {each.what for each in changes(sent(), b"")}
    assert {"subject", "from", "reply-to", "message-id", "text", "attachment"} <= found
