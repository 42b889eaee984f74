"""A mail server in a bad way, and whether an outbox gets every mail through it all the same.

`python -m tests.simulation.chaos_sink` hands 1,800 mails to a server that says "later" to 30 % of
them, breaks off before its 250 in 10 %, and takes up to five seconds for each.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from aiosmtpd.smtp import SMTP

from benchmarks.relay import peak_mb
from drillsim.mail.outbox import BACK_OFF, Attempt, Outbox, Outgoing
from drillsim.mail.sessions import LibrarySession


@dataclass
class Chaos:
    """What the server does; chance is of the seed.

    Attributes:
        kept: how often it kept the mail to each recipient, 250 or no 250.
        acknowledged: how often it said 250 to it.
    """

    seed: int
    later: float = 0.3
    broken_off: float = 0.1
    refused: float = 0.0
    delay_seconds: float = 0.005
    kept: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self._chance.uniform(0, self.delay_seconds))
        place, (recipient, *_none) = self._chance.random(), envelope.rcpt_tos
        if place < self.later:
            return "451 4.3.0 Later"
        if place < self.later + self.refused:
            return "550 5.7.1 No"
        self.kept[recipient] += 1
        if place < self.later + self.refused + self.broken_off:
            server.transport.abort()
            return "250 2.0.0 Never heard"
        self.acknowledged[recipient] += 1
        return "250 2.0.0 OK"


async def through(
    chaos: Chaos,
    mails: int,
    *,
    sessions: int,
    back_off: tuple[timedelta, ...],
    mails_per_minute: float | None = None,
) -> list[Attempt]:
    """Hand that many mails, each to a recipient of its own, to the server; return every try."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(chaos, hostname="chaos.test", loop=loop), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    tries: list[Attempt] = []

    async def told(attempt: Attempt) -> None:
        tries.append(attempt)

    body = b"Subject: x\r\n\r\n" + b"y" * 70 + b"\r\n"
    outbox = Outbox(
        lambda: LibrarySession("127.0.0.1", port, 60.0, "director.drillsim.test"),
        told,
        sessions=sessions,
        back_off=back_off,
        mails_per_minute=mails_per_minute,
    )
    try:
        async with outbox:
            outbox.put(
                *(
                    Outgoing(str(n), "a@pref.example", f"b{n}@city.example", body)
                    for n in range(mails)
                )
            )
            await outbox.drained()
    finally:
        server.close()
    return tries


def main() -> int:
    """Print how it went; 1 if a mail did not get through."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1_800)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--delay", type=float, default=5.0, help="seconds at most")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    chaos = Chaos(given.seed, delay_seconds=given.delay)
    began = time.monotonic()
    # Minutes of back-off become seconds: it is the order of things that is tried, not patience.
    back_off = tuple(wait / 60 for wait in BACK_OFF)
    tries = asyncio.run(through(chaos, given.mails, sessions=given.sessions, back_off=back_off))
    accepted = {each.mail.key for each in tries if each.outcome == "accepted"}
    twice = sum(count > 1 for count in chaos.kept.values())
    sys.stdout.write(
        f"{given.mails} mails, {len(accepted)} accepted in {len(tries)} tries, at most "
        f"{max(each.tries for each in tries)} for one; {twice} kept more than once, of which "
        f"{sum(e.maybe_twice and e.outcome == 'accepted' for e in tries)} marked; "
        f"{time.monotonic() - began:.0f} s, {peak_mb():.0f} MB\n"
    )
    return 0 if len(accepted) == given.mails else 1


if __name__ == "__main__":
    sys.exit(main())
