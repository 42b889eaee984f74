"""What became of the scenario's facts on their way: the part of 結果 about the content.

What stood in the place of a fact is what people wrote, and is left out of copies for outsiders.
"""

from collections import Counter
from collections.abc import Iterator

from drillsim.drill import events as ev
from drillsim.drill.scenario import InjectId
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.fidelity import FactAtHop
from drillsim.evaluation.wording import inject_name, node_name
from drillsim.i18n import _
from drillsim.reports.cells import body, numbers
from drillsim.reports.view import Block, Column, Heading, Table, Text
from drillsim.reports.wording import mark_words, names_words, number_words, percent_words
from drillsim.text import clean_line

_FOUND_MAX = 80


def accuracy(evaluation: Evaluation) -> Iterator[Block]:
    """Yield the blocks; none where no fact was passed on."""
    fidelity = evaluation.fidelity
    if not fidelity.facts and not fidelity.unmarked:
        return
    yield Heading(text=_("Whether the content arrived as it was said"))
    if fidelity.facts:
        yield Text(
            text=_("Facts that arrived as they were said: {n} of {of} ({share}), {mark}.").format(
                n=number_words(fidelity.arrived.count),
                of=number_words(fidelity.arrived.of),
                share=percent_words(fidelity.arrived.percent or 0.0),
                mark=mark_words(fidelity.mark),
            )
        )
        yield facts_table(evaluation)
        losses = losses_table(evaluation)
        if losses.rows:
            yield losses
    if fidelity.unmarked:
        exercise = evaluation.timeline.exercise
        names = names_words([node_name(exercise, node) for _inject, node in fidelity.unmarked])
        yield Text(text=_("Passed on without 【訓練】: {names}.").format(names=names))


def fate_word(fate: ev.Fate) -> str:
    """Return what became of a fact."""
    return {
        "kept": _("as it was said"),
        "changed": _("changed"),
        "lost": _("lost on the way"),
    }[fate]


def facts_table(evaluation: Evaluation) -> Table:
    """Return for each fact of each message at how many bodies it arrived."""
    exercise = evaluation.timeline.exercise
    groups: dict[tuple[InjectId, str], list[FactAtHop]] = {}
    for each in evaluation.fidelity.facts:
        groups.setdefault((each.hop.inject, each.name), []).append(each)
    rows = []
    for (inject, _name), facts in groups.items():
        fates = Counter(each.fate for each in facts)
        rows.append(
            (
                inject_name(exercise, inject),
                clean_line(facts[0].said or facts[0].name),
                len(facts),
                fates["kept"],
                fates["changed"],
                fates["lost"],
                evaluation.fidelity.by_fact[(inject, facts[0].name)],
            )
        )
    return Table(
        id="facts",
        title=_("Facts that had to arrive"),
        columns=(
            Column(_("message")),
            Column(_("fact")),
            Column(_("bodies"), "count"),
            Column(_("as it was said"), "count"),
            Column(_("changed"), "count"),
            Column(_("lost on the way"), "count"),
            Column(_("rate"), "rate"),
        ),
        rows=tuple(rows),
        note=_("Of the mails by which bodies passed a message on."),
    )


def losses_table(evaluation: Evaluation) -> Table:
    """Return where each fact was first passed on changed, or not at all."""
    exercise = evaluation.timeline.exercise
    return Table(
        id="losses",
        title=_("Where a fact was first lost"),
        columns=(
            Column(_("message")),
            Column(_("fact")),
            Column(_("passed on by"), "body"),
            Column(_("what became of it")),
            Column(_("what stood there"), is_private=True),
            Column(_("bodies that got it so"), "count"),
            Column(_("events"), "events"),
        ),
        rows=tuple(
            (
                inject_name(exercise, loss.inject),
                clean_line(loss.said or loss.name),
                body(exercise, loss.node),
                fate_word(loss.fate),
                clean_line(loss.found, limit=_FOUND_MAX),
                len(loss.reached),
                numbers(loss.because),
            )
            for loss in evaluation.fidelity.losses
        ),
        is_in_tree_order=True,
    )
