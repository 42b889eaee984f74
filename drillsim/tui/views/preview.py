"""What there is to know of a scenario before it is run: whom it reaches, its phases, its course."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from drillsim.drill.diagrams import condition_in_words
from drillsim.drill.durations import ZERO
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId, PhaseId, Send
from drillsim.evaluation.foreseen import Foreseen
from drillsim.files.scenario_file import LoadedScenario
from drillsim.i18n import _, ngettext
from drillsim.text import clean, clean_line
from drillsim.tui.views.cards import ExpectedCard, Line
from drillsim.tui.views.names import Names
from drillsim.tui.views.tiers import Curve, curve_of
from drillsim.tui.views.times import full_length
from drillsim.tui.views.tone import Cell, Tone
from drillsim.world.expectation import Expectation, expect, usual_runs

_NOTICES_MAX: Final = 3_000
"""Above this a course is not rehearsed just to be shown: it would take some seconds."""
_REMARKS_MAX: Final = 12
_LEVELS: Final[dict[int, Tone]] = {2: "late", 3: "alarm"}
_SPANS: Final = 50


def about(loaded: LoadedScenario) -> Iterator[Line]:
    """Yield what the files say: purpose, whom it reaches, remarks of the checks, phases."""
    exercise, scenario = loaded.exercise, loaded.scenario
    names = Names(exercise)
    yield [Cell(clean_line(scenario.title), "strong")]
    for text in clean(scenario.purpose, limit=400).splitlines():
        yield [Cell(text)]
    yield []
    start = f"{exercise.start_ex:%Y-%m-%d %H:%M}"
    yield [Cell(_("begins {start}, window {window}").format(start=start, window=scenario.window))]
    wanted = exercise.to_be_reached
    kinds = Counter(node.kind for node in exercise.tree.nodes if node.id in wanted)
    counts = "  ".join(f"{names.kind(kind)} {count}" for kind, count in kinds.items())
    yield [Cell(_("to be reached: {count}").format(count=len(wanted)) + f"  ({counts})")]
    yield [Cell(_("contacts: {title}").format(title=clean_line(loaded.tree.title)))]
    if loaded.problems:
        count = len(loaded.problems)
        found = ngettext("{count} remark of the checks", "{count} remarks of the checks", count)
        yield [Cell(found.format(count=count), "late")]
    yield []
    yield [Cell(_("Phases"), "strong")]
    yield from phase_lines(exercise, names)
    if loaded.problems:
        yield []
        yield [Cell(_("Remarks"), "strong")]
        yield from ([Cell(str(problem), "late")] for problem in loaded.problems[:_REMARKS_MAX])


def phase_lines(exercise: Exercise, names: Names) -> Iterator[Line]:
    """Yield the phases as a diagram: what each sends, and on what condition it leads where."""
    states = exercise.scenario.phases.states
    numbers = {phase: number for number, phase in enumerate(states, 1)}
    for phase, state in states.items():
        yield [
            Cell(f"({numbers[phase]}) ", "control"),
            Cell(names.phase(phase) + "  "),
            Cell(_("level {level}").format(level=state.level), _LEVELS.get(state.level, "muted")),
        ]
        for send in state.send:
            lead = " │  " if state.next else "    "
            yield [Cell(lead, "muted"), Cell("✉ " + _sent(send, names), "control")]
        for place, step in enumerate(state.next, 1):
            corner = " └─ " if place == len(state.next) else " ├─ "
            words = clean_line(condition_in_words(step.when, names.inject, names.kind))
            onward = f"-> ({numbers[step.to]})" if step.to in numbers else "->"
            yield [Cell(corner, "muted"), Cell(words + "  "), Cell(onward, "control")]


def _sent(send: Send, names: Names) -> str:
    name = names.inject(send.inject)
    if send.after.business_days or send.after.length:
        return _("{inject}, after {time}").format(inject=name, time=send.after)
    return name


def expected_card(exercise: Exercise, name: str) -> ExpectedCard:
    """Rehearse a drill by the pure kernel, without any mail, and return what to expect.

    A large one is foreseen by the array kernel instead, message by message. `name` is what the
    scenario is called on the command line.
    """
    notices = sum(len(exercise.scope(inject.id).sender) for inject in exercise.scenario.injects)
    if notices > _NOTICES_MAX:
        return _foreseen_card(exercise, name)
    names = Names(exercise)
    expectation = expect(exercise, range(1, usual_runs(exercise) + 1))
    inject = _main_inject(exercise, expectation)
    curve = _curve(expectation, inject) if inject is not None else None
    lines = tuple(_course(exercise, expectation, names))
    return ExpectedCard(lines, curve, names.inject(inject) if inject is not None else "")


def _foreseen_card(exercise: Exercise, name: str) -> ExpectedCard:
    """Return what the array kernel foresees of a drill, or how it can be had."""
    from drillsim.forecast.kept import foreseen
    from drillsim.forecast.setting import Setting
    from drillsim.forecast.story import unfit_because

    command = clean_line(f"drillsim forecast {name}", limit=80)
    if unfit_because(Setting(exercise)) is not None:
        text = _("A large drill, whose course takes a while to work out: {command}")
        return ExpectedCard(([Cell(text.format(command=command), "muted")],), None, "")
    names, found = Names(exercise), foreseen(exercise)
    lines: list[Line] = [[Cell(_heading(found.runs), "strong")]]
    shown = [inject.id for inject in exercise.scenario.injects if found.of_inject(inject.id)]
    for inject in shown:
        tiers = "  ".join(
            f"{names.kind(tier.kind)} {tier.middle[-1] * tier.of:.0f}/{tier.of}"
            for tier in found.of_inject(inject)
        )
        lines.append([Cell("  ✉ " + names.inject(inject), "control"), Cell("  " + tiers)])
    text = _("more of it, with times and calls: {command}")
    lines.append([Cell(text.format(command=command), "muted")])
    if not shown:
        return ExpectedCard(tuple(lines), None, "")
    return ExpectedCard(tuple(lines), _foreseen_curve(found, shown[0]), names.inject(shown[0]))


def _foreseen_curve(found: Foreseen, inject: InjectId) -> Curve:
    """Return the curve of the answers to an inject, as half of the rehearsals went."""
    scope = sum(tier.of for tier in found.of_inject(inject))
    times: list[timedelta] = []
    for at in found.times(inject):
        answered = round((found.share(inject, at) or 0) * scope)
        times += [at] * (answered - len(times))
    length = max((times[-1] if times else ZERO) * 1.25, timedelta(seconds=1))
    return curve_of(times, scope, ZERO, length, length, _SPANS)


def _heading(count: int) -> str:
    runs = ngettext("{count} rehearsal", "{count} rehearsals", count).format(count=count)
    return _("What to expect (medians of {runs})").format(runs=runs)


def _course(exercise: Exercise, expectation: Expectation, names: Names) -> Iterator[Line]:
    yield [Cell(_heading(expectation.runs), "strong")]
    for phase in expectation.phases:
        if phase.at is not None:
            yield [
                _at(phase.at),
                Cell(names.phase(phase.phase)),
                _sends(exercise, phase.phase, names),
            ]
    yield [_at(expectation.end_at), Cell(_("end of the drill"))]
    span = expectation.acknowledged
    answers = _("answers {least} to {most} of {all}, mails {sent} out {received} in")
    if span.least == span.most:
        answers = _("answers {least} of {all}, mails {sent} out {received} in")
    yield [
        Cell(
            answers.format(
                least=span.least,
                most=span.most,
                all=sum(notice.runs > 0 for notice in expectation.notices),
                sent=expectation.mails_sent.median,
                received=expectation.mails_received.median,
            )
        )
    ]
    calls = expectation.calls
    if calls.most:
        text = _("to be telephoned: {median} (at most {most})")
        yield [Cell(text.format(median=calls.median, most=calls.most))]


def _at(at: timedelta) -> Cell:
    return Cell(f"  T+{full_length(at):>8}  ", "muted")


def _sends(exercise: Exercise, phase: PhaseId, names: Names) -> Cell:
    sent = exercise.scenario.phases.states[phase].send
    return Cell("  ✉ " + ", ".join(_sent(send, names) for send in sent) if sent else "", "control")


def _main_inject(exercise: Exercise, expectation: Expectation) -> InjectId | None:
    """Return the first message that asks for an answer and is to be expected at all."""
    for inject in exercise.scenario.injects:
        if (
            inject.acknowledge is not None
            and 2 * expectation.released[inject.id] > expectation.runs
        ):
            return inject.id
    return None


def _curve(expectation: Expectation, inject: InjectId) -> Curve | None:
    """Return the curve of the answers to an inject, each at its usual time."""
    notices = [notice for notice in expectation.notices if notice.inject == inject]
    mailed = [notice.mailed_at for notice in notices if notice.mailed_at is not None]
    times = sorted(n.acknowledged_at for n in notices if n.acknowledged_at is not None)
    if not times:
        return None
    begin = min(mailed, default=times[0])
    length = max((times[-1] - begin) * 1.25, timedelta(seconds=1))
    return curve_of(times, len(notices), begin, begin + length, length, _SPANS)
