"""What a command is run in that reads much, writes it and ends."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Do not look for garbage in cycles meanwhile.

    A national drill is some millions of objects that all stay until the end; to go through them
    again and again for what could be freed takes a sixth of the time of its report.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
