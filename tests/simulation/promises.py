"""What holds for every drill, whatever the seed; each promise yields what was broken.

A promise is checked from the events, by other means than the product's own where there are any.
"""

import json
from collections.abc import Callable, Iterator
from typing import TypeGuard

from drillsim.drill import events as ev
from drillsim.drill.agenda import due_of_text
from drillsim.drill.board import fold
from drillsim.drill.durations import to_ms
from drillsim.drill.events import AnyEvent, NoticeKey, decode, encode
from drillsim.drill.machines import FINAL
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.world.chance import draw
from drillsim.world.course import Course
from tests.simulation.drills import Drill, go_on

ANSWERS = (ev.Acknowledged, ev.Reported, ev.PassedOn)
"""Events by which a node has acknowledged."""

AFTER_END = (
    ev.AnsweredAfterEnd,
    ev.AnswerSent,
    ev.SetAside,
    ev.StopSubmitted,
    ev.StopConfirmed,
    ev.Noted,
)
"""What may still happen after EndEx."""


def events_rise_in_time(drill: Drill) -> Iterator[str]:
    """`at` never falls, and is a whole number of milliseconds."""
    last = drill.events[0].at
    for event in drill.events:
        if event.at < last:
            yield f"{event.kind} at {event.at} after {last}"
        if event.at.microseconds % 1_000:
            yield f"{event.kind} at {event.at} is between milliseconds"
        last = event.at


def nobody_is_written_to_before_the_node_above_passed_on(drill: Drill) -> Iterator[str]:
    """A hop's mail follows the `PassedOn` of the node above that names it."""
    passed: set[NoticeKey] = set()
    for event in drill.events:
        if isinstance(event, ev.PassedOn):
            passed.update((event.notice[0], hop) for hop in event.to)
        elif isinstance(event, ev.Submitted | ev.Notified | ev.Refused | ev.Reminded):
            scope = drill.exercise.scope(event.notice[0])
            if event.notice[1] not in scope.direct and event.notice not in passed:
                yield f"{event.kind} of {event.notice} at {event.at} before it was passed on"


def nobody_who_acknowledged_is_reminded_to(drill: Drill) -> Iterator[str]:
    """No reminder, stand-in or give-up after an acknowledgement; none of the report after it."""
    acknowledged: set[NoticeKey] = set()
    reported: set[NoticeKey] = set()
    for event in drill.events:
        if isinstance(event, ANSWERS):
            acknowledged.add(event.notice)
        if isinstance(event, ev.Reported):
            reported.add(event.notice)
        if isinstance(event, ev.Reminded):
            if event.missing == "acknowledgement" and event.notice in acknowledged:
                yield f"{event.notice} was reminded at {event.at}"
            if event.missing == "report" and event.notice in reported:
                yield f"{event.notice} was reminded of its report at {event.at}"
        elif isinstance(event, ev.StandInCalled | ev.GaveUp | ev.CallDue):
            if event.notice in acknowledged:
                yield f"{event.kind} of {event.notice} at {event.at}"
        elif _is_urging(event) and event.notice in acknowledged:
            yield f"{event.purpose} of {event.notice} at {event.at}"


def _is_urging(event: AnyEvent) -> TypeGuard[ev.Submitted]:
    return isinstance(event, ev.Submitted) and event.purpose in ("reminder", "stand-in")


def every_notice_ends(drill: Drill) -> Iterator[str]:
    """There is one EndEx, every notice is in a final state, and nothing goes on after it."""
    ends = [event for event in drill.events if isinstance(event, ev.DrillEnded)]
    if len(ends) != 1:
        yield f"{len(ends)} EndEx"
        return
    for notice, record in drill.board.notices.items():
        if record.state not in FINAL:
            yield f"{notice} is left {record.state}"
    rest = drill.events[drill.events.index(ends[0]) + 1 :]
    for event in rest:
        if not isinstance(event, AFTER_END):
            yield f"{event.kind} at {event.at}, after EndEx"
    window = drill.exercise.window_at
    if ends[0].at > window:
        yield f"EndEx at {ends[0].at}, after the window of {window}"


