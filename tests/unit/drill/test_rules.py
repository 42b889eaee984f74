"""What the rules do, minute by minute, and where the board stands then.

Each drill is run by the rules alone, with what comes from outside booked by hand. Its file in
tests/data/rules tells every event, every notice and the rest of the board: whoever changes a rule
writes them anew (`python -m tests.unit.drill.test_rules`) and reads in the diff what it changes.
"""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from drillsim.drill import events as ev
from drillsim.drill.agenda import Due, Rank
from drillsim.drill.board import IllegalEventError
from drillsim.drill.crediting import Onward, Received
from drillsim.drill.durations import ZERO
from drillsim.drill.events import EVENT_TYPES
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from tests import examples
from tests.unit.drill.desk import Desk, key, m

TOLD = Path(__file__).parents[2] / "data" / "rules"

Steps = Callable[[], Desk]
DRILLS: dict[str, Steps] = {}


def drill(steps: Steps) -> Steps:
    DRILLS[steps.__name__.replace("_", "-")] = steps
    return steps


def exercise(
    acknowledge: dict[str, Any] | None = None,
    widths: tuple[int, ...] = (1,),
    officers: list[dict[str, Any]] | None = None,
    **node: Any,
) -> Exercise:
    """Return a prefecture, and below it what `widths` says; `node` changes the prefecture."""
    asks = {**examples.INJECT["acknowledge"], **(acknowledge or {})}
    story = examples.scenario(injects=[{**examples.INJECT, "acknowledge": asks}])
    changes = {"officers": officers} if officers is not None else {}
    return examples.exercise(examples.tree(widths, changes={"n1": changes | node}), story)


def to(*names: str) -> tuple[NodeId, ...]:
    return tuple(map(NodeId, names))


def delivered(desk: Desk, minutes: float, node: str = "n1") -> Desk:
    return desk.book(minutes, ev.Notified, node, officer=1, attempt=0, mail=f"{node}/1/0")


def answered(desk: Desk, minutes: float, node: str = "n1", officer: int = 1) -> Desk:
    return desk.book(
        minutes, ev.Acknowledged, node, channel="mail", officer=officer, by=f"{node} 担当{officer}"
    )


def reported(desk: Desk, minutes: float, node: str, terminals: str) -> Desk:
    answers = (("terminals", terminals),)
    return desk.book(
        minutes, ev.Reported, node, channel="mail", officer=1, by="担当1", answers=answers
    )


def refused(
    desk: Desk, minutes: float, officer: int, attempt: int, failure: Any, node: str = "n1"
) -> Desk:
    desk.until(minutes)
    event = ev.Refused(
        at=m(minutes),
        notice=key(node),
        officer=officer,
        attempt=attempt,
        mail=f"{node}/{officer}/{attempt}",
        reply_code=550,
        failure=failure,
    )
    desk.take(desk.rules.refused(event))
    return desk


def passes_on(desk: Desk, minutes: float, *hops: str, officer: int = 1, one: bool = False) -> Desk:
    desk.until(minutes)
    desk.take(desk.rules.pass_on(key("n1"), officer, to(*hops), m(minutes), one_mail=one))
    return desk


# One office that does not answer ------------------------------------------------------------------


@drill
def nobody_answers() -> Desk:
    return delivered(Desk(exercise()).start(), 0.1).until(300)


@drill
def nobody_answers_and_the_office_is_to_be_called() -> Desk:
    return delivered(Desk(exercise({"call-after": "40m"})).start(), 0.1).until(300)


@drill
def the_last_officer_fails_and_the_call_comes_at_once() -> Desk:
    desk = delivered(Desk(exercise({"call-after": "40m"})).start(), 0.1)
    refused(desk.until(26), 26, 2, 0, "refused")
    return desk.until(300)


@drill
def who_is_given_up_is_reminded_no_more() -> Desk:
    return delivered(Desk(exercise({"give-up-after": "12m"})).start(), 1).until(30)


@drill
def there_is_no_end_to_the_trying_and_the_last_officer_fails() -> Desk:
    desk = Desk(exercise({"give-up-after": None, "stand-in-after": None})).start()
    refused(desk, 1, 1, 0, "refused")
    return refused(desk, 2, 2, 0, "mailbox-full").until(300)


