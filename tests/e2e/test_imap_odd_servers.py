"""The mailbox reader at servers that are odd, broken or hostile."""

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from drillsim.mail import imap_mailbox
from drillsim.mail.imap_mailbox import ImapMailbox, MailboxAccess, MailboxError
from drillsim.mail.secret import Secret
from tests.e2e.servers.certificates import Certificates
from tests.e2e.servers.odd_imap import HungUp, OddImap, asked, odd_imap
from tests.e2e.servers.processes import HOST, SECONDS_MAX
from tests.e2e.test_imap_mailbox import LONG_AGO, mail, reading

PASSWORD = "aikotoba"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.write(tmp_path_factory.mktemp("tls") / "x", HOST)


@dataclass
class Servers:
    certificates: Certificates
    stack: ExitStack
    running: list[OddImap] = field(default_factory=list)

    def start(self, *subjects: str, **values: Any) -> OddImap:
        mails = [mail(each) for each in subjects]
        return self.stack.enter_context(odd_imap(OddImap(self.certificates, mails=mails, **values)))


@pytest.fixture
def servers(certificates: Certificates) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(certificates, stack)


def at(server: OddImap, password: str = PASSWORD, **changes: Any) -> MailboxAccess:
    values: dict[str, Any] = {
        "host": HOST,
        "port": server.port,
        "user": "kunren@pref.example",
        "password": lambda: Secret(password),
        "ca_file": server.certificates.authority,
    }
    return MailboxAccess(**{**values, **changes})


async def refusal(given: MailboxAccess) -> str:
    """Return what is told when the mailbox cannot be opened."""
    with pytest.raises(MailboxError) as error:
        async with reading(given):
            raise AssertionError("it must not open")
    assert "\n" not in str(error.value)
    assert PASSWORD not in str(error.value)
    return str(error.value)


def said(server: OddImap) -> bytes:
    return b"".join(server.heard)


async def test_nothing_is_said_to_a_server_that_does_not_encrypt(servers: Servers) -> None:
    server = servers.start(is_tls=False)
    told = await refusal(at(server, security="starttls"))
    assert told == f"{HOST}:{server.port} offers no encryption (STARTTLS); nothing was sent"
    assert b"AUTH" not in said(server)
    assert b"LOGIN" not in said(server)


async def test_nothing_is_said_to_one_that_logs_us_in_before_it_encrypts(servers: Servers) -> None:
    """PREAUTH in the clear comes from whoever stands between: STARTTLS is not possible then."""
    server = servers.start(
        is_tls=False, greeting=b"* PREAUTH welcome\r\n", capabilities="IMAP4rev1 STARTTLS"
    )
    assert "cannot be reached" in await refusal(at(server, security="starttls"))
    assert b"SELECT" not in said(server)
    assert b"EXAMINE" not in said(server)


async def test_a_mail_told_together_with_the_answer_to_idle_is_read_at_once(
    servers: Servers,
) -> None:
    server = servers.start("one")

    def together(tag: bytes, _rest: bytes) -> bytes | None:
        if len(server.mails) > 1:
            return None
        server.mails.append(mail("two"))
        return b"+ idling\r\n* 2 EXISTS\r\n"

    server.instead["IDLE"] = together
    server.instead["DONE"] = lambda _tag, _rest: server.heard[-2].split()[0] + b" OK done\r\n"
    async with reading(at(server)) as reader:
        assert await reader.take(2) == ["one", "two"]


async def test_a_mail_that_the_server_cannot_read_keeps_no_other_away(servers: Servers) -> None:
    server = servers.start("one", "two", "three")

    def broken(tag: bytes, rest: bytes) -> bytes | None:
        is_broken = b"BODY" in rest and 2 in asked(rest)
        return tag + b" NO cannot be read\r\n" if is_broken else None

    server.instead["FETCH"] = broken
    async with reading(at(server)) as reader:
        assert await reader.take(2) == ["one", "three"]
        await reader.until(lambda: reader.box.state.unreadable == 1)
        server.mails.append(mail("four"))
        server.news.set()
        assert await reader.take() == ["four"]
        assert reader.box.state.is_connected


