"""The mailbox reader at a real Dovecot: nothing lost, nothing twice, nothing marked too early."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from drillsim.mail.imap_mailbox import (
    ImapMailbox,
    IncomingMail,
    MailboxAccess,
    MailboxError,
    MailboxState,
)
from drillsim.mail.secret import Secret
from drillsim.problem import UsageError
from tests.e2e.servers.dovecot import Dovecot
from tests.e2e.servers.office import DRILL, Office, dovecot_alone
from tests.e2e.servers.processes import HOST, SECONDS_MAX

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def mail(subject: str, body: str = "受信しました。") -> bytes:
    head = f"From: <suo@city.example>\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x>\r\n"
    kind = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return f"{head}{kind}{body}\r\n".encode()


def access(office: Office | Dovecot, user: str, **changes: Any) -> MailboxAccess:
    dovecot = office.dovecot if isinstance(office, Office) else office
    values: dict[str, Any] = {
        "host": HOST,
        "port": dovecot.imaps,
        "user": user,
        "password": lambda: Secret(dovecot.password),
        "ca_file": dovecot.certificates.authority,
    }
    return MailboxAccess(**{**values, **changes})


class Reader:
    """Takes mails as a director does: on record first, then told to the mailbox."""

    def __init__(self, box: ImapMailbox, states: list[MailboxState]) -> None:
        self.box, self.states = box, states
        self.taken: list[IncomingMail] = []

    @property
    def subjects(self) -> list[str]:
        return [subject(each) for each in self.taken]

    async def take(self, count: int = 1, *, record: bool = True) -> list[str]:
        async with asyncio.timeout(SECONDS_MAX):
            for _number in range(count):
                found = await anext(self.box)
                self.taken.append(found)
                if record:
                    self.box.recorded(found)
        return self.subjects[-count:]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS_MAX):
            while not holds():  # noqa: ASYNC110 - of files, and of what a thread does
                await asyncio.sleep(0.01)


def subject(found: IncomingMail) -> str:
    return str(message_from_bytes(found.raw, policy=policy.default)["Subject"])


@asynccontextmanager
async def reading(
    given: MailboxAccess,
    *,
    since: datetime = LONG_AGO,
    known: Sequence[str] = (),
    patient: bool = False,
) -> AsyncIterator[Reader]:
    states: list[MailboxState] = []
    box = ImapMailbox(
        given,
        since=since,
        known=known,
        on_state=states.append,
        patient=patient,
        back_off_seconds=[0.05, 0.1],
    )
    async with box:
        yield Reader(box, states)


def flags(office: Office, user: str) -> list[str]:
    """Return the Maildir flags of the mails of a mailbox; "" for one that was never looked at."""
    folder = office.dovecot.home(user) / "Maildir"
    paths = [path for part in ("new", "cur") for path in (folder / part).iterdir()]
    return sorted(path.name.partition(":2,")[2] for path in paths)


async def deliver(office: Office, user: str, *subjects: str) -> None:
    for each in subjects:
        await asyncio.to_thread(office.dovecot.deliver, mail(each), user)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_what_lies_there_and_what_comes_is_read_and_nothing_is_marked(
    office: Office, security: str
) -> None:
    user = office.new_mailbox()
    await deliver(office, user, "one")
    port = office.dovecot.imaps if security == "tls" else office.dovecot.imap
    async with reading(access(office, user, port=port, security=security)) as reader:
        assert await reader.take() == ["one"]
        await deliver(office, user, "two", "three")
        assert await reader.take(2) == ["two", "three"]
        assert [each.is_connected for each in reader.states] == [True]
    assert flags(office, user) == ["", "", ""]
    assert reader.taken[0].raw.endswith("受信しました。\r\n".encode())
    assert not reader.taken[0].is_cut


async def test_a_server_without_idle_is_asked_again_and_again() -> None:
    with dovecot_alone(idle=False) as dovecot:
        user = DRILL
        async with reading(access(dovecot, user, poll_seconds=0.05)) as reader:
            for number in ("one", "two"):
                await asyncio.to_thread(dovecot.deliver, mail(number), user)
                assert await reader.take() == [number]


async def test_a_mail_is_marked_only_once_it_is_on_record(office: Office) -> None:
    user = office.new_mailbox()
    await deliver(office, user, "one", "two")
    async with reading(access(office, user, after="seen")) as reader:
        await reader.take(2, record=False)
        await deliver(office, user, "three")
        await reader.take(1, record=False)  # The reader has been through its whole round.
        assert flags(office, user) == ["", "", ""]
        reader.box.recorded(reader.taken[1])
        await reader.until(lambda: flags(office, user) == ["", "", "S"])
    assert flags(office, user) == ["", "", "S"]


async def test_a_mail_is_moved_once_it_is_on_record_and_others_deletions_stay(
    office: Office,
) -> None:
    user = office.new_mailbox()
    await deliver(office, user, "one", "two")
    async with reading(access(office, user, after="move", move_to="Drill")) as reader:
        await reader.take(2, record=False)
        reader.box.recorded(reader.taken[0])
        await reader.until(lambda: len(flags(office, user)) == 1)
    moved = office.dovecot.home(user) / "Maildir" / ".Drill"
    assert len([*moved.joinpath("new").iterdir(), *moved.joinpath("cur").iterdir()]) == 1


async def test_what_was_recorded_just_before_the_end_is_still_marked(office: Office) -> None:
    user = office.new_mailbox()
    await deliver(office, user, "one")
    async with reading(access(office, user, after="seen")) as reader:
        await reader.take()
    assert flags(office, user) == ["S"]


async def test_what_is_on_record_already_does_not_come_again_and_is_marked(office: Office) -> None:
    """As after a crash between the record and the mark."""
    user = office.new_mailbox()
    await deliver(office, user, "one", "two")
    async with reading(access(office, user)) as reader:
        await reader.take(2)
    known = [reader.taken[0].hash]
    async with reading(access(office, user, after="seen"), known=known) as again:
        assert await again.take() == ["two"]
    assert flags(office, user) == ["S", "S"]


async def test_mails_from_before_the_drill_are_left_alone(office: Office) -> None:
    user = office.new_mailbox()
    await deliver(office, user, "one")
    async with reading(access(office, user)) as reader:
        await reader.take()
    since = reader.taken[0].internal_date + timedelta(seconds=1)
    async with reading(access(office, user, after="seen"), since=since) as reader:
        await reader.until(lambda: reader.states != [])
        assert reader.box._mails.empty()
    assert flags(office, user) == [""]


async def test_a_restart_of_the_server_loses_nothing_and_brings_nothing_twice() -> None:
    user = DRILL
    with dovecot_alone() as dovecot:
        await asyncio.to_thread(dovecot.deliver, mail("one"), user)
        async with reading(access(dovecot, user, after="seen")) as reader:
            await reader.take(record=False)
            await asyncio.to_thread(dovecot.stop)
            await reader.until(lambda: not reader.box.state.is_connected)
            reader.box.recorded(reader.taken[0])
            assert "cannot be reached" in reader.box.state.why or "broke off" in (
                reader.box.state.why
            )
            await asyncio.to_thread(dovecot.start)
            await asyncio.to_thread(dovecot.deliver, mail("two"), user)
            assert await reader.take() == ["two"]
            assert reader.box.state.is_connected
        assert reader.subjects == ["one", "two"]
        assert [each["Subject"] for each in dovecot.received(user)] == ["one", "two"]


async def test_a_restored_mailbox_whose_uids_are_others_brings_nothing_twice(
    office: Office,
) -> None:
    user = office.new_mailbox()
    await deliver(office, user, "one", "two")
    async with reading(access(office, user, after="seen")) as reader:
        await reader.take(2, record=False)
        first = reader.taken[0].place.uid_validity
        reader.box.recorded(reader.taken[0])
        await reader.until(lambda: "S" in flags(office, user))
        session = reader.box._session
        assert session is not None
        session.abort()  # As a server does when it is taken down for that.
        office.dovecot.gives_new_uids(user)
        await deliver(office, user, "three")
        assert await reader.take(record=False) == ["three"]
        assert reader.taken[-1].place.uid_validity != first
        # What is not on record yet is not marked, and can be marked under its new UID.
        assert flags(office, user) == ["", "", "S"]
        reader.box.recorded(reader.taken[1])
        await reader.until(lambda: flags(office, user) == ["", "S", "S"])
    assert reader.subjects == ["one", "two", "three"]


async def test_of_a_very_large_mail_the_beginning_is_taken(office: Office) -> None:
    user = office.new_mailbox()
    await asyncio.to_thread(office.dovecot.deliver, mail("large", "受信\r\n" * 40_000), user)
    await deliver(office, user, "small")
    async with reading(access(office, user, size_max_bytes=20_000)) as reader:
        assert await reader.take(2) == ["large", "small"]
    large, small = reader.taken
    assert (large.is_cut, len(large.raw)) == (True, 20_000)
    assert large.size_bytes > 300_000
    assert not small.is_cut


async def test_a_flood_waits_in_the_mailbox_and_not_in_memory(office: Office) -> None:
    user = office.new_mailbox()
    await deliver(office, user, *map(str, range(80)))
    async with reading(access(office, user)) as reader:
        await reader.until(lambda: reader.box._mails.qsize() == 32)
        assert await reader.take(80) == [str(number) for number in range(80)]


async def test_the_loop_runs_on_while_the_server_is_silent(office: Office) -> None:
    user = office.new_mailbox()
    async with reading(access(office, user)) as reader:
        waiting = asyncio.ensure_future(anext(reader.box))
        turns = 0
        async with asyncio.timeout(SECONDS_MAX):
            while turns < 100:
                turns += 1
                await asyncio.sleep(0)
        assert not waiting.done()
        await deliver(office, user, "one")
        assert subject(await asyncio.wait_for(waiting, SECONDS_MAX)) == "one"


async def test_closing_ends_the_iterator(office: Office) -> None:
    user = office.new_mailbox()
    async with reading(access(office, user)) as reader:
        waiting = asyncio.ensure_future(anext(reader.box, None))
        await asyncio.sleep(0)
    assert await waiting is None
    assert await anext(reader.box, None) is None


async def test_a_password_that_is_not_to_be_had_any_more_ends_no_drill(office: Office) -> None:
    user = office.new_mailbox()
    locked = False

    def read() -> Secret:
        if locked:
            raise UsageError("the key store is locked; open it")
        return Secret(office.password)

    async with reading(access(office, user, password=read)) as reader:
        await reader.until(lambda: reader.box.state.is_connected)
        locked = True
        session = reader.box._session
        assert session is not None
        session.abort()
        await reader.until(lambda: "key store is locked" in reader.box.state.why)


async def test_a_patient_reader_waits_for_a_server_that_is_not_there_yet() -> None:
    with dovecot_alone() as dovecot:
        await asyncio.to_thread(dovecot.stop)
        async with reading(access(dovecot, DRILL), patient=True) as reader:
            await reader.until(lambda: "cannot be reached" in reader.box.state.why)
            await asyncio.to_thread(dovecot.start)
            await asyncio.to_thread(dovecot.deliver, mail("one"), DRILL)
            assert await reader.take() == ["one"]
            assert reader.box.state.is_connected


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"password": lambda: Secret("geheim")}, "does not accept user {user} with this password"),
    ({"folder": "訓練"}, "there is no folder 訓練 in this mailbox"),
    ({"after": "move", "move_to": "Nowhere"}, "there is no folder Nowhere to move mails to"),
    ({"ca_file": None}, "the certificate of {server} cannot be trusted"),
    ({"port": 1}, "the mailbox {server} cannot be reached"),
]


@pytest.mark.parametrize(("changes", "line"), WRONG)
async def test_what_is_wrong_at_the_beginning_is_one_clear_line(
    office: Office, changes: dict[str, Any], line: str
) -> None:
    given = access(office, office.new_mailbox(), **changes)
    with pytest.raises(MailboxError) as refusal:
        async with reading(given):
            raise AssertionError("it must not open")
    told = str(refusal.value)
    assert line.format(user=given.user, server=given.server) in told
    assert "\n" not in told
    assert "geheim" not in told
