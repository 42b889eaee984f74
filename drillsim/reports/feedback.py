"""A sheet for each body about itself (団体別の結果): its own times beside the median of all.

No other body is named, and none can be guessed: a median is shown where at least three bodies are
behind it. Nobody is put in an order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Final

from drillsim.drill.injects import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.body_marks import BodyMarks, body_marks
from drillsim.evaluation.causes import Miss
from drillsim.evaluation.duties import What
from drillsim.evaluation.handling import Answer
from drillsim.evaluation.milestones import median
from drillsim.evaluation.scoring import Mark
from drillsim.evaluation.timeline import Hop
from drillsim.evaluation.wording import (
    cause_word,
    how_word,
    inject_name,
    missed_word,
    node_name,
)
from drillsim.filenames import is_device
from drillsim.i18n import _, language
from drillsim.reports.cells import when
from drillsim.reports.drill_record import DrillRecord
from drillsim.reports.improvements import Improvement, improvements
from drillsim.reports.pictures import asking, result_of
from drillsim.reports.report import when_blocks
from drillsim.reports.view import Block, Column, ReportView, Row, Section, Table, Text
from drillsim.reports.wording import mark_words, result_word
from drillsim.text import clean_line

MEDIAN_OF_MIN: Final = 3
"""A median of fewer bodies would tell what one of the others did."""


class Feedback:
    """The sheets of one drill."""

    def __init__(self, drill: DrillRecord) -> None:
        self._drill = drill
        self._exercise = drill.exercise
        self._evaluation = drill.evaluation
        self._injects = tuple(asking(drill.evaluation))

    @property
    def nodes(self) -> Sequence[NodeId]:
        """The bodies that were to answer anything, in the order of the tree."""
        asked = {hop.node for hop in self._hops if hop.asked.acknowledge or hop.asked.report}
        return [node.id for node in self._exercise.tree.nodes if node.id in asked]

    def sheet(self, node: NodeId) -> ReportView:
        """Return the sheet of one body, in the language in use."""
        name = node_name(self._exercise, node)
        addressee = _("To {body}").format(body=name)
        blocks: dict[str, tuple[Block, ...]] = {
            "when": tuple(when_blocks(self._evaluation)),
            "results": tuple(self._results(node)),
            "rating": tuple(self._rating(node)),
            "plan": tuple(self._to_mend(node)),
        }
        return ReportView(
            kind=_("Your results in the drill"),
            title=clean_line(self._exercise.scenario.title),
            language=language(),
            headline=(addressee, _("Your results in this drill were as follows.")),
            figures=(),
            sections=(
                Section("when", _("Date and time"), blocks["when"]),
                Section("results", _("Results"), blocks["results"]),
                Section("rating", _("Rating"), blocks["rating"]),
                Section("plan", _("What we ask you to mend"), blocks["plan"]),
            ),
            foot=_("For {body} alone").format(body=name),
            data={"node": node},
        )

    # What was asked, and when it came ---------------------------------------------------------

    @property
    def _hops(self) -> Iterable[Hop]:
        return self._evaluation.timeline.hops.values()

    def _of(self, node: NodeId) -> list[Hop]:
        hops = self._evaluation.timeline.by_node.get(node, ())
        return [hop for hop in hops if hop.asked.acknowledge or hop.asked.report]

    def _results(self, node: NodeId) -> Iterator[Block]:
        hops = self._of(node)
        yield Table(
            id="acknowledged",
            title=_("Acknowledgement"),
            columns=(
                Column(_("message")),
                Column(_("sent"), "time"),
                Column(_("acknowledged"), "time"),
                Column(_("by")),
                Column(_("response time"), "length"),
                Column(_("median of all"), "length"),
                Column(_("due"), "time"),
                Column(_("result")),
            ),
            rows=tuple(self._acknowledged(hop) for hop in hops if hop.asked.acknowledge),
            note=_("The response time counts from the mail to you; the median is that of all."),
        )
        onward = tuple(self._passed_on(hop) for hop in hops if hop.asked.pass_on)
        if onward:
            yield Table(
                id="passed-on",
                title=_("Passing on"),
                columns=(
                    Column(_("message")),
                    Column(_("passed on"), "time"),
                    Column(_("until passed on"), "length"),
                    Column(_("median of all"), "length"),
                    Column(_("due"), "time"),
                    Column(_("to be written to"), "count"),
                    Column(_("written to"), "count"),
                    Column(_("result")),
                ),
                rows=onward,
            )
        reports = tuple(self._reported(hop) for hop in hops if hop.asked.report)
        if reports:
            yield Table(
                id="reported",
                title=_("Report"),
                columns=(
                    Column(_("message")),
                    Column(_("reported"), "time"),
                    Column(_("time taken"), "length"),
                    Column(_("median of all"), "length"),
                    Column(_("due"), "time"),
                    Column(_("result")),
                ),
                rows=reports,
            )

        for miss in self._misses.get(node, ()):
            said = _("{inject} · {what}: {cause}").format(
                inject=inject_name(self._exercise, miss.hop.inject),
                what=missed_word(miss.what),
                cause=cause_word(miss.cause),
            )
            yield Text(text=said, style="item")

    def _acknowledged(self, hop: Hop) -> Row:
        exercise = self._exercise
        duty = self._evaluation.duties.get((hop.notice, "acknowledge"))
        return (
            inject_name(exercise, hop.inject),
            when(exercise, hop.submitted_at),
            when(exercise, hop.acknowledged_at),
            how_word(hop),
            hop.delay,
            self._medians[(hop.inject, "acknowledge")],
            when(exercise, hop.ack_due),
            result_word(result_of(hop, duty)),
        )

    def _passed_on(self, hop: Hop) -> Row:
        exercise = self._exercise
        return (
            inject_name(exercise, hop.inject),
            when(exercise, hop.passed_on_at),
            hop.handling,
            self._medians[(hop.inject, "pass-on")],
            when(exercise, hop.pass_on_due),
            len(hop.asked.pass_on),
            len(hop.written_to),
            self._standing(hop, "pass-on"),
        )

    def _reported(self, hop: Hop) -> Row:
        exercise = self._exercise
        return (
            inject_name(exercise, hop.inject),
            when(exercise, hop.reported_at),
            _length(hop),
            self._medians[(hop.inject, "report")],
            when(exercise, hop.report_due),
            self._standing(hop, "report"),
        )

    def _standing(self, hop: Hop, what: What) -> str:
        duty = self._evaluation.duties.get((hop.notice, what))
        if duty is None:
            return ""
        if duty.is_missed and duty.excuse:
            return _("not done, not charged")
        return {
            "in-time": _("in time"),
            "late": _("late"),
            "missed": _("not done"),
            "open": _("open"),
        }[duty.standing]

    @cached_property
    def _misses(self) -> Mapping[NodeId, Sequence[Miss]]:
        found: dict[NodeId, list[Miss]] = {}
        for miss in self._evaluation.reach.misses:
            found.setdefault(miss.hop.node, []).append(miss)
        return found

    @cached_property
    def _medians(self) -> Mapping[tuple[InjectId, What], timedelta | None]:
        found: dict[tuple[InjectId, What], timedelta | None] = {}
        for inject in self._injects:
            hops = self._evaluation.timeline.by_inject[inject]
            lengths: dict[What, list[timedelta | None]] = {
                "acknowledge": [hop.delay for hop in hops if hop.asked.acknowledge],
                "pass-on": [hop.handling for hop in hops if hop.asked.pass_on],
                "report": [_length(hop) for hop in hops if hop.asked.report],
            }
            for what, each in lengths.items():
                known = [length for length in each if length is not None]
                is_enough = len(known) >= MEDIAN_OF_MIN
                found[(inject, what)] = median(known) if is_enough else None
        return found

    # How it is rated, and what is to be mended ------------------------------------------------

    @cached_property
    def _marks(self) -> Mapping[NodeId, BodyMarks]:
        return body_marks(self._evaluation.score)

    def _rating(self, node: NodeId) -> Iterator[Block]:
        marks = self._marks.get(node)
        nothing = Mark(share=None, rating=None)
        yield Text(
            text=_("Contact: {contact}. Handling: {handling}.").format(
                contact=mark_words(marks.contact if marks else nothing),
                handling=mark_words(marks.handling if marks else nothing),
            )
        )
        answers = self._unexpected.get(node, ())
        if answers:
            yield Table(
                id="answers",
                title=_("Answers that differ from what was expected"),
                columns=(
                    Column(_("message")),
                    Column(_("line")),
                    Column(_("expected")),
                    Column(_("your answer")),
                ),
                rows=tuple(
                    (
                        inject_name(self._exercise, answer.hop.inject),
                        clean_line(answer.field.label),
                        clean_line(answer.field.expect or ""),
                        clean_line(answer.given),
                    )
                    for answer in answers
                ),
            )
        if node in self._excused:
            yield Text(
                text=_("Delays and misses that the drill itself made unavoidable are not charged."),
                style="remark",
            )

    @cached_property
    def _unexpected(self) -> Mapping[NodeId, Sequence[Answer]]:
        found: dict[NodeId, list[Answer]] = {}
        for answer in self._evaluation.handling.answers:
            if answer.verdict != "expected":
                found.setdefault(answer.hop.node, []).append(answer)
        return found

    @cached_property
    def _excused(self) -> frozenset[NodeId]:
        return frozenset(d.hop.node for d in self._evaluation.duties.values() if d.excuse)

    @cached_property
    def _improvements(self) -> Mapping[NodeId, Sequence[Improvement]]:
        found: dict[NodeId, list[Improvement]] = {}
        for item in improvements(self._drill):
            for node in item.nodes:
                found.setdefault(node, []).append(item)
        return found

    def _to_mend(self, node: NodeId) -> Iterator[Block]:
        kinds = dict.fromkeys(item.kind for item in self._improvements.get(node, ()))
        lines = [line for kind in kinds if (line := advice(kind))]
        for line in lines:
            yield Text(text=line, style="item")
        if not lines:
            yield Text(text=_("Nothing in particular; thank you."))
        yield Text(text=_("Please tell us of any change of your contacts."))


def advice(kind: str) -> str:
    """Return what a body is asked to do about a finding (`Improvement.kind`); "" for nothing."""
    return {
        "dead-address": _(
            "An address of yours in the contact tree did not work: please send us the right one."
        ),
        "stale-entry": _(
            "Your contacts have not been confirmed since 1 April: please look them through."
        ),
        "unlisted": _(
            "Somebody answered who is not in the contact tree: please tell us whether "
            "they should be."
        ),
        "wrong-number": _("A telephone number of yours was wrong: please send us the right one."),
        "no-stand-in": _("Nobody stood in while an officer was away: please name somebody."),
        "absence": _("An officer was away: please see that mail is read all the same."),
        "not-passed-on": _(
            "A message was not passed on to everybody: please pass on with a "
            "prepared list of recipients, and count them off."
        ),
        "unmarked": _("A mail that you passed on lacked the mark of a drill: please leave it in."),
        "facts-lost": _(
            "Something was changed or missing in what you passed on: please pass on the text as "
            "it came."
        ),
        "long-stay": _(
            "It took long to pass on: please prepare text and recipients beforehand, "
            "and name who passes on."
        ),
        "no-answer": _(
            "No answer came though the mail had reached you: please agree on who "
            "watches the mailbox."
        ),
        "late": _("An answer came after it was due: please confirm at once, however shortly."),
        "other-channel": _(
            "You were reached only by telephone or in person: please find out why "
            "the mail was not answered."
        ),
        "not-reported": _(
            "A report was missing: please report what is known, and write “to be "
            "confirmed” for the rest."
        ),
        "answers": _(
            "Some lines of the report differed from what was expected: please see the table above."
        ),
        "actions": _("Some steps of handling were not booked: please go through them once more."),
    }.get(kind, "")


def file_names(nodes: Iterable[NodeId]) -> Mapping[NodeId, str]:
    """Return a name for the file of each body, without suffix: its id, as any machine takes it.

    Ids that would become one name get a number.
    """
    names: dict[NodeId, str] = {}
    taken: set[str] = set()
    for node in nodes:
        plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in node)[:60] or "_"
        name = f"_{plain}" if is_device(plain) else plain
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}_{number}"
        taken.add(name.casefold())
        names[node] = name
    return names


def _length(hop: Hop) -> timedelta | None:
    """Return how long the report took, from the mail to the body."""
    if hop.reported_at is None or hop.submitted_at is None:
        return None
    return hop.reported_at - hop.submitted_at
