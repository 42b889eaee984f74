"""A test round through a gateway that meddles, and with clocks that differ; no server is there."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from drillsim.cli.live_check import round_lines
from drillsim.conduct.live import wall_now
from drillsim.conduct.live_check import Incoming, Round, Stream, _Making
from drillsim.files.live_profile import LiveProfile, parse_profile
from drillsim.mail.sessions import SubmitResult
from drillsim.mail.sink import Peer
from drillsim.problem import UsageError
from tests import live

OWN = "kunren@n1.example"
Meddle = Callable[[EmailMessage], None]


def given(*, plus: bool = False) -> LiveProfile:
    text = live.profile()
    if plus:
        text = text.replace("\n[submission]", "plus_addresses = true\n\n[submission]", 1)
    return parse_profile(text.encode(), "live.toml").profile


class Way:
    """Server, gateway and mailbox in one: what is sent comes in, meddled with."""

    is_open = True
    local: Peer = ("127.0.0.1", 1)

    def __init__(self, meddle: Meddle, off: timedelta, *, accepts: bool = True) -> None:
        self.mails: asyncio.Queue[Incoming] = asyncio.Queue()
        self._meddle, self._off, self._accepts = meddle, off, accepts

    async def open(self) -> None: ...

    async def is_alive(self) -> bool:
        return True

    async def close(self) -> None: ...

    def abort(self) -> None: ...

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        if not self._accepts:
            return SubmitResult(554, "5.7.1 \x1b[31mno", accepted=False)
        mail = message_from_bytes(raw, policy=policy.SMTP)
        at = wall_now() + self._off
        self._meddle(mail)
        trail = f"Received: from a by b; {format_datetime(at)}\r\n".encode()
        trail += f"Delivered-To: {recipients[0]}\r\n".encode()
        self.mails.put_nowait(Incoming(trail + mail.as_bytes(), self.server_time(at)))
        return SubmitResult(250, "OK", accepted=True)

    def server_time(self, at: datetime) -> datetime:
        return at.replace(microsecond=0)

    async def stream(self) -> Stream:
        while True:
            yield await self.mails.get()


async def went(
    meddle: Meddle = lambda _mail: None,
    *,
    off: timedelta = timedelta(0),
    plus: bool = False,
    to: str = OWN,
    wait_seconds: float = 20.0,
) -> tuple[Round, list[str]]:
    way, profile = Way(meddle, off), given(plus=plus)
    making = _Making(profile, to, way, lambda _step: None)
    await making.go(way.stream(), wait_seconds)
    return making.found, list(round_lines(making.found, profile))


def replace(field: str, value: str) -> Meddle:
    def meddle(mail: EmailMessage) -> None:
        before = mail[field]
        if before is not None:
            del mail[field]
            if value:
                mail[field] = value.format(before)

    return meddle


async def test_a_way_that_changes_nothing_is_good() -> None:
    found, lines = await went(plus=True)
    assert found.is_good
    assert found.answered is not None
    assert found.answered.by_plus_address
    assert lines[-1] == "A drill can go this way."
    assert not any(line.startswith("✕") for line in lines)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("Message-ID", "<new@gateway.example>", "✕ The Message-ID was changed"),
        ("Reply-To", OWN, "✕ Reply-To was changed to kunren@n1.example."),
        ("Reply-To", "", "✕ Reply-To is gone."),
        ("Subject", "隔離されました", "✕ The subject was changed"),
    ],
)
async def test_what_matters_is_marked_and_the_way_is_not_good(
    field: str, value: str, told: str
) -> None:
    found, lines = await went(replace(field, value), plus=True)
    assert not found.is_good
    assert any(line.startswith(told) for line in lines), lines
    assert lines[-1] == "Mend what is marked ✕ first."


async def test_answers_are_told_by_number_where_the_thread_is_lost() -> None:
    found, lines = await went(replace("Message-ID", "<new@gateway.example>"))
    assert found.answered is not None
    assert (found.answered.by_thread, found.answered.by_number) == (False, True)
    assert any("by thread: no, by number: yes" in line for line in lines)


async def test_a_lost_plus_address_is_told() -> None:
    found, lines = await went(replace("Reply-To", OWN), plus=True)
    assert found.answered is not None
    assert not found.answered.by_plus_address
    assert "✕ Plus-address: no" in lines


async def test_a_warning_in_the_subject_is_told_and_does_not_matter() -> None:
    found, lines = await went(replace("Subject", "[EXT] {}"))
    assert found.is_good
    assert any("Something was added to the subject: [EXT]" in line for line in lines)


@pytest.mark.parametrize(
    ("minutes", "seconds", "good"),
    [(0, 0, True), (0.5, 30, True), (5, 300, False), (-5, -300, False)],
)
async def test_clocks_that_are_apart_are_told(minutes: float, seconds: int, good: bool) -> None:
    found, lines = await went(off=timedelta(minutes=minutes))
    assert found.clock_seconds is not None
    assert abs(found.clock_seconds - seconds) <= 2
    assert found.is_good is good
    assert any(line.startswith("✕ Clocks") for line in lines) is not good


async def test_a_mail_that_never_comes_is_missing() -> None:
    class Silent(Way):
        async def stream(self) -> Stream:
            await asyncio.Event().wait()
            yield Incoming(b"", None)

    way = Silent(lambda _mail: None, timedelta(0))
    making = _Making(given(), OWN, way, lambda _step: None)
    await making.go(way.stream(), 0.01)
    assert not making.found.is_good
    assert "✕ It has not arrived." in list(round_lines(making.found, given()))


async def test_mails_of_others_in_the_mailbox_are_none_of_its_business() -> None:
    way = Way(lambda _mail: None, timedelta(0))
    for raw in (b"", b"From: a@b.example\r\nSubject: hello\r\n\r\nhi\r\n", b"\x00\xff"):
        way.mails.put_nowait(Incoming(raw, None))
    making = _Making(given(), OWN, way, lambda _step: None)
    await making.go(way.stream(), 20.0)
    assert making.found.is_good


async def test_a_refused_mail_is_one_clean_line() -> None:
    way = Way(lambda _mail: None, timedelta(0), accepts=False)
    making = _Making(given(), OWN, way, lambda _step: None)
    with pytest.raises(UsageError, match="does not take the test mail: 554") as caught:
        await making.go(way.stream(), 20.0)
    assert "\x1b" not in str(caught.value)
