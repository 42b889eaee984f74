import asyncio
from collections.abc import Sequence

import pytest

from drillsim.mail.sink import Delivery, KnownRecipients, Reply, Sink
from drillsim.mail.submit import SubmitFailedError, Submitter

KNOWN = KnownRecipients(["suo@city.example"], with_detail=["kunren@pref.example"])
MAIL = "Subject: 訓練\r\n\r\n.本文\r\n..\r\n".encode()


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []

    async def __call__(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)


def run(*, shipped: bool = False, pipelined: bool = False) -> Sequence[Delivery]:
    async def scenario() -> Sequence[Delivery]:
        shelf = Shelf()
        async with (
            Sink(shelf, known_recipient=KNOWN, shipped=shipped) as sink,
            Submitter(sink.host, sink.port, sink=sink, pipelined=pipelined) as submitter,
        ):
            result = await submitter.submit("kunren@pref.example", ["suo@city.example"], MAIL)
            assert (result.code, result.accepted) == (250, True)
            await submitter.submit("", ["kunren+7kq2m4xd@pref.example"], MAIL)
            later = Reply(451, "4.7.1 Try again later")
            result = await submitter.submit("", ["suo@city.example"], MAIL, planned=later)
            assert (result.code, result.accepted) == (451, False)
            with pytest.raises(SubmitFailedError, match="550"):
                await submitter.submit("", ["nobody@city.example"], MAIL)
        return shelf.deliveries

    return asyncio.run(asyncio.wait_for(scenario(), 20))


@pytest.mark.parametrize("shipped", [False, True])
@pytest.mark.parametrize("pipelined", [False, True])
def test_a_mail_arrives_as_it_was_written_and_refusals_are_as_planned(
    shipped: bool, pipelined: bool
) -> None:
    first, second = run(shipped=shipped, pipelined=pipelined)
    assert (first.envelope_from, first.envelope_to) == (
        "kunren@pref.example",
        ("suo@city.example",),
    )
    assert second.envelope_from == ""
    assert first.raw == second.raw == MAIL
