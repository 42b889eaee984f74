"""Counts of many runs add up however they are cut, and quantiles come from them."""

import threading
from datetime import timedelta

import numpy as np
import pytest

from drillsim.drill.durations import to_ms
from drillsim.drill.injects import InjectId
from drillsim.drill.tree import NodeId
from drillsim.forecast import engine
from drillsim.forecast.counting import tally_of
from drillsim.forecast.draws import seeds_of_runs
from drillsim.forecast.engine import Job, compute
from drillsim.forecast.outlook import Outlook
from drillsim.forecast.rehearsals import rehearse
from drillsim.forecast.setting import Setting
from drillsim.forecast.tally import BINS, MARKS, Tally, bin_length, quantile, share_by
from tests import examples
from tests.simulation.drills import shipped


def _parts(*ends: int) -> Tally:
    setting = Setting(shipped("r5-terminal-failure"))
    whole = Tally(bin_ms=bin_length(setting))
    first = 0
    for end in ends:
        whole.add(tally_of(rehearse(setting, seeds_of_runs(5, first, end))))
        first = end
    return whole


def test_the_digest_is_the_same_however_the_runs_are_cut() -> None:
    assert _parts(120).digest == _parts(7, 60, 61, 120).digest
    assert _parts(120).digest != _parts(119).digest


def test_memory_that_was_used_before_changes_nothing() -> None:
    setting = Setting(shipped("r5-virus-suspicion"))
    before = rehearse(setting, seeds_of_runs(5, 0, 40))
    told = tally_of(rehearse(setting, seeds_of_runs(5, 40, 80))).digest
    again = rehearse(setting, seeds_of_runs(5, 40, 80), before)
    assert again.notices is before.notices, "its place is taken"
    assert tally_of(again).digest == told
    fewer = rehearse(setting, seeds_of_runs(5, 0, 7), again)
    assert tally_of(fewer).digest == tally_of(rehearse(setting, seeds_of_runs(5, 0, 7))).digest


def test_processes_change_nothing() -> None:
    job = Job(shipped("r5-terminal-failure"), 5, 120)
    assert compute(job, workers=2).digest == compute(job, workers=1).digest == _parts(120).digest


def test_tallies_of_different_exercises_are_not_added() -> None:
    with pytest.raises(ValueError, match="different exercises"):
        _parts(3).add(Tally(bin_ms=1))


def test_quantiles_are_upper_edges_of_bins() -> None:
    counts = np.zeros(BINS + 2, dtype=np.int64)
    counts[3], counts[10], counts[BINS + 1] = 5, 4, 1
    assert quantile(counts, 0.5, 1000) == 3000
    assert quantile(counts, 0.51, 1000) == 10_000
    assert quantile(counts, 0.9, 1000) == 10_000
    assert quantile(counts, 0.95, 1000) is None, "one of ten never came"
    assert share_by(counts, 9_999, 1000) == 0.5
    assert share_by(counts, 10_000, 1000) == 0.9


def test_only_a_process_without_other_threads_is_copied() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert engine._context().get_start_method() == "spawn"
    finally:
        done.set()
        thread.join()


def test_marks_count_every_run_and_the_path_ends_in_the_last_answer() -> None:
    setting = Setting(examples.exercise())
    runs = 200
    found = rehearse(setting, seeds_of_runs(3, 0, runs))
    tally = tally_of(found)
    for marks in tally.marks.values():
        assert marks.shape == (len(MARKS), BINS + 2)
        assert (marks.sum(axis=1) == runs).all()
    answered = np.stack([course.acknowledged for course in found.notices.values()])
    last = answered.argmax(axis=0)
    for number, key in enumerate(found.notices):
        on_path, slowest = tally.path[key]
        if key[1] != "n1":
            assert on_path == (last == number).sum()
        assert slowest <= on_path
    assert tally.path[(InjectId("first"), NodeId("n1"))][0] == runs, (
        "every chain leads through the prefecture"
    )
    assert sum(int(slowest) for _path, slowest in tally.path.values()) == runs


def test_the_outlook_tells_when_everybody_has_answered() -> None:
    exercise = examples.exercise()
    setting, runs = Setting(exercise), 500
    found = rehearse(setting, seeds_of_runs(3, 0, runs))
    outlook = Outlook(exercise, 3, tally_of(found))
    key = outlook.main_tier()
    assert key == ("first", "municipality")
    assert key is not None
    tier = outlook.tier(key)
    everybody = next(mark for mark in tier.marks if mark.name == "100%")
    nodes = [NodeId(f"n1-{n}") for n in (1, 2, 3)]
    times = [found.notices[(key[0], node)].acknowledged for node in nodes]
    exact = np.sort(np.maximum.reduce(times))[runs // 2 - 1]
    assert everybody.middle is not None
    assert 0 <= to_ms(everybody.middle) - exact <= outlook.tally.bin_ms
    shares = [middle for _at, (_sure, middle, _rare) in outlook.curve(key, timedelta(hours=2), 50)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
