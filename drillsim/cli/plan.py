"""`drillsim plan`: who would be mailed when, and what to know before a drill is approved."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from drillsim.i18n import _, ngettext
from drillsim.problem import UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.injects import Inject
    from drillsim.drill.tree import NodeId
    from drillsim.reports.plan import Plan, PlannedApart
    from drillsim.world.expectation import Span

RUNS_MAX: Final = 1_001
ROWS_MAX: Final = 60
"""Rows shown of each message without --all; bodies with the same times share one."""
NAMES_MAX: Final = 8
"""Bodies or domains named in one line without --all."""


@click.command(
    "plan",
    help=_(
        "Tell who would be mailed when in SCENARIO, how many mails that makes, and what to know "
        "before it is approved. Nothing is sent.\n\n"
        "What depends on people is the median of rehearsals that are computed without any mail.\n\n"
        "-o packet.docx writes the packet for approval: the plan, every text as it would be sent, "
        "recipients, FAX sheets and what to say on the telephone."
    ),
)
@click.argument("scenario", metavar=_("SCENARIO"))
@click.option("--contacts", metavar=_("FILE"), help=_("Another contact tree than the scenario's."))
@click.option(
    "--runs",
    type=click.IntRange(1, RUNS_MAX),
    help=_("How many rehearsals are computed. Default: 21, or 3 for a large drill."),
)
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Write the packet for approval to this new .docx file."),
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help=_("Print the references of the rehearsal with this seed into the packet."),
)
@click.option(
    "--redact", is_flag=True, help=_("Name bodies alone in the packet: no people, no addresses.")
)
@click.option("--all", "show_all", is_flag=True, help=_("Name every body."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(
    scenario: str,
    contacts: str | None,
    runs: int | None,
    output: Path | None,
    seed: int | None,
    redact: bool,
    show_all: bool,
    as_json: bool,
) -> None:
    """Print the plan of a drill, or write the packet for approval."""
    from drillsim.cli.writing import refuse_existing
    from drillsim.files.scenario_file import load_scenario
    from drillsim.reports.plan import Plan

    if output is None and (seed is not None or redact):
        raise UsageError(_("--seed and --redact are for the packet; name its file with -o"))
    if output is not None and output.suffix.lower() != ".docx":
        raise UsageError(
            _("{path}: the packet is a Word document; name a file that ends in .docx").format(
                path=clean_line(str(output))
            )
        )
    if output is not None:
        refuse_existing(output)
    plan = Plan(load_scenario(scenario, contacts), runs)
    if output is not None:
        _write_packet(plan, output, seed, redact=redact)
        return
    if as_json:
        loaded = plan.loaded
        data = {"path": str(loaded.path), "contacts": str(loaded.contacts_path), **plan.as_json()}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for line in _Page(plan, show_all=show_all).lines():
        click.echo(line)


def _write_packet(plan: "Plan", path: Path, seed: int | None, *, redact: bool) -> None:
    """Write the packet, and say what to know beforehand."""
    from drillsim.cli.writing import write_new
    from drillsim.reports.packet import packet

    write_new(path, packet(plan, seed=seed, redact=redact), is_private=not redact)
    for line in _Page(plan, show_all=False).to_know():
        click.echo(line, err=True)


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
        yield from self.to_know()

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
        from drillsim.cli.table import table
        from drillsim.drill.kinds import kind_word

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
        from drillsim.cli.table import table
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
        head = [_("phase"), _("level"), _("expected at"), _("in rehearsals"), _("sends")]
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
        from drillsim.cli.table import table
        from drillsim.evaluation.wording import inject_name
        from drillsim.reports.plan_rows import plan_table

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
        found = plan_table(exercise, timetables, each_apart=self._show_all)
        if found.rows:
            yield from table(found.head, found.rows[: self._rows_max])
        if len(found.rows) > self._rows_max:
            yield _("and {n} more; --all names all").format(n=len(found.rows) - self._rows_max)

    def to_know(self) -> Iterator[str]:
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
        from drillsim.reports.plan_rows import plan_time

        return plan_time(self._exercise, at)


def _expected(span: "Span") -> str:
    if span.least == span.most:
        return str(span.median)
    return _("{n} expected ({least} to {most})").format(
        n=span.median, least=span.least, most=span.most
    )
