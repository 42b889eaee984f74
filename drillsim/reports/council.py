"""The report in five rows, for a council (審議会資料（抜粋）): when, who, why, what, result.

It says what the report says, in the report's own sentences. A council's papers are public: a
sentence that names one body of many is left out, so that none is put before another.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from drillsim.drill.exercise import Exercise
from drillsim.evaluation.wording import cause_word, node_name
from drillsim.i18n import _
from drillsim.reports.view import Column, Heading, ReportView, Section, SectionId, Table, Text
from drillsim.reports.word import unwrapped
from drillsim.reports.wording import number_words


def council_view(view: ReportView, exercise: Exercise) -> ReportView:
    """Return the report of a drill with these files, cut down to its five rows."""
    story = _all(view, "story")
    rows = (
        (_("When it was held"), _first(view, "when")),
        (_("Participants"), _first(view, "participants")),
        (_("Purpose"), _all(view, "purpose")),
        (_("Outline"), _lines(unwrapped(story, view.language), _first(view, "method"))),
        (_("Results"), _lines(*_results(view, exercise), _first(view, "rating"))),
    )
    table = Table(
        id="council",
        title="",
        columns=(Column(_("item")), Column(_("content"))),
        rows=rows,
    )
    return replace(
        view,
        kind=_("For the council (excerpt)"),
        headline=(),
        figures=(),
        sections=(Section("results", _("Outline of the drill"), (table,)),),
        data={"council": dict(rows)},
    )


def _texts(view: ReportView, section: SectionId) -> Iterator[str]:
    """Yield the sentences at the beginning of a section, without what is written small."""
    for block in view.section(section).blocks:
        if isinstance(block, Heading):
            return
        if isinstance(block, Text) and block.style != "remark":
            yield block.text.strip()


def _first(view: ReportView, section: SectionId) -> str:
    return next(_texts(view, section), "")


def _all(view: ReportView, section: SectionId) -> str:
    return _lines(*_texts(view, section))


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _results(view: ReportView, exercise: Exercise) -> Iterator[str]:
    kinds = Counter(node.kind for node in exercise.tree.nodes)
    names = [node_name(exercise, n.id) for n in exercise.tree.nodes if kinds[n.kind] > 1]
    table_below = _("Who did not confirm or report, and why, stands in the table below.")
    for text in _texts(view, "results"):
        if text != table_below and not any(name in text for name in names):
            yield text
    causes = {cause: n for cause, n in view.data["causes"].items() if n}
    if causes:
        found = _(", ").join(
            _("{cause} ({n})").format(cause=cause_word(cause), n=number_words(n))
            for cause, n in causes.items()
        )
        yield _("Causes of what was not confirmed or reported: {causes}.").format(causes=found)
