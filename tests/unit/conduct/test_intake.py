"""What the sink received: own mails are known, answers must come as they were sent."""

from pathlib import Path

import pytest

from drillsim.conduct.intake import Intake
from drillsim.journal.journal import Journal
from drillsim.journal.mails import mail_hash
from drillsim.journal.writer import AsyncJournal
from drillsim.mail.sink import Delivery
from drillsim.problem import StoppedError

ANSWER = b"Subject: Re: x\r\n\r\nreceived\r\n"


def delivery(raw: bytes) -> Delivery:
    return Delivery("a@city.example", ("kunren@drillsim.test",), raw, ("127.0.0.1", 2525))


async def test_an_answer_that_came_otherwise_than_it_was_sent_stops_the_drill(
    tmp_path: Path,
) -> None:
    journal = AsyncJournal(Journal.create(tmp_path / "x.drill", meta={}, files={}, durable=False))
    try:
        intake = Intake(journal)
        intake.expect(mail_hash(ANSWER))
        intake.expect_answer(mail_hash(ANSWER), "answer@drillsim.test")
        await intake.keep(delivery(ANSWER + b"\r\n"))
        with pytest.raises(StoppedError, match=r"answer@drillsim\.test did not arrive as it was"):
            intake.require_answers()
        await intake.keep(delivery(ANSWER))
        intake.require_answers()
        assert [mail.raw for mail in intake.take()] == [ANSWER + b"\r\n"]
    finally:
        await journal.close()


async def test_a_notice_that_was_refused_is_missed_by_nobody(tmp_path: Path) -> None:
    journal = AsyncJournal(Journal.create(tmp_path / "x.drill", meta={}, files={}, durable=False))
    try:
        intake = Intake(journal)
        intake.expect(mail_hash(ANSWER))
        intake.require_answers()
    finally:
        await journal.close()
