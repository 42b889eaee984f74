"""Ids of nodes that have no code: made of their names, so that people know them again."""

import re
from collections.abc import Container

_UNFIT = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u206f!-,/:-@\[-^`{-~]+")
"""What no id holds (`drillsim.drill.model.NAME`)."""
_LENGTH_MAX = 60


def free_id(name: str, taken: Container[str]) -> str:
    """Return an id for a body called `name` that is not in `taken`."""
    stem = _UNFIT.sub("", name).lstrip(".")[:_LENGTH_MAX] or "body"
    wanted, number = stem, 1
    while wanted in taken:
        number += 1
        wanted = f"{stem}-{number}"
    return wanted
