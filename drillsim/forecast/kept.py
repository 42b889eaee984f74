"""The forecast that is kept in a drill's file when it begins."""

from datetime import timedelta
from typing import Final

from drillsim.drill.exercise import Exercise
from drillsim.evaluation.foreseen import Foreseen, ForeseenTier
from drillsim.forecast.counting import tally_of
from drillsim.forecast.draws import seeds_of_runs
from drillsim.forecast.engine import Job
from drillsim.forecast.outlook import Outlook
from drillsim.forecast.rehearsals import rehearse
from drillsim.forecast.setting import Setting
from drillsim.forecast.story import unfit_because

SEED: Final = 1
_RUNS: Final = 400
_ELEMENTS: Final = 250_000
"""Notices times runs: some tenths of a second."""
_RUNS_LEAST: Final = 40
_RUNS_WHOLE: Final = 20
"""Where every run is rehearsed one by one."""


def foreseen(exercise: Exercise, seed: int = SEED) -> Foreseen:
    """Compute what is to be expected of a drill, by fewer runs than `drillsim forecast` takes."""
    notices = max(Job(exercise, seed, 1).notices, 1)
    runs = max(min(_RUNS, _ELEMENTS // notices), _RUNS_LEAST)
    setting = Setting(exercise)
    if unfit_because(setting) is not None:
        runs = _RUNS_WHOLE
    outlook = Outlook(exercise, seed, tally_of(rehearse(setting, seeds_of_runs(seed, 0, runs))))
    tiers = []
    for inject, kind in outlook.tally.marks:
        times = outlook.steps((inject, kind))
        points = list(zip(times, outlook.shares((inject, kind), times), strict=True))
        tiers.append(
            ForeseenTier(
                inject=inject,
                kind=kind,
                of=outlook.tally.scope[(inject, kind)],
                at_ms=tuple(at // timedelta(milliseconds=1) for at, _shares in points),
                sure=tuple(round(shares[0], 3) for _at, shares in points),
                middle=tuple(round(shares[1], 3) for _at, shares in points),
                rare=tuple(round(shares[2], 3) for _at, shares in points),
            )
        )
    return Foreseen(runs=runs, seed=seed, tiers=tuple(tiers))
