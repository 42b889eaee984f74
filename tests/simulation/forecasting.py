"""Random exercises with every feature switched on and off, and both ways of rehearsing them.

`by_kernel` plays each run with the pure kernel, `by_director` with the director, over SMTP and into
a journal; `differences` and `other_ends` list where a forecast tells another time, officer or final
state. `python -m tests.simulation.forecasting 1000` looks further, and with `--director` so does
the director.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from drillsim.drill.board import Board
from drillsim.drill.calendar import Calendar
from drillsim.drill.durations import to_ms
from drillsim.drill.exercise import Exercise
from drillsim.drill.preset import Preset
from drillsim.drill.scenario import Scenario
from drillsim.files.scenario_file import CONTACTS, SCENARIO, LoadedScenario
from drillsim.forecast.draws import Bits, seeds_of_runs
from drillsim.forecast.notice import TIMES, NoticeRuns
from drillsim.forecast.rehearsals import Rehearsals, rehearse
from drillsim.forecast.setting import Setting
from drillsim.forecast.stamps import NEVER
from drillsim.forecast.whole import play_whole, take_whole
from tests import examples
from tests.simulation.rehearsing import rehearse as conduct

RATES = (
    "no-answer",
    "away",
    "absence-notice",
    "dead-address",
    "reply-all",
    "answer-twice",
    "old-thread",
    "unlisted-colleague",
    "one-mail-to-all",
    "child-left-out",
    "unsure",
    "unexpected",
    "report-forgotten",
)
OF_WORDS = ("fact-lost", "fact-changed", "by-sheet", "unreadable-file")
BY_KIND = ("no-answer", "away", "absence-notice", "dead-address", "report-forgotten")
FACTS = {"place": "架空のセンター", "since": "9時40分"}
PRESETS = (
    "announced-office-hours",
    "announced-office-hours",
    "unannounced-evening",
    "unannounced-weekend",
)
FAULTS = ("defer", "refuse", "unknown-address", "mailbox-full", "drop", "delay")
_DAY = (timedelta(hours=-1.5), timedelta(hours=7.25))
CALENDAR = Calendar(tuple((_DAY[0] + timedelta(n), _DAY[1] + timedelta(n)) for n in range(6)))


def random_exercise(number: int) -> Exercise:
    """Return the exercise of this number: tree, scenario, people and faults by chance."""
    chance, more = Random(f"forecast {number}"), Random(f"forecast {number} and more")
    tree = _tree(chance)
    nodes = [node.id for node in tree.nodes]
    injects = [_inject(chance, name) for name in ("first", "second", "last")]
    people = _people(chance, nodes)
    faults = [_fault(chance, nodes) for _ in range(chance.randrange(6))]
    phases = _phases(chance)
    settings = {
        "window": chance.choice(("90m", "4h", "4h", "9h", "2d")),
        "hours": chance.choice(("office", "off-hours")),
        "keep_open": chance.choice(("0s", "1h")),
    }
    _say_facts(more, injects, people)
    story = examples.scenario(
        injects=[*injects, *_from_below(more, injects, nodes), _by_operator(injects[0])],
        people=people,
        faults=faults,
        phases=phases,
        facts=FACTS,
        participants=_participants(more, nodes),
        mail=more.choice(({}, {}, {"html": "true"}, {"charset": "iso-2022-jp"})),
        **settings,
    )
    return examples.exercise(tree, _from_preset_file(more, story), CALENDAR)


def _from_preset_file(chance: Random, story: Scenario) -> Scenario:
    """Sometimes let the people be those of a preset file, with habits by the kind of body."""
    if chance.random() < 0.7:
        return story
    kinds = {
        kind: {
            "acknowledge": {"median": _minutes(chance, 2, 12), "sigma": "0.8"},
            "pass-on": {"median": _minutes(chance, 1, 8), "sigma": "0.5"},
            "report": {"median": _minutes(chance, 4, 9), "sigma": "0.7"},
            **{rate: f"{chance.choice((0, 10, 30))}%" for rate in BY_KIND},
        }
        for kind in ("prefecture", "municipality")
        if chance.random() < 0.8
    }
    preset = Preset.model_validate(
        {
            "format": "drillsim-people/1",
            "title": "架空の過去の訓練",
            "based-on": chance.choice(PRESETS),
            "all": {"away": "6%"},
            "kinds": kinds,
        }
    )
    unsaid = dict.fromkeys(rate.replace("-", "_") for rate in BY_KIND if chance.random() < 0.7)
    people = story.people.model_copy(update={"preset": "learnt.yaml", **unsaid})
    return story.model_copy(update={"people": people.with_preset_file(preset)})


def _say_facts(chance: Random, injects: list[dict[str, Any]], people: dict[str, Any]) -> None:
    """Let texts tell facts, some offices get them wrong, and reports come in files."""
    often = chance.choice((0, 0, 20, 50))
    people |= {rate: f"{chance.choice((0, often))}%" for rate in OF_WORDS}
    for inject in injects:
        inject["body"] += " {{ place }}、{{ since }}"
        if "report" in inject:
            inject["report"]["sheet"] = chance.choice(("false", "true"))
    for node in people["nodes"].values():
        if chance.random() < 0.3:
            node["tells"] = {"since": chance.choice(("9時50分", ""))}
        if chance.random() < 0.3:
            node["answers"] = {"terminals": chance.choice(("0", "2"))}


def _from_below(
    chance: Random, injects: list[dict[str, Any]], nodes: list[str]
) -> Iterator[dict[str, Any]]:
    """Sometimes let the last message go up from the last body instead."""
    if chance.random() < 0.25:
        last = injects.pop() | {"from": nodes[-1], "to": "parent"}
        if "pass-on" in last:
            last["pass-on"] = {"to": "parent", "within": "30m"}
        if "report" in last:  # Collecting goes by the children, and these did not get it.
            collecting = ("collect", "cut-off", "partial")
            last["report"] = {k: v for k, v in last["report"].items() if k not in collecting}
        yield last


def _by_operator(like: dict[str, Any]) -> dict[str, Any]:
    return like | {"id": "rumour", "contingency": "true"}


def _participants(chance: Random, nodes: list[str]) -> dict[str, Any]:
    absent = [node for node in nodes[1:] if chance.random() < 0.15]
    if chance.random() < 0.6 or len(absent) == len(nodes) - 1:
        return {}
    return {"default": "all", "except": dict.fromkeys(absent, "システム更新のため")}


def _tree(chance: Random) -> Any:
    widths = chance.choice(((1, 3), (2, 2), (1, 4), (1, 2, 2), (3,)))
    plain = examples.tree(widths, count=1)
    changes: dict[str, dict[str, Any]] = {}
    for node in plain.nodes:
        officers = examples.officers(node.id, chance.choice((1, 2, 2, 3)))
        office: dict[str, Any] = {"officers": officers}
        if chance.random() < 0.4:
            office["mailbox"] = f"office@{node.id}.example"
        for officer in officers:
            kind = chance.random()
            if kind < 0.1 or (kind < 0.3 and "mailbox" in office):
                del officer["email"]
            elif kind < 0.35:
                officer["email"] = officers[0].get("email", officer["email"])
        if chance.random() < 0.3:
            office["duty-desk"] = {"name": "宿直", "phone": "000-000-0000"}
        changes[node.id] = office
    return examples.tree(widths, changes=changes)


def _minutes(chance: Random, *some: int) -> str:
    return f"{chance.choice(some)}m"


def _inject(chance: Random, name: str) -> dict[str, Any]:
    inject = {key: examples.INJECT[key] for key in ("from", "subject", "body")} | {"id": name}
    inject["to"] = chance.choice(
        ({"kind": "prefecture"}, {"kind": "prefecture"}, "children", "all")
    )
    if chance.random() < 0.85:
        asks: dict[str, Any] = {"within": "15m"}
        asks["remind"] = chance.choice(([], ["10m"], ["10m", "20m"], ["5m", "20m", "40m"]))
        for key, often in (("stand-in-after", 0.8), ("call-after", 0.5), ("give-up-after", 0.5)):
            if chance.random() < often:
                asks[key] = _minutes(chance, 8, 20, 25, 40)
        inject["acknowledge"] = asks
    if chance.random() < 0.8:
        inject["pass-on"] = {"to": "children", "within": "30m"}
    if chance.random() < 0.8:
        report: dict[str, Any] = {"within": "60m", "form": "status"}
        report["remind"] = chance.choice(([], ["15m"], ["15m", "45m"], ["1bd"]))
        if chance.random() < 0.7:
            report["collect"] = "children"
            report["partial"] = chance.choice(("allowed", "allowed", "refused"))
            if chance.random() < 0.8:
                report["cut-off"] = _minutes(chance, 20, 45, 90)
        inject["report"] = report
    return inject


def _people(chance: Random, nodes: list[str]) -> dict[str, Any]:
    people: dict[str, Any] = {"preset": chance.choice(PRESETS)}
    if chance.random() < 0.3:
        people["acknowledge"] = {"median": _minutes(chance, 1, 20), "sigma": "1.0"}
    if chance.random() < 0.3:
        people["transit"] = {"median": chance.choice(("5s", "3m")), "sigma": "1.0"}
    if chance.random() < 0.3:
        people["pass-on"] = {"median": chance.choice(("5s", "30m")), "sigma": "1.0"}
    people["hours"] = chance.choice(("any", "any", "office"))
    often = chance.choice((0, 5, 20))
    people |= {rate: f"{chance.choice((0, often, 3 * often // 2))}%" for rate in RATES}
    if chance.random() < 0.5:
        people["telephone"] = {"answered": "40%", "message": "25%", "voicemail": "6%"}
    people["nodes"] = {
        node: {
            chance.choice(("absent", "silent", "dead")): [chance.choice((1, 1, 2))],
            "report": {"median": "3m", "sigma": "0.4"},
        }
        for node in nodes[1:]
        if chance.random() < 0.25
    }
    return people


def _fault(chance: Random, nodes: list[str]) -> dict[str, Any]:
    kind = chance.choice(FAULTS)
    begins = chance.randrange(60)
    fault: dict[str, Any] = {"node": chance.choice(nodes), "kind": kind, "from": f"{begins}m"}
    if chance.random() < 0.7:
        fault["until"] = f"{begins + chance.randrange(1, 90)}m"
    if chance.random() < 0.5:
        fault["officer"] = 1
    if kind == "delay":
        fault["by"] = _minutes(chance, 1, 15, 40)
    return fault


def _phases(chance: Random) -> dict[str, Any]:
    share = chance.choice(("50%", "50%", "80%", "100%", "100%"))
    if chance.random() < 0.05:
        share = "0%"
    conditions: list[dict[str, Any]] = [
        {"acknowledged": "first", "share": share},
        {"reported": "first", "share": share},
        {"passed-on": "first"},
        {"answer": "first.terminals", "at-least": "1"},
        {"answer": "first.line-cut", "is": "確認中"},
        {"acknowledged": "second", "of": "municipality", "share": share},
    ]
    chance.shuffle(conditions)
    elapsed = {"elapsed": _minutes(chance, 20, 45, 100)}
    sends: list[Any] = ["first"]
    if chance.random() < 0.6:
        sends.append({"inject": "second", "after": _minutes(chance, 5, 30)})
    begin = [
        {"when": conditions[0], "to": "middle"},
        {"when": conditions[1], "to": chance.choice(("middle", "end"))},
        {"when": elapsed, "to": "middle"},
    ]
    end = {"when": {"acknowledged": "last", "share": share}, "to": "over"}
    return {
        "initial": "begin",
        "states": {
            "begin": {"send": sends, "next": begin[chance.randrange(3) :]},
            "middle": {
                "send": ["second"],
                "next": [
                    {"when": {"reported": "second", "share": share}, "to": "end"},
                    {"when": elapsed, "to": chance.choice(("end", "over"))},
                ],
            },
            "end": {"send": ["last"], "next": [end, {"when": {"elapsed": "1h"}, "to": "over"}]},
            "over": {"final": "true"},
        },
    }


Way = Callable[[Rehearsals, int], Board]
"""Plays one run (by its number) of an exercise whole, and returns how it ended."""


def by_director(folder: Path, found: Rehearsals, row: int) -> Board:
    """Conduct one run over real mail; its journal is kept in `folder`."""
    exercise = found.setting.exercise
    given = LoadedScenario(
        scenario=exercise.scenario,
        tree=exercise.tree,
        calendar=exercise.calendar,
        files={SCENARIO: b"an exercise\n", CONTACTS: b"without files\n"},
        path=None,
        contacts_path=None,
    )
    seed = int(found.seeds[row])
    return conduct(given, seed, folder / f"{seed}.drill").board


def one_by_one(setting: Setting, seeds: Bits, play: Way) -> tuple[Rehearsals, list[Board]]:
    """Play the rehearsals with these seeds, each by itself; return how each ended."""
    count = len(seeds)

    def never() -> Any:
        return np.full(count, NEVER, dtype=np.int64)

    scenario = setting.exercise.scenario
    found = Rehearsals(
        setting=setting,
        seeds=seeds,
        notices=dict(
            zip(setting.notices, NoticeRuns.empty(len(setting.notices), count), strict=True)
        ),
        entered={phase: never() for phase in scenario.phases.states},
        released={inject.id: never() for inject in scenario.injects},
        end=never(),
        is_final=np.zeros(count, dtype=np.bool_),
    )
    boards = [play(found, row) for row in range(count)]
    for row, board in enumerate(boards):
        take_whole(found, row, board)
    for course in found.notices.values():
        course.close(found.end)
    return found, boards


def differences(one: Rehearsals, other: Rehearsals) -> Iterator[str]:
    """Yield every time and final state in which two ways of rehearsing differ."""
    for key, course in one.notices.items():
        for name in (*TIMES, "officer", "by_telephone"):
            yield from _differ(
                f"{key} {name}", getattr(course, name), getattr(other.notices[key], name)
            )
    for phase, times in one.entered.items():
        yield from _differ(f"phase {phase}", times, other.entered[phase])
    for inject, times in one.released.items():
        yield from _differ(f"release of {inject}", times, other.released[inject])
    yield from _differ("end", one.end, other.end)
    yield from _differ("final phase", one.is_final, other.is_final)


def _differ(what: str, these: Any, those: Any) -> Iterator[str]:
    for row in np.flatnonzero(these != those):
        yield f"run {row}: {what}: {these[row]}, not {those[row]}"


def other_ends(forecast: Rehearsals, boards: Sequence[Board]) -> Iterator[str]:
    """Yield every notice that ended in another state, or was complete at another time."""
    for key in forecast.notices:
        states, completed = forecast.state(key), forecast.completed(key)
        for row, board in enumerate(boards):
            record = board.notices.get(key)
            if record is None:
                continue
            at = NEVER if record.completed_at is None else to_ms(record.completed_at)
            if states[row] != record.state or completed[row] != at:
                yield f"run {row}: {key} {states[row]} {completed[row]}, not {record.state} {at}"


def check(setting: Setting, seeds: Bits, play: Way = play_whole) -> tuple[list[str], Rehearsals]:
    """Return where a forecast and the same runs one by one differ: by the kernel, or otherwise."""
    forecast = rehearse(setting, seeds)
    whole, boards = one_by_one(setting, seeds, play)
    return [*differences(forecast, whole), *other_ends(forecast, boards)], forecast


def check_number(number: int, runs: int, *, director: bool) -> tuple[list[str], int, int, int]:
    """Return where the exercise of this number differs, and its runs and notices by the kernel."""
    setting = Setting(random_exercise(number))
    seeds = seeds_of_runs(number, 0, runs)
    if director:
        with TemporaryDirectory() as folder:
            found, forecast = check(setting, seeds, partial(by_director, Path(folder)))
    else:
        found, forecast = check(setting, seeds)
    return found, forecast.whole, forecast.alone, runs * len(forecast.notices)


def main(words: Sequence[str] | None = None) -> int:
    """Compare many exercises, print those that differ, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.forecasting")
    parser.add_argument("exercises", type=int, help="how many random exercises")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first one's number")
    parser.add_argument("--runs", type=int, help="seeds of each: 4, or 1 with --director")
    parser.add_argument("--director", action="store_true", help="by the director, over real mail")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    given = parser.parse_args(words)
    runs = given.runs or (1 if given.director else 4)
    began, failed, whole, alone, notices = time.monotonic(), 0, 0, 0, 0
    numbers = range(given.first, given.first + given.exercises)
    look = partial(check_number, runs=runs, director=given.director)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(given.jobs, mp_context=spawn) as pool:
        for number, told in zip(numbers, pool.map(look, numbers, chunksize=4), strict=True):
            found = told[0]
            whole, alone, notices = whole + told[1], alone + told[2], notices + told[3]
            if found:
                failed += 1
                sys.stdout.write(f"{number}: {len(found)} differ\n")
                sys.stdout.writelines(f"    {line}\n" for line in found[:5])
    sys.stdout.write(
        f"{len(numbers)} exercises against the {'director' if given.director else 'kernel'}, "
        f"{failed} differ; by the kernel in the forecast: {whole} of {len(numbers) * runs} runs, "
        f"{alone} of {notices} notices ({time.monotonic() - began:.0f} s)\n"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
