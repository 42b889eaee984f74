"""Both state machines as Mermaid, which Markdown viewers draw without further tools."""

import re
from collections.abc import Callable, Iterator

from drillsim.drill.machines import FINAL, NOTICE_MACHINE, NoticeState
from drillsim.drill.scenario import (
    Condition,
    InjectId,
    PhaseId,
    Scenario,
    Send,
    WhenAcknowledged,
    WhenAnswer,
    WhenElapsed,
    WhenOperator,
    WhenPassedOn,
    WhenReported,
)
from drillsim.drill.tree import NodeKind
from drillsim.i18n import _

# What would end a label or begin something else in Mermaid; it reads #…; as a character.
_UNSAFE = re.compile(r"[^\w \-.,%/=≥（）「」・：、。…]")


def phase_diagram(scenario: Scenario) -> str:
    """Return the phases of a scenario as a Mermaid state diagram."""
    names = {phase: f"s{place}" for place, phase in enumerate(scenario.phases.states)}
    return "\n".join(["stateDiagram-v2", *_phase_lines(scenario, names)]) + "\n"


def notice_diagram() -> str:
    """Return the machine of a notice (`drillsim.drill.machines`) as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {_identifier(NoticeState.WAITING.value)}"]
    lines += [f'    state "{state.value}" as {_identifier(state.value)}' for state in NoticeState]
    moves: dict[tuple[str, str], list[str]] = {}
    for name, event in NOTICE_MACHINE.events.items():
        for transitions in event.transitions.values():
            for move in transitions:
                moves.setdefault((move.source, str(move.dest)), []).append(name)
    for (source, dest), triggers in moves.items():
        label = ", ".join(trigger.replace("_", "-") for trigger in triggers)
        lines.append(f"    {_identifier(source)} --> {_identifier(dest)}: {label}")
    lines += [f"    {_identifier(state.value)} --> [*]" for state in NoticeState if state in FINAL]
    return "\n".join(lines) + "\n"


def condition_in_words(
    when: Condition,
    inject: Callable[[InjectId], str] = str,
    kind: Callable[[NodeKind], str] = str,
) -> str:
    """Return a condition as a reader of a diagram or a table takes it.

    `inject` and `kind` say what injects and kinds of nodes are called there.
    """
    match when:
        case WhenAcknowledged():
            text, whom = _("{inject} acknowledged by {whom}"), _whom(when, kind)
            return text.format(inject=inject(when.acknowledged), whom=whom)
        case WhenReported():
            text, whom = _("{inject} reported by {whom}"), _whom(when, kind)
            return text.format(inject=inject(when.reported), whom=whom)
        case WhenPassedOn():
            text, whom = _("{inject} passed on by {whom}"), _whom(when, kind)
            return text.format(inject=inject(when.passed_on), whom=whom)
        case WhenAnswer(is_=None):
            return _("{field} ≥ {value}").format(field=when.answer, value=when.at_least)
        case WhenAnswer():
            return _("{field} = {value}").format(field=when.answer, value=when.is_)
        case WhenElapsed():
            return _("after {time}").format(time=when.elapsed)
        case WhenOperator():
            return _("the operator says so")


def _whom(
    when: WhenAcknowledged | WhenReported | WhenPassedOn, kind: Callable[[NodeKind], str]
) -> str:
    share = f"{float(when.share * 100):g} %"
    return f"{share} {kind(when.of)}" if when.of is not None else share


def _phase_lines(scenario: Scenario, names: dict[PhaseId, str]) -> Iterator[str]:
    states = scenario.phases.states
    yield f"    [*] --> {names[scenario.phases.initial]}"
    for phase, state in states.items():
        title = state.title or phase
        level = _("threat level {level}").format(level=state.level)
        yield f'    state "{_safe(title)} ({level})" as {names[phase]}'
        if state.send:
            sends = _("sends {injects}").format(injects=", ".join(map(_sent, state.send)))
            yield f"    {names[phase]}: {_safe(sends)}"
    for phase, state in states.items():
        for step in state.next:
            label = _safe(condition_in_words(step.when))
            yield f"    {names[phase]} --> {names[step.to]}: {label}"
        if state.final:
            yield f"    {names[phase]} --> [*]"


def _sent(send: Send) -> str:
    if send.after.business_days or send.after.length:
        return f"{send.inject} +{send.after}"
    return str(send.inject)


def _identifier(state: str) -> str:
    return state.replace("-", "_")


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"#{ord(found.group())};", text)
