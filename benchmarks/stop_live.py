"""How soon everyone knows of a real incident in a live drill: `python -m benchmarks.stop_live`.

A live drill over TLS and with a password, to a mail server in a process of its own on this machine.
When 1,800 of 1,900 bodies have been mailed, no more than six of the drill's mails may go out a
minute, and an operator posts the stop. The figures are seconds from that post to the moment at
which the server had the first, half and the last of the stop mails, one to each of the 1,800. Each
is on record before it is handed over, and again when it was taken; the journal waits for the disk.
"""

import asyncio
import multiprocessing
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from drillsim.drill.board import Board
from tests.e2e.live_drill import VARIABLE, board_of, given, run
from tests.e2e.office import PASSWORD, Kept, Office, authority, is_stop, office

BODIES, MAILED = 1_900, 1_800
_SECONDS_MAX = 120.0


def _serve(pipe: Any) -> None:
    """Be the office's mail server; tell when each stop mail came."""

    async def serve() -> None:
        place = Office()

        def data(mail: Kept) -> str:
            if is_stop(mail):
                pipe.send(time.monotonic())
            return "250 2.0.0 OK"

        place.data = data
        async with office(given=place):
            pipe.send((place.port, authority().cert_pem.bytes()))
            await asyncio.Event().wait()

    asyncio.run(serve())


def _notified(board: Board) -> int:
    return sum(tally.notified for tally in board.tallies.values())


async def _stop(folder: Path, port: int, pem: bytes, pipe: Any) -> tuple[list[float], int]:
    """Run the drill until everybody was told to stop; return the waits, and how many it mailed."""
    drill = given(folder, Office(port=port), bodies=BODIES)
    (folder / "ca.pem").write_bytes(pem)
    waits: list[float] = []
    async with run(drill) as running:
        await running.until(lambda board: _notified(board) >= MAILED)
        running.director.limit(mails_per_minute=6)
        posted = time.monotonic()
        running.order("stop", reason="実際の障害")
        board = await running.until(lambda board: board.end is not None)
        async with asyncio.timeout(_SECONDS_MAX):
            while len(waits) < len(board.stop_sent):
                await running.until(lambda _board: pipe.poll())
                waits.append(pipe.recv() - posted)
        mailed = _notified(board)
    assert len(board_of(drill.path).stop_sent) == len(waits)
    return waits, mailed


def main() -> None:
    """Print the table."""
    os.environ[VARIABLE] = PASSWORD
    pipe, other = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(other,), daemon=True)
    server.start()
    try:
        port, pem = pipe.recv()
        with tempfile.TemporaryDirectory() as name:
            waits, mailed = asyncio.run(_stop(Path(name), port, pem, pipe))
    finally:
        server.kill()
        server.join()
    print(
        f"Real-incident stop of a live drill: {len(waits):,} stop mails, {mailed:,} bodies mailed"
    )
    for what, wait in (("first", waits[0]), ("half", waits[len(waits) // 2]), ("last", waits[-1])):
        print(f"  {what:6}{wait:8.2f} s")


if __name__ == "__main__":
    main()
