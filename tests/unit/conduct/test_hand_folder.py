"""What is copied of a mail that a person sends."""

import pytest

from drillsim.conduct.hand_folder import text_to_copy

HEAD = "From: juki@pref.example\r\nSubject: =?utf-8?b?44CQ6KiT57e044CR?= first\r\n"
TOWNS = "A <ko@a.example>, =?utf-8?b?5LmZ?= <otsu@b.example>"
ADDRESSES = "ko@a.example; otsu@b.example"


@pytest.mark.parametrize(
    ("fields", "recipients", "lines"),
    [
        (f"To: {TOWNS}", ("To", ADDRESSES), [f"To: {ADDRESSES}"]),
        (
            f"To: juki@pref.example\r\nBcc: {TOWNS}",
            ("Bcc", ADDRESSES),
            ["To: juki@pref.example", f"Bcc: {ADDRESSES}"],
        ),
    ],
)
def test_addresses_stand_alone_and_those_in_bcc_are_never_mixed_with_others(
    fields: str, recipients: tuple[str, str], lines: list[str]
) -> None:
    copied = text_to_copy(f"{HEAD}{fields}\r\n\r\nHello\r\n".encode())
    assert copied.recipients == recipients
    assert copied.lines() == [*lines, "Subject: 【訓練】 first", "", copied.body, ""]
    assert copied.body.strip() == "Hello"
