"""A node that puts reports together is neither due nor reminded before its cut-off."""

from datetime import timedelta

from drillsim.drill import events as ev
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.world.course import Course
from tests import examples

PREFECTURE = (InjectId("first"), NodeId("n1"))


def test_a_collecting_node_is_reminded_of_its_report_only_after_the_cut_off() -> None:
    inject = examples.INJECT | {
        "report": {
            "within": "30m",
            "form": "status",
            "collect": "children",
            "cut-off": "60m",
            "remind": ["20m", "70m"],
        }
    }
    slow = {"n1-1": {"silent": ["1", "2"]}}
    story = examples.scenario(injects=[inject], people=examples.CALM | {"nodes": slow})
    course = Course(examples.exercise(story=story), seed=3)
    events = list(course.run())
    own = [e for e in events if isinstance(e, ev.Reminded) and e.notice == PREFECTURE]
    assert all(e.at >= timedelta(minutes=60) for e in own if e.missing == "report")
    assert course.board.notices[PREFECTURE].report_due == timedelta(minutes=60)
