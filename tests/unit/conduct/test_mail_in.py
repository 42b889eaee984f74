"""What comes in over a mail server is on record once, whatever the server does meanwhile."""

import asyncio
from pathlib import Path
from typing import Any

from drillsim.conduct.intake import FromOutside
from drillsim.conduct.mail_in import WayIn
from drillsim.files.live_profile import LoadedProfile, parse_profile
from drillsim.mail.sink import Delivery
from tests import examples
from tests.live import profile


class Slow:
    """A journal that stores a mail when it is let."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.stored: list[bytes] = []

    async def store_mail(self, raw: bytes, **_envelope: Any) -> str:
        await self.may.wait()
        self.stored.append(raw)
        return ""


class Drill:
    """Who takes the mails."""

    def __init__(self) -> None:
        self.exercise = examples.exercise()
        self.journal: Any = Slow()
        self.known: set[str] = set()
        self.taken: list[FromOutside] = []

    def take_in(self, mail: FromOutside) -> None:
        self.taken.append(mail)


def way_in(drill: Drill) -> WayIn:
    has_begun = asyncio.Event()
    has_begun.set()
    loaded: LoadedProfile = parse_profile(profile().encode(), "live.toml", Path("live.toml"))
    return WayIn(drill, loaded, has_begun, lambda: None)


DELIVERY = Delivery("a@n1-1.example", ("kunren@n1.example",), b"Subject: x\r\n\r\nx", ("", 0))


async def test_a_mail_whose_server_hangs_up_before_the_250_counts_once_when_it_comes_again() -> (
    None
):
    drill = Drill()
    way = way_in(drill)
    first = asyncio.create_task(way._keep(DELIVERY))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()  # As the sink does when the connection is lost.
    await asyncio.gather(first, return_exceptions=True)
    again = asyncio.create_task(way._keep(DELIVERY))
    await asyncio.sleep(0)
    assert not again.done()  # No 250 for what is not on record.
    drill.journal.may.set()
    await again
    assert len(drill.journal.stored) == 1
    assert [mail.raw for mail in drill.taken] == [DELIVERY.raw]


async def test_no_250_is_said_to_a_second_copy_before_the_first_is_on_record() -> None:
    drill = Drill()
    way = way_in(drill)
    both = [asyncio.create_task(way._keep(DELIVERY)) for _copy in range(2)]
    for _turn in range(5):
        await asyncio.sleep(0)
    assert not any(each.done() for each in both)
    drill.journal.may.set()
    await asyncio.gather(*both)
    assert len(drill.taken) == 1
