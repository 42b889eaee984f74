import email.policy
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage

import pytest

from drillsim.mail.headers import (
    LINE_LENGTH_MAX,
    Charset,
    HeaderError,
    Mailbox,
    date_field,
    encoded_words,
    header_address,
    ids_field,
    jis,
    mailboxes_field,
    one_line,
    text_field,
)

SUBJECT = "【訓練】（県伝達）住基ネットにおけるウイルス疑義の発生について（第一報）"


def parsed(field: bytes) -> EmailMessage:
    mail = message_from_bytes(field + b"\r\n", policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp"])
def test_a_subject_is_folded_into_whole_encoded_words(charset: Charset) -> None:
    field = text_field("Subject", SUBJECT * 3, charset)
    lines = field.decode("ascii").split("\r\n")
    assert lines.pop() == ""
    assert all(len(line) <= LINE_LENGTH_MAX for line in lines)
    assert all(line.startswith(" ") for line in lines[1:])
    words = [line.removeprefix("Subject: ").strip() for line in lines]
    assert all(len(word) <= 75 for word in words)
    assert all(word.upper().startswith(f"=?{charset.upper()}?B?") for word in words)
    # Each word can be read by itself: no letter is cut in half, no shift is left open.
    assert "".join(str(parsed(f"Subject: {word}\r\n".encode())["subject"]) for word in words) == (
        SUBJECT * 3
    )
    assert parsed(field)["subject"] == SUBJECT * 3


def test_a_word_that_iso_2022_jp_lacks_is_written_in_utf_8() -> None:
    field = text_field("Subject", "㈱髙﨑①", "iso-2022-jp")
    assert field.startswith(b"Subject: =?UTF-8?B?")
    assert parsed(field)["subject"] == "㈱髙﨑①"


def test_characters_that_microsoft_and_jis_code_differently_are_written_as_jis_has_them() -> None:
    assert jis("１０～１２時 －１") == "１０〜１２時 −１".encode("iso2022_jp")
    assert jis("①") is None


def test_short_ascii_stays_readable_and_what_looks_encoded_is_encoded() -> None:
    assert text_field("Subject", "Plain", "utf-8") == b"Subject: Plain\r\n"
    tricky = "=?utf-8?q?x?="
    assert parsed(text_field("Subject", tricky, "utf-8"))["subject"] == tricky
    long = "word " * 40
    assert parsed(text_field("Subject", long, "utf-8"))["subject"] == long.strip()


def test_one_line_takes_out_every_kind_of_line_break() -> None:
    hostile = "a\r\nBcc: x@y.example\x00\x0b\x0c\x1c\x85\u2028\u2029b\x7f\ud800"
    assert one_line(hostile) == "a Bcc: x@y.example b \ufffd"


@pytest.mark.parametrize(
    ("mailbox", "field"),
    [
        (Mailbox("a@b.example"), b"To: a@b.example\r\n"),
        (Mailbox("a@b.example", "Irie Nagisa"), b"To: Irie Nagisa <a@b.example>\r\n"),
        (Mailbox("a@b.example", "Irie, N."), b'To: "Irie, N." <a@b.example>\r\n'),
        (Mailbox("a@b.example", 'a"\\b'), b'To: "a\\"\\\\b" <a@b.example>\r\n'),
        (Mailbox("a@b.example", "  \r\n "), b"To: a@b.example\r\n"),
        (
            Mailbox("a@b.example", "入江"),
            b"To: =?UTF-8?B?5YWl5rGf?= <a@b.example>\r\n",
        ),
    ],
)
def test_a_mailbox_is_written_with_its_name(mailbox: Mailbox, field: bytes) -> None:
    assert mailboxes_field("To", [mailbox], "utf-8") == field


def test_many_mailboxes_stand_on_lines_of_their_own_and_come_back() -> None:
    mailboxes = [Mailbox(f"o{n}@city.example", f"山口市 市民課 担当{n}") for n in range(30)]
    field = mailboxes_field("To", mailboxes, "utf-8")
    assert max(len(line) for line in field.split(b"\r\n")) <= LINE_LENGTH_MAX
    addresses = parsed(field)["to"].addresses
    assert [(each.addr_spec, each.display_name) for each in addresses] == [
        (mailbox.address, mailbox.name) for mailbox in mailboxes
    ]


def test_addresses_that_carriers_gave_out_against_the_rule_are_quoted() -> None:
    assert header_address("taro..yamada@docomo.example") == '"taro..yamada"@docomo.example'
    assert header_address("taro.@ezweb.example") == '"taro."@ezweb.example'
    assert header_address('"a b"@c.example') == '"a b"@c.example'
    to = parsed(mailboxes_field("To", [Mailbox("taro..yamada@docomo.example")], "utf-8"))["to"]
    assert (to.addresses[0].username, to.defects) == ("taro..yamada", ())


@pytest.mark.parametrize(
    "address",
    [
        "", "a", "@b.example", "a@", "a b@c.example", "a@b.example\r\nBcc: x@y.example",
        "a@b..example", "a@b.example>", "<a@b.example>", "a,b@c.example", "あ@b.example",
        "a@あ.example", "a@[127.0.0.1]",
        "a@b.example\x00", '"a"b"@c.example', "a@-b.example", "a;b@c.example", '"a\r\nb"@c.example',
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(HeaderError):
        header_address(address)


@pytest.mark.parametrize("bad", ["", "a", "a b@c", "a@b>\r\nBcc: x", "<a@b>", "あ@b"])
def test_what_is_no_message_id_is_refused(bad: str) -> None:
    with pytest.raises(HeaderError):
        ids_field("References", ["ok@x.test", bad])


def test_a_date_is_written_with_its_zone() -> None:
    jst = timezone(timedelta(hours=9))
    at = datetime(2026, 10, 4, 9, 5, 7, tzinfo=jst)
    assert date_field(at) == b"Date: Sun, 04 Oct 2026 09:05:07 +0900\r\n"
    west = timezone(timedelta(hours=-3, minutes=-30))
    assert date_field(at.astimezone(west)) == b"Date: Sat, 03 Oct 2026 20:35:07 -0330\r\n"
    with pytest.raises(ValueError, match="zone"):
        date_field(at.replace(tzinfo=None))


def test_the_first_word_leaves_room_for_the_name_of_the_field() -> None:
    for used in range(40):
        first = next(iter(encoded_words("訓練" * 40, "utf-8", used)))
        assert used + len(first) <= LINE_LENGTH_MAX
