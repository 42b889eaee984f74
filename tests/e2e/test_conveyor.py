"""The drill's own mails go to its sink many at a time, and arrive as if each went by itself."""

import asyncio
import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillsim.mail.conveyor import GROUP_MAX, Conveyor
from drillsim.mail.headers import HeaderError
from drillsim.mail.sessions import SubmitFailedError
from drillsim.mail.sink import Delivery, Reply, Sink
from drillsim.mail.sink_server import ShortServer
from drillsim.mail.submit import Submitter
from tests.e2e.wire import KNOWN, Shelf, Wire

FROM = "kunren@pref.example"
TO = ["suo@city.example"]
BOTH = ["suo@city.example", "irie@town.example"]
MAIL = "Subject: 訓練\r\n\r\n.本文\r\n..\r\n".encode()
LATER = Reply(451, "4.7.1 Try again later")
FULL = Reply(552, "5.2.2 Mailbox full")

lines = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"RSET", b"BDAT 3 LAST", b"\xe8\xa8"]))
mails = st.tuples(
    st.sampled_from([FROM, "<>", ""]),
    st.sampled_from([TO, BOTH]),
    lines.map(lambda each: b"".join(line + b"\r\n" for line in [b"Subject: x", b"", *each])),
    st.sampled_from([None, None, LATER, FULL]),
)


@pytest.mark.parametrize("shipped", [False, True])
@settings(max_examples=25)
@given(sent=st.lists(mails, min_size=1, max_size=12))
def test_mails_arrive_as_they_do_one_by_one(
    shipped: bool, sent: list[tuple[str, list[str], bytes, Reply | None]]
) -> None:
    async def together() -> list[Delivery]:
        shelf = Shelf()
        async with (
            Sink(shelf, known_recipient=KNOWN, shipped=shipped) as sink,
            Conveyor(sink) as conveyor,
        ):
            await asyncio.gather(*(conveyor.hand_over(*mail) for mail in sent))
            assert conveyor.taken == sink.received == len(shelf.deliveries)
        return shelf.deliveries

    async def one_by_one() -> list[Delivery]:
        shelf = Shelf()
        async with (
            Sink(shelf, known_recipient=KNOWN, shipped=True) as sink,
            Submitter(sink.host, sink.port, sink=sink) as post,
        ):
            for sender, to, raw, planned in sent:
                await post.submit(sender, to, raw, planned)
        return shelf.deliveries

    assert [(d.envelope_from, d.envelope_to, d.raw) for d in asyncio.run(together())] == [
        (d.envelope_from, d.envelope_to, d.raw) for d in asyncio.run(one_by_one())
    ]


async def test_more_than_one_group_goes_over_one_session_in_order() -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN) as sink, Conveyor(sink) as conveyor:
        raws = [b"Subject: %d\r\n\r\n%s\r\n" % (n, b"x" * 70_000) for n in range(GROUP_MAX + 3)]
        await asyncio.gather(*(conveyor.hand_over(FROM, TO, raw) for raw in raws))
    assert shelf.mails == raws
    assert len({delivery.peer for delivery in shelf.deliveries}) == 1


async def test_of_a_group_only_the_first_mail_goes_through_the_shipped_loop() -> None:
    asked: list[str | None] = []

    class Counting(ShortServer):
        async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
            asked.append(arg)
            await super().smtp_MAIL(arg)

    shelf = Shelf()
    sink = Sink(shelf, known_recipient=KNOWN)
    sink._server_class = Counting
    async with sink, Conveyor(sink) as conveyor:
        plans = [None, None, LATER, None, None, None]
        await asyncio.gather(*(conveyor.hand_over(FROM, BOTH, MAIL, plan) for plan in plans))
    assert len(shelf.deliveries) == 5
    assert len(asked) == 3  # The first, the one that is refused, and the one behind it.


async def test_a_mail_is_done_only_when_it_is_stored() -> None:
    stored = asyncio.Event()

    async def store(_delivery: Delivery) -> None:
        await stored.wait()

    async with Sink(store, known_recipient=KNOWN) as sink, Conveyor(sink) as conveyor:
        taken = conveyor.hand_over(FROM, TO, MAIL)
        for _turn in range(20):
            await asyncio.sleep(0)
        assert not taken.done()
        stored.set()
        await taken


async def test_what_was_not_planned_fails_every_mail_under_way_and_says_why() -> None:
    shelf = Shelf(faults=[OSError(28, "No space left on device")])
    async with Sink(shelf, known_recipient=KNOWN) as sink, Conveyor(sink) as conveyor:
        under_way = [conveyor.hand_over(FROM, TO, MAIL) for _mail in range(3)]
        failed = await asyncio.gather(*under_way, return_exceptions=True)
        assert all(isinstance(each, SubmitFailedError) for each in failed)
        with pytest.raises(SubmitFailedError, match=r"451 4\.3\.0") as caught:
            await under_way[0]
        assert isinstance(caught.value.__cause__, OSError)
        with pytest.raises(SubmitFailedError, match=r"550 5\.1\.1"):
            await conveyor.hand_over(FROM, [*TO, "nobody@city.example"], MAIL)
        await conveyor.hand_over(FROM, TO, MAIL)  # A new session, and all is well.