@drill
def the_first_officer_has_no_address() -> Desk:
    officers = [{"name": "架空 一", "phone": "1"}, {"name": "架空 二", "email": "b@x.example"}]
    return Desk(exercise(officers=officers)).start().until(300)


@drill
def nobody_has_an_address() -> Desk:
    officers = [{"name": "架空 一", "phone": "1"}, {"name": "架空 二", "phone": "2"}]
    return Desk(exercise({"call-after": "40m"}, officers=officers)).start().until(300)


@drill
def the_stand_in_reads_the_same_mailbox() -> Desk:
    officers = [
        {"name": "架空 一"},
        {"name": "架空 二"},
        {"name": "架空 三", "email": "c@x.example"},
    ]
    desk = Desk(exercise(officers=officers, mailbox="m@x.example")).start()
    return desk.until(300)


@drill
def three_officers_are_written_to_one_after_the_other() -> Desk:
    officers = [{"name": f"架空 {n}", "email": f"o{n}@x.example"} for n in (1, 2, 3)]
    desk = Desk(exercise({"call-after": "80m"}, officers=officers)).start()
    delivered(desk, 1)
    return desk.until(240)


@drill
def one_server_after_the_other_refuses() -> Desk:
    desk = refused(Desk(exercise()).start(), 1, 1, 0, "unknown-address")
    refused(desk, 2, 2, 0, "mailbox-full")
    return refused(desk, 3, 1, 1, "mailbox-full").until(300)


@drill
def a_server_says_later_twice() -> Desk:
    desk = Desk(exercise()).start()
    about: dict[str, Any] = {"officer": 1, "attempt": 0, "mail": "n1/1/0 x", "reply_code": 451}
    desk.book(1, ev.Deferred, tries=1, retry_at=m(3), **about)
    desk.book(3.5, ev.Deferred, tries=2, retry_at=m(12), **about)
    return delivered(desk, 12.2).until(19)


@drill
def a_late_answer_after_giving_up_still_counts() -> Desk:
    desk = delivered(Desk(exercise()).start(), 0.1)
    return answered(desk, 91, officer=2).until(200)


# Passing on and reporting -------------------------------------------------------------------------


@drill
def a_report_is_put_together_at_the_cut_off() -> Desk:
    desk = delivered(Desk(exercise(widths=(1, 2))).start(), 1)
    passes_on(answered(desk, 3, officer=2), 5, "n1-1", "n1-2", officer=2)
    for node in to("n1-1", "n1-2"):
        delivered(desk, 6, node)
    desk.book(9, ev.Acknowledged, "n1-1", channel="telephone", officer=0, by="架空 外")
    reported(desk, 50, "n1-1", "3")
    return reported(desk, 121, "n1", "4").until(300)


@drill
def those_who_acknowledged_are_reminded_of_the_report() -> Desk:
    desk = answered(delivered(Desk(exercise()).start(), 1), 3, officer=2)
    return desk.until(80)


@drill
def some_are_written_to_first_and_others_later() -> Desk:
    desk = answered(Desk(exercise(widths=(1, 3))).start(), 3)
    passes_on(desk, 5, "n1-2")
    return passes_on(desk, 7, "n1-3", "n1-2", officer=2, one=True)


@drill
def a_person_at_a_seat_passes_on_and_reports() -> Desk:
    desk = Desk(exercise(widths=(1, 2))).start()
    desk.take([ev.SeatTaken(at=ZERO, node=NodeId("n1"), by="演習者")])
    answered(desk, 3)
    facts = (("place", "changed", "架空支所"), ("since", "kept", ""))
    desk.book(
        5, ev.PassedOn, officer=1, to=to("n1-1"), left_out=to("n1-2"), facts=facts, unmarked=True
    )
    reported(desk, 6, "n1", "3")
    reported(desk, 7, "n1", "2")
    desk.book(8, ev.FidelityOverruled, fact="place", fate="kept", by="統制者")
    desk.take([ev.SeatLeft(at=m(9), node=NodeId("n1"), by="演習者")])
    return desk


