"""Mails that Outlook saved (.msg) are read like the mails that they were.

Most is tried behind a stand-in for the one class of python-oxmsg that is used; whole files are made
by `tests.msg_files`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from drillsim.mail.outlook import OLE_MAGIC, UnreadableMsgError, is_msg, mail_of_msg
from drillsim.mail.replies import recognise
from tests.msg_files import msg_file


@dataclass
class File:
    """As `oxmsg.attachment.Attachment`."""

    file_name: str | None
    mime_type: str | None
    file_bytes: bytes | None


@dataclass
class Saved:
    """As `oxmsg.Message`, and as its `properties`."""

    message_headers: dict[str, str] = field(default_factory=dict)
    subject: str = ""
    body: str | None = None
    html_body: str | None = None
    sent_date: datetime | None = None
    attachments: tuple[File, ...] = ()
    texts: dict[int, str] = field(default_factory=dict)

    @property
    def properties(self) -> "Saved":
        return self

    def str_prop_value(self, prop: int) -> str | None:
        return self.texts.get(prop)

    def date_prop_value(self, _prop: int) -> datetime | None:
        return None


def read(monkeypatch: pytest.MonkeyPatch, saved: Saved) -> Any:
    monkeypatch.setattr("oxmsg.Message.load", lambda _data: saved)
    return recognise(mail_of_msg(OLE_MAGIC))


INTERNET = Saved(
    message_headers={
        "From": "=?UTF-8?B?5ZGo5Y2XIOWkqumDjg==?= <suo@city.example>",
        "To": "kunren@pref.example",
        "Subject": "=?UTF-8?B?UkU6IOOAkOioqee3tOOAkQ==?=",
        "Message-ID": "<new@city.example>",
        "In-Reply-To": "<first@pref.example>",
        "Content-Type": "multipart/mixed;\r\n boundary=gone",
        "X-Auto\nBcc": "evil@city.example",
    },
    body="受信しました。\r\n（整理番号：7KQ2-M4XD）\r\n",
    attachments=(File("回答.xlsx", "application/vnd.ms-excel", b"PK"), File("内", None, None)),
)


def test_the_header_that_came_over_the_internet_is_kept_but_for_what_describes_the_body(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    got = read(monkeypatch, INTERNET)
    assert (got.kind, got.sender, got.sender_name) == (
        "human_reply",
        "suo@city.example",
        "周南 太郎",
    )
    assert got.thread == ("first@pref.example",)
    assert got.message_id == "new@city.example"
    assert "受信しました" in got.reply_text
    assert [each.name for each in got.attachments] == ["回答.xlsx"]
    assert b"evil@" not in mail_of_msg(OLE_MAGIC)


def test_a_mail_within_exchange_that_never_had_a_header_is_written_from_its_properties(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved = Saved(
        subject="RE: 【訓練】架空の障害\r\nBcc: evil@x.example（整理番号：7KQ2-M4XD）",
        html_body="<p>受信しました。</p>",
        sent_date=datetime(2026, 10, 14, 1, 5, tzinfo=UTC),
        texts={
            0x0C1A: "周南 太郎",
            0x0C1F: "/O=CITY/OU=X/CN=SUO",
            0x5D01: "suo@city.example",
            0x1035: "<new@city.example>",
        },
    )
    got = read(monkeypatch, saved)
    assert (got.kind, got.sender, got.sender_name) == (
        "human_reply",
        "suo@city.example",
        "周南 太郎",
    )
    assert got.token == "7KQ2-M4XD"
    assert got.date == datetime(2026, 10, 14, 1, 5, tzinfo=UTC)
    assert "Bcc:" in got.subject  # It is text of the subject, and no field.
    assert "受信しました" in got.reply_text


@pytest.mark.parametrize("data", [b"", b"no mail", OLE_MAGIC, OLE_MAGIC + bytes(4096)])
def test_what_outlook_did_not_save_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableMsgError):
        mail_of_msg(data)
    assert is_msg(data) == data.startswith(OLE_MAGIC)


def test_a_saved_contact_is_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oxmsg.Message.load", lambda _data: Saved(subject="周南 太郎"))
    with pytest.raises(UnreadableMsgError):
        mail_of_msg(OLE_MAGIC)


@pytest.mark.parametrize("header", ["", "From: ko@a.example\r\nSubject: RE: 【訓練】\r\n"])
@pytest.mark.parametrize("length", [1, 5_000])
def test_a_whole_file_is_read_with_and_without_a_header(header: str, length: int) -> None:
    text = "受信しました。" + "あ" * length
    subject = "RE: 【訓練】"
    raw = msg_file(sender="ko@a.example", subject=subject, body=text, header=header)
    assert is_msg(raw)
    got = recognise(mail_of_msg(raw))
    assert (got.sender, got.subject, got.text.strip()) == ("ko@a.example", "RE: 【訓練】", text)
