"""Sizes of mails as users write them: `5MB`, `500KB`, never a bare number.

A megabyte is 1,000,000 bytes, as mail servers announce it (RFC 1870).
"""

import re
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from drillsim.drill.model import Unfit
from drillsim.i18n import _

SIZE_MIN_BYTES: Final = 1_000_000
"""The longest text of a drill fits into it; a smaller limit would refuse the drill's own mails."""
SIZE_MAX_BYTES: Final = 50_000_000

_UNITS: Final = {"KB": 1_000, "MB": 1_000_000}
_SIZE = re.compile(r"([0-9]{1,9})\s?([KM]B)", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Return the bytes that `text` names, such as `5MB`.

    Raises:
        Unfit: there is no unit, an unknown one, or the size is not between 1 and 50 MB.
    """
    text = text.strip()
    if text.isascii() and text.isdecimal():
        raise Unfit(
            _("{value} has no unit").format(value=text),
            _("write it with its unit, as 5MB"),
        )
    found = _SIZE.fullmatch(text)
    if found is None:
        raise Unfit(
            _("{value} is no size").format(value=text or '""'),
            _("write it with its unit, as 5MB"),
        )
    size = int(found[1]) * _UNITS[found[2].upper()]
    if not SIZE_MIN_BYTES <= size <= SIZE_MAX_BYTES:
        raise Unfit(
            _("{value} is not between 1MB and 50MB").format(value=text),
            _("write another size, as 5MB"),
        )
    return size


def format_size(size_bytes: int) -> str:
    """Return a size as it is written in a scenario; the inverse of `parse_size`."""
    if size_bytes % _UNITS["MB"] == 0:
        return f"{size_bytes // _UNITS['MB']}MB"
    return f"{size_bytes // _UNITS['KB']}KB"


def _size(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return parse_size(value if isinstance(value, str) else "")


SizeBytes = Annotated[
    int,
    BeforeValidator(_size),
    PlainSerializer(format_size, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]{1,9}\s?[KkMm][Bb]$", "examples": ["5MB"]}
    ),
]