@drill
def robots_answers_and_mails_for_the_tray_are_kept_apart() -> Desk:
    desk = Desk(exercise(widths=(1, 2))).start()
    about: dict[str, Any] = {"attempt": 0, "mail": "a", "sender": "o1@n1.example"}
    desk.book(1, ev.AnswerSent, officer=1, answer="auto-reply", **about)
    desk.book(2, ev.AutoReplied, officer=1)
    desk.book(3, ev.Bounced, officer=2, status="4.4.7", permanent=False)
    desk.book(3, ev.AnswerSent, officer=2, answer="acknowledge", **about)
    desk.book(3, ev.AnswerSent, officer=1, answer="acknowledge", **about)
    desk.book(4, ev.SetAside, mail_kind="human_reply", sender="x", mail="m1", tray=True)
    desk.book(4, ev.SetAside, mail_kind="human_reply", sender="x", mail="m2", tray=True)
    desk.book(4, ev.SetAside, mail_kind="human_reply", sender="x", mail="m3", tray=True)
    desk.book(5, ev.SetAside, mail_kind="human_reply", sender="x", mail="m1", why="operator")
    desk.book(5, ev.Acknowledged, channel="mail", officer=2, by="b", mail="m2")
    desk.book(6, ev.Repeated, identical=True, by="b", mail="m3")
    desk.book(6, ev.Repeated, identical=False, by="b", mail="m4")
    desk.book(7, ev.AnswerSent, officer=2, answer="report", copies=to("n", "n1-2"), **about)
    desk.book(7, ev.AnswerSent, officer=2, answer="report", **about)
    desk.book(7, ev.AnswerSent, officer=2, answer="bounce", **about)
    desk.book(8, ev.Declined, "n1", officer=1, by="a")
    desk.book(8, ev.Declined, "n1-1", officer=2, by="b")
    desk.book(8, ev.Reported, "n1-1", channel="telephone", officer=1, by="a", mail="m5")
    desk.book(8, ev.Called, "n1-1", officer=2, channel="telephone", result="talked")
    desk.book(8, ev.Called, "n1-1", officer=1, channel="telephone", result="absent")
    return desk


# Mails that a person sends ------------------------------------------------------------------------


def sent(
    desk: Desk, minutes: float, node: str = "n1", officer: int = 1, typed: float | None = None
) -> Desk:
    """Have a person say that a mail is sent, perhaps some time after it was."""
    happened_at = None if typed is None else m(typed)
    about = {"officer": officer, "attempt": 0, "mail": f"{node}/{officer}/0"}
    return desk.book(minutes, ev.Notified, node, happened_at=happened_at, **about)


@drill
def a_person_sends_the_mails_and_all_periods_run_from_then() -> Desk:
    contacts = exercise(widths=(1, 3))
    desk = sent(Desk(contacts, by_hand=True).start(), 7, typed=5)
    passes_on(answered(desk, 12), 14, "n1-1", "n1-2")
    sent(desk, 20, "n1-1", typed=16)
    sent(desk, 30, "n1-2")
    sent(desk, 50, "n1-1", officer=2, typed=48)
    answered(desk, 52, "n1-1", officer=2)
    return desk.until(130)


@drill
def a_mail_is_booked_long_after_it_was_sent() -> Desk:
    desk = sent(Desk(exercise({"call-after": "40m"}), by_hand=True).start(), 70, typed=2)
    return desk.until(240)


@drill
def an_answer_is_booked_before_the_mail() -> Desk:
    desk = Desk(exercise(widths=(1, 2)), by_hand=True).start()
    about: dict[str, Any] = {"channel": "telephone", "officer": 1, "by": "架空"}
    desk.book(20, ev.Acknowledged, happened_at=m(9), **about)
    sent(desk, 25)
    passes_on(desk, 30, "n1-1", one=True)
    desk.book(40, ev.Acknowledged, "n1-1", **about)
    sent(desk, 45, "n1-1")
    return desk.until(60)


@drill
def nobody_can_be_written_to_by_hand_either() -> Desk:
    officers = [{"name": "架空 一", "phone": "1"}, {"name": "架空 二", "email": "b@x.example"}]
    desk = Desk(exercise(officers=officers), by_hand=True).start()
    return sent(desk, 10, officer=2).until(120)


@drill
def one_mail_goes_to_all() -> Desk:
    prefectures = {"officers": [{"name": "架空 一", "phone": "1"}]}
    contacts = examples.tree((4,), changes={"n1": prefectures})
    desk = Desk(examples.exercise(contacts), by_hand=True)
    desk.rules.one_mail = "bcc"
    return desk.start().until(10)


