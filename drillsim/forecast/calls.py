"""How the drill's caller works through the numbers of a notice, in many runs at once.

Who was left a message calls back; of a duty desk, whoever it reaches does (`world.offices`).
"""

from fractions import Fraction

import numpy as np

from drillsim.forecast.draws import Flags, Numbers, Rows, Times
from drillsim.forecast.lot import Lot
from drillsim.forecast.stamps import NEVER
from drillsim.world.chance import STEPS, LogNormal
from drillsim.world.habits import CALL_BACK, CALLER


def talks(lot: Lot, at: Rows, when: Times) -> tuple[Times, Numbers]:
    """Return when somebody is talked to, in ms, and which officer; they are on the list `when`."""
    return _Calls(lot, len(at)).run(at, when)


class _Calls:
    def __init__(self, lot: Lot, count: int) -> None:
        telephone = lot.notice.setting.usual.telephone
        assert telephone is not None
        self.lot = lot
        self.answered = _steps_below(telephone.answered)
        self.message = _steps_below(telephone.answered + telephone.message)
        self.talked = np.full(count, NEVER, dtype=np.int64)
        self.by = np.zeros(count, dtype=np.int64)

    def run(self, at: Rows, when: Times) -> tuple[Times, Numbers]:
        """Work through the numbers."""
        here = np.arange(len(at))
        has_desk = self.lot.notice.has_desk_first
        if has_desk:
            when = when + self._length(CALLER, "caller", at, 0)
        for officer in range(1, len(self.lot.notice.addresses) + 1):
            if not len(at):
                break
            if not has_desk:
                when = when + self._length(CALLER, "caller", at, officer)
            answers, message = self._reached(officer, at)
            if has_desk:
                answers, message = np.zeros_like(answers), answers | message
            self.talked[here[answers]], self.by[here[answers]] = when[answers], officer
            if message.any():
                back = self._length(CALL_BACK, "call-back", at[message], officer)
                self.talked[here[message]], self.by[here[message]] = when[message] + back, officer
            left = np.flatnonzero(~(answers | message))
            at, here, when = at[left], here[left], when[left]
        return self.talked, self.by

    def _length(self, delay: LogNormal, purpose: str, at: Rows, number: int) -> Times:
        return self.lot.length(delay, at, purpose, 0, number)

    def _reached(self, officer: int, at: Rows) -> tuple[Flags, Flags]:
        """Whether a call reaches `officer`, and whether it leaves a message (`Staff.talks`)."""
        steps = self.lot.steps(at, "call", officer)
        present = ~self.lot.absent(officer, at)
        answers = steps < self.answered
        return answers & present, ~answers & (steps < self.message) & present


def _steps_below(share: Fraction) -> int:
    """Return how many steps lie below `share` of all."""
    return -(-share.numerator * STEPS // share.denominator)
