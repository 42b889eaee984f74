"""The critical path: contiguous segments, from the release to the last answer."""

from typing import Any

from drillsim.drill import events as ev
from drillsim.drill.tree import ContactTree, NodeId
from drillsim.evaluation.path import CriticalPath, Stay, acknowledgement_path, report_path
from drillsim.evaluation.timeline import trace
from tests import examples
from tests.unit.evaluation.logs import Log, m


def told(path: CriticalPath | None) -> list[tuple[str, str, float]]:
    assert path is not None
    return [(s.kind, s.node, round(s.length / m(1), 3)) for s in path.segments]


def passed_on_at(minutes: float) -> Log:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", minutes, "n1-1", "n1-2", "n1-3")
    for node in ("n1-1", "n1-2", "n1-3"):
        log.notify(node, minutes + 0.5)
    return log


def test_the_path_to_the_last_acknowledgement_tells_where_the_time_lay() -> None:
    log = passed_on_at(14)
    log.ack("n1-2", 16)
    log.ack("n1-3", 22)
    timeline = trace(log.exercise, log.events)
    path = acknowledgement_path(timeline, log.inject, "municipality")
    assert told(path) == [
        ("transit", "n1", 0.1),
        ("waiting", "n1", 3.9),
        ("handling", "n1", 10),
        ("transit", "n1-3", 0.5),
        ("waiting", "n1-3", 7.5),
    ]
    assert path is not None
    assert path.length == m(22)
    assert path.slowest == Stay(NodeId("n1"), is_on_the_way=False, length=m(13.9))
    assert told(acknowledgement_path(timeline, log.inject, "prefecture")) == told(path)[:2]


def test_segments_name_the_events_at_their_ends() -> None:
    log = passed_on_at(14)
    log.ack("n1-3", 22)
    path = acknowledgement_path(trace(log.exercise, log.events), log.inject)
    assert path is not None
    for segment in path.segments:
        ends = [log.events[n - 1].at for n in segment.because]
        assert ends == [segment.begin, segment.end]


def test_what_took_no_time_is_left_out() -> None:
    log = passed_on_at(4)
    log.ack("n1-3", 22)
    path = acknowledgement_path(trace(log.exercise, log.events), log.inject)
    assert [kind for kind, _, _ in told(path)] == ["transit", "waiting", "transit", "waiting"]


def test_a_release_in_mid_drill_begins_the_path() -> None:
    log = Log(examples.exercise())
    log.release(60)
    log.reach("n1", 60, 64)
    path = acknowledgement_path(trace(log.exercise, log.events), log.inject)
    assert path is not None
    assert (path.begin, path.length) == (m(60), m(4))


def test_a_consolidated_report_waited_for_the_last_one_that_it_took_in() -> None:
    log = passed_on_at(14)
    for node, at in (("n1-1", 16), ("n1-2", 17), ("n1-3", 18)):
        log.ack(node, at)
    for node, at in (("n1-1", 50), ("n1-3", 51), ("n1-2", 55)):
        log.report(node, at)
    log.report("n1", 60)
    assert told(report_path(trace(log.exercise, log.events), log.inject)) == [
        ("transit", "n1", 0.1),
        ("waiting", "n1", 3.9),
        ("handling", "n1", 10),
        ("transit", "n1-2", 0.5),
        ("waiting", "n1-2", 2.5),
        ("reporting", "n1-2", 38),
        ("collecting", "n1", 5),
    ]


def test_a_report_at_the_cut_off_waited_for_those_missing() -> None:
    log = passed_on_at(14)
    log.ack("n1-1", 16)
    log.report("n1-1", 50)
    log.report("n1", 120.1)
    assert told(report_path(trace(log.exercise, log.events), log.inject)) == [
        ("transit", "n1", 0.1),
        ("waiting", "n1", 3.9),
        ("cut-off", "n1", 116.1),
    ]


def test_a_node_that_called_before_any_mail_lay_waiting_since_the_release() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.ack("n1-1", 7, channel="telephone")
    path = acknowledgement_path(trace(log.exercise, log.events), log.inject)
    assert told(path) == [("waiting", "n1-1", 7)]


def test_a_mail_that_came_after_the_answer_is_transit_until_the_answer() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.ack("n1", 7, channel="telephone")
    log.notify("n1", 9)
    path = acknowledgement_path(trace(log.exercise, log.events), log.inject)
    assert told(path) == [("transit", "n1", 7)]
    assert path is not None
    assert path.slowest == Stay(NodeId("n1"), is_on_the_way=True, length=m(7))


def written(*nodes: str, at: float = 0) -> Log:
    """Return the log of a drill by hand in which the mails to `nodes` were written."""
    story = examples.scenario(injects=[{**examples.INJECT, "to": {"kind": "municipality"}}])
    log = Log(examples.exercise(story=story))
    log.release(at)
    for node in nodes:
        log.submit(node, at, by_hand=True)
    return log