@drill
def one_mail_is_not_needed_for_one() -> Desk:
    desk = Desk(exercise(), by_hand=True)
    desk.rules.one_mail = "to"
    return desk.start().until(10)


# Mails that come in -------------------------------------------------------------------------------


def got(kind: str, node: str = "", **more: Any) -> Received:
    """Return a mail of this kind, as it was recognised; it is about the notice to `node`."""
    values: dict[str, Any] = {
        "mail": f"{kind}@{node or 'nobody'}.example",
        "sender": f"o1@{node or 'nobody'}.example",
        "raw": "00ff",
        "notice": key(node) if node else None,
        "matched_by": "thread" if node else "",
        "officer": 1 if node else 0,
        "by": f"{node} 担当1" if node else "",
    }
    return Received(kind=kind, **(values | more))


def six_towns() -> Desk:
    towns = [f"n1-{n}" for n in range(1, 7)]
    desk = passes_on(answered(Desk(exercise(widths=(1, 6))).start(), 1), 1, *towns)
    for town in towns:
        delivered(desk, 1, town)
    return desk


@drill
def people_answer_in_every_way() -> Desk:
    desk = six_towns()
    status = (("terminals", "2"), ("line-cut", "無"))
    for mail in (
        got("human_reply", "n1-1"),
        got("human_reply", "n1-2", is_report=True, answers=status),
        got("human_reply", "n1-2", is_report=True, answers=status, is_identical=True),
        got("human_reply", "n1-2", is_report=True, answers=status[:1], is_foreign=True),
        got("human_reply", "n1-2", has_unreadable_file=True),
        got("human_reply", "n1-3", is_refusal=True, officer=0, is_foreign=True),
        got("human_reply", "n1-3", is_refusal=True, officer=2),
        got("human_reply", "n1-4", is_identical=True),
        got("human_reply", "n1-5", is_foreign=True, officer=0, by="架空 外"),
        got("human_reply", "n1-5"),
        got("human_reply", "n1-5", is_refusal=True),
        got("human_reply", "n1-6", has_unreadable_file=True),
        got("human_reply", "n1-6", has_unreadable_file=True),
    ):
        desk.receive(2, mail)
    return desk


@drill
def robots_and_servers_answer_in_every_way() -> Desk:
    desk = six_towns()
    for mail in (
        got("auto_reply", "n1-1"),
        got("auto_reply", "n1-1", officer=1),
        got("auto_reply", "n1-2", officer=0),
        got("bounce_hard", "n1-3", status="5.1.1"),
        got("bounce_hard", "n1-3", status="5.1.1"),
        got("bounce_soft", "n1-4", status="4.4.7", officer=0),
        got("not_a_reply", "n1-5"),
        got("malformed", "n1-5"),
        got("feedback_report", "n1-5"),
    ):
        desk.receive(2, mail)
    return desk


@drill
def nobody_can_be_credited_with_it() -> Desk:
    desk = six_towns()
    kinds = ["human_reply", "auto_reply", "bounce_hard", "bounce_soft"]
    for kind in [*kinds, "feedback_report", "malformed", "not_a_reply", "list_mail"]:
        desk.receive(2, got(kind))
    about: dict[str, Any] = {"suggested": (key("n1-1"),), "suggested_by": ("sender",)}
    desk.receive(3, got("not_a_reply", **about))
    desk.receive(3, got("human_reply", **about))
    desk.receive(3, got("human_reply", notice=key("n1", "gone")))
    return desk.receive(3, got("list_mail", notice=key("n1", "gone"), **about))


@drill
def mails_about_the_stop_come_in() -> Desk:
    desk = six_towns()
    desk.take(desk.rules.stop(m(2), "統制者", "架空の火災"))
    for mail in (
        got("human_reply", "n1-1", is_about_stop=True),
        got("human_reply", is_about_stop=True),
        got("auto_reply", "n1-2", is_about_stop=True),
        got("malformed", "n1-2", is_about_stop=True),
        got("human_reply", "n1-3"),
        got("malformed", "n1-3"),
        got("auto_reply", "n1-3"),
    ):
        desk.receive(4, mail)
    return desk


