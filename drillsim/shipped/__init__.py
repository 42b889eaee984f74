"""The files that come with the program and that users copy and edit.

In the repository they lie at its top (`scenarios/`, `contacts/`, `schemas/`), where a reader
looks for them. In an installed program they lie inside this package.
"""

from importlib import resources
from pathlib import Path
from typing import Literal, TypeAlias

Shelf: TypeAlias = Literal["scenarios", "contacts", "schemas"]


def shipped_dir(shelf: Shelf) -> Path:
    """Return the directory of the shipped scenarios, contact trees or JSON Schemas.

    It may lie where users cannot write: to edit a file, copy it (`drillsim init`).

    Raises:
        FileNotFoundError: the program is installed without them.
    """
    inside = Path(str(resources.files("drillsim"))) / "shipped" / shelf
    beside = inside.parents[2] / shelf
    for directory in inside, beside:
        if directory.is_dir():
            return directory
    raise FileNotFoundError(f"neither {inside} nor {beside}")
