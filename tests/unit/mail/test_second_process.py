"""The second process tells of a mail what the first would find, and hands it over as it would."""

import sys
from collections.abc import Iterator
from hashlib import sha256

import pytest

from drillsim.i18n import set_language
from drillsim.mail import second_process
from drillsim.mail.replies import recognise
from drillsim.mail.second_process import Load, SecondProcess
from drillsim.mail.sessions import SubmitFailedError
from drillsim.mail.sink import KnownRecipients, Reply

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


KNOWN = KnownRecipients(["haru@city.example"], ["kunren@drillsim.test"])
SIZE_MAX = 1_000_000
REFUSED = Reply(550, "5.1.1 Unknown user")


class Second(SecondProcess):
    """One whose server takes mail for two addresses; it remembers what came through."""

    def __init__(self) -> None:
        self.came: list[str] = []
        super().__init__(KNOWN, SIZE_MAX, self.came.append)


def load(raw: bytes, to: str = "kunren@drillsim.test", planned: Reply | None = None) -> Load:
    return Load(name_of(raw), "haru@city.example", (to,), raw, planned)


def name_of(raw: bytes) -> str:
    return sha256(raw).hexdigest()


@pytest.fixture(scope="module")
def reader() -> Iterator[Second]:
    """One process for all: it takes a while to start."""
    with Second() as second:
        assert second.has_started(START_SECONDS)
        yield second


@pytest.fixture
def mortal() -> Iterator[Second]:
    with Second() as second:
        assert second.has_started(START_SECONDS)
        yield second


def test_it_tells_what_the_first_process_would_find(reader: Second) -> None:
    for raw in MAILS:
        reader.hand_in(name_of(raw), raw)
    found = [reader.take(name_of(raw)) for raw in reversed(MAILS)]
    assert found == [recognise(raw) for raw in reversed(MAILS)]


def test_its_reasons_are_in_the_language_of_the_first_process() -> None:
    set_language("ja")
    try:
        with Second() as second:
            assert second.has_started(START_SECONDS)
            second.hand_in("answer", MAILS[0])
            found = second.take("answer")
        assert found == recognise(MAILS[0])
        assert found is not None
        assert any("返信" in reason for reason in found.reasons)
    finally:
        set_language("en")


def test_what_was_not_handed_in_is_left_to_the_first_process(reader: Second) -> None:
    assert reader.take("another") is None


def test_what_was_taken_is_told_once(reader: Second) -> None:
    reader.hand_in("answer", MAILS[0])
    assert reader.take("answer") is not None
    assert reader.take("answer") is None


def test_it_is_known_whether_it_is_still_reading(reader: Second) -> None:
    assert not reader.is_reading("one")
    reader.hand_in("one", MAILS[0])
    reader.hand_in("two", MAILS[1])
    assert reader.take("two") == recognise(MAILS[1])  # They are read in turn.
    assert not reader.is_reading("one")
    assert reader.take("one") == recognise(MAILS[0])


def test_before_it_listens_nothing_is_handed_in() -> None:
    second = Second()
    second.hand_in("early", MAILS[0])
    assert second.take("early") is None


def test_of_more_than_it_has_room_for_it_reads_the_first(
    reader: Second, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_process, "WAITING_MAX", 2)
    for number in range(3):
        reader.hand_in(str(number), MAILS[number])
    assert [reader.take(str(n)) is None for n in range(3)] == [False, False, True]
    reader.hand_in("again", MAILS[0])
    assert reader.take("again") == recognise(MAILS[0])


def test_a_process_that_is_gone_is_done_without(mortal: Second) -> None:
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


def test_what_it_carries_goes_through_its_server(reader: Second) -> None:
    """Whether it has read a mail before or not, and as often as it is asked."""
    reader.came.clear()
    reader.hand_in(name_of(MAILS[0]), MAILS[0])
    loads = [load(MAILS[0]), load(MAILS[1]), load(MAILS[0])]
    for each in loads:
        assert reader.carry(each)
    assert not reader.is_carrying
    reader.send_off()
    assert reader.is_carrying
    assert reader.require_in() == []
    assert not reader.is_carrying
    assert reader.came == [each.name for each in loads]
    assert reader.take(name_of(MAILS[0])) == recognise(MAILS[0])


def test_a_refusal_that_was_planned_is_none_of_its_faults(reader: Second) -> None:
    reader.carry(load(MAILS[2], planned=REFUSED))
    reader.send_off()
    assert reader.require_in() == []


def test_what_nobody_planned_is_told(mortal: Second) -> None:
    mortal.carry(load(MAILS[0], to="stranger@elsewhere.example"))
    mortal.send_off()
    with pytest.raises(SubmitFailedError, match="not planned"):
        mortal.require_in()
    assert mortal.came == []


def test_a_mail_that_is_another_than_it_is_called_is_told(mortal: Second) -> None:
    mortal.carry(load(MAILS[0])._replace(name=name_of(MAILS[1])))
    mortal.send_off()
    with pytest.raises(SubmitFailedError, match="did not arrive as it was sent"):
        mortal.require_in()


def test_what_it_cannot_even_try_is_given_back(mortal: Second) -> None:
    bad = load(MAILS[0], to="no address")
    mortal.carry(bad)
    mortal.send_off()
    assert mortal.require_in() == [bad]
    assert mortal.process is None


def test_what_it_may_not_have_carried_is_given_back(mortal: Second) -> None:
    process = mortal.process
    assert process is not None
    process.kill()
    process.wait()
    loads = [load(MAILS[0]), load(MAILS[1])]
    assert [mortal.carry(each) for each in loads] == [True, True]  # It is not known yet.
    mortal.send_off()
    assert mortal.require_in() == loads
    assert mortal.require_in() == []
    assert not mortal.carry(loads[0])


def test_one_that_cannot_be_started_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Second() as second:
        second.hand_in("answer", MAILS[0])
        assert second.take("answer") is None
        assert second.process is None


def test_one_that_has_not_started_yet_ends_too() -> None:
    with Second() as second:
        pass
    assert not second._starting.is_alive()
    assert not second.carry(load(MAILS[0]))


def test_it_ends_with_its_context(mortal: Second) -> None:
    process = mortal.process
    assert process is not None
    mortal.close()
    assert process.returncode is not None
    mortal.close()