@drill
def bodies_write_to_each_other() -> Desk:
    desk = six_towns()
    desk.take([ev.SeatTaken(at=m(1), node=NodeId(node), by="演習者") for node in ("n1-2", "n1-4")])
    desk.receive(2, got("human_reply", "n1-1", is_between=True, bodies=to("n1-2", "n1-3")))
    desk.receive(2, got("human_reply", "n1-1", bodies=to("n1-2", "n1-3")))
    desk.receive(2, got("human_reply", "n1-3", bodies=to("n1-3")))
    return desk


@drill
def a_prefecture_passes_on_by_mails_of_its_own() -> Desk:
    desk = delivered(Desk(exercise(widths=(1, 4))).start(), 1)
    desk.take([ev.SeatTaken(at=m(1), node=NodeId(node), by="演習者") for node in ("n1-1", "n1-4")])

    def onward(*hops: str, **more: Any) -> Onward:
        each = tuple((NodeId(hop), 2, f"o2@{hop}.example") for hop in hops)
        return Onward(to=each, **more)

    facts = (("place", "lost", ""),)
    first = onward("n1-1", "n1-2", "n1-1", facts=facts, is_unmarked=True)
    desk.receive(2, got("human_reply", "n1", onward=first, bodies=to("n1-1", "n1-4")))
    desk.receive(3, got("human_reply", "n1", onward=onward("n1-2")))
    answer = onward("n1-2", "n1-3", is_answer=True)
    desk.receive(4, got("human_reply", "n1", onward=answer, is_report=True))
    desk.until(240)
    return desk.receive(240, got("human_reply", "n1", onward=onward("n1-4")))


@drill
def a_report_that_nobody_asked_for_is_an_acknowledgement() -> Desk:
    inject = {name: value for name, value in examples.INJECT.items() if name != "report"}
    story = examples.scenario(
        injects=[inject], phases={"initial": "notice", "states": {"notice": {"send": ["first"]}}}
    )
    desk = Desk(examples.exercise(examples.tree((1,)), story)).start()
    mail = got("human_reply", "n1", is_report=True, has_unreadable_file=True)
    return desk.receive(2, mail).receive(3, mail)


# Phases -------------------------------------------------------------------------------------------

PHASES: dict[str, Any] = {
    "initial": "notice",
    "states": {
        "notice": {
            "level": 2,
            "send": ["first"],
            "next": [
                {"when": {"acknowledged": "first", "of": "prefecture"}, "to": "more"},
                {"when": {"elapsed": "3h"}, "to": "ended"},
            ],
        },
        "more": {
            "level": 3,
            "send": ["second", {"inject": "third", "after": "30m"}],
            "next": [{"when": {"passed-on": "first", "share": "50%"}, "to": "calm"}],
        },
        "calm": {
            "level": 1,
            "send": [{"inject": "fourth", "after": "20m"}],
            "next": [
                {"when": {"answer": "first.terminals", "at-least": 2}, "to": "alarm"},
                {"when": {"elapsed": "60m"}, "to": "alarm"},
                {"when": {"operator": "next"}, "to": "quiet"},
            ],
        },
        "alarm": {
            "level": 3,
            "next": [{"when": {"reported": "first", "of": "prefecture"}, "to": "ended"}],
        },
        "quiet": {"level": 1, "next": [{"when": {"elapsed": "0m"}, "to": "ended"}]},
        "ended": {"final": "true"},
    },
}


def short(name: str, **more: Any) -> dict[str, Any]:
    to_all = {"kind": "prefecture"}
    return {"id": name, "from": "n", "to": to_all, "subject": name, "body": name, **more}


def phased() -> Desk:
    first = {**examples.INJECT, "acknowledge": {"within": "15m"}}
    injects = [first, short("second"), short("third"), short("fourth")]
    story = examples.scenario(injects=injects, phases=PHASES)
    return Desk(examples.exercise(examples.tree((1, 2)), story)).start()


@drill
def a_drill_goes_through_its_phases() -> Desk:
    desk = passes_on(answered(delivered(phased(), 1), 3), 5, "n1-1", "n1-2", one=True)
    reported(desk, 30, "n1-1", "3")
    reported(desk, 31, "n1-2", "1")
    return reported(desk, 200, "n1", "4").until(300)


@drill
def a_phase_ends_when_its_time_is_up() -> Desk:
    desk = passes_on(answered(phased(), 40), 50, "n1-1")
    reported(desk, 60, "n1-1", "1")
    return desk.until(300)


