"""Mails reach a server that is in a bad way; what became of each try is told."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from drillsim.mail.outbox import AWAY, BACK_OFF, Attempt, Outbox, Outgoing
from drillsim.mail.sessions import LibrarySession, Session, SubmitFailedError, SubmitResult
from drillsim.mail.sink import Delivery, KnownRecipients, Peer, Sink
from tests.simulation.chaos_sink import Chaos, through

QUICK = (timedelta(milliseconds=1), timedelta(milliseconds=5))
MAIL = b"Subject: x\r\n\r\ny\r\n"


def mails(count: int) -> list[Outgoing]:
    return [Outgoing(str(n), "a@pref.example", f"b{n}@city.example", MAIL) for n in range(count)]


class Scripted:
    """A session that answers as it was told to: a code, or None to break off."""

    def __init__(self, answers: list[int | None], opens: list[bool]) -> None:
        self.answers, self.opens, self.is_open = answers, opens, False

    @property
    def local(self) -> Peer:
        return ("127.0.0.1", 0)

    async def open(self) -> None:
        if self.opens and not self.opens.pop(0):
            raise SubmitFailedError("nobody is there")
        self.is_open = True

    async def is_alive(self) -> bool:
        return self.is_open

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        code = self.answers.pop(0) if self.answers else 250
        if code is None:
            raise SubmitFailedError("broken off")
        return SubmitResult(code, "said", accepted=code == 250)

    async def close(self) -> None:
        self.is_open = False

    def abort(self) -> None:
        self.is_open = False


async def tried(
    count: int,
    answers: list[int | None],
    opens: Sequence[bool] = (),
    *,
    sessions: int = 1,
    mails_per_minute: float | None = None,
) -> list[Attempt]:
    """Hand over mails to a server that answers so; return what was told."""
    told: list[Attempt] = []
    opened = list(opens)

    async def hear(attempt: Attempt) -> None:
        told.append(attempt)

    def session() -> Session:
        return Scripted(answers, opened)

    async with Outbox(
        session, hear, sessions=sessions, back_off=QUICK, away=QUICK,
        mails_per_minute=mails_per_minute,
    ) as outbox:  # fmt: skip
        outbox.put(*mails(count))
        assert outbox.left == count
        await outbox.drained()
        assert outbox.left == 0
        assert outbox.away == ""
    return told


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_mail_gets_through_a_server_in_a_bad_way(seed: int) -> None:
    chaos = Chaos(seed)
    tries = await through(chaos, 120, sessions=8, back_off=QUICK)
    accepted = Counter(each.mail.key for each in tries if each.outcome == "accepted")
    assert accepted == Counter({str(n): 1 for n in range(120)})
    assert set(chaos.acknowledged.values()) == {1}
    # Kept more often than acknowledged: broken off before the 250, and every such one is marked.
    doubled = {address for address, count in chaos.kept.items() if count > 1}
    marked = {t.mail.envelope_to for t in tries if t.outcome == "accepted" and t.maybe_twice}
    assert doubled
    assert marked == doubled


async def test_a_refusal_is_final_and_the_others_get_their_mail() -> None:
    tries = await through(Chaos(3, refused=0.2), 60, sessions=4, back_off=QUICK)
    ends = {each.mail.key: each.outcome for each in tries if each.outcome != "deferred"}
    assert len(ends) == 60
    assert set(ends.values()) == {"accepted", "refused"}
    assert all(each.retry_in is None for each in tries if each.outcome == "refused")


async def test_a_mail_is_tried_again_after_the_times_that_are_documented() -> None:
    told = await tried(1, [451, 421, 450, None, 250])
    assert [(each.outcome, each.tries) for each in told] == [
        ("deferred", 1), ("deferred", 2), ("deferred", 3), ("deferred", 4), ("accepted", 5),
    ]  # fmt: skip
    assert [each.retry_in for each in told] == [QUICK[0], QUICK[1], QUICK[1], QUICK[1], None]
    assert [each.maybe_twice for each in told] == [False, False, False, False, True]
    assert [str(each.reply) for each in told] == [
        "451 said", "421 said", "450 said", "None", "250 said",
    ]  # fmt: skip


def test_the_times_between_tries_grow_and_fit_into_a_drill() -> None:
    assert list(BACK_OFF) == sorted(BACK_OFF)
    assert sum(BACK_OFF, timedelta()) < timedelta(hours=1)
    assert list(AWAY) == sorted(AWAY)


async def test_while_the_server_is_away_no_mail_is_charged_with_a_try() -> None:
    told = await tried(2, [], opens=[False, False, False, True])
    assert [(each.mail.key, each.outcome, each.tries) for each in told] == [
        ("0", "accepted", 1),
        ("1", "accepted", 1),
    ]


async def test_mails_are_handed_over_in_their_order() -> None:
    told = await tried(40, [])
    assert [each.mail.key for each in told] == [str(n) for n in range(40)]


async def test_no_more_are_handed_over_than_the_rate_allows() -> None:
    began = time.monotonic()
    told = await tried(11, [], sessions=4, mails_per_minute=6_000)
    assert len(told) == 11
    assert time.monotonic() - began >= 0.1


async def test_what_cannot_be_recorded_stops_the_outbox() -> None:
    async def hear(attempt: Attempt) -> None:
        raise OSError("the journal cannot be written")

    async with Outbox(lambda: Scripted([], []), hear, sessions=2) as outbox:
        outbox.put(*mails(3))
        with pytest.raises(OSError, match="journal"):
            await outbox.drained()


async def test_an_outbox_that_is_closed_leaves_nothing_running() -> None:
    gate = asyncio.Event()

    async def slow(delivery: Delivery) -> None:
        await gate.wait()

    heard: list[Attempt] = []

    async def hear(attempt: Attempt) -> None:
        heard.append(attempt)

    known = KnownRecipients([each.envelope_to for each in mails(5)])
    async with Sink(slow, known_recipient=known) as sink:
        make = lambda: LibrarySession(sink.host, sink.port, 5.0, "director.drillsim.test")  # noqa: E731
        async with Outbox(make, hear, sessions=2) as outbox:
            outbox.put(*mails(5))
            await asyncio.sleep(0)
        gate.set()
    assert heard == []
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert [task for task in others if "_work" in repr(task)] == []


class Recorder:
    """Hears what an outbox tells, in its order."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.more = asyncio.Event()

    async def heard_of(self, count: int) -> None:
        while len(self.heard) < count:
            self.more.clear()
            await self.more.wait()

    async def told(self, attempt: Attempt) -> None:
        await self.gate.wait()
        twice = " twice?" if attempt.maybe_twice else ""
        self.heard.append(f"{attempt.outcome} {attempt.mail.key} {attempt.tries}{twice}")
        self.more.set()

    async def begins(self, mail: Outgoing, tries: int, maybe_twice: bool) -> None:
        self.heard.append(f"begins {mail.key} {tries}{' twice?' if maybe_twice else ''}")

    async def noticed(self, away: str) -> None:
        self.heard.append(f"away: {away}" if away else "back")


