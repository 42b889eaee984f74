"""What holds for all tests: chance is repeatable, and everything is said in English."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from drillsim.i18n import set_language

settings.register_profile(
    "ci",
    derandomize=True,  # The same examples on every machine: a red build is about the change.
    deadline=None,  # Machines that build are slow at times.
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Begin and leave every test in English, whatever the environment says."""
    set_language("en")
    yield
    set_language("en")