async def test_a_plan_that_the_sink_does_not_keep_to_fails() -> None:
    class Forgetful(Sink):
        def begins_mail(self, peer: object) -> tuple[None, bool]:
            return None, True

    async with Forgetful(Shelf(), known_recipient=KNOWN) as sink, Conveyor(sink) as conveyor:
        with pytest.raises(SubmitFailedError, match="not planned"):
            await conveyor.hand_over(FROM, TO, MAIL, LATER)


@pytest.mark.parametrize(("size", "line"), [(20_000, 70), (9_000, 9_000)])
async def test_the_limits_of_the_sink_hold_for_the_drill_too(size: int, line: int) -> None:
    raw = (b"x" * line + b"\r\n") * (size // line)
    sink = Sink(Shelf(), known_recipient=KNOWN, size_max_bytes=10_000)
    sink._server_class = type("Narrow", (sink._server_class,), {"line_length_limit": 2_000})
    async with sink, Conveyor(sink) as conveyor:
        with pytest.raises(SubmitFailedError, match=r"552|500 Line too long"):
            await conveyor.hand_over(FROM, TO, raw)


async def test_a_session_that_was_closed_meanwhile_is_opened_again() -> None:
    shelf = Shelf()
    sink = Sink(shelf, known_recipient=KNOWN)
    async with sink, Conveyor(sink) as conveyor:
        await conveyor.hand_over(FROM, TO, MAIL)
        for connection in list(sink._open):
            connection.hang_up()
        for _turn in range(20):
            await asyncio.sleep(0)
        assert not sink._open
        await conveyor.hand_over(FROM, TO, MAIL)
    assert len({delivery.peer for delivery in shelf.deliveries}) == 2


async def test_a_session_that_lay_idle_is_not_relied_on() -> None:
    shelf = Shelf()
    sink = Sink(shelf, known_recipient=KNOWN)
    async with sink, Conveyor(sink, idle_seconds=0.0) as conveyor:
        await conveyor.hand_over(FROM, TO, MAIL)
        await conveyor.hand_over(FROM, TO, MAIL)
    assert len({delivery.peer for delivery in shelf.deliveries}) == 2


async def test_a_sink_that_is_gone_is_told() -> None:
    async with Sink(Shelf(), known_recipient=KNOWN) as sink:
        pass
    async with Conveyor(sink) as conveyor:
        with pytest.raises(SubmitFailedError, match="cannot be reached"):
            await conveyor.hand_over(FROM, TO, MAIL)


async def test_a_sink_that_breaks_off_fails_the_mails_under_way() -> None:
    async def store(_delivery: Delivery) -> None:
        for connection in list(sink._open):
            connection.hang_up()

    sink = Sink(store, known_recipient=KNOWN)
    async with sink, Conveyor(sink) as conveyor:
        under_way = [conveyor.hand_over(FROM, TO, MAIL) for _mail in range(3)]
        failed = await asyncio.gather(*under_way, return_exceptions=True)
    assert [type(each) for each in failed] == [SubmitFailedError] * 3


async def test_mails_that_are_given_up_leave_nothing_behind() -> None:
    stuck = asyncio.Event()

    async def store(_delivery: Delivery) -> None:
        await stuck.wait()

    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: told.append(what))
    async with Sink(store, known_recipient=KNOWN) as sink:
        async with Conveyor(sink) as conveyor:
            under_way = [conveyor.hand_over(FROM, TO, MAIL) for _mail in range(3)]
            for _turn in range(20):
                await asyncio.sleep(0)
        assert all(each.cancelled() for each in under_way)
    del under_way
    gc.collect()
    assert not told


async def test_only_the_drill_itself_is_offered_bdat() -> None:
    async with Sink(Shelf(), known_recipient=KNOWN) as sink, Wire(sink) as wire:
        assert "CHUNKING" not in await wire.greet()
        assert (await wire.say("BDAT 3 LAST")).startswith("500")


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("BDAT 3", "501 5.5.4 Syntax: BDAT size LAST"),
        ("BDAT x LAST", "501 5.5.4 Syntax: BDAT size LAST"),
        ("BDAT", "501 5.5.4 Syntax: BDAT size LAST"),
    ],
)
async def test_half_a_mail_ends_the_session(command: str, reply: str) -> None:
    async with Sink(Shelf(), known_recipient=KNOWN) as sink, Wire(sink) as wire:
        sink.trust(wire.writer.get_extra_info("sockname")[:2])
        assert "CHUNKING" in await wire.greet()
        assert (await wire.say(command)).strip() == reply
        assert await wire.rest() == b""


async def test_a_chunk_without_recipients_is_read_and_refused() -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN) as sink, Wire(sink) as wire:
        sink.trust(wire.writer.get_extra_info("sockname")[:2])
        await wire.greet()
        assert (await wire.say(b"BDAT 6 LAST\r\nQUIT")).startswith("503")
        assert (await wire.say("NOOP")).startswith("250")
    assert not shelf.deliveries


async def test_a_mail_without_an_address_is_not_handed_over() -> None:
    async with Sink(Shelf(), known_recipient=KNOWN) as sink, Conveyor(sink) as conveyor:
        with pytest.raises(ValueError, match="recipient"):
            conveyor.hand_over(FROM, [], MAIL)
        with pytest.raises(HeaderError):
            conveyor.hand_over(FROM, ["a@b\r\nRCPT TO:<c@d.example>"], MAIL)
