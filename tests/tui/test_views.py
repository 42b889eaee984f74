"""The view models, worked out from the events of a recorded drill."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from drillsim.drill import events as ev
from drillsim.drill.board import fold
from drillsim.drill.machines import NoticeState
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.tui.views.booking import bookable, fault_of, form_of, parse_time
from drillsim.tui.views.calls import call_list, words_to_say
from drillsim.tui.views.chain import Chain, chain_row
from drillsim.tui.views.clock import DrillClock
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.due import is_late
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.stream import FILTERS, Act
from drillsim.tui.views.tiers import answer_curve, tier_board
from drillsim.tui.views.times import full_length, short_length
from tests import examples
from tests.tui.recorded import Recording, record

FIRST = InjectId("first-report")
HOUR = timedelta(hours=1)


@cache
def recording() -> Recording:
    return record()


def view_at(at: timedelta) -> DrillView:
    view = DrillView(recording().loaded.exercise)
    for event in recording().until(at):
        view.take(event)
    view.pass_time(at)
    return view


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "00:00"), (4.17, "04:10"), (99.99, "99:59"), (185, "3h05")]
)
def test_a_length_takes_at_most_six_cells(minutes: float, text: str) -> None:
    assert short_length(timedelta(minutes=minutes)) == text
    assert len(short_length(timedelta(days=366))) <= 6


def test_a_length_before_startex_keeps_its_sign() -> None:
    assert full_length(timedelta(hours=-1)) == "-1:00:00"


def test_the_board_of_the_view_is_the_fold_of_the_events() -> None:
    view = view_at(HOUR)
    assert view.board.tallies == fold(view.exercise, recording().until(HOUR)).tallies


def test_every_event_of_a_drill_can_be_told() -> None:
    view = view_at(timedelta(hours=4))
    sentences = Sentences(view.exercise, view.names)
    for event in recording().events:
        line = sentences.line(event)
        assert line.text
        assert "{" not in line.text


def test_events_of_the_simulated_world_are_not_shown() -> None:
    stream = view_at(HOUR).stream
    shown = {stream.events[place].kind for place in stream.places["all"]}  # type: ignore[union-attr]
    assert "acknowledged" in shown
    assert "answer-sent" not in shown


def test_each_filter_shows_a_part_of_all() -> None:
    stream = view_at(HOUR).stream
    everything = set(stream.places["all"])
    for name in FILTERS:
        assert set(stream.places[name]) <= everything
    assert len(stream.places["main"]) < len(everything)


def test_a_tier_has_its_denominator_and_its_parts_add_up() -> None:
    board = tier_board(view_at(HOUR), FIRST)
    by_name = {row.name: row for row in board.rows}
    towns = by_name["municipality"]
    assert towns.scope == 19
    assert towns.reached + towns.open + towns.unreachable == towns.scope
    assert towns.in_time + towns.late == towns.reached
    assert by_name[""].scope == 20


def test_all_of_a_tier_is_said_only_when_it_is_all() -> None:
    rows = tier_board(view_at(HOUR), FIRST).rows
    assert all(row.percent < 100 for row in rows if row.reached < row.scope)


def test_the_curve_rises_to_the_share_reached() -> None:
    view = view_at(HOUR)
    curve = answer_curve(view, FIRST, HOUR, 30)
    total = tier_board(view, FIRST).rows[-1]
    assert list(curve.levels) == sorted(curve.levels)
    assert curve.levels[-1] == pytest.approx(total.reached / total.scope)
    assert dict(curve.marks)[50] is not None
    assert dict(curve.marks)[100] is None


def test_late_is_who_missed_a_deadline_answered_since_or_not() -> None:
    at = timedelta(hours=2)
    view = view_at(at)
    records = {k: r for k, r in view.board.notices.items() if k[0] == FIRST}
    missed = {
        node
        for (_inject, node), r in records.items()
        if is_late(r)
        or any(
            due is not None and due < at and fact is None and asked
            for asked, due, fact in (
                (r.asked.acknowledge, r.ack_due, r.acknowledged_at),
                (bool(r.asked.pass_on), r.pass_on_due, r.passed_on_at),
                (r.asked.report, r.report_due, r.reported_at),
            )
        )
    }
    assert missed
    assert view.dues.late[FIRST] == missed


def test_what_is_overdue_is_forgotten_when_the_answer_comes() -> None:
    end = recording().events[-1].at
    for at in (HOUR, timedelta(hours=2), end - timedelta(milliseconds=1)):
        view = view_at(at)
        for inject, nodes in view.dues.overdue.items():
            for node in nodes:
                record = view.board.notices[(inject, node)]
                assert record.state is not NoticeState.COMPLETED


def test_what_falls_due_next_comes_in_order_and_is_not_moot() -> None:
    view = view_at(HOUR)
    due = view.dues.upcoming(20)
    assert [item.at for item in due] == sorted(item.at for item in due)
    assert due[-1].act == "window"
    for item in due:
        if item.act == "remind":
            for node in item.nodes:
                assert not view.board.notices[(FIRST, node)].is_acknowledged


def test_after_the_end_nothing_falls_due() -> None:
    assert view_at(timedelta(hours=5)).dues.upcoming(5) == []


def test_a_due_time_counts_a_fact_exactly_at_the_limit_as_in_time() -> None:
    exercise = examples.exercise()
    view = DrillView(exercise)
    notice = (InjectId("first"), NodeId("n1"))
    started = ev.DrillStarted(at=timedelta(0), scenario="example", seed=1, nodes=5, participants=4)
    view.take(started)
    view.take(ev.InjectReleased(at=timedelta(0), inject=InjectId("first")))
    view.take(
        ev.Submitted(
            at=timedelta(0),
            notice=notice,
            officer=1,
            attempt=0,
            mail="m",
            purpose="notice",
            sender=NodeId("n"),
            recipient="o1@n1.example",
        )
    )
    view.pass_time(timedelta(minutes=15))
    assert not view.dues.overdue.get(InjectId("first"))
    view.take(
        ev.Acknowledged(
            at=timedelta(minutes=15), notice=notice, channel="mail", officer=1, by="a", mail="r"
        )
    )
    view.pass_time(timedelta(minutes=20))
    assert NodeId("n1") not in view.dues.late.get(InjectId("first"), set())


def test_collapsing_hides_what_is_below_and_finding_opens_it_again() -> None:
    view = view_at(HOUR)
    chain = Chain(view.exercise)
    chain.collapse_to(1)
    assert [chain.node_at(row) for row in range(len(chain.rows))] == ["jlis", "350001"]
    row = chain.reveal(NodeId("352039"))
    assert row is not None
    assert chain.node_at(row) == "352039"


def test_only_late_shows_them_under_those_above_them() -> None:
    view = view_at(HOUR)
    chain = Chain(view.exercise)
    chain.only = frozenset({NodeId("352039")})
    chain.arrange()
    assert [chain.node_at(row) for row in range(len(chain.rows))] == ["jlis", "350001", "352039"]


def test_the_lines_of_the_tree_join_siblings() -> None:
    chain = Chain(examples.exercise(examples.tree((2, 2))))
    guides = [chain.guide(row) for row in range(len(chain.rows))]
    assert guides == ["", "├ ", "│ ├ ", "│ └ ", "└ ", "  ├ ", "  └ "]


def test_a_row_marks_what_was_missed_by_a_sign_and_not_by_colour_alone() -> None:
    view = view_at(HOUR)
    chain = Chain(view.exercise)
    rows = [chain_row(view, chain, row, FIRST, HOUR) for row in range(len(chain.rows))]
    alarms = [c for r in rows for c in (r.acknowledged, r.reported, r.due) if c.tone == "alarm"]
    assert alarms
    assert all("!" in cell.text for cell in alarms)


@pytest.mark.parametrize("typed", ["山口市", "やまぐちし", "ヤマグチシ", "352039", "３５２０３９"])
def test_a_body_is_found_by_name_kana_and_code(typed: str) -> None:
    assert NodeId("352039") in view_at(timedelta(0)).names.find(typed)


def test_the_call_list_holds_number_and_words_with_the_reference() -> None:
    view = view_at(HOUR)
    sentences = Sentences(view.exercise, view.names)
    items = call_list(view, sentences)
    assert [item.notice for item in items] == list(view.board.calls)
    words = words_to_say(view, items[0], caller="防長", ref="7KQ2-M4XD")
    assert "訓練です" in words
    assert "7KQ2-M4XD" in words
    sent = view.board.notices[items[0].notice].submitted_at
    assert sent is not None
    at = view.exercise.when(sent)
    assert f"{at.hour}時{at.minute:02}分に訓練のメールをお送りしました" in words
    view.pass_time(timedelta(days=1))
    later = words_to_say(view, items[0], caller="防長", ref="7KQ2-M4XD")
    assert f"10月14日 {at.hour}時{at.minute:02}分に訓練のメールを" in later
    assert any(number.phone for number in items[0].numbers)


def test_the_clock_goes_on_at_its_speed_until_it_is_paused() -> None:
    data = {"speed": 60, "paused": False, "at_ms": 60_000, "wall": "2026-10-14T01:00:00.000Z"}
    clock = DrillClock().take(data)
    later = datetime(2026, 10, 14, 1, 0, 10, tzinfo=UTC)
    assert clock.now(later, timedelta(0)) == timedelta(minutes=11)
    paused = DrillClock().take(data | {"paused": True})
    assert paused.now(later, timedelta(0)) == timedelta(minutes=1)


def test_the_clock_never_lags_behind_an_event() -> None:
    assert DrillClock().now(datetime.now(UTC), HOUR) == HOUR


@pytest.mark.parametrize(
    ("speed", "step", "then"), [(60, 1, 120), (60, -1, 30), (45, 1, 60), (3600, 1, None)]
)
def test_speed_goes_in_steps(speed: float, step: int, then: float | None) -> None:
    assert DrillClock(speed=speed).stepped(step) == then


def test_as_fast_as_possible_slows_down_to_the_last_step() -> None:
    assert DrillClock(speed=None).stepped(-1) == 3600
    assert DrillClock(speed=None).stepped(1) is None


def test_a_time_to_be_booked_is_of_today_and_has_passed() -> None:
    view = view_at(HOUR)
    assert parse_time("10:25", view, HOUR) == timedelta(minutes=25)
    assert parse_time("", view, HOUR) is None
    for wrong in ("25:00", "11:01", "9:59", "noon"):
        assert isinstance(parse_time(wrong, view, HOUR), str)


def test_a_report_may_say_that_it_is_not_known_yet() -> None:
    view = view_at(HOUR)
    notice = bookable(view, NodeId("352039"))[0]
    terminals = next(field for field in form_of(view.exercise, notice) if field.id == "terminals")
    assert fault_of(terminals, "確認中") is None
    assert fault_of(terminals, "12") is None
    assert fault_of(terminals, "many") is not None
    assert fault_of(terminals, "") is not None


def test_nothing_is_booked_for_a_body_that_was_never_written_to() -> None:
    before = view_at(timedelta(minutes=20))
    assert (FIRST, NodeId("352039")) in before.board.notices
    assert bookable(before, NodeId("352039")) == []
    assert bookable(view_at(HOUR), NodeId("352039")) == [(FIRST, NodeId("352039"))]


def test_an_operators_act_stands_in_the_stream() -> None:
    view = view_at(HOUR)
    view.take(Act(at=HOUR, order="speed", by="防長", payload={"speed": "max"}))
    line = Sentences(view.exercise, view.names).line(view.stream.events[-1])
    assert "防長" in line.text
    assert view.stream.places["control"][-1] == len(view.stream.events) - 1
