"""`drillsim plan`: who would be mailed when, and what to know before a drill is approved."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from drillsim.i18n import _, ngettext
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.injects import Inject
    from drillsim.drill.tree import NodeId
    from drillsim.reports.plan import Plan, PlannedApart, Timetable
    from drillsim.world.expectation import Span

RUNS_MAX: Final = 1_001
ROWS_MAX: Final = 60
"""Rows shown of each message without --all; bodies with the same times share one."""
NAMES_MAX: Final = 8
"""Bodies or domains named in one line without --all."""
_NOTHING: Final = "–"


@click.command(
    "plan",
    help=_(
        "Tell who would be mailed when in SCENARIO, how many mails that makes, and what to know "
        "before it is approved. Nothing is sent.\n\n"
        "What depends on people is the median of rehearsals that are computed without any mail."
    ),
)
@click.argument("scenario", metavar=_("SCENARIO"))
@click.option("--contacts", metavar=_("FILE"), help=_("Another contact tree than the scenario's."))
@click.option(
    "--runs",
    type=click.IntRange(1, RUNS_MAX),
    help=_("How many rehearsals are computed. Default: 21, or 3 for a large drill."),
)
@click.option("--all", "show_all", is_flag=True, help=_("Name every body."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(
    scenario: str, contacts: str | None, runs: int | None, show_all: bool, as_json: bool
) -> None:
    """Print the plan of a drill."""
    from drillsim.files.scenario_file import load_scenario
    from drillsim.reports.plan import Plan

    plan = Plan(load_scenario(scenario, contacts), runs)
    if as_json:
        loaded = plan.loaded
        data = {"path": str(loaded.path), "contacts": str(loaded.contacts_path), **plan.as_json()}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for line in _Page(plan, show_all=show_all).lines():
        click.echo(line)


class _Page:
    """A plan as lines for a terminal."""

    def __init__(self, plan: "Plan", *, show_all: bool) -> None:
        self._plan = plan
        self._exercise = plan.exercise
        self._show_all = show_all
        self._rows_max = len(plan.expectation.notices) if show_all else ROWS_MAX
        self._names_max = len(plan.exercise.tree.nodes) if show_all else NAMES_MAX

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield ""
        yield from self._tiers()
        yield ""
        yield from self._mails()
        yield ""
        yield from self._phases()
        for inject in self._exercise.scenario.injects:
            yield ""
            yield from self._inject(inject)
        yield from self._to_know()

    def _head(self) -> Iterator[str]:
        exercise, scenario = self._exercise, self._exercise.scenario
        end = exercise.when(exercise.window_at)
        yield clean_line(scenario.title)
        yield _("{start} to {end}, {hours}").format(
            start=f"{exercise.start_ex:%Y-%m-%d %H:%M}",
            end=f"{end:%H:%M}"
            if end.date() == exercise.start_ex.date()
            else f"{end:%Y-%m-%d %H:%M}",
            hours=_("contacts for nights and holidays")
            if exercise.off_hours
            else _("contacts for office hours"),
        )
        runs = self._plan.expectation.runs
        said = ngettext(
            "Times and counts as in {n} rehearsal, computed without any mail; none is sent.",
            "Times and counts as in {n} rehearsals, computed without any mail; none is sent.",
            runs,
        )
        yield said.format(n=runs)

    def _tiers(self) -> Iterator[str]:
        from drillsim.cli.summary import table
        from drillsim.evaluation.wording import kind_word

        head = [_("to be reached"), _("bodies"), _("by mail")]
        head += [_("stand-in by mail"), _("by telephone")]
        rows = [
            [
                kind_word(tier.kind),
                str(tier.nodes),
                *(
                    f"{count}/{tier.nodes}"
                    for count in (tier.by_mail, tier.stand_in_by_mail, tier.by_telephone)
                ),
            ]
            for tier in self._plan.tiers
        ]
        yield from table(head, rows, right=(1, 2, 3, 4))

    def _mails(self) -> Iterator[str]:
        plan, expectation = self._plan, self._plan.expectation
        yield _(
            "Mails sent: {expected}; first mails, one for each message and body: {first}"
        ).format(expected=_expected(expectation.mails_sent), first=plan.first_mails)
        yield _("Mails that come in: {expected}").format(
            expected=_expected(expectation.mails_received)
        )
        yield _("Calls by telephone: {expected}").format(expected=_expected(expectation.calls))
        if max(plan.domains.values(), default=0) > 1:
            domains = [f"{clean_line(name)} {count}" for name, count in plan.domains.items()]
            yield _("First mails by domain: {domains}").format(domains=self._some(domains))
        elif plan.domains:
            count = len(plan.domains)
            said = ngettext(
                "First mails go to {n} domain", "First mails go to {n} domains, one each", count
            )
            yield said.format(n=count)

    def _phases(self) -> Iterator[str]:
        from drillsim.cli.summary import table
        from drillsim.evaluation.wording import inject_name

        exercise, expectation = self._exercise, self._plan.expectation
        rows = []
        for each in expectation.phases:
            state = exercise.scenario.phases.states[each.phase]
            sends = [inject_name(exercise, send.inject) for send in state.send]
            rows.append(
                [
                    clean_line(state.title or each.phase),
                    str(each.level),
                    self._time(each.at),
                    f"{each.runs}/{expectation.runs}",
                    ", ".join(sends) or (_("the end") if state.final else ""),
                ]
            )
        head = [_("phase"), _("level"), _("expected"), _("in rehearsals"), _("sends")]
        yield from table(head, rows, right=(1, 3))
        words = {
            "final-phase": _("in the final phase"),
            "window": _("when the window closes"),
        }
        how = [
            f"{words[why]} {count}/{expectation.runs}" for why, count in expectation.ends.items()
        ]
        yield _("The end: expected at {time} ({how})").format(
            time=self._time(expectation.end_at), how=", ".join(how)
        )

    def _inject(self, inject: "Inject") -> Iterator[str]:
        from drillsim.cli.summary import table
        from drillsim.evaluation.wording import inject_name

        exercise = self._exercise
        timetables = self._plan.timetables[inject.id]
        runs, of = self._plan.expectation.released[inject.id], self._plan.expectation.runs
        name = f"{inject_name(exercise, inject.id)} ({inject.id})"
        count = ngettext("{n} body", "{n} bodies", len(timetables)).format(n=len(timetables))
        if not runs:
            why = (
                _("sent only by the operator") if inject.contingency else _("sent in no rehearsal")
            )
            yield f"{name} · {count} · {why}"
            return
        often = (
            "" if runs == of else " · " + _("sent in {n} of {of} rehearsals").format(n=runs, of=of)
        )
        yield f"{name} · {count}{often}"
        columns = self._columns(timetables)
        if not columns:
            return
        rows = self._grouped(
            timetables,
            [tuple(cells[n] for _title, cells in columns) for n in range(len(timetables))],
        )
        head = [_("body"), _("written to by"), *(title for title, _cells in columns)]
        yield from table(head, rows[: self._rows_max])
        if len(rows) > self._rows_max:
            yield _("and {n} more; --all names all").format(n=len(rows) - self._rows_max)

    def _grouped(
        self, timetables: "Sequence[Timetable]", times: Sequence[tuple[str, ...]]
    ) -> list[list[str]]:
        """Return a row for each body, or with the same times from the same sender for several."""
        groups: dict[tuple[NodeId, str, tuple[str, ...], int], list[NodeId]] = {}
        for number, (timetable, cells) in enumerate(zip(timetables, times, strict=True)):
            expected = timetable.expected
            apart = number if self._show_all else -1
            key = (expected.sender, expected.kind, cells, apart)
            groups.setdefault(key, []).append(expected.node)
        rows = []
        for (sender, _kind, cells, _apart), nodes in groups.items():
            name = self._name(nodes[0])
            if len(nodes) > 1:
                name = _("{node} and {count} more").format(node=name, count=len(nodes) - 1)
            rows.append([name, self._name(sender), *cells])
        return rows

    def _columns(self, timetables: "Sequence[Timetable]") -> list[tuple[str, list[str]]]:
        """Return the columns in which there is anything, each with its cells."""
        every: list[tuple[str, list[Sequence[timedelta | None]]]] = [
            (_("expected"), [(t.expected.mailed_at,) for t in timetables]),
            (_("in time by"), [(t.expected.latest_at,) for t in timetables]),
            (_("acknowledge by"), [(t.acknowledge_by,) for t in timetables]),
            (_("reminders"), [t.reminders for t in timetables]),
            (_("stand-in"), [(t.stand_in_at,) for t in timetables]),
            (_("telephone"), [(t.call_at,) for t in timetables]),
            (_("pass on by"), [(t.pass_on_by,) for t in timetables]),
            (_("report by"), [(t.report_by,) for t in timetables]),
        ]
        return [
            (title, [" ".join(self._time(at) for at in ats) or _NOTHING for ats in cells])
            for title, cells in every
            if any(at is not None for ats in cells for at in ats)
        ]

    def _to_know(self) -> Iterator[str]:
        plan = self._plan
        lines = [each.text for each in plan.remarks]
        lines += [str(problem) for problem in plan.loaded.problems]
        lines += self._bodies(
            plan.without_mail,
            _("No mail reaches {names}; call them from the beginning."),
        )
        lines += self._bodies(
            plan.without_stand_in,
            _("Nobody else is mailed at {names}; after the first officer comes the telephone."),
        )
        lines += self._bodies(plan.without_telephone, _("There is no telephone number of {names}."))
        if lines:
            yield ""
            yield _("To know beforehand")
            yield from (f"  {clean_line(line)}" for line in lines)
        if plan.apart:
            yield ""
            yield _("Not reached by this drill")
            yield from self._apart(plan.apart)

    def _bodies(self, nodes: "Sequence[NodeId]", text: str) -> list[str]:
        if not nodes:
            return []
        return [text.format(names=self._some([self._name(node) for node in nodes]))]

    def _apart(self, apart: "Sequence[PlannedApart]") -> Iterator[str]:
        from drillsim.evaluation.wording import apart_word

        for each in apart[: self._rows_max]:
            if each.why == "not-addressed":
                why = _("no message is addressed to it")
            else:
                why = apart_word(each.why)
            reason = f" ({clean_line(each.reason)})" if each.reason else ""
            yield f"  {self._name(each.node)}: {why}{reason}"
        if len(apart) > self._rows_max:
            yield "  " + _("and {n} more; --all names all").format(n=len(apart) - self._rows_max)

    def _some(self, names: Sequence[str]) -> str:
        shown = list(names[: self._names_max])
        if len(names) > self._names_max:
            shown.append(_("{n} more").format(n=len(names) - self._names_max))
        return ", ".join(shown)

    def _name(self, node: "NodeId") -> str:
        from drillsim.evaluation.wording import node_name

        return node_name(self._exercise, node)

    def _time(self, at: timedelta | None) -> str:
        if at is None:
            return _NOTHING
        when, start = self._exercise.when(at), self._exercise.start_ex
        return f"{when:%H:%M}" if when.date() == start.date() else f"{when:%m-%d %H:%M}"


def _expected(span: "Span") -> str:
    if span.least == span.most:
        return str(span.median)
    return _("{n} expected ({least} to {most})").format(
        n=span.median, least=span.least, most=span.most
    )
