"""How simulated people retell the facts of a scenario when they pass a message on.

Now and then one is dropped or comes out different: a figure misread, some letters left out, as it
happens to people who type a message anew. What one node says the nodes below it can only repeat.
"""

import re
from collections.abc import Mapping

from drillsim.drill.board import Board
from drillsim.drill.events import NoticeKey
from drillsim.world.chance import draw
from drillsim.world.staff import Staff

LEFT_OUT: Mapping[str, str] = {"ja": "（追って連絡）", "en": "(to follow)"}
"""What stands where a fact was dropped."""

_FIGURE = re.compile(r"[0-9０-９]")
_ZEROS = {True: "０", False: "0"}
_SHORTENED_MIN = 4
"""Letters from which on a few can be left out and the fact still looks like one."""


def retold(staff: Staff, board: Board, notice: NoticeKey) -> dict[str, str]:
    """Return the facts as the node of `notice` tells them to the next hops.

    Args:
        staff: who tells them.
        board: which node wrote to which.
        notice: that of the node that passes on; where it is the origin, all facts are right.
    """
    inject, node = notice
    facts = dict(staff.exercise.scenario.facts)
    chain = []
    while (record := board.notices.get((inject, node))) is not None:
        chain.append(node)
        node = record.sender
    for teller in reversed(chain):
        particular = staff.town.particular(teller)
        for name, said in facts.items():
            if name in particular.tells:
                facts[name] = particular.tells[name] or LEFT_OUT[staff.exercise.scenario.lang]
            elif staff.happens_to_fact("fact_lost", (inject, teller), name):
                facts[name] = LEFT_OUT[staff.exercise.scenario.lang]
            elif staff.happens_to_fact("fact_changed", (inject, teller), name):
                facts[name] = slip(said, draw(staff.seed, "slip", inject, teller, name))
    return facts


def slip(said: str, bits: int) -> str:
    """Return a fact with a slip in it: another figure, or some letters left out."""
    figures = list(_FIGURE.finditer(said))
    if figures:
        found = figures[bits % len(figures)]
        zero = _ZEROS[found[0] > "9"]
        figure = (ord(found[0]) - ord(zero) + 1 + (bits >> 8) % 9) % 10
        if figure == 0 and found.start() == 0:
            figure = 1 + (ord(found[0]) - ord(zero)) % 9
        return said[: found.start()] + chr(ord(zero) + figure) + said[found.end() :]
    if " " in said.strip():
        words = said.split()
        del words[bits % len(words)]
        return " ".join(words)
    if len(said) < _SHORTENED_MIN:
        return said
    length = max(1, len(said) // 4)
    at = 1 + bits % max(1, len(said) - length - 1)
    return said[:at] + said[at + length :]
