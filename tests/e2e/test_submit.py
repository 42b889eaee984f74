"""Mails are handed over in turn, over sessions that stay open, by either client."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drillsim.mail.headers import HeaderError
from drillsim.mail.sink import Delivery, KnownRecipients, Reply, Sink
from drillsim.mail.submit import SubmitFailedError, Submitter
from tests.e2e.wire import KNOWN, SECONDS_MAX, Shelf

MAIL = "Subject: 訓練\r\n\r\n.本文\r\n..\r\n".encode()
FROM = "kunren@pref.example"
TO = ["suo@city.example"]
BOTH = ["suo@city.example", "irie@town.example"]
LATER = Reply(451, "4.7.1 Try again later")
FULL = Reply(552, "5.2.2 Mailbox full")

pytestmark = pytest.mark.parametrize("pipelined", [False, True])


def submitter(sink: Sink, pipelined: bool, **options: object) -> Submitter:
    return Submitter(sink.host, sink.port, sink=sink, pipelined=pipelined, **options)  # type: ignore[arg-type]


async def test_a_mail_arrives_as_it_was_written(pipelined: bool) -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN) as sink, submitter(sink, pipelined) as post:
        result = await post.submit(FROM, BOTH, MAIL)
        assert (result.code, result.accepted, result.refused) == (250, True, {})
        assert post.submitted == 1
    (delivery,) = shelf.deliveries
    assert (delivery.envelope_from, delivery.envelope_to) == (FROM, tuple(BOTH))
    assert delivery.raw == MAIL


@pytest.mark.parametrize("sender", ["", "<>"])
async def test_what_no_machine_may_answer_has_no_sender(pipelined: bool, sender: str) -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN) as sink, submitter(sink, pipelined) as post:
        await post.submit(sender, TO, MAIL)
    assert shelf.deliveries[0].envelope_from == "<>"


async def test_a_planned_refusal_is_a_result(pipelined: bool) -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN) as sink, submitter(sink, pipelined) as post:
        result = await post.submit(FROM, BOTH, MAIL, planned=LATER)
        assert (result.code, result.text, result.accepted) == (451, "4.7.1 Try again later", False)
        assert result.refused == dict.fromkeys(BOTH, LATER)
        assert post.submitted == 0
        assert (await post.submit(FROM, BOTH, MAIL)).accepted
    assert len(shelf.deliveries) == 1


async def test_a_refusal_may_be_planned_for_some_of_the_recipients(pipelined: bool) -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN) as sink, submitter(sink, pipelined) as post:
        result = await post.submit(FROM, BOTH, MAIL, planned={BOTH[0]: FULL})
        assert (result.code, result.accepted) == (250, True)
        assert result.refused == {BOTH[0]: FULL}
    assert shelf.deliveries[0].envelope_to == (BOTH[1],)


async def test_what_was_not_planned_fails_and_says_why(pipelined: bool) -> None:
    shelf = Shelf(faults=[OSError(28, "No space left on device")])
    async with Sink(shelf, known_recipient=KNOWN) as sink, submitter(sink, pipelined) as post:
        with pytest.raises(SubmitFailedError, match=r"451 4\.3\.0") as caught:
            await post.submit(FROM, TO, MAIL)
        assert isinstance(caught.value.__cause__, OSError)
        with pytest.raises(SubmitFailedError, match=r"550 5\.1\.1") as caught:
            await post.submit(FROM, ["nobody@city.example"], MAIL)
        assert caught.value.reply is not None
        assert caught.value.reply.code == 550
        with pytest.raises(SubmitFailedError):
            await post.submit(FROM, [*TO, "nobody@city.example"], MAIL)
        assert (await post.submit(FROM, TO, MAIL)).accepted


async def test_a_plan_that_the_sink_does_not_keep_to_fails(pipelined: bool) -> None:
    class Forgetful(Sink):
        def begins_mail(self, peer: object) -> tuple[None, bool]:
            return None, True

    server = Forgetful(Shelf(), known_recipient=KNOWN)
    async with server as sink, submitter(sink, pipelined) as post:
        with pytest.raises(SubmitFailedError, match="not planned"):
            await post.submit(FROM, TO, MAIL, planned=LATER)


async def test_a_mail_that_is_too_large_does_not_upset_the_plan_of_the_next(
    pipelined: bool,
) -> None:
    server = Sink(Shelf(), known_recipient=KNOWN, size_max_bytes=10_000)
    async with server as sink, submitter(sink, pipelined, connections=1) as post:
        with pytest.raises(SubmitFailedError, match="552"):
            await post.submit(FROM, TO, b"x" * 20_000, planned=LATER)
        assert (await post.submit(FROM, TO, MAIL)).accepted
        assert (await post.submit(FROM, TO, MAIL, planned=FULL)).code == 552


async def test_many_mails_are_under_way_over_few_connections(pipelined: bool) -> None:
    peers: set[object] = set()
    under_way = most = 0

    async def store(delivery: Delivery) -> None:
        nonlocal under_way, most
        peers.add(delivery.peer)
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    server = Sink(store, known_recipient=KNOWN)
    async with server as sink, submitter(sink, pipelined, connections=3) as post:
        plans = [None if n % 5 else LATER for n in range(200)]
        results = await asyncio.gather(
            *(post.submit(FROM, TO, MAIL, planned=plan) for plan in plans)
        )
        assert [result.accepted for result in results] == [plan is None for plan in plans]
        assert sink.received == 160
    assert len(peers) == 3
    assert most > 1


async def test_mails_are_handed_over_in_turn(pipelined: bool) -> None:
    shelf = Shelf()
    mails = [b"Subject: %d\r\n" % number for number in range(50)]
    server = Sink(shelf, known_recipient=KNOWN)
    async with server as sink, submitter(sink, pipelined, connections=1) as post:
        await asyncio.gather(*(post.submit(FROM, TO, mail) for mail in mails))
    assert shelf.mails == mails


async def test_a_session_that_was_closed_is_opened_again(pipelined: bool) -> None:
    shelf = Shelf()
    server = Sink(shelf, known_recipient=KNOWN)
    async with server as sink, submitter(sink, pipelined, connections=1) as post:
        await post.submit(FROM, TO, MAIL)
        for connection in list(sink._open):
            connection.hang_up()
        await gone(sink)
        await post.submit(FROM, TO, MAIL)
    first, second = shelf.deliveries
    assert first.peer != second.peer


async def test_a_session_that_lay_idle_is_asked_before_it_is_trusted(pipelined: bool) -> None:
    shelf = Shelf()
    server = Sink(shelf, known_recipient=KNOWN)
    async with server as sink, submitter(sink, pipelined, connections=1, idle_seconds=0.0) as post:
        await post.submit(FROM, TO, MAIL)
        await post.submit(FROM, TO, MAIL)
        for connection in list(sink._open):
            connection.hang_up()  # Its end has not reached the submitter yet.
        await post.submit(FROM, TO, MAIL)
    peers = [delivery.peer for delivery in shelf.deliveries]
    assert peers[0] == peers[1] != peers[2]


async def test_a_mail_that_is_given_up_leaves_the_next_ones_alone(pipelined: bool) -> None:
    begun = asyncio.Event()
    may_go_on = asyncio.Event()

    async def slow(delivery: Delivery) -> None:
        begun.set()
        await may_go_on.wait()

    server = Sink(slow, known_recipient=KNOWN)
    async with server as sink, submitter(sink, pipelined, connections=1) as post:
        task = asyncio.create_task(post.submit(FROM, TO, MAIL))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        may_go_on.set()
        assert (await post.submit(FROM, TO, MAIL)).accepted


async def test_a_mail_that_is_given_up_while_it_connects_leaves_no_error_behind(
    pipelined: bool,
) -> None:
    untended: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: untended.append(str(context.get("exception")))
    )
    async with Sink(Shelf(), known_recipient=KNOWN) as sink, submitter(sink, pipelined) as post:
        for turns in range(12):  # Wherever the connection stands by then.
            task = asyncio.create_task(post.submit(FROM, TO, MAIL))
            for _turn in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    gc.collect()
    assert untended == []


async def test_wrong_use_is_told(pipelined: bool) -> None:
    async with Sink(Shelf(), known_recipient=KNOWN) as sink:
        async with submitter(sink, pipelined) as post:
            for address in ("a\r\nRCPT TO:<x@y.example>", "a b@c.example", "", "あ@b.example"):
                with pytest.raises(HeaderError):
                    await post.submit(FROM, [address], MAIL)
            with pytest.raises(ValueError, match="recipient"):
                await post.submit(FROM, [], MAIL)
        async with Submitter(sink.host, sink.port, pipelined=pipelined) as other:
            with pytest.raises(ValueError, match="sink"):
                await other.submit(FROM, TO, MAIL, planned=LATER)
    with pytest.raises(ValueError, match="connection"):
        Submitter("127.0.0.1", 1, connections=0)


async def test_a_mailbox_that_has_to_be_quoted_gets_its_mail(pipelined: bool) -> None:
    shelf = Shelf()
    address = "taro..yamada@docomo.example"
    server = Sink(shelf, known_recipient=KnownRecipients([address]))
    async with server as sink, submitter(sink, pipelined) as post:
        await post.submit(FROM, [address], MAIL)
        refused = await post.submit(FROM, [address], MAIL, planned={address: FULL})
        assert refused.refused == {address: FULL}
    assert shelf.deliveries[0].envelope_to == (address,)


async def test_to_a_foreign_server_a_refusal_is_a_result(pipelined: bool) -> None:
    async with (
        Sink(Shelf(), known_recipient=KNOWN) as sink,
        Submitter(sink.host, sink.port, pipelined=pipelined) as post,
    ):
        result = await post.submit(FROM, [*TO, "nobody@city.example"], MAIL)
        assert (result.code, result.accepted) == (250, True)
        assert result.refused["nobody@city.example"].code == 550
        result = await post.submit(FROM, ["nobody@city.example"], MAIL)
        assert (result.code, result.accepted) == (550, False)


async def test_no_server_is_a_failure_in_words(pipelined: bool) -> None:
    async with Sink(Shelf(), known_recipient=KNOWN) as sink:
        host, port = sink.host, sink.port
    async with Submitter(host, port, pipelined=pipelined) as post:
        with pytest.raises(SubmitFailedError, match="cannot be reached"):
            await post.submit(FROM, TO, MAIL)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OFFER = b"250-x\r\n250-PIPELINING\r\n250 HELP\r\n"


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[tuple[str, int]]:
    """Serve each connection by `talk`; give host and port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(ConnectionError):
            await talk(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield listening.sockets[0].getsockname()
    listening.close()
    await asyncio.wait_for(asyncio.gather(*tasks), SECONDS_MAX)


def saying(*replies: bytes, then_close: bool = False) -> Talk:
    """Return a server that says these, one for each thing it hears, whatever it hears."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, reply in enumerate(replies, 1):
            writer.write(reply)
            await writer.drain()
            if number < len(replies) or not then_close:
                await reader.read(65_536)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        saying(b"554 5.7.1 Go away\r\n"),
        saying(b"220 x\r\n", then_close=True),
        saying(then_close=True),
        saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        saying(b"220 x\r\n", b"502 no EHLO\r\n", b"502 no HELO\r\n"),
        saying(b"220 x\r\n", OFFER, b"250 OK\r\n", then_close=True),
        saying(b"220 x\r\n", OFFER, b"nonsense\r\n"),
        saying(b"220 x\r\n", OFFER, b"250-" + b"x" * 70_000),
    ],
)
async def test_a_server_that_breaks_off_or_talks_nonsense_takes_no_mail(
    pipelined: bool, talk: Talk
) -> None:
    async with server(talk) as (host, port), Submitter(host, port, pipelined=pipelined) as post:
        failure = None
        result = None
        try:
            result = await asyncio.wait_for(post.submit(FROM, TO, MAIL), SECONDS_MAX)
        except SubmitFailedError as error:
            failure = str(error)
        assert failure or (result is not None and not result.accepted)


async def test_a_server_that_says_nothing_is_given_up(pipelined: bool) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with (
        server(silent) as (host, port),
        Submitter(host, port, pipelined=pipelined, timeout_seconds=0.05) as post,
    ):
        with pytest.raises(SubmitFailedError):
            await asyncio.wait_for(post.submit(FROM, TO, MAIL), SECONDS_MAX)


async def test_a_server_without_pipelining_is_served_too(pipelined: bool) -> None:
    commands: list[bytes] = []

    async def lined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one command at a time."""
        writer.write(b"220 x\r\n")
        while line := await reader.read(65_536):
            commands.append(line)
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 OK\r\n")
            elif line.startswith(b"RCPT TO:<nobody"):
                writer.write(b"550 5.1.1 unknown\r\n")
            else:
                writer.write(b"250 OK\r\n")

    async with server(lined) as (host, port), Submitter(host, port, pipelined=pipelined) as post:
        assert (await post.submit(FROM, [*TO, "nobody@x.example"], MAIL)).accepted
        assert not (await post.submit(FROM, ["nobody@x.example"], MAIL)).accepted
        assert (await post.submit(FROM, TO, MAIL)).accepted
    assert sum(command.startswith(b"DATA") for command in commands) == 2
    assert all(command.count(b"\r\n") == 1 for command in commands)


async def test_a_server_that_wants_the_mail_though_it_has_no_recipient_gets_an_empty_one(
    pipelined: bool,
) -> None:
    heard = b""

    async def eager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take DATA in any state, as RFC 2920, 3.1, says that some servers do."""
        nonlocal heard
        writer.write(b"220 x\r\n")
        while line := await reader.readline():
            heard += line
            word = line[:4].upper()
            if word == b"RCPT":
                writer.write(b"550 5.1.1 unknown\r\n")
            elif word == b"DATA":
                writer.write(b"354 go on\r\n")
            else:
                writer.write(OFFER if word == b"EHLO" else b"250 OK\r\n")

    async with server(eager) as (host, port), Submitter(host, port, pipelined=pipelined) as post:
        for _mail in range(2):
            result = await post.submit(FROM, ["nobody@x.example"], MAIL)
            assert (result.code, result.accepted) == (550, False)
    assert b"Subject" not in heard


@settings(max_examples=40)
@given(raw=st.lists(st.sampled_from([b".", b"\r\n", b"a", b"\xe3\x81\x82", b"\n", b"\r"])))
@example(raw=[b"."])
@example(raw=[b".", b"\r\n", b"."])
def test_every_mail_arrives_with_its_dots_and_every_line_ended_by_crlf(
    pipelined: bool, raw: list[bytes]
) -> None:
    async def scenario() -> list[bytes]:
        shelf = Shelf()
        async with Sink(shelf, known_recipient=KNOWN) as sink, submitter(sink, pipelined) as post:
            await post.submit(FROM, TO, b"".join(raw))
        return shelf.mails

    text = b"".join(raw).replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert asyncio.run(scenario()) == [text if text.endswith(b"\r\n") else text + b"\r\n"]


async def gone(sink: Sink) -> None:
    """Wait until every connection of `sink` has ended, and its clients have heard."""
    for _turn in range(1_000):
        await asyncio.sleep(0)
        if not sink._open:
            break
    for _turn in range(10):
        await asyncio.sleep(0)
