"""Drills written by hand in which much goes wrong, for the evaluations that are told in full."""

from collections.abc import Callable
from typing import Any

from drillsim.drill import events as ev
from drillsim.drill.tree import NodeId
from tests import examples
from tests.unit.evaluation.logs import Log, m

Day = Callable[[], Log]
DAYS: dict[str, Day] = {}

TOWNS = [f"n1-{number}" for number in range(1, 11)]
KINDS = ("national-center", "prefecture", "municipality", "branch")


def day(steps: Day) -> Day:
    DAYS[steps.__name__.replace("_", "-")] = steps
    return steps


def bad_day(at_work: bool = True) -> Log:
    """Return the log of a drill, up to 200 minutes, in which every town has trouble of its own."""
    faults = [
        {"node": "n1-3", "kind": "defer", "from": "10m", "until": "40m"},
        {"node": "n1-8", "kind": "drop"},
        {"node": "n1-7-1", "kind": "refuse"},
    ]
    story = examples.scenario(
        injects=[{**examples.INJECT, "actions": ["責任者へ報告", "回線の切断"]}],
        participants={"except": {"n1-10": "庁舎移転のため"}},
        facts={"place": "架空庁舎", "since": "9時40分"},
        faults=faults if at_work else [],
    )
    log = Log(examples.exercise(examples.tree((1, 10, 1), kinds=KINDS), story))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.submit("n1", 10, attempt=1, purpose="reminder")
    log.add(ev.Reminded(at=m(10), notice=log.key("n1"), officer=1, missing="acknowledgement"))
    log.ack("n1", 11)
    facts: Any = (("place", "changed", "架空支所"), ("since", "kept", ""))
    log.pass_on("n1", 14, *TOWNS[:8], facts=facts, unmarked=True)
    for town in ("n1-1", "n1-2", "n1-6", "n1-7"):
        log.notify(town, 14.2)
    about: Any = {"notice": log.key("n1-3"), "officer": 1, "attempt": 0, "mail": "n1-3-1-0"}
    log.add(ev.Deferred(at=m(14.5), reply_code=451, tries=1, retry_at=m(42), **about))
    log.refuse("n1-4", 15, failure="unknown-address")
    log.stand_in("n1-4", 15)
    log.submit("n1-4", 15, officer=2)
    log.refuse("n1-4", 16, officer=2, failure="mailbox-full")
    log.add(ev.GaveUp(at=m(16), notice=log.key("n1-4")))
    log.notify("n1-5", 16)
    log.auto_reply("n1-5", 17)
    log.stand_in("n1-5", 17, by="telephone")
    log.add(ev.CallDue(at=m(17), notice=log.key("n1-5")))
    log.notify("n1-8", 17, lost="dropped")
    log.ack("n1-1", 20)
    log.add(ev.SeatTaken(at=m(20), node=NodeId("n1-1"), by="演習者"))
    log.add(
        ev.Called(
            at=m(21), notice=log.key("n1-5"), officer=2, channel="telephone", result="wrong-number"
        )
    )
    log.act("n1", 22, "責任者へ報告")
    log.act("n1-1", 23, "責任者へ報告")
    log.act("n1-1", 24, "回線の切断")
    log.pass_on(
        "n1-1", 25, "n1-1-1", facts=(("place", "changed", "架空支所"), ("since", "lost", ""))
    )
    log.notify("n1-1-1", 25.5)
    log.ack("n1-7", 26, channel="telephone")
    log.ack("n1-1-1", 28, officer=0)
    log.pass_on("n1-7", 30, "n1-7-1")
    log.refuse("n1-7-1", 30.1)
    log.report("n1-1-1", 35, terminals="0", line_cut="無")
    log.report("n1-1", 40, terminals="０", line_cut="有")
    log.add(ev.Retried(at=m(42), tries=2, **about))
    log.notify("n1-3", 44)
    log.ack("n1-2", 45, officer=2)
    log.ack("n1-3", 55)
    log.pass_on("n1-2", 60, "n1-2-1")
    log.add(
        ev.FidelityOverruled(at=m(62), notice=log.key("n1"), fact="place", fate="kept", by="統制者")
    )
    log.submit("n1-2-1", 63, officer=2)
    log.notify("n1-2-1", 64, officer=2)
    log.decline("n1-2-1", 66, officer=2)
    log.report("n1-2", 110, terminals="確認中")
    log.report("n1-3", 112, terminals="2")
    log.report("n1", 121, terminals="4")
    log.report("n1-1", 150, number=2, terminals="1", line_cut="無")
    return log


@day
def the_window_closes_on_a_bad_day() -> Log:
    log = bad_day()
    log.end(240)
    notice = log.key("n1-6")
    log.add(ev.AnsweredAfterEnd(at=m(241), notice=notice, by="担当1", mail="late"))
    return log


@day
def a_bad_day_goes_on() -> Log:
    return bad_day()


