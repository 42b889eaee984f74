"""A whole run played by the kernel, put beside those that arrays tell."""

from typing import TYPE_CHECKING

from drillsim.drill.board import Board
from drillsim.drill.durations import to_ms
from drillsim.forecast.stamps import NEVER
from drillsim.world.course import Course

if TYPE_CHECKING:
    from drillsim.forecast.rehearsals import Rehearsals


def play_whole(found: "Rehearsals", row: int) -> Board:
    """Rehearse one run with the kernel, take its times over, and return how it ended."""
    course = Course(found.setting.exercise, int(found.seeds[row]))
    for _event in course.run():
        pass
    take_whole(found, row, course.board)
    return course.board


def take_whole(found: "Rehearsals", row: int, board: Board) -> None:
    """Take over the times of a run that ended so."""
    for key, runs in found.notices.items():
        record = board.notices.get(key)
        if record is None:
            runs.forget(row)
        else:
            runs.take(row, record)
    for phase, times in found.entered.items():
        times[row] = next((to_ms(at) for at, name, _ in board.phases if name == phase), NEVER)
    for inject, times in found.released.items():
        times[row] = to_ms(board.released[inject]) if inject in board.released else NEVER
    assert board.end is not None
    found.end[row] = to_ms(board.end.at)
    found.is_final[row] = board.end.reason == "final-phase"
