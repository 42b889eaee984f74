"""The second process itself: what it is asked for comes in on its input (`second_process`)."""

import asyncio
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import IO

from drillsim.i18n import _, set_language
from drillsim.mail.conveyor import Conveyor
from drillsim.mail.frames import Frames, framed, say
from drillsim.mail.replies import recognise
from drillsim.mail.second_process import (
    AS_TUPLE,
    Load,
    Start,
    ToCarry,
    ToRead,
)
from drillsim.mail.sessions import SubmitFailedError
from drillsim.mail.sink import Delivery, Sink


@dataclass(slots=True)
class Side:
    """Does one thing after the other, and tells of each."""

    tell: Callable[[object], None]
    conveyor: Conveyor
    delivered: set[str]
    """The hashes of mails that the server has had, and nobody has asked for."""
    _kept: dict[str, bytes] = field(default_factory=dict)
    """Mails that were read and are to be carried."""
    _to_read: deque[tuple[str, bytes]] = field(default_factory=deque)
    _carrying: set["asyncio.Task[None]"] = field(default_factory=set)
    _has_come: asyncio.Event = field(default_factory=asyncio.Event)
    _is_ending: bool = False

    def ask(self, job: ToRead | ToCarry | None) -> None:
        """Take in what is asked for; None: nothing more is."""
        self._has_come.set()
        if job is None:
            self._is_ending = True
        elif job[0] == "read":
            self._to_read.append((job[1], job[2]))
            self._kept[job[1]] = job[2]
        else:
            task = asyncio.create_task(self._carry(job[1], job[2]))
            self._carrying.add(task)
            task.add_done_callback(self._is_carried)

    def _is_carried(self, task: "asyncio.Task[None]") -> None:
        self._carrying.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.ask(None)  # Whoever asked does it themselves, and sees what is wrong.

    async def work(self) -> None:
        """Read mails until nothing more is asked for; others are carried meanwhile."""
        while not self._is_ending:
            if not self._to_read:
                self._has_come.clear()
                await self._has_come.wait()
                continue
            name, raw = self._to_read.popleft()
            self.tell(("read", name, AS_TUPLE(recognise(raw))))
            await asyncio.sleep(0)

    async def _carry(self, number: int, loads: Sequence[Load]) -> None:
        fault = ""
        taken = [
            self.conveyor.hand_over(
                load.sender, load.recipients, self._kept.pop(load.name, b"") or load.raw,
                load.planned,
            )
            for load in loads
        ]  # fmt: skip
        try:
            for each in taken:
                await each
        except SubmitFailedError as error:
            fault = str(error)
        names = {load.name for load in loads if load.planned is None}
        if not names <= self.delivered:
            fault = fault or _("a mail did not arrive as it was sent")
        self.delivered -= names
        self.tell(("in", number, fault))


async def serve(out: IO[bytes], asked: Frames, start: Start) -> None:
    """Do what is asked for until nothing more is."""
    delivered: set[str] = set()

    async def store(delivery: Delivery) -> None:
        delivered.add(sha256(delivery.raw).hexdigest())

    async with (
        Sink(store, known_recipient=start.known, size_max_bytes=start.size_max) as sink,
        Conveyor(sink) as conveyor,
    ):
        side = Side(await _teller(out), conveyor, delivered)
        side.tell(("ready", "", ""))
        _listen(asked, side)
        await side.work()


# Neither process waits for the other to take in what it says, or both could wait for ever. Where
# the loop looks after pipes, that costs no thread that would have to be woken for each mail.

if sys.platform == "win32":

    async def _teller(out: IO[bytes]) -> Callable[[object], None]:
        return partial(say, out)

    def _listen(asked: Frames, side: Side) -> None:
        loop = asyncio.get_running_loop()

        def take_in() -> None:
            try:
                while True:
                    for job in asked.come():
                        loop.call_soon_threadsafe(side.ask, job)
            except (OSError, EOFError):
                with suppress(RuntimeError):  # The loop is closed.
                    loop.call_soon_threadsafe(side.ask, None)

        threading.Thread(target=take_in, daemon=True).start()

else:

    async def _teller(out: IO[bytes]) -> Callable[[object], None]:
        loop = asyncio.get_running_loop()
        pipe, _protocol = await loop.connect_write_pipe(asyncio.BaseProtocol, out)

        def tell(item: object) -> None:
            pipe.write(framed(item))

        return tell

    def _listen(asked: Frames, side: Side) -> None:
        loop = asyncio.get_running_loop()

        def take_in() -> None:
            try:
                for job in asked.take_in():
                    side.ask(job)
            except (OSError, EOFError):
                loop.remove_reader(asked.pipe)
                side.ask(None)

        loop.add_reader(asked.pipe, take_in)


def main() -> int:
    """Serve the process at the other end of the pipes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb")
    asked = Frames(sys.stdin.fileno())
    with suppress(BrokenPipeError, EOFError):  # Nobody asks any more.
        start, *more = asked.come()
        assert not more
        set_language(start.language)
        asyncio.run(serve(out, asked, start))
    return 0


if __name__ == "__main__":
    sys.exit(main())
