"""What holds for every drill, whatever the seed; each promise yields what was broken.

A promise is checked from the events, by other means than the product's own where there are any.
"""

import json
from collections.abc import Callable, Iterator

from drillsim.drill import events as ev
from drillsim.drill.agenda import due_of_text
from drillsim.drill.board import fold
from drillsim.drill.durations import to_ms
from drillsim.drill.events import decode, encode
from drillsim.drill.machines import FINAL
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.world.chance import draw
from drillsim.world.course import Course
from tests.simulation.drills import Drill, go_on
from tests.simulation.monitors import ANSWERS, miscounted, watched


def what_must_always_hold_does(drill: Drill) -> Iterator[str]:
    """Every monitor is content after every event; the last counts are right too."""
    yield from watched(drill.exercise, drill.events)
    yield from miscounted(drill.board)


def every_notice_ends(drill: Drill) -> Iterator[str]:
    """There is one EndEx, and every notice is in a final state."""
    ends = [event for event in drill.events if isinstance(event, ev.DrillEnded)]
    if len(ends) != 1:
        yield f"{len(ends)} EndEx"
        return
    for notice, record in drill.board.notices.items():
        if record.state not in FINAL:
            yield f"{notice} is left {record.state}"


def a_replay_gives_the_same_board(drill: Drill) -> Iterator[str]:
    """The fold of the events is the board of the drill that ran."""
    again = fold(drill.exercise, drill.events)
    if again != drill.board:
        yield "the fold of the events is another board"


def events_survive_json(drill: Drill) -> Iterator[str]:
    """What is read back from JSON is what happened, and scores the same."""
    again = [decode(json.loads(json.dumps(encode(event)))) for event in drill.events]
    if again != drill.events:
        yield "events read back from JSON are others"
        return
    live = evaluate(drill.exercise, drill.events, drill.board)
    replayed = evaluate(drill.exercise, again)
    if live.score != replayed.score:
        yield f"the score {live.score.total} becomes {replayed.score.total} on a replay"
    if live.reach != replayed.reach:
        yield "a replay reaches others"
    yield from _everyone_is_accounted_for(drill, live)


def _everyone_is_accounted_for(drill: Drill, shown: Evaluation) -> Iterator[str]:
    """Every participant was reached, or its cause is named, or it is listed apart."""
    reached = {event.notice[1] for event in drill.events if isinstance(event, ANSWERS)}
    reached |= {event.notice[1] for event in drill.events if isinstance(event, ev.Declined)}
    named = {miss.notice[1] for miss in shown.reach.misses}
    apart = {each.node for each in shown.reach.apart}
    for node in drill.exercise.to_be_reached:
        if node not in reached | named | apart:
            yield f"{node} was not reached, and nothing says why"
    # Injects that ask for no answer reach nobody by themselves, and miss nothing when they arrive.
    unreached = set(shown.reach.contacts[-1].unreached)
    if unreached & reached:
        yield f"{sorted(unreached & reached)} answered and count as not reached"
    for notice, record in drill.board.notices.items():
        if record.asked.acknowledge and not record.is_acknowledged and notice[1] not in named:
            yield f"{notice} is not acknowledged, and no cause is named"


def a_drill_cut_off_goes_on_the_same(drill: Drill) -> Iterator[str]:
    """Taken up again after any committed instant, a drill has exactly the events it had."""
    kept = [(due, events) for due, events in drill.instants if events]
    cut = 1 + draw(drill.seed, "cut") % len(kept)
    before = [event for _due, events in kept[:cut] for event in events]
    last = due_of_text(kept[cut - 1][0].as_text())
    course = Course(drill.exercise, drill.seed)
    course.restore(before, last)
    both = before + [e for _due, events in go_on(course, drill.orders) for e in events]
    if both != drill.events:
        pairs = zip(both, drill.events, strict=False)
        at = next((a.at for a, b in pairs if a != b), drill.events[-1].at)
        yield f"cut after instant {cut} ({to_ms(last.at)} ms), it differs from {at} on"


PROMISES: tuple[Callable[[Drill], Iterator[str]], ...] = (
    what_must_always_hold_does,
    every_notice_ends,
    a_replay_gives_the_same_board,
    events_survive_json,
    a_drill_cut_off_goes_on_the_same,
)


def broken(drill: Drill) -> list[str]:
    """Return what is wrong with a drill; [] if every promise was kept."""
    return [f"{promise.__name__}: {fault}" for promise in PROMISES for fault in promise(drill)]
