"""The sink keeps what it accepts, and says what is so."""

import asyncio

import pytest

from drillsim.mail.sink import Delivery, KnownRecipients, Reply, Sink
from tests.e2e.wire import KNOWN, SECONDS_MAX, Shelf, Wire

MAIL = "Subject: 訓練\r\n\r\n本文\r\n".encode()


def sink(store: object = None, **options: object) -> Sink:
    return Sink(store or Shelf(), known_recipient=KNOWN, **options)  # type: ignore[arg-type]


async def test_it_listens_on_a_free_port_of_this_machine_alone() -> None:
    async with sink() as first, sink() as second:
        assert first.host == second.host == "127.0.0.1"
        assert 0 < first.port != second.port > 0


async def test_it_offers_pipelining_and_says_how_large_a_mail_may_be() -> None:
    async with sink(size_max_bytes=123_456) as server, Wire(server) as wire:
        offered = await wire.greet()
        for extension in ("PIPELINING", "SIZE 123456", "8BITMIME", "SMTPUTF8"):
            assert extension in offered
        assert "STARTTLS" not in offered
        assert "AUTH" not in offered


@pytest.mark.parametrize("shipped", [False, True])
async def test_a_mail_is_on_the_shelf_before_its_250(shipped: bool) -> None:
    stored = asyncio.Event()
    may_go_on = asyncio.Event()

    async def slow(delivery: Delivery) -> None:
        stored.set()
        await may_go_on.wait()

    async with sink(slow, shipped=shipped) as server, Wire(server) as wire:
        await wire.greet()
        waiting = asyncio.create_task(wire.send(MAIL + b".\r\n"))
        await stored.wait()
        for _turn in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        assert server.received == 0
        may_go_on.set()
        assert (await waiting).startswith("250 ")
        assert server.received == 1


