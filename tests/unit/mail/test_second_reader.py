"""The second process tells of a mail what the first would find, or leaves it to it."""

import sys
from collections.abc import Iterator
from hashlib import sha256

import pytest

from drillsim.i18n import set_language
from drillsim.mail import second_reader
from drillsim.mail.replies import recognise
from drillsim.mail.second_reader import SecondReader

START_SECONDS = 60.0

ANSWER = (
    "From: 見本 春 <haru@city.example>\r\nTo: kunren@drillsim.test\r\n"
    "Subject: Re: 【訓練】受信確認\r\nMessage-ID: <{0}@city.example>\r\n"
    "In-Reply-To: <first@drillsim.test>\r\nDate: Wed, 14 Oct 2026 10:01:38 +0900\r\n\r\n"
    "受信しました。{0}\r\n\r\n> これは、訓練です。\r\n"
)
ABSENCE = (
    "From: haru@city.example\r\nSubject: 自動応答: 【訓練】\r\nMessage-ID: <a@city.example>\r\n"
    "Auto-Submitted: auto-replied\r\n\r\n不在です。\r\n"
)
BOUNCE = (
    "From: MAILER-DAEMON@city.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    "Message-ID: <b@city.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report;"
    ' report-type=delivery-status; boundary="x"\r\n\r\n--x\r\n\r\nnot delivered\r\n--x\r\n'
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.city.example\r\n\r\n"
    "Final-Recipient: rfc822; haru@city.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--x--\r\n"
)
MAILS = [
    *(ANSWER.format(number).encode() for number in range(20)),
    ABSENCE.encode(),
    BOUNCE.encode(),
    b"",
    b"\x00\xff no mail at all",
]


def name_of(raw: bytes) -> str:
    return sha256(raw).hexdigest()


@pytest.fixture(scope="module")
def reader() -> Iterator[SecondReader]:
    """One process for all: it takes a while to start."""
    with SecondReader() as second:
        assert second.has_started(START_SECONDS)
        yield second


@pytest.fixture
def mortal() -> Iterator[SecondReader]:
    with SecondReader() as second:
        assert second.has_started(START_SECONDS)
        yield second


def test_it_tells_what_the_first_process_would_find(reader: SecondReader) -> None:
    for raw in MAILS:
        reader.hand_in(name_of(raw), raw)
    found = [reader.take(name_of(raw)) for raw in reversed(MAILS)]
    assert found == [recognise(raw) for raw in reversed(MAILS)]


def test_its_reasons_are_in_the_language_of_the_first_process() -> None:
    set_language("ja")
    try:
        with SecondReader() as second:
            assert second.has_started(START_SECONDS)
            second.hand_in("answer", MAILS[0])
            found = second.take("answer")
        assert found == recognise(MAILS[0])
        assert found is not None
        assert any("返信" in reason for reason in found.reasons)
    finally:
        set_language("en")


def test_what_was_not_handed_in_is_left_to_the_first_process(reader: SecondReader) -> None:
    assert reader.take("another") is None


def test_what_was_taken_is_told_once(reader: SecondReader) -> None:
    reader.hand_in("answer", MAILS[0])
    assert reader.take("answer") is not None
    assert reader.take("answer") is None


def test_it_is_known_whether_it_is_still_reading(reader: SecondReader) -> None:
    assert not reader.is_reading("one")
    reader.hand_in("one", MAILS[0])
    reader.hand_in("two", MAILS[1])
    assert reader.take("two") == recognise(MAILS[1])  # They are read in turn.
    assert not reader.is_reading("one")
    assert reader.take("one") == recognise(MAILS[0])


def test_a_mail_that_was_handed_in_alone_is_sent_when_it_is_asked_for(reader: SecondReader) -> None:
    reader.hand_in("alone", MAILS[0])
    while reader.is_reading("alone"):
        pass
    assert reader.take("alone") == recognise(MAILS[0])


def test_before_it_listens_nothing_is_handed_in() -> None:
    second = SecondReader()
    second.hand_in("early", MAILS[0])
    assert second.take("early") is None


def test_of_more_than_it_has_room_for_it_reads_the_first(
    reader: SecondReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_reader, "WAITING_MAX", 2)
    for number in range(3):
        reader.hand_in(str(number), MAILS[number])
    assert [reader.take(str(n)) is None for n in range(3)] == [False, False, True]
    reader.hand_in("again", MAILS[0])
    assert reader.take("again") == recognise(MAILS[0])


def test_a_process_that_is_gone_is_done_without(mortal: SecondReader) -> None:
    process = mortal.process
    assert process is not None
    mortal.hand_in("before", MAILS[0])
    process.kill()
    process.wait()
    mortal.hand_in("after", MAILS[1])
    assert mortal.take("after") is None
    assert mortal.process is None
    mortal.hand_in("later", MAILS[2])
    assert mortal.take("later") is None


def test_one_that_cannot_be_started_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with SecondReader() as second:
        second.hand_in("answer", MAILS[0])
        assert second.take("answer") is None
        assert second.process is None


def test_it_ends_with_its_context(mortal: SecondReader) -> None:
    process = mortal.process
    assert process is not None
    mortal.close()
    assert process.returncode is not None
    mortal.close()
