"""Parts of large arrays that fit into a processor's cache: passes over them cost least there."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from drillsim.forecast.draws import Flags, Rows

ELEMENTS: Final = 32_768
"""So many elements of an array are gone through at once."""


def tiles(count: int, width: int) -> Iterator[slice]:
    """Yield the rows of an array of `count` rows of `width` elements in parts."""
    size = max(ELEMENTS // max(width, 1), 1)
    for first in range(0, count, size):
        yield slice(first, min(first + size, count))


def places_of(flags: Flags) -> tuple[Rows, Rows]:
    """Return rows and columns of what is flagged: `np.nonzero` takes long for two axes."""
    flat = np.flatnonzero(flags)
    rows = flat // flags.shape[1]
    return rows, flat - rows * flags.shape[1]
