"""The shipped scenarios: texts, forms and timetables, and how they run on the kernel alone."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.durations import ZERO
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.machines import FINAL
from drillsim.drill.scenario import (
    FormField,
    FormId,
    Inject,
    InjectId,
    PhaseId,
    Scenario,
    WhenAnswer,
    WhenElapsed,
)
from drillsim.drill.texts import TEXT_NAMES
from drillsim.drill.tree import NodeId
from drillsim.files.bodies import load_bodies
from drillsim.files.office_hours import closed_because
from drillsim.files.scenario_file import LoadedScenario, load_scenario
from drillsim.mail.forms import fill_form, parse_answers, render_form
from drillsim.world.course import Course

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
FILES = sorted(SCENARIOS.glob("*.yaml"))
NAMES = [
    "annual-contact-confirmation",
    "annual-self-check",
    "infected-terminal",
    "municipality-virus",
    "national-virus",
    "off-hours-contact-check",
    "r5-terminal-failure",
    "r5-virus-suspicion",
    "unauthorised-access",
]
SEEDS = range(6)

# A date in a text, as 令和８年10月14日（水）; years and months of one figure are full-width.
OFFICIAL_DATE = re.compile(r"令和([0-9０-９]+)年([0-9０-９]+)月([0-9０-９]+)日(?:（(.)）)?")
FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


@cache
def loaded(name: str) -> LoadedScenario:
    return load_scenario(SCENARIOS / f"{name}.yaml")


@cache
def played(name: str, seed: int) -> tuple[Board, tuple[AnyEvent, ...]]:
    course = Course(loaded(name).exercise, seed)
    events = tuple(course.run())
    return course.board, events


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    given: str = request.param
    return given


@pytest.fixture
def scenario(name: str) -> Scenario:
    return loaded(name).scenario


def rendered(scenario: Scenario, inject: Inject) -> Iterator[tuple[str, str, str]]:
    """Yield (hop, subject, body) of an inject, with ⟨name⟩ where a name of drillsim stands."""
    environment = SandboxedEnvironment(undefined=StrictUndefined)
    values = {name: f"⟨{name}⟩" for name in TEXT_NAMES} | scenario.values | scenario.facts

    def fill(text: str) -> str:
        return environment.from_string(text).render(values)

    yield "first", fill(inject.subject), fill(inject.body)
    if inject.pass_on is not None:
        yield "passed on", fill(inject.pass_on.subject), fill(inject.pass_on.body)


def texts_of(scenario: Scenario) -> Iterator[tuple[Inject, str, str, str]]:
    for inject in scenario.injects:
        for hop, subject, body in rendered(scenario, inject):
            yield inject, hop, subject, body


# The files ----------------------------------------------------------------------------------------


def test_the_shipped_scenarios_are_these() -> None:
    assert [path.stem for path in FILES] == NAMES


def test_a_check_finds_nothing(name: str) -> None:
    assert loaded(name).problems == ()


def test_the_file_names_its_schema_first_and_its_own_id(name: str) -> None:
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schemas/scenario.schema.json\n")
    assert loaded(name).scenario.id == name


def test_it_says_what_it_is_for(scenario: Scenario) -> None:
    assert scenario.purpose
    assert scenario.story
    assert scenario.incident.summary


def test_what_is_asked_for_has_an_expected_action(scenario: Scenario) -> None:
    for inject in scenario.injects:
        assert inject.title, inject.id
        if inject.acknowledge is not None:
            assert inject.expected, inject.id


def test_no_person_and_no_address_stands_in_a_scenario(name: str) -> None:
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    assert "@" not in text
    for node in loaded(name).tree.nodes:
        for officer in node.officers:
            assert officer.name not in text, officer.name


# Texts --------------------------------------------------------------------------------------------


def test_the_facts_stand_in_both_texts_of_a_message_that_is_passed_on(scenario: Scenario) -> None:
    for inject, hop, _, body in texts_of(scenario):
        if inject.pass_on is not None:
            lost = [fact for fact in scenario.facts.values() if fact not in body]
            assert lost == [], (inject.id, hop)


def test_the_first_message_of_a_drill_tells_every_fact(scenario: Scenario) -> None:
    first = scenario.phases.states[scenario.phases.initial].send[0].inject
    for hop, _, body in rendered(scenario, scenario.by_id[first]):
        assert [fact for fact in scenario.facts.values() if fact not in body] == [], hop


def test_every_fact_and_value_is_used(scenario: Scenario) -> None:
    sources = [inject.subject + inject.body for inject in scenario.injects]
    sources += [i.pass_on.subject + i.pass_on.body for i in scenario.injects if i.pass_on]
    sources += [text.body for text in (scenario.texts.reminder,) if text is not None]
    names = set(re.findall(r"{{ (\w+) }}", "\n".join(sources)))
    assert [one for one in (*scenario.facts, *scenario.values) if one not in names] == []


def test_who_passes_a_message_on_writes_a_text_of_their_own(scenario: Scenario) -> None:
    for inject in scenario.injects:
        if inject.pass_on is not None:
            assert inject.pass_on.subject not in ("", inject.subject), inject.id
            assert inject.pass_on.body not in ("", inject.body), inject.id


def test_a_text_names_its_deadlines_and_the_token_to_say_on_the_telephone(
    scenario: Scenario,
) -> None:
    for inject, hop, _, body in texts_of(scenario):
        about = (inject.id, hop)
        if inject.acknowledge is not None:
            assert "⟨ack_by⟩" in body, about
            assert "⟨ref⟩" in body, about
        if inject.report is not None:
            assert "⟨report_by⟩" in body or "⟨cut_off_at⟩" in body, about
            assert ("⟨report_form⟩" in body) == (inject.report.form is not None), about
        assert body.rstrip().endswith("⟨signature⟩"), about
        assert "⟨to_body⟩" in body or "関係団体" in body or "各所属" in body, about


def test_who_has_no_children_is_not_told_of_a_cut_off(name: str) -> None:
    scenario, exercise = loaded(name).scenario, loaded(name).exercise
    for inject, hop, _, body in texts_of(scenario):
        if "⟨cut_off_at⟩" in body:
            assert hop == "first", inject.id
            scope = exercise.scope(inject.id)
            assert all(scope.asked[node].collect for node in scope.direct), inject.id


def test_the_marks_of_a_drill_are_left_to_the_composer(scenario: Scenario) -> None:
    for inject, _, subject, body in texts_of(scenario):
        for mark in ("【訓練】", "【訓練中止】", "これは、訓練です", "これは訓練です"):
            assert mark not in subject + body, inject.id
        assert "整理番号" not in subject, inject.id


def test_nobody_is_ordered_or_dunned(scenario: Scenario) -> None:
    for inject, _, subject, body in texts_of(scenario):
        for word in ("督促", "命令", "命ずる"):
            assert word not in subject + body, inject.id


def test_only_officers_of_the_prefecture_itself_are_told_what_to_do_curtly(name: str) -> None:
    scenario, exercise = loaded(name).scenario, loaded(name).exercise
    for inject, _, _, body in texts_of(scenario):
        kinds = {exercise.node(node).kind for node in exercise.scope(inject.id).sender}
        if re.search(r"すること。|願いたい。", body):
            assert kinds <= {"section", "branch"}, inject.id


def test_a_subject_fits_the_line_of_a_mail_program(scenario: Scenario) -> None:
    for inject, _, subject, _ in texts_of(scenario):
        assert len(subject) <= 60, inject.id


def test_dates_in_the_values_have_their_right_weekday(scenario: Scenario) -> None:
    for key, value in {**scenario.values, **scenario.facts}.items():
        for year, month, day, weekday in OFFICIAL_DATE.findall(value):
            figures = [int(part.translate(FULL_WIDTH)) for part in (year, month, day)]
            when = date(2018 + figures[0], *figures[1:])  # 令和元年 is 2019.
            if weekday:
                assert "月火水木金土日"[when.weekday()] == weekday, key
                assert closed_because(when, "Asia/Tokyo") is None, key
                assert when >= scenario.start.date(), key


# Forms --------------------------------------------------------------------------------------------


def forms_of(scenario: Scenario) -> Iterator[tuple[str, tuple[FormField, ...]]]:
    for form, fields in scenario.forms.items():
        yield str(form), fields


def test_every_choice_can_be_answered_with_not_known_yet(scenario: Scenario) -> None:
    for form, fields in forms_of(scenario):
        for field in fields:
            if field.type == "choice":
                assert "確認中" in field.options, (form, field.id)


def test_what_is_expected_is_among_the_options_and_is_never_not_known_yet(
    scenario: Scenario,
) -> None:
    expected = 0
    for form, fields in forms_of(scenario):
        for field in fields:
            if field.expect is not None:
                expected += 1
                assert field.expect != "確認中", (form, field.id)
                assert not field.options or field.expect in field.options, (form, field.id)
    # To the yearly question whether anything changed, yes is as right an answer as no.
    assert expected > 0 or scenario.id == "annual-contact-confirmation"


def test_a_form_is_understood_when_it_comes_back(scenario: Scenario) -> None:
    for form, fields in forms_of(scenario):
        assert parse_answers(fields, render_form(fields)).values == {}, form
        for number in range(max(len(field.options) for field in fields)):
            answers = {
                field.id: field.options[number % len(field.options)]
                if field.options
                else {"integer": str(number), "text": "住民課 主査"}[field.type]
                for field in fields
            }
            assert parse_answers(fields, fill_form(fields, answers)).values == answers, form


def test_fields_are_named_once_over_all_forms_of_a_scenario(scenario: Scenario) -> None:
    """The answers that `people` gives by field id would otherwise hit two forms."""
    given = {key for particular in scenario.people.nodes.values() for key in particular.answers}
    for key in given:
        homes = [form for form, fields in forms_of(scenario) if key in {f.id for f in fields}]
        assert len(homes) == 1, key


# Timetables ---------------------------------------------------------------------------------------


def test_a_drill_begins_on_a_working_day(name: str) -> None:
    start = loaded(name).exercise.start_ex
    assert closed_because(start.date(), "Asia/Tokyo") is None


def test_the_way_through_the_phases_by_time_alone_ends_within_the_window(name: str) -> None:
    exercise = loaded(name).exercise
    states = exercise.scenario.phases.states

    def longest(phase: PhaseId, at: timedelta) -> timedelta:
        if states[phase].final:
            return at
        ways = [
            longest(step.to, exercise.due(at, step.when.elapsed))
            for step in states[phase].next
            if isinstance(step.when, WhenElapsed)
        ]
        # A phase that time alone does not leave lasts until the window closes.
        return max(ways, default=exercise.window_at)

    assert longest(exercise.scenario.phases.initial, ZERO) <= exercise.window_at


def test_operators_have_something_up_their_sleeve() -> None:
    for name in NAMES:
        if not name.startswith("annual-"):
            assert any(inject.contingency for inject in loaded(name).scenario.injects), name


# On the kernel ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rehearsal_comes_to_its_end_with_every_notice_in_a_final_state(
    name: str, seed: int
) -> None:
    board, _ = played(name, seed)
    assert board.end is not None
    assert board.end.reason == ("window" if board.phase == "last-days" else "final-phase")
    assert {record.state for record in board.notices.values()} <= FINAL


@pytest.mark.parametrize("seed", SEEDS)
def test_most_bodies_are_reached_whatever_the_seed(name: str, seed: int) -> None:
    board, _ = played(name, seed)
    to_be_reached = loaded(name).exercise.to_be_reached
    assert len(board.reached & to_be_reached) >= 0.8 * len(to_be_reached)


def test_the_virus_suspicion_goes_through_all_its_phases() -> None:
    board, _ = played("r5-virus-suspicion", 0)
    assert [(phase, level) for _, phase, level in board.phases] == [
        ("notice", 2),
        ("follow-up", 2),
        ("stand-down", 1),
        ("closing", 1),
        ("ended", 1),
    ]


def test_a_virus_suspicion_reaches_the_municipalities_through_the_prefecture_alone() -> None:
    _, events = played("r5-virus-suspicion", 0)
    senders = {
        (event.notice[1] == "350001", event.sender)
        for event in events
        if isinstance(event, ev.Submitted) and event.notice[0] == "first-report"
    }
    assert senders == {(True, "jlis"), (False, "350001")}


def test_the_level_is_raised_to_three_by_a_report_and_only_then() -> None:
    found = WhenAnswer(answer="first-report.trace", is_="有", of="municipality")
    for seed in SEEDS:
        board, _ = played("unauthorised-access", seed)
        told = board.has_answer(found)
        levels = [level for _, _, level in board.phases]
        if 3 in levels:
            assert told, seed
            assert levels[:3] == [2, 3, 1], seed
    assert any(
        3 in [level for _, _, level in played("unauthorised-access", seed)[0].phases]
        for seed in SEEDS
    )


def test_nobody_raises_the_level_when_no_trace_is_found() -> None:
    given = loaded("unauthorised-access")
    people = given.scenario.people.model_copy(update={"nodes": {}, "unexpected": 0})
    form = tuple(
        field.model_copy(update={"expect": "無"}) if field.id == "trace" else field
        for field in given.scenario.forms[FormId("trace")]
    )
    quiet = given.scenario.model_copy(
        update={"people": people, "forms": {**given.scenario.forms, "trace": form}}
    )
    course = Course(Exercise(quiet, given.tree, given.calendar), 0)
    for _ in course.run():
        pass
    assert [phase for _, phase, _ in course.board.phases] == [
        "suspicion",
        "stand-down",
        "closing",
        "ended",
    ]


def test_an_emergency_call_goes_up_from_a_municipality_to_prefecture_and_centre() -> None:
    exercise = loaded("municipality-virus").exercise
    scope = exercise.scope(loaded("municipality-virus").scenario.injects[0].id)
    assert scope.sender == {"350001": "352039", "jlis": "350001"}
    assert scope.asked[NodeId("350001")].pass_on == ("jlis",)
    _, events = played("municipality-virus", 1)
    order = [
        event.notice[1]
        for event in events
        if isinstance(event, ev.Notified) and event.notice[0] == "emergency-call"
    ]
    assert order.index(NodeId("350001")) < order.index(NodeId("jlis"))


def test_the_warning_goes_to_every_municipality_but_the_finder() -> None:
    given = loaded("municipality-virus")
    warned = set(given.exercise.scope(InjectId("warning")).direct)
    everyone = {node.id for node in given.tree.nodes if node.kind == "municipality"}
    assert everyone - warned == {"352039"}


def test_the_infected_town_does_not_exist() -> None:
    town = loaded("infected-terminal").scenario.facts["town"]
    assert town not in {body.name for body in load_bodies().values()}


def test_the_levels_of_the_infected_terminal_rise_and_fall() -> None:
    board, _ = played("infected-terminal", 0)
    assert [level for _, _, level in board.phases][:4] == [2, 3, 2, 1]


def test_a_check_off_hours_writes_to_the_contacts_for_the_night() -> None:
    given = loaded("off-hours-contact-check")
    assert given.exercise.off_hours
    assert not given.calendar.is_open(ZERO)
    _, events = played("off-hours-contact-check", 0)
    mailed = {
        event.recipient
        for event in events
        if isinstance(event, ev.Submitted) and event.notice == ("night-call", "352012")
    }
    officer = given.tree.by_id[NodeId("352012")].officers[0]
    assert officer.off_hours.email[0] in mailed
    assert "jlis" not in given.exercise.participants


def test_duty_desks_are_called_at_night() -> None:
    called = [
        event
        for seed in SEEDS
        for event in played("off-hours-contact-check", seed)[1]
        if isinstance(event, ev.Called) and event.officer == 0
    ]
    assert called


def test_the_self_check_ends_on_its_tenth_business_day_past_a_holiday() -> None:
    exercise = loaded("annual-self-check").exercise
    tokyo = ZoneInfo("Asia/Tokyo")
    assert exercise.when(exercise.window_at) == datetime(2026, 11, 10, 17, 15, tzinfo=tokyo)
    assert closed_because(date(2026, 11, 3), "Asia/Tokyo") == "文化の日"
    fields = loaded("annual-self-check").scenario.forms[FormId("checklist")]
    assert sum(field.expect == "適" for field in fields) == 12


def test_nobody_works_on_the_self_check_outside_office_hours() -> None:
    given = loaded("annual-self-check")
    written = [
        event.at
        for event in played("annual-self-check", 0)[1]
        if isinstance(event, ev.AnswerSent) and event.answer in ("acknowledge", "report")
    ]
    assert written
    closed = [at for at in written if not given.calendar.is_open(at - timedelta(milliseconds=1))]
    # The collected report goes up at its cut-off, which is the closing time itself.
    assert [at for at in closed if given.calendar.is_open(at - timedelta(seconds=1))] == closed
