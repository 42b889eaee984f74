"""A drill whose disk fails stops with one line, and is resumed; `make soak` tries every write."""

import subprocess
from functools import cache

import pytest

from tests.simulation.failing_disk import STRACE, Fault, reference, what_breaks


@cache
def can_trace() -> bool:
    if STRACE is None:
        return False
    return subprocess.run([STRACE, "-q", "true"], capture_output=True, check=False).returncode == 0


@cache
def digest() -> str:
    return reference()[0]


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        # A lock that cannot name its process holds all the same.
        (Fault("write", "EIO", 1, lasts=True), {0}),
        (Fault("pwrite64", "ENOSPC", 2, lasts=True), {3}),
        (Fault("pwrite64", "ENOSPC", 200, lasts=True), {3}),
        (Fault("pwrite64", "EIO", 300, lasts=False), {3}),
        (Fault("openat", "EACCES", 2, lasts=True), {2, 3}),
    ],
    ids=str,
)
def test_a_drill_whose_disk_fails_loses_nothing(fault: Fault, codes: set[int]) -> None:
    if not can_trace():
        pytest.skip("strace is missing, or processes may not be traced here")
    end, broken = what_breaks(fault, digest())
    assert broken == []
    assert end in {f"exit {code}" for code in codes}