@day
def the_operator_ends_a_good_day_early() -> Log:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2")
    log.notify("n1-1", 15)
    log.ack("n1-1", 16)
    log.end(20, "operator")
    return log


@day
def a_condition_holds_before_the_rest_is_due() -> Log:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 9, "n1-1", "n1-2", "n1-3")
    for town in ("n1-1", "n1-2", "n1-3"):
        log.notify(town, 9.5)
    for town in ("n1-1", "n1-2", "n1-3"):
        log.ack(town, 12)
    for town in ("n1-1", "n1-2", "n1-3"):
        log.report(town, 30, terminals="0", line_cut="無")
    log.report("n1", 33, terminals="0", line_cut="無")
    log.end(33, "final-phase", "reported first share 100%")
    return log


@day
def a_phase_runs_out_of_time() -> Log:
    log = Log(examples.exercise())
    log.release(5)
    log.reach("n1", 5, 30)
    log.end(65, "final-phase", "elapsed 1h")
    return log


@day
def a_real_incident_stops_the_drill() -> Log:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.end(5, "real-incident", "stop")
    for node in ("n", "n1"):
        log.add(
            ev.StopSubmitted(
                at=m(5), node=NodeId(node), officer=1, mail=f"stop-{node}", recipient="x@x.example"
            )
        )
    log.add(ev.StopConfirmed(at=m(6), node=NodeId("n1"), by="担当1"))
    return log


@day
def a_word_is_sent_for_information_only() -> Log:
    inject = {"id": "word", "from": "n", "to": "all", "subject": "word", "body": "架空の連絡"}
    story = examples.scenario(
        injects=[examples.INJECT, {**inject, "pass-on": {"within": "10m"}}],
        faults=[{"node": "n1-2", "kind": "drop"}],
    )
    log = Log(examples.exercise(story=story), "word")
    log.release(2)
    for node in ("n1", "n1-1", "n1-2"):
        log.submit(node, 2)
    log.notify("n1", 3)
    log.notify("n1-2", 3, lost="dropped")
    log.refuse("n1-1", 4, failure="unknown-address")
    log.end(240)
    return log


@day
def a_word_was_to_be_passed_on_for_information() -> Log:
    to = {"kind": "prefecture"}
    inject = {"id": "word", "from": "n", "to": to, "subject": "word", "body": "架空の連絡"}
    story = examples.scenario(
        injects=[examples.INJECT, {**inject, "pass-on": {"within": "30m"}}],
        faults=[{"node": "n1", "kind": "delay", "by": "20m"}],
    )
    log = Log(examples.exercise(story=story), "word")
    log.release(2)
    log.submit("n1", 2)
    log.notify("n1", 22)
    log.end(40, "final-phase", "elapsed 40m")
    return log


@day
def answers_come_by_other_ways() -> Log:
    log = Log(examples.exercise(examples.tree((1, 4))))
    log.release()
    log.refuse("n1", 0, failure="no-address")
    log.stand_in("n1", 0)
    log.submit("n1", 0, officer=2)
    log.notify("n1", 1, officer=2)
    log.ack("n1-1", 3, channel="telephone")
    log.report("n1-1", 5, terminals="0")
    log.pass_on("n1", 10, "n1-1", "n1-2", "n1-3")
    log.notify("n1-2", 11)
    log.report("n1-2", 11, terminals="0")
    log.submit("n1-4", 12)
    log.ack("n1-4", 12, channel="fax")
    log.report("n1", 20, terminals="0")
    log.end(240)
    return log


@day
def a_report_waits_for_nobody() -> Log:
    log = Log(examples.exercise(examples.tree((1, 2))))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0)
    for town in ("n1-1", "n1-2"):
        log.ack(town, 3, channel="visit")
    for town in ("n1-1", "n1-2"):
        log.report(town, 30, terminals="0")
    log.ack("n1", 30)
    log.report("n1", 30, terminals="0")
    log.end(240)
    return log


@day
def faults_leave_too_little_time() -> Log:
    faults: list[dict[str, Any]] = [
        {"node": "n1", "kind": "defer", "until": "60m"},
        {"node": "n1-1", "kind": "drop"},
        {"node": "n1-2", "kind": "refuse", "officer": 1},
    ]
    log = Log(examples.exercise(story=examples.scenario(faults=faults)))
    log.release()
    log.submit("n1", 0)
    log.defer("n1", 1, 1, 62)
    log.notify("n1", 62)
    log.ack("n1", 70)
    log.pass_on("n1", 75, "n1-1", "n1-2")
    log.notify("n1-1", 76, lost="dropped")
    log.bounce("n1-1", 77)
    log.refuse("n1-2", 77)
    log.stand_in("n1-2", 77)
    log.submit("n1-2", 77, officer=2)
    log.notify("n1-2", 78, officer=2, lost="bounced")
    log.bounce("n1-2", 79, officer=2)
    log.end(95, "final-phase", "elapsed 95m")
    return log


@day
def nothing_has_begun() -> Log:
    log = Log(examples.exercise())
    log.events.clear()
    return log
