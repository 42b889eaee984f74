"""`drillsim contacts confirm`: the yearly round after the April transfers."""

import json
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drillsim.i18n import _, language, ngettext
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.files.contacts.confirming import Proposal
    from drillsim.files.tree_file import LoadedTree
    from drillsim.reports.confirmations import Round

_ALL, _UNCHANGED = "all", "unchanged"


@click.command(
    "confirm",
    help=_(
        "Let every body in the contact tree FILE confirm its own entry, once a year after the "
        "transfers of April.\n\n"
        "Without --from, the round is begun as a drill: each body is sent its own entry and no "
        "other, answers 変更なし or 変更あり, is reminded, and goes on the call list. It is a "
        "rehearsal with simulated people who sometimes report changes. Where the shipped scenario "
        "does not fit FILE, one that does is written to scenarios/, to be edited there.\n\n"
        "With --from DRILL, the answers are shown as changes of FILE: on a screen, where one key "
        "accepts them, or as a list. What is accepted is written to FILE with the day of the "
        "answer as verified. The answers of a rehearsal are made up: they go to a copy (-o) alone."
        "\n\n"
        "Exit code: 0, or 1 if bodies are left that have not answered or must be asked."
    ),
)
@click.argument("file", metavar=_("FILE"))
@click.option("--from", "drill", metavar=_("DRILL"), help=_("The drill whose answers to take."))
@click.option(
    "--accept",
    "accepted",
    metavar="all|unchanged|ID",
    multiple=True,
    help=_("Accept these answers without the screen; several times."),
)
@click.option("--list", "as_list", is_flag=True, help=_("Print the answers; write nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
@click.option(
    "-o",
    "--output",
    metavar=_("COPY"),
    type=click.Path(path_type=Path),
    help=_("Write what is accepted to this copy, not to FILE."),
)
@click.option("--scenario", metavar=_("SCENARIO"), help=_("Another scenario for the round."))
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help=_("What makes the rehearsal repeatable.")
)
@click.option(
    "--speed", metavar="max|N", help=_("Drill seconds per second; max: as fast as can be.")
)
@click.option("--headless", is_flag=True, help=_("Without the control room."))
@click.option("--out", metavar=_("FILE"), help=_("Where to keep the drill; else in ./drills."))
def command(
    file: str,
    drill: str | None,
    accepted: tuple[str, ...],
    as_list: bool,
    as_json: bool,
    output: Path | None,
    scenario: str | None,
    seed: int | None,
    speed: str | None,
    headless: bool,
    out: str | None,
) -> ExitCode:
    """Begin a round, or take its answers."""
    from drillsim.files.tree_file import load_tree

    loaded = load_tree(file)
    if drill is not None:
        return _take_answers(loaded, drill, accepted, output, as_list=as_list, as_json=as_json)
    if accepted or as_list or output:
        raise UsageError(_("name the round whose answers to take: --from DRILL"))
    return _begin(loaded, scenario, seed, speed, out, headless=headless, as_json=as_json)


# The round ----------------------------------------------------------------------------------------


def _begin(
    loaded: "LoadedTree",
    scenario: str | None,
    seed: int | None,
    speed: str | None,
    out: str | None,
    *,
    headless: bool,
    as_json: bool,
) -> ExitCode:
    from drillsim.cli.run import CONTROL_ROOM_SPEED, run_headless, run_watched, speed_of

    chosen = scenario if scenario is not None else _scenario_for(loaded)
    pace = speed_of(speed, "max" if headless or as_json else CONTROL_ROOM_SPEED * 60)
    number = secrets.randbelow(2**31) if seed is None else seed
    path = Path(out) if out else None
    contacts = str(loaded.path)
    if headless or as_json:
        code = run_headless(chosen, contacts, number, pace, path, (), as_json=as_json)
    else:
        code = run_watched(chosen, contacts, number, pace, path, ())
    click.echo(
        _("The answers: drillsim contacts confirm {file} --from {drill}").format(
            file=clean_line(contacts), drill=clean_line(str(path)) if path else "latest"
        ),
        err=True,
    )
    return code


def _scenario_for(loaded: "LoadedTree") -> str:
    """Return the scenario of a round on a tree; one that fits it is written if need be."""
    from drillsim.files.contacts.round_scenario import SHIPPED, fits, fitted
    from drillsim.files.places import find
    from drillsim.files.saving import write_whole
    from drillsim.files.yaml_reader import read_bytes, read_document

    place = find(SHIPPED, "scenarios")
    document = read_document(read_bytes(place, SHIPPED), SHIPPED)
    if fits(document, loaded.tree):
        return SHIPPED
    assert loaded.path is not None
    target = Path("scenarios") / f"{SHIPPED}-{loaded.path.stem}.yaml"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        text = fitted(document, loaded.tree, loaded.path, target)
        write_whole(target, text.encode(), replace=False)
        click.echo(
            _("written: {path}; its texts can be edited there").format(path=target), err=True
        )
    return str(target)


# Its answers --------------------------------------------------------------------------------------


def _take_answers(
    loaded: "LoadedTree",
    drill: str,
    accepted: Sequence[str],
    output: Path | None,
    *,
    as_list: bool,
    as_json: bool,
) -> ExitCode:
    from drillsim.files.contacts.confirming import proposals
    from drillsim.files.contacts.document import ContactDocument
    from drillsim.journal import JournalReader
    from drillsim.journal.folder import find_drill
    from drillsim.reports.confirmations import read_round

    with JournalReader(find_drill(drill)) as reader:
        found = read_round(reader)
    document = ContactDocument.parse(loaded.data, loaded.document.name)
    offered = proposals(document, found.form, found.answers)
    if accepted:
        _refuse_rehearsal(found, output)
        _accept(document, offered, accepted, output or _path(loaded), loaded, output is not None)
    elif as_list or as_json or not (sys.stdout.isatty() and sys.stdin.isatty()):
        if as_json:
            click.echo(json.dumps(_as_json(found, offered), ensure_ascii=False, indent=2))
        else:
            for line in round_lines(found, offered):
                click.echo(line)
    else:
        _refuse_rehearsal(found, output)
        from drillsim.tui.app import open_screen
        from drillsim.tui.screens.bodies import ConfirmScreen

        target = output or _path(loaded)
        screen = ConfirmScreen(
            _title(found, target), document, offered, target, is_copy=output is not None
        )
        open_screen(screen, lang=language())
    is_open = any(not one.is_acceptable for one in offered)
    return ExitCode.FOUND if is_open else ExitCode.DONE


def _path(loaded: "LoadedTree") -> Path:
    assert loaded.path is not None
    return loaded.path


def _title(found: "Round", target: Path) -> str:
    name = clean_line(found.name)
    if found.is_rehearsal:
        return _("{drill}: answers of a rehearsal, written to {path}").format(
            drill=name, path=clean_line(str(target))
        )
    return _("{drill}: answers, written to {path}").format(drill=name, path=clean_line(str(target)))


def _refuse_rehearsal(found: "Round", output: Path | None) -> None:
    if found.is_rehearsal and output is None:
        raise UsageError(
            _("{drill} was a rehearsal, and its answers are made up; write them to a copy: -o COPY")
            .format(drill=found.name)
        )  # fmt: skip


def _accept(
    document: object,
    offered: Sequence["Proposal"],
    words: Sequence[str],
    target: Path,
    loaded: "LoadedTree",
    is_copy: bool,
) -> None:
    from drillsim.files.contacts.confirming import accepted
    from drillsim.files.contacts.document import ContactDocument
    from drillsim.files.saving import write_whole

    assert isinstance(document, ContactDocument)
    chosen = _chosen(offered, words)
    data = accepted(document, chosen)
    write_whole(target, data, expected=None if is_copy else loaded.data)
    text = ngettext("{n} body accepted", "{n} bodies accepted", len(chosen)).format(n=len(chosen))
    said = _("{accepted}; written: {path}").format(accepted=text, path=clean_line(str(target)))
    click.echo(said, err=True)


def _chosen(offered: Sequence["Proposal"], words: Sequence[str]) -> list["Proposal"]:
    by_node = {str(one.node): one for one in offered}
    nodes: dict[str, None] = {}
    for word in words:
        if word == _ALL:
            nodes |= dict.fromkeys(n for n, one in by_node.items() if one.is_acceptable)
        elif word == _UNCHANGED:
            nodes |= dict.fromkeys(n for n, one in by_node.items() if one.state == "unchanged")
        elif word not in by_node:
            raise UsageError(
                _("no body {word} was asked; write all, unchanged, or an id").format(
                    word=clean_line(word)
                )
            )
        elif not by_node[word].is_acceptable:
            raise UsageError(
                _("the answer of {word} cannot be accepted; look at --list").format(word=word)
            )
        else:
            nodes[word] = None
    return [by_node[node] for node in nodes]


def round_lines(found: "Round", offered: Sequence["Proposal"]) -> Iterator[str]:
    """Yield the answers body by body, and who is to be telephoned."""
    from drillsim.files.contacts.change_lines import body_lines
    from drillsim.tui.views.bodies import STATES

    yield clean_line(found.name) + (" " + _("(rehearsal: made up)") if found.is_rehearsal else "")
    counts: dict[str, int] = {}
    for one in offered:
        counts[one.state] = counts.get(one.state, 0) + 1
    yield "  ".join(f"{_(STATES[state][0])} {n}" for state, n in counts.items())  # type: ignore[index]
    for one in offered:
        yield clean_line(f"@@ {one.node} {one.name}: {_(STATES[one.state][0])}")
        if one.changes is not None:
            yield from body_lines(one.changes)
        for fault in one.faults:
            yield clean_line("! " + _("cannot be taken: {fault}").format(fault=fault))
        if one.remarks:
            yield clean_line("# " + one.remarks)
    calls = [one.name for one in offered if not one.is_acceptable]
    if calls:
        yield ""
        yield clean_line(_("Ask by telephone: {names}").format(names=", ".join(calls)))


def _as_json(found: "Round", offered: Sequence["Proposal"]) -> dict[str, object]:
    from drillsim.cli.contacts_diff import body_json

    return {
        "drill": found.name,
        "rehearsal": found.is_rehearsal,
        "bodies": [
            {
                "node": one.node,
                "name": one.name,
                "state": one.state,
                "by": one.answer.by,
                "day": one.answer.day.isoformat() if one.answer.day is not None else None,
                "answers": dict(one.answer.lines),
                "changes": body_json(one.changes) if one.changes is not None else None,
                "faults": list(one.faults),
                "acceptable": one.is_acceptable,
                "reminders": one.answer.reminders,
                "on_call_list": one.answer.on_call_list,
            }
            for one in offered
        ],
    }
