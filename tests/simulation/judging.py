"""Whether a drill with troubles ended as the same drill without them; the whole trial of a seed."""

import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from drillsim.drill.board import fold
from drillsim.drill.events import encode
from drillsim.drill.machines import FINAL
from drillsim.evaluation.evaluation import evaluate
from drillsim.journal import JournalReader, verify
from tests.simulation.rehearsing import digest_of, events_of
from tests.simulation.troubled import Life, given_by, live
from tests.simulation.troubles import Plan, plan_of, shrunk


def ended_well(plan: Plan, life: Life, path: Path, reference: Path) -> Iterator[str]:
    """Yield what is not as in the same drill without troubles."""
    given = given_by(plan)
    yield from (f"verify: {fault.message}" for fault in verify(path).faults)
    with JournalReader(path) as reader:
        if not reader.is_sealed:
            yield "the journal is not sealed"
        names = [envelope.hash for envelope in reader.envelopes()]
        again = [r.data["mails_again"] for r in reader.records() if r.kind == "resumed"]
    events, expected = events_of(path), events_of(reference)
    if events != expected:
        at = next(
            (n for n, pair in enumerate(zip(events, expected, strict=False)) if pair[0] != pair[1]),
            min(len(events), len(expected)),
        )
        for who, log in (("with", events), ("without", expected)):
            shown = encode(log[at]) if at < len(log) else "nothing more"
            yield f"{who} troubles, event {at} is {shown}"
    if digest_of(path) != digest_of(reference):
        yield "another digest than without troubles"
    board = fold(given.exercise, events)
    yield from (
        f"{key} is left {n.state}" for key, n in board.notices.items() if n.state not in FINAL
    )
    if life.outcome is not None and life.outcome.board != board:
        yield "the board of the run that ended is not the fold of its events"
    scores = [evaluate(given.exercise, log).score for log in (events, expected)]
    if scores[0] != scores[1]:
        yield f"the score is {scores[0].total}, not {scores[1].total}"
    if len(again) != life.resumed:
        yield f"{len(again)} runs are marked as resumed, of {life.resumed}"
    yield from _kept_twice(names, reference)


def _kept_twice(names: list[str], reference: Path) -> Iterator[str]:
    """Yield whether a mail's envelope is in the journal more often than it was written."""
    with JournalReader(reference) as reader:
        usual = [envelope.hash for envelope in reader.envelopes()]
    more = {name for name in names if names.count(name) > usual.count(name)}
    if more:
        yield f"{len(more)} mails were kept more often than without troubles"


def faults_of(plan: Plan, folder: Path) -> list[str]:
    """Return what a plan's drill breaks: [] if it ends as it must."""
    path, reference = folder / "troubled.drill", folder / "quiet.drill"
    for each in folder.iterdir():
        each.unlink()
    quiet = live(replace(plan, troubles=()), reference)
    if quiet.broken:
        return [f"without troubles: {fault}" for fault in quiet.broken]
    life = live(plan, path)
    return [*life.broken, *(ended_well(plan, life, path, reference) if life.outcome else ())]


def tried(seed: int, names: tuple[str, ...]) -> tuple[Plan, list[str], list[str]]:
    """Return the plan of a seed, made smaller if it fails; what it breaks; what it was made of."""
    with TemporaryDirectory() as place:
        folder = Path(place)

        def breaks(plan: Plan) -> list[str]:
            try:
                return faults_of(plan, folder)
            except Exception:  # noqa: BLE001 - whatever is raised is the finding
                return [traceback.format_exc()]

        plan = plan_of(seed, names)
        faults = breaks(plan)
        if faults:
            plan = shrunk(plan, lambda smaller: bool(breaks(smaller)))
            faults = breaks(plan) or faults
    kinds = [*(t.kind for t in plan.troubles), *(f"order {o.what}" for o in plan.orders)]
    return plan, faults, kinds