async def test_a_connection_that_breaks_within_a_mail_brings_it_whole_and_once(
    servers: Servers,
) -> None:
    server = servers.start("one", "two", "three")
    breaks = iter([True, True])

    def halves(tag: bytes, rest: bytes) -> bytes | None:
        if b"BODY" not in rest or not next(breaks, False):
            return None
        whole = b"".join(server.fetched(uid, True) for uid in asked(rest))
        raise HungUp(whole[: len(whole) // 2])

    server.instead["FETCH"] = halves
    async with reading(at(server)) as reader:
        assert await reader.take(3) == ["one", "two", "three"]
        assert [each.raw for each in reader.taken] == server.mails
        assert reader.box.state.is_connected


@pytest.mark.parametrize("where", ["SEARCH", "FETCH", "IDLE", "CAPABILITY"])
async def test_closing_waits_for_no_server_that_is_silent(
    servers: Servers, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_mailbox, "_CLOSE_SECONDS", 0.1)
    silent = threading.Event()

    def say_nothing(_tag: bytes, _rest: bytes) -> bytes:
        silent.set()
        return b""

    server = servers.start("one", instead={where: say_nothing})
    # CAPABILITY belongs to the connection, whose time is limited by itself.
    given = at(server, connect_seconds=0.5, reply_seconds=600)
    box = ImapMailbox(given, since=LONG_AGO)
    entering = asyncio.ensure_future(box.__aenter__())
    async with asyncio.timeout(SECONDS_MAX):
        assert await asyncio.to_thread(silent.wait, SECONDS_MAX)
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)
        await box.close()
    box._thread.join(SECONDS_MAX)
    assert not box._thread.is_alive()


async def test_a_server_that_is_busy_is_asked_again_soon_and_one_that_refuses_only_later(
    servers: Servers,
) -> None:
    server = servers.start("one")
    async with reading(at(server)) as reader:
        await reader.take()
        answers = iter([b" NO [UNAVAILABLE] busy\r\n", b" NO [AUTHENTICATIONFAILED] no\r\n"])
        server.instead["AUTHENTICATE"] = lambda tag, _rest: tag + next(answers)
        session = reader.box._session
        assert session is not None
        session.abort()
        await reader.until(lambda: "does not accept user" in reader.box.state.why)
    assert [each.why.partition(":")[0] for each in reader.states if not each.is_connected]
    assert sum(b"AUTHENTICATE" in line for line in server.heard) == 3  # No fourth for a minute.


async def test_a_server_that_knows_login_alone_is_logged_in_to_so(servers: Servers) -> None:
    server = servers.start("one", capabilities="IMAP4rev1")
    async with reading(at(server, poll_seconds=0.01)) as reader:
        assert await reader.take() == ["one"]
    assert b'LOGIN kunren@pref.example "aikotoba"' in said(server)


async def test_a_password_that_login_cannot_carry_is_told_and_not_shown(servers: Servers) -> None:
    server = servers.start(capabilities="IMAP4rev1")
    told = await refusal(at(server, password="あいことば"))
    assert told.startswith(f"{HOST}:{server.port} takes only letters of ASCII")
    assert "あ" not in told


async def test_a_server_that_repeats_the_password_does_not_bring_it_onto_the_screen(
    servers: Servers,
) -> None:
    carried = base64.b64encode(f"\0kunren@pref.example\0{PASSWORD}".encode())

    def echo(tag: bytes, _rest: bytes) -> bytes:
        return tag + b" NO wrong: aikotoba " + carried + b"\x1b[31m\r\n"

    server = servers.start(instead={"AUTHENTICATE": echo})
    told = await refusal(at(server))
    assert "aikotoba" not in told
    assert carried.decode() not in told
    assert "\x1b" not in told


async def test_nonsense_ends_the_connection_and_not_the_drill(servers: Servers) -> None:
    server = servers.start("one", "two")
    nonsense = iter(
        [
            b"* SEARCH one two\r\n",
            b"* 1 FETCH (UID x\r\n",
            b"\xff\xfe\x00\r\n" * 3,
            b"* SEARCH 1 2 3 99999999999999999999\r\n",
        ]
    )
    async with reading(at(server)) as reader:
        await reader.take(2)
        server.instead["SEARCH"] = lambda tag, _rest: (
            None if (said := next(nonsense, None)) is None else said + tag + b" OK done\r\n"
        )
        server.news.set()
        await reader.until(lambda: next(nonsense, None) is None)
        server.mails.append(mail("three"))
        server.news.set()
        assert await reader.take() == ["three"]
    assert reader.subjects == ["one", "two", "three"]