class Late(Scripted):
    """A session that breaks off before a mail has been said: None stands for that."""

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        if self.answers and self.answers[0] is None:
            self.answers.pop(0)
            raise SubmitFailedError("timed out while idle", may_be_taken=False)
        return await super().send(sender, recipients, raw)


def urgent(count: int) -> list[Outgoing]:
    return [
        Outgoing(f"stop{n}", "a@pref.example", f"b{n}@city.example", MAIL, urgent=True)
        for n in range(count)
    ]


async def test_what_begins_is_on_record_before_it_is_handed_over() -> None:
    record = Recorder()
    answers: list[int | None] = [451, None, 250]
    async with Outbox(
        lambda: Scripted(answers, []), record.told, begins=record.begins, sessions=1,
        back_off=QUICK,
    ) as outbox:  # fmt: skip
        outbox.put(*mails(1))
        await outbox.drained()
    assert record.heard == [
        "begins 0 1", "deferred 0 1",
        "begins 0 2", "deferred 0 2",
        "begins 0 3 twice?", "accepted 0 3 twice?",
    ]  # fmt: skip


async def test_an_urgent_mail_goes_before_all_that_wait_and_by_its_own_rate() -> None:
    record = Recorder()
    record.gate.clear()
    async with Outbox(
        lambda: Scripted([], []), record.told, sessions=1, urgent_sessions=2, mails_per_minute=60
    ) as outbox:
        outbox.put(*mails(50))
        await asyncio.sleep(0.01)
        outbox.put(*urgent(3))
        record.gate.set()
        await record.heard_of(4)
    # One was under way; at a mail a second no other of the first 50 comes before the stop.
    assert sorted(record.heard) == [
        "accepted 0 1", "accepted stop0 1", "accepted stop1 1", "accepted stop2 1",
    ]  # fmt: skip


async def test_what_waits_can_be_dropped_and_was_then_never_handed_over() -> None:
    record = Recorder()
    record.gate.clear()
    async with Outbox(lambda: Scripted([], []), record.told, sessions=1) as outbox:
        outbox.put(*mails(5))
        await asyncio.sleep(0.01)
        assert [each.key for each in outbox.unsent()] == ["1", "2", "3", "4"]
        assert [each.key for each in outbox.drop()] == ["1", "2", "3", "4"]
        record.gate.set()
        await outbox.drained()
    assert record.heard == ["accepted 0 1"]


async def test_a_mail_that_was_tried_is_no_unsent_one_when_it_is_dropped() -> None:
    record = Recorder()
    async with Outbox(lambda: Scripted([451], []), record.told, sessions=1) as outbox:
        outbox.put(*mails(1))
        await record.heard_of(1)
        assert outbox.left == 1
        assert outbox.drop() == []
        await outbox.drained()


async def test_a_session_that_ended_while_idle_costs_no_try_and_no_mark() -> None:
    record = Recorder()
    answers: list[int | None] = [250, None, 250]
    async with Outbox(
        lambda: Late(answers, []), record.told, noticed=record.noticed, sessions=1
    ) as outbox:
        outbox.put(*mails(1))
        await outbox.drained()
        outbox.put(*mails(2)[1:])
        await outbox.drained()
    assert record.heard == ["accepted 0 1", "accepted 1 1"]


async def test_a_server_that_breaks_off_before_every_mail_is_left_alone_for_a_while() -> None:
    record = Recorder()
    answers: list[int | None] = [None, None, 250]
    async with Outbox(
        lambda: Late(answers, []), record.told, noticed=record.noticed, sessions=1, away=QUICK
    ) as outbox:
        outbox.put(*mails(1))
        await outbox.drained()
    assert record.heard == ["away: timed out while idle", "back", "accepted 0 1"]


async def test_who_is_told_can_see_to_the_next_try_himself() -> None:
    record = Recorder()
    async with Outbox(
        lambda: Scripted([451], []), record.told, sessions=1, tries_again=False
    ) as outbox:
        outbox.put(*mails(1))
        await outbox.drained()
        assert record.heard == ["deferred 0 1"]
        outbox.put(*mails(1), tries=1, maybe_twice=True)
        await outbox.drained()
    assert record.heard[1:] == ["accepted 0 2 twice?"]