def every_mail_is_written_once(drill: Drill) -> Iterator[str]:
    """A Message-ID names one mail; one mail to many has several `Submitted` at one instant."""
    written: dict[str, AnyEvent] = {}
    for event in drill.events:
        if not isinstance(event, ev.Submitted | ev.AnswerSent | ev.StopSubmitted):
            continue
        earlier = written.setdefault(event.mail, event)
        if earlier is event:
            continue
        if not (isinstance(earlier, ev.Submitted) and isinstance(event, ev.Submitted)):
            yield f"{event.mail} names two mails"
        elif earlier.at != event.at or earlier.notice == event.notice:
            yield f"{event.mail} was written twice: {earlier.notice}, {event.notice}"


def every_mail_has_one_outcome(drill: Drill) -> Iterator[str]:
    """What was handed over was taken, refused or deferred at most once per try, never before."""
    open_tries: dict[tuple[str, NoticeKey], int] = {}
    for event in drill.events:
        if isinstance(event, ev.Submitted | ev.Retried):
            key = (event.mail, event.notice)
            open_tries[key] = open_tries.get(key, 0) + 1
        elif isinstance(event, ev.Notified | ev.Deferred) or (
            isinstance(event, ev.Refused) and event.mail
        ):
            key = (event.mail, event.notice)
            if open_tries.get(key, 0) < 1:
                yield f"{event.kind} of {event.mail} at {event.at} without a try"
            else:
                open_tries[key] -= 1


def answers_are_counted_once(drill: Drill) -> Iterator[str]:
    """A notice is acknowledged and passed on at most once; the board's counts are the events'."""
    acknowledged: dict[NoticeKey, int] = {}
    passed: dict[NoticeKey, int] = {}
    for event in drill.events:
        if isinstance(event, ev.Acknowledged):
            acknowledged[event.notice] = acknowledged.get(event.notice, 0) + 1
        elif isinstance(event, ev.PassedOn):
            passed[event.notice] = passed.get(event.notice, 0) + 1
    for notice, count in (*acknowledged.items(), *passed.items()):
        if count > 1:
            yield f"{notice} was credited {count} times"
    for (inject, kind), tally in drill.board.tallies.items():
        records = [
            record
            for (first, _node), record in drill.board.notices.items()
            if first == inject and record.kind == kind
        ]
        counted = {
            "scope": len(records),
            "submitted": sum(r.submitted_at is not None for r in records),
            "notified": sum(r.notified_at is not None for r in records),
            "acknowledged": sum(r.acknowledged_at is not None for r in records),
            "late": sum(r.is_late for r in records),
            "passed_on": sum(r.passed_on_at is not None for r in records),
            "reported": sum(r.reported_at is not None for r in records),
            "unreachable": sum(r.unreachable_at is not None for r in records),
            "completed": sum(r.completed_at is not None for r in records),
        }
        for name, count in counted.items():
            if getattr(tally, name) != count:
                yield f"{inject} {kind}: {name} is {getattr(tally, name)}, not {count}"
        if tally.in_time + tally.late != tally.acknowledged:
            yield f"{inject} {kind}: in time and late are not all that acknowledged"


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
    events_rise_in_time,
    nobody_is_written_to_before_the_node_above_passed_on,
    nobody_who_acknowledged_is_reminded_to,
    every_notice_ends,
    every_mail_is_written_once,
    every_mail_has_one_outcome,
    answers_are_counted_once,
    a_replay_gives_the_same_board,
    events_survive_json,
    a_drill_cut_off_goes_on_the_same,
)


def broken(drill: Drill) -> list[str]:
    """Return what is wrong with a drill; [] if every promise was kept."""
    return [f"{promise.__name__}: {fault}" for promise in PROMISES for fault in promise(drill)]