def test_the_time_until_a_person_sent_the_first_mail_lay_at_the_sender() -> None:
    log = written("n1-1", "n1-2", at=5)
    log.notify("n1-1", 9)
    log.notify("n1-2", 17)
    log.ack("n1-1", 18)
    log.ack("n1-2", 20)
    path = acknowledgement_path(trace(log.exercise, log.events), log.inject)
    assert told(path) == [("sending", "n", 12), ("waiting", "n1-2", 3)]
    assert path is not None
    assert (path.begin, path.end) == (m(5), m(20))
    assert path.slowest == Stay(NodeId("n"), is_on_the_way=False, length=m(12))
    for segment in path.segments:
        ends = [log.events[n - 1].at for n in segment.because]
        assert ends == [segment.begin, segment.end]


def test_a_mail_that_was_written_and_not_sent_was_never_on_the_way() -> None:
    log = written("n1-1", at=5)
    log.ack("n1-1", 12, channel="telephone")
    timeline = trace(log.exercise, log.events)
    assert told(acknowledgement_path(timeline, log.inject)) == [("waiting", "n1-1", 7)]
    hop = timeline.hops[log.key("n1-1")]
    assert (hop.submitted_at, hop.transit, hop.delay) == (None, None, None)


def test_a_body_that_called_before_its_mail_was_sent_had_waited_since_the_release() -> None:
    log = written("n1-1", at=5)
    log.ack("n1-1", 12, channel="telephone")
    log.notify("n1-1", 30)
    timeline = trace(log.exercise, log.events)
    assert told(acknowledgement_path(timeline, log.inject)) == [("waiting", "n1-1", 7)]


def test_a_mail_that_was_booked_as_sent_after_its_answer_was_sent_before_it() -> None:
    log = written("n1-1")
    log.ack("n1-1", 12)
    about: Any = {"notice": log.key("n1-1"), "officer": 1, "attempt": 0, "mail": "n1-1-1-0"}
    log.add(ev.Notified(at=m(20), happened_at=m(8), **about))
    path = acknowledgement_path(trace(log.exercise, log.events), log.inject)
    assert told(path) == [("sending", "n", 8), ("waiting", "n1-1", 4)]


def test_without_answers_there_is_no_path() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    timeline = trace(log.exercise, log.events)
    assert acknowledgement_path(timeline, log.inject) is None
    assert report_path(timeline, log.inject) is None


def test_a_chain_may_be_as_deep_as_it_likes() -> None:
    nodes: list[dict[str, Any]] = [
        {
            "id": f"n{place}",
            "name": f"架空{place}",
            "kind": "prefecture" if place == 1 else "section",
            "parent": f"n{place - 1}" if place else None,
            "officers": examples.officers(f"n{place}", 1),
        }
        for place in range(1_501)
    ]
    nodes[0]["id"], nodes[1]["parent"] = "n", "n"
    tree = {"format": "drillsim-contacts/1", "title": "深い連絡網", "nodes": nodes}
    contacts = ContactTree.model_validate(tree)
    log = Log(examples.exercise(contacts=contacts))
    log.release()
    chain = [node.id for node in contacts.nodes][1:]
    log.submit(chain[0], 0)
    for minute, node in enumerate(chain):
        log.ack(node, minute)
        if node != chain[-1]:
            log.pass_on(node, minute + 1, chain[minute + 1])
    for minute, node in enumerate(reversed(chain), len(chain)):
        log.report(node, minute)
    timeline = trace(log.exercise, log.events)
    down = acknowledgement_path(timeline, log.inject, "section")
    back = report_path(timeline, log.inject)
    assert down is not None
    assert down.length == m(1_499)
    assert back is not None
    assert back.length == m(2_999)


def test_a_path_says_whose_last_answer_it_ends_in() -> None:
    log = passed_on_at(14)
    for node, at in (("n1-1", 16), ("n1-2", 17)):
        log.ack(node, at)
    log.report("n1-1", 50)
    log.report("n1", 60)
    timeline = trace(log.exercise, log.events)
    paths = [
        find(timeline, log.inject, kind)
        for kind in (None, "prefecture", "municipality")
        for find in (acknowledgement_path, report_path)
    ]
    assert [path and (path.to, path.kind, path.node) for path in paths] == [
        ("acknowledgement", None, "n1-2"),
        ("report", None, "n1"),
        ("acknowledgement", "prefecture", "n1"),
        ("report", "prefecture", "n1"),
        ("acknowledgement", "municipality", "n1-2"),
        ("report", "municipality", "n1-1"),
    ]
    assert report_path(timeline, log.inject, "branch") is None
