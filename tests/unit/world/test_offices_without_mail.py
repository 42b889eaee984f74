"""An office that has a telephone but no address is called, and reports by telephone."""

from drillsim.drill import events as ev
from drillsim.drill.machines import NoticeState
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.world.course import Course
from tests import examples

ALONE = {"name": "架空", "officers": [{"name": "電話 太郎", "phone": "000-000-0000"}]}


def test_an_office_without_an_address_reports_by_telephone() -> None:
    contacts = examples.tree((1, 2), changes={"n1-1": ALONE})
    calls = {"telephone": {"answered": "100%", "message": "0%", "voicemail": "0%"}}
    inject = examples.INJECT | {"acknowledge": {"within": "15m", "call-after": "20m"}}
    story = examples.scenario(injects=[inject], people=examples.CALM | calls)
    course = Course(examples.exercise(contacts, story), seed=1)
    events = list(course.run())
    record = course.board.notices[(InjectId("first"), NodeId("n1-1"))]
    assert record.channel == "telephone"
    assert record.state is NoticeState.COMPLETED
    own = [e for e in events if isinstance(e, ev.Reported) and e.notice == record.key]
    assert [report.channel for report in own] == ["telephone"]
    assert not any(isinstance(e, ev.AnswerSent) and e.notice == record.key for e in events)


def test_an_office_without_an_address_does_not_call_after_the_end() -> None:
    contacts = examples.tree((1, 2), changes={"n1-1": ALONE})
    calls = {"telephone": {"answered": "100%", "message": "0%", "voicemail": "0%"}}
    slow = {"nodes": {"n1-1": {"report": {"median": "10h", "sigma": "0.1"}}}}
    inject = examples.INJECT | {"acknowledge": {"within": "15m", "call-after": "20m"}}
    story = examples.scenario(
        injects=[inject], people=examples.CALM | calls | slow, keep_open="24h"
    )
    course = Course(examples.exercise(contacts, story), seed=1)
    list(course.run())
    assert course.board.notices[(InjectId("first"), NodeId("n1-1"))].reported_at is None