@drill
def the_operator_moves_on() -> Desk:
    desk = phased()
    for minutes in (2, 2, 30, 31):
        desk.until(minutes)
        desk.take(desk.rules.next_phase(m(minutes), "統制者"))
    desk.take(desk.rules.end(m(31), "統制者"))
    return desk


@drill
def the_operator_ends_it() -> Desk:
    desk = answered(phased(), 3).until(10)
    desk.take(desk.rules.end(m(10), "統制者"))
    desk.take(desk.rules.next_phase(m(11), "統制者"))
    return desk.until(300)


@drill
def a_real_incident_stops_it() -> Desk:
    desk = passes_on(answered(phased(), 3), 5, "n1-2")
    desk.book(6, ev.Bounced, "n1-2", officer=1, status="5.1.1", permanent=True)
    desk.book(
        7,
        ev.AnswerSent,
        officer=1,
        attempt=0,
        mail="x",
        answer="report",
        sender="o1@n1.example",
        copies=to("n"),
    )
    for minutes in (8, 8):
        desk.until(minutes)
        desk.take(desk.rules.stop(m(minutes), "統制者", "架空の火災"))
    desk.take(desk.rules.end(m(9), "統制者"))
    node = NodeId("n1")
    about: dict[str, Any] = {"officer": 1, "attempt": 0, "mail": "y", "sender": "s"}
    stop = ev.AnswerSent(at=m(9), notice=(ev.STOP, node), answer="confirm-stop", **about)
    desk.take([stop])
    desk.take([ev.StopConfirmed(at=m(9), node=node, by="a")])
    desk.take([ev.StopConfirmed(at=m(10), node=node, by="a", channel="telephone")])
    return desk.until(300)


@drill
def a_stop_goes_to_every_mailbox_that_can_be_read() -> Desk:
    desk = answered(Desk(exercise(widths=(1, 3), mailbox="m@n1.example")).start(), 3)
    passes_on(desk, 5, "n1-3", "n1-2", "n1-1")
    for node, failure in (("n1-1", "unknown-address"), ("n1-2", "mailbox-full")):
        refused(desk, 6, 1, 0, failure, node)
    desk.take(desk.rules.stop(m(7), "統制者", "架空の火災"))
    return desk


@drill
def an_inject_comes_from_outside() -> Desk:
    states = {
        "notice": {
            "level": 2,
            "send": ["first", {"inject": "third", "after": "1m"}, "second"],
            "next": [{"when": {"reported": "first"}, "to": "ended"}],
        },
        "ended": {"final": "true"},
    }
    injects = [
        {**examples.INJECT, "source": "external"},
        short("second", acknowledge={"within": "5m"}),
        short("third", source="external"),
    ]
    phases = {"initial": "notice", "states": states}
    story = examples.scenario(injects=injects, phases=phases)
    desk = Desk(examples.exercise(examples.tree((1,)), story), waits_for_outside=True)
    desk.start().until(4)
    desk.take(desk.rules.arrive(InjectId("first"), m(4), "mail a@b.example", "a@b.example", "00ff"))
    arrived = desk.rules.arrive(InjectId("third"), m(15), "order", happened_at=m(14))
    desk.until(15).take(arrived)
    return desk.until(20)


@drill
def a_controller_types_a_message() -> Desk:
    desk = Desk(exercise()).start().until(3)
    word = ev.InjectWritten(
        at=m(3),
        inject=InjectId("typed-1"),
        by="統制者",
        sender=NodeId("n"),
        to=to("n1"),
        subject="追加",
        body="架空の連絡",
        within_ms=300_000,
    )
    desk.take([word])
    desk.take(desk.rules.release(InjectId("typed-1"), m(3), "order"))
    desk.book(6, ev.Acknowledged, notice=key("n1", "typed-1"), channel="mail", officer=1, by="a")
    return desk


@pytest.mark.parametrize("name", DRILLS)
def test_the_rules_do_what_is_told(name: str) -> None:
    assert DRILLS[name]().tells() == (TOLD / f"{name}.txt").read_text("utf-8")


def test_every_drill_that_is_told_is_run() -> None:
    assert sorted(DRILLS) == sorted(path.stem for path in TOLD.glob("*.txt"))


