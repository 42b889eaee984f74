"""The local public bodies of Japan: 47 prefectures, 1,741 municipalities, with their codes.

The data file is made by `tools/make_bodies.py`. Key by code, never by name: 25 names of
municipalities occur in more than one prefecture (伊達市, 府中市).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

BodyKind: TypeAlias = Literal["prefecture", "city", "town", "village", "special-ward"]


@dataclass(frozen=True, slots=True)
class Body:
    """One body; `prefecture` is the code of the prefecture it lies in, a prefecture's its own."""

    code: str
    prefecture: str
    name: str
    kana: str
    kind: BodyKind

    @property
    def is_prefecture(self) -> bool:
        """Whether it is a prefecture, not a municipality."""
        return self.kind == "prefecture"


@cache
def load_bodies() -> Mapping[str, Body]:
    """Return all 1,788 bodies by code, in the order of codes: each prefecture before its own."""
    file = resources.files("drillsim") / "data" / "bodies.csv"
    lines = file.read_text("utf-8").splitlines()
    bodies = [
        Body(
            row["code"],
            row["prefecture"],
            row["name"],
            row["kana"],
            cast(BodyKind, row["kind"]),
        )
        for row in csv.DictReader(lines)
    ]
    return MappingProxyType({body.code: body for body in bodies})


def by_code(code: str) -> Body | None:
    """Return the body with the six-digit `code`, None where there is none."""
    return load_bodies().get(code)


def prefectures() -> tuple[Body, ...]:
    """Return the 47 prefectures in the order of their codes."""
    return tuple(body for body in load_bodies().values() if body.is_prefecture)


def municipalities(prefecture: str | None = None) -> tuple[Body, ...]:
    """Return the municipalities of the prefecture with that six-digit code; of all with None.

    In the order of codes; none for a code that is no prefecture's.
    """
    return tuple(
        body
        for body in load_bodies().values()
        if not body.is_prefecture and prefecture in {None, body.prefecture}
    )
