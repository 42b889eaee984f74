"""Makes the report of a drill: its sections, in the order of official reports (訓練実施報告書)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from drillsim.drill.exercise import Exercise
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.summary import findings_of, hops_summary, points_summary, summary
from drillsim.evaluation.wording import Finding, end_word
from drillsim.i18n import _, language, ngettext
from drillsim.journal.approval import approval_json, approval_words
from drillsim.reports.annexes import (
    annexes,
    announcement_words,
    apart_table,
    participants_table,
    tiers_words,
)
from drillsim.reports.drill_record import DrillRecord
from drillsim.reports.improvements import Improvement, improvements, plan_table
from drillsim.reports.rating import rating, strengths
from drillsim.reports.results import results
from drillsim.reports.view import Block, Figure, Heading, ReportView, Section, Table, Text
from drillsim.reports.wording import (
    date_time,
    kinds_chain,
    length_words,
    mark_words,
    number_words,
    statement,
    time_after,
)
from drillsim.text import clean, clean_line


def report_view(drill: DrillRecord) -> ReportView:
    """Return the report of a drill, in the language in use."""
    evaluation = drill.evaluation
    items = improvements(drill)
    return ReportView(
        kind=_("Report of the drill"),
        title=clean_line(drill.exercise.scenario.title),
        language=language(),
        headline=tuple(statement(finding, drill.exercise) for finding in last_findings(evaluation)),
        figures=tuple(_figures(evaluation)),
        sections=tuple(map(_dated(evaluation), _sections(drill, items))),
        foot=_("drill {name}, head {head}").format(name=drill.name, head=drill.head[:16]),
        data={
            "drill": drill.name,
            "mode": drill.mode,
            "way": drill.way,
            "approval": approval_json(drill.approval),
            **summary(evaluation),
            "hops": hops_summary(evaluation.timeline),
            "points": points_summary(evaluation.score),
            "improvements": [_improvement(item) for item in items],
            "journal": {
                "records": drill.count,
                "head": drill.head,
                "digest": drill.digest,
                "sealed": drill.is_sealed,
            },
        },
    )


def _dated(evaluation: Evaluation) -> Callable[[Section], Section]:
    """Return a function that gives times their dates where a drill goes on for days."""
    exercise = evaluation.timeline.exercise
    first, last = exercise.start_ex.date(), exercise.when(evaluation.timeline.board.at).date()

    def dated(block: Block) -> Block:
        if not isinstance(block, Table):
            return block
        columns = (replace(c, kind="day") if c.kind == "time" else c for c in block.columns)
        return replace(block, columns=tuple(columns))

    def with_dates(section: Section) -> Section:
        return replace(section, blocks=tuple(map(dated, section.blocks)))

    return with_dates if first != last else lambda section: section


def last_findings(evaluation: Evaluation) -> tuple[Finding, ...]:
    """Return what happened to each message in the last tier that it came to."""
    return tuple({finding.inject: finding for finding in findings_of(evaluation)}.values())


def _improvement(item: Improvement) -> dict[str, object]:
    return {
        "kind": item.kind,
        "area": item.area,
        "finding": item.finding,
        "action": item.action,
        "nodes": list(item.nodes),
        "because": list(item.because),
    }


def _figures(evaluation: Evaluation) -> Iterator[Figure]:
    reached, score = evaluation.reach.reached, evaluation.score
    percent = "–" if reached.percent is None else f"{reached.percent:.1f} %"
    yield Figure(_("Reach"), percent, f"{reached.count}/{reached.of}")
    findings = last_findings(evaluation)
    if findings and findings[0].length is not None:
        rate = findings[0].confirmed
        yield Figure(
            _("First message, last answer"),
            length_words(findings[0].length),
            f"{rate.count}/{rate.of}",
        )
    for label, mark in (
        (_("Rating of contact"), score.contact),
        (_("Rating of handling"), score.handling),
    ):
        points = "" if mark.score is None else _("{n} points").format(n=f"{mark.score:.1f}")
        yield Figure(label, mark_words(mark), points)


def _sections(drill: DrillRecord, items: Sequence[Improvement]) -> Iterator[Section]:
    evaluation, exercise = drill.evaluation, drill.exercise
    scenario = exercise.scenario
    yield Section("purpose", _("Purpose"), _prose(scenario.purpose))
    yield Section("when", _("Date and time"), tuple(when_blocks(evaluation)))
    yield Section("participants", _("Participants"), tuple(_participants(evaluation)))
    yield Section("story", _("Story"), _prose(scenario.story))
    yield Section("method", _("Method"), tuple(_method(drill)))
    yield Section("results", _("Results"), tuple(results(evaluation, drill.foreseen)))
    yield Section("rating", _("Rating"), tuple(rating(evaluation)))
    yield Section("comparison", _("Comparison with the year before"))
    yield Section("issues", _("Issues"), tuple(_issues(evaluation, items)))
    plan = (plan_table(drill, items),) if items else ()
    yield Section("plan", _("Improvement plan"), plan)
    yield Section("attachments", _("Attachments"), tuple(annexes(drill, items)))


def _prose(text: str) -> tuple[Block, ...]:
    text = clean(text).strip()
    return (Text(text=text, style="prose"),) if text else ()


def when_blocks(evaluation: Evaluation) -> Iterator[Block]:
    """Yield when the drill was (実施日時), for every paper that says so."""
    timeline = evaluation.timeline
    exercise = timeline.exercise
    end = exercise.when(timeline.now)
    yield Text(
        text=_("{start} to {end} ({notice})").format(
            start=date_time(exercise.start_ex),
            end=time_after(end, exercise.start_ex),
            notice=announcement_words(exercise),
        )
    )
    window = time_after(exercise.when(exercise.window_at), exercise.start_ex)
    text = _("Answers counted until {time}.").format(time=window)
    if timeline.board.end is not None:
        ended = _("It ended after {length}: {reason}.").format(
            # Whole minutes, as the two times above have them.
            length=length_words(timeline.now - timeline.now % timedelta(minutes=1)),
            reason=end_word(timeline.board.end.reason),
        )
        text = f"{text} {ended}" if language() == "en" else text + ended
    yield Text(text=text, style="remark")


def _participants(evaluation: Evaluation) -> Iterator[Block]:
    exercise = evaluation.timeline.exercise
    n = len(exercise.to_be_reached)
    said = _("Bodies to be reached: {n} ({tiers}).")
    yield Text(text=said.format(n=number_words(n), tiers=tiers_words(exercise)))
    yield participants_table(exercise)
    apart = apart_table(evaluation)
    if apart.rows:
        yield apart


def _method(drill: DrillRecord) -> Iterator[Block]:
    evaluation, exercise = drill.evaluation, drill.exercise
    timeline = evaluation.timeline
    yield Text(
        text=_("Messages by e-mail along the contact tree ({chain}).").format(
            chain=_chain(evaluation)
        )
    )
    calls = sum(hop.calls for hop in timeline.hops.values())
    if calls:
        text = ngettext(
            "Bodies that did not answer were telephoned ({n} call).",
            "Bodies that did not answer were telephoned ({n} calls).",
            calls,
        )
        yield Text(text=text.format(n=number_words(calls)))
    board = timeline.board
    yield Text(
        text=_("{sent} mails were sent, {received} came in.").format(
            sent=number_words(board.mails_sent), received=number_words(board.mails_received)
        )
    )
    if drill.mode == "rehearsal":
        yield Text(
            text=_(
                "This was a rehearsal: the officers were simulated (seed {seed}, preset {preset})."
            ).format(seed=timeline.seed, preset=exercise.scenario.people.preset_title)
        )
        faults = len(exercise.scenario.faults)
        if faults:
            text = ngettext(
                "{n} fault of the machines was set by the scenario.",
                "{n} faults of the machines were set by the scenario.",
                faults,
            )
            yield Text(text=text.format(n=number_words(faults)))
    elif drill.way == "by-hand":
        yield Text(text=_("The mails were sent by hand, with the office's own mail program."))
    else:
        yield Text(text=_("The mails went over the office's own mail server."))
    if drill.approval is not None:
        yield Text(text=approval_words(drill.approval), is_private=True)


def _chain(evaluation: Evaluation) -> str:
    timeline = evaluation.timeline
    kinds = []
    for hop in timeline.hops.values():
        kinds.append(timeline.exercise.node(hop.sender).kind)
        kinds.append(hop.kind)
    order = _depths(timeline.exercise)
    return kinds_chain(sorted(dict.fromkeys(kinds), key=lambda kind: order[kind]))


def _depths(exercise: Exercise) -> dict[str, int]:
    depths: dict[str, int] = {}
    for depth, node in exercise.tree.walk():
        depths.setdefault(node.kind, depth)
    return depths


def _issues(evaluation: Evaluation, items: Sequence[Improvement]) -> Iterator[Block]:
    good = [text for _objective, text in strengths(evaluation)]
    if good:
        yield Heading(text=_("What went well"))
        yield from (Text(text=text, style="item") for text in good)
        yield Heading(text=_("What is to be improved"))
    if not items:
        yield Text(text=_("Nothing was found that would have to be improved."))
    yield from (Text(text=item.finding, style="item") for item in items)