def test_what_is_none_of_the_drills_own_acts_is_a_broken_promise() -> None:
    desk = Desk(exercise()).start()
    with pytest.raises(KeyError, match="answer"):
        desk.rules.carry_out(Due(ZERO, Rank.ARRIVAL, 0, 1, 1, 0, "answer"))


CHANGE_NO_NOTICE = (ev.AnsweredAfterEnd, ev.ActionDone, ev.Noted, ev.Retried, ev.Repeated)


@pytest.mark.parametrize(
    "event",
    [
        event
        for event in EVENT_TYPES.values()
        if "notice" in {field.name for field in fields(event)} and event not in CHANGE_NO_NOTICE
    ],
    ids=lambda event: event.kind,
)
def test_what_happens_to_a_notice_that_no_inject_has_begun_is_a_broken_promise(
    event: type[Any],
) -> None:
    known = {"at": ZERO, "notice": key("n1", "gone"), "permanent": True, "happened_at": None}
    values = {field.name: known.get(field.name, "") for field in fields(event)}
    desk = Desk(exercise()).start()
    with pytest.raises(IllegalEventError) as refused:
        desk.take([event(**values)])
    assert str(refused.value) == f"{event.kind} for ('gone', 'n1'), which no inject has begun"


def test_what_the_machine_has_no_move_for_is_told_by_event_node_and_state() -> None:
    desk = answered(Desk(exercise()).start(), 3).until(300)
    with pytest.raises(IllegalEventError) as refused:
        answered(desk, 300)
    assert str(refused.value) == "('first', 'n1') cannot be acknowledged while incomplete"


def test_time_never_goes_back_and_a_seat_is_taken_once() -> None:
    desk = delivered(Desk(exercise()).start(), 0.1).until(10)
    with pytest.raises(IllegalEventError, match=r"^noted at 0:00:00 comes after 0:10:00$"):
        desk.take([ev.Noted(at=ZERO, text="x", by="統制者")])
    taken = ev.SeatTaken(at=m(10), node=NodeId("n1"), by="演習者")
    with pytest.raises(IllegalEventError, match=r"^n1 is taken by 演習者$"):
        desk.take([taken, taken])


def test_what_falls_due_is_kept_in_the_journal_and_never_written_otherwise() -> None:
    desk = Desk(exercise({"call-after": "40m"})).start()
    dues = [due.as_text() for event in desk.events for due in desk.rules.follow(event)]
    assert dues == [
        "14400000/3/-1/-1/0/0/window/",
        "600000/2/0/1/0/0/remind/",
        "1200000/2/0/1/0/1/remind/",
        "1500000/2/0/1/1/0/stand-in/",
        "2400000/2/0/1/0/0/call/",
        "5400000/2/0/1/0/0/give-up/",
        "4500000/2/0/1/0/0/remind-report/",
    ]
    desk = answered(phased(), 1)
    dues = [due.as_text() for event in desk.events for due in desk.rules.follow(event)]
    assert dues == [
        "14400000/3/-1/-1/0/0/window/",
        "10800000/3/-1/-1/0/0/check/",
        "4500000/2/0/1/0/0/remind-report/",
        "60000/3/-1/-1/0/0/check/",
    ]
    (more,) = (event for event in desk.until(1).events if event.because.startswith("acknowledged"))
    assert [due.as_text() for due in desk.rules.follow(more)] == ["1860000/2/2/-1/0/2/send/"]


def test_after_the_end_nothing_falls_due() -> None:
    desk = Desk(exercise()).start().until(300)
    assert list(desk.rules.carry_out(Due(m(300), Rank.TIMER, 0, 1, 1, 0, "remind"))) == []
    assert list(desk.rules.stop(m(300), "統制者", "遅い")) == []


def test_a_due_without_an_inject_is_about_the_stop() -> None:
    desk = Desk(exercise()).start()
    assert desk.rules.notice_of(Due(ZERO, Rank.TIMER, -1, 1, 0, 0, "x")) == (ev.STOP, "n1")
    assert desk.rules.due(ZERO, Rank.TIMER, "x", key("n1", "gone")) == Due(
        ZERO, Rank.TIMER, -1, 1, 0, 0, "x"
    )


if __name__ == "__main__":
    for each, run in DRILLS.items():
        (TOLD / f"{each}.txt").write_text(run().tells(), "utf-8")