@pytest.mark.parametrize("shipped", [False, True])
async def test_a_disk_that_is_full_answers_451_to_each_mail_and_tells_no_secrets(
    shipped: bool, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf(faults=[OSError(28, f"No space left on /secret/{n}") for n in range(50)])
    async with sink(shelf, shipped=shipped) as server, Wire(server) as wire:
        await wire.greet()
        for _mail in range(50):
            said = await wire.send(MAIL + b".\r\n")
            assert said == "451 4.3.0 Not stored, try again later\r\n"
        assert isinstance(server.fault, OSError)
        assert shelf.mails == []
        assert (await wire.send(MAIL + b".\r\n")).startswith("250 ")
    assert shelf.mails == [MAIL]
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 50
    assert capfd.readouterr().err == ""


async def test_a_client_that_goes_away_while_its_mail_is_stored_disturbs_nobody() -> None:
    begun = asyncio.Event()
    ended = asyncio.Event()

    async def slow(delivery: Delivery) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.set()
            raise

    async with sink(slow) as server:
        async with Wire(server) as wire:
            await wire.greet()
            asyncio.create_task(wire.send(MAIL + b".\r\n")).add_done_callback(
                lambda task: task.exception()
            )
            await begun.wait()
        await asyncio.wait_for(ended.wait(), SECONDS_MAX)
        async with Wire(server) as other:
            assert "PIPELINING" in await other.greet()


async def test_an_unknown_recipient_is_refused_and_the_others_get_the_mail() -> None:
    shelf = Shelf()
    async with sink(shelf) as server, Wire(server) as wire:
        await wire.greet()
        await wire.say("MAIL FROM:<>")
        assert (await wire.say("RCPT TO:<nobody@city.example>")).startswith("550 5.1.1")
        assert (await wire.say("RCPT TO:<SUO@City.example>")).startswith("250")
        assert (await wire.say("RCPT TO:<kunren+7kq2m4xd@pref.example>")).startswith("250")
        assert (await wire.say("RCPT TO:<kunren+7kq2m4xd@pref.example>")).startswith("250")
        await wire.say("DATA")
        assert (await wire.say(MAIL + b".")).startswith("250")
    (delivery,) = shelf.deliveries
    assert delivery.envelope_from == "<>"
    assert delivery.envelope_to == ("SUO@City.example", "kunren+7kq2m4xd@pref.example")
    assert delivery.raw == MAIL


def test_a_detail_is_known_for_the_drills_own_mailbox_alone() -> None:
    known = KnownRecipients(["suo@city.example"], with_detail=["kunren@pref.example"])
    assert known("Suo@CITY.example")
    assert known("kunren@pref.example")
    assert known("kunren+x+y@pref.example")
    assert not known("suo+x@city.example")
    assert not known("kunren+x@city.example")
    assert not known("kunren")
    assert not known("")


async def test_a_mailbox_written_with_needless_quotation_marks_is_the_same() -> None:
    shelf = Shelf()
    server = Sink(shelf, known_recipient=KnownRecipients(["taro..yamada@docomo.example"]))
    async with server, Wire(server) as wire:
        await wire.greet()
        await wire.send(MAIL + b".\r\n", recipient='"taro..yamada"@docomo.example')
    assert shelf.deliveries[0].envelope_to == ("taro..yamada@docomo.example",)


async def test_long_lines_and_eight_bit_mail_are_kept_as_they_are() -> None:
    shelf = Shelf()
    mail = (
        b"Subject: x\r\n\r\n" + "行".encode() * 5_000 + b"\r\n" + bytes(range(128, 256)) + b"\r\n"
    )
    async with sink(shelf) as server, Wire(server) as wire:
        await wire.greet()
        assert (await wire.send(mail + b".\r\n")).startswith("250")
    assert shelf.mails == [mail]


@pytest.mark.parametrize("shipped", [False, True])
async def test_a_mail_over_the_limit_is_refused_and_the_next_one_is_taken(shipped: bool) -> None:
    shelf = Shelf()
    line = b"x" * 98 + b"\r\n"
    async with sink(shelf, size_max_bytes=100_000, shipped=shipped) as server, Wire(server) as wire:
        await wire.greet()
        assert (await wire.say("MAIL FROM:<a@b.example> SIZE=100001")).startswith("552")
        assert (await wire.send(line * 5_000 + b".\r\n")).startswith("552")
        assert (await wire.send(line * 1_000 + b".\r\n")).startswith("250")
    assert shelf.mails == [line * 1_000]


async def test_a_rehearsal_says_what_was_planned_once_and_for_one_connection() -> None:
    shelf = Shelf()
    async with sink(shelf) as server, Wire(server) as wire, Wire(server) as other:
        await wire.greet()
        await other.greet()
        peer = wire.writer.get_extra_info("sockname")
        server.plan(peer, Reply(451, "4.7.1 Try again later"))
        assert (await other.send(MAIL + b".\r\n")).startswith("250")
        await wire.say("MAIL FROM:<kunren@pref.example>")
        assert await wire.say("RCPT TO:<suo@city.example>") == "451 4.7.1 Try again later\r\n"
        await wire.say("RSET")
        assert (await wire.send(MAIL + b".\r\n")).startswith("250")


async def test_a_plan_may_be_for_some_of_the_recipients() -> None:
    async with sink() as server, Wire(server) as wire:
        await wire.greet()
        peer = wire.writer.get_extra_info("sockname")
        server.plan(peer, {"suo@city.example": Reply(552, "5.2.2 Mailbox full")})
        await wire.say("MAIL FROM:<kunren@pref.example>")
        assert (await wire.say("RCPT TO:<suo@city.example>")).startswith("552 5.2.2")
        assert (await wire.say("RCPT TO:<irie@town.example>")).startswith("250")


async def test_a_plan_that_was_taken_back_is_not_said() -> None:
    async with sink() as server, Wire(server) as wire:
        await wire.greet()
        peer = wire.writer.get_extra_info("sockname")
        server.plan(peer, Reply(550, "5.1.1 Unknown user"))
        server.plan(peer, None)
        assert (await wire.send(MAIL + b".\r\n")).startswith("250")


async def test_connections_have_a_limit() -> None:
    async with sink(connections_max=2) as server, Wire(server) as one, Wire(server) as two:
        await one.greet()
        await two.greet()
        async with Wire(server) as three:
            assert (await three.reply()).startswith("421 4.3.2")
            assert await three.rest() == b""
        await one.say("QUIT")
        assert await one.rest() == b""
        async with Wire(server) as four:
            assert "PIPELINING" in await four.greet()


async def test_mails_of_strangers_have_a_rate_and_the_drills_own_have_none() -> None:
    async with (
        sink(mails_per_minute_max=3) as server,
        Wire(server) as stranger,
        Wire(server) as own,
    ):
        await stranger.greet()
        await own.greet()
        server.trust(own.writer.get_extra_info("sockname"))
        replies = [await stranger.say("MAIL FROM:<a@b.example>")]
        for _mail in range(3):
            await stranger.say("RSET")
            replies.append(await stranger.say("MAIL FROM:<a@b.example>"))
        assert [reply[:3] for reply in replies] == ["250", "250", "250", "450"]
        for _mail in range(10):
            assert (await own.send(MAIL + b".\r\n")).startswith("250")


async def test_recipients_of_one_mail_have_a_limit() -> None:
    server = Sink(Shelf(), known_recipient=lambda _address: True, recipients_max=3)
    async with server, Wire(server) as wire:
        await wire.greet()
        await wire.say("MAIL FROM:<a@b.example>")
        replies = [await wire.say(f"RCPT TO:<r{n}@c.example>") for n in range(4)]
        assert [reply[:3] for reply in replies] == ["250", "250", "250", "452"]


@pytest.mark.parametrize("shipped", [False, True])
async def test_a_connection_that_says_nothing_is_closed(shipped: bool) -> None:
    async with sink(idle_seconds_max=0.05, shipped=shipped) as server, Wire(server) as wire:
        await wire.greet()
        assert await wire.rest() == b""


async def test_a_mail_that_never_ends_is_given_up() -> None:
    shelf = Shelf()
    async with sink(shelf, idle_seconds_max=0.05) as server, Wire(server) as wire:
        await wire.greet()
        await wire.say("MAIL FROM:<a@b.example>")
        await wire.say("RCPT TO:<suo@city.example>")
        await wire.say("DATA")
        wire.writer.write(b"Subject: x\r\n")
        assert await wire.rest() == b""
    assert shelf.mails == []


async def test_closing_the_sink_ends_every_session() -> None:
    server = sink()
    await server.start()
    async with Wire(server) as wire, Wire(server) as other:
        await wire.greet()
        await other.greet()
        await server.close()
        await server.close()
        assert await wire.rest() == await other.rest() == b""
    assert not server._open
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(server.host, server.port)


async def test_the_servers_own_chatter_is_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    async with sink() as server, Wire(server) as wire:
        await wire.greet()
        for _bogus in range(4):
            await wire.say("HACK the planet")
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
