"""How soon everyone knows that a real incident ends the drill: `python -m benchmarks.stop`.

A national drill of two tiers, its journal as durable as on the day itself. When nearly all bodies
are mailed an operator posts the stop; the figures are seconds from that post to the moment at which
the first, half and the last of the stop mails were accepted by the mail server.
"""

import asyncio
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from benchmarks.figures import Figure
from drillsim.conduct import director
from drillsim.conduct.intake import Intake
from drillsim.conduct.mailroom import Posted
from drillsim.conduct.rehearsal import Wanted, conduct, lay_out
from drillsim.conduct.under_way import MailSent, UnderWay
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.files.bodies import prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.scenario_file import load_scenario
from drillsim.journal import post_command

SCENARIO = Path(__file__).parent / "data" / "national.yaml"
SEED = 7
MAILED = 1_750
"""Bodies; of the rest some have no address that is taken."""

_accepted: list[float] = []
_stops: set[str] = set()
"""Stop mails that the second process carries, by their hashes."""


class TimedMails(UnderWay):
    """Mails under way, where it is noted when the server took each stop mail."""

    def start(self, event: MailSent, post: Posted) -> "asyncio.Future[None]":
        """Hand a mail over."""
        taken = super().start(event, post)
        if isinstance(event, ev.StopSubmitted):
            if taken.done():
                _stops.add(post.name)
            else:
                taken.add_done_callback(lambda _taken: _accepted.append(time.monotonic()))
        return taken


class TimedIntake(Intake):
    """What came in, where it is noted when the second process told of each stop mail."""

    def came(self, name: str) -> None:
        """Take note of a mail."""
        super().came(name)
        if name in _stops:
            _accepted.append(time.monotonic())


def _mailed(board: Board) -> int:
    sums = (sum(t.submitted for t in board.inject_tallies(i, None)) for i in board.released)
    return max(sums, default=0)


def main() -> list[Figure]:
    """Print the table."""
    _accepted.clear()
    _stops.clear()
    posted: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = folder / "national-contacts.yaml"
        tree.write_text("".join(new_tree(prefectures(), "全国の連絡網")), encoding="utf-8")
        loaded = load_scenario(SCENARIO, tree)
        path = folder / "stop.drill"

        def look(board: Board, _at: timedelta) -> None:
            if not posted and _mailed(board) >= MAILED:
                posted.append(time.monotonic())
                post_command(path, kind="stop", payload={"reason": "実際の障害"}, author="統制者")

        # At real time the journal is durable; the clock may go faster, so that this ends.
        journal = lay_out(Wanted(loaded, SEED, 1, path))
        with (
            patch.object(director, "UnderWay", TimedMails),
            patch.object(director, "Intake", TimedIntake),
        ):
            outcome = asyncio.run(conduct(journal, loaded, "max", look))
    waits = sorted(moment - posted[0] for moment in _accepted)
    print(f"Real-incident stop of a national drill: {len(waits):,} stop mails ({outcome.reason})")
    told = (("first", waits[0]), ("half", waits[len(waits) // 2]), ("last", waits[-1]))
    for what, wait in told:
        print(f"  {what:6}{wait:8.2f} s")
    return [Figure("stop", f"national drill, {what} stop mail", wait, "s") for what, wait in told]


if __name__ == "__main__":
    main()
