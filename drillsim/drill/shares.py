"""Shares as users write them: `90%`, never a bare number, which may mean 90 or 0.9."""

import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from drillsim.drill.model import Unfit
from drillsim.i18n import _

_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def _share(value: Any) -> Any:
    if isinstance(value, Fraction):
        return value
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if _NUMBER.fullmatch(text):
        raise Unfit(
            _("{value} has no %").format(value=text), _("write {value}%").format(value=text)
        )
    if not text.endswith("%") or not _NUMBER.fullmatch(text[:-1].strip()):
        raise Unfit(_("{value} is no share").format(value=text or '""'), _("write it as 90%"))
    share = Fraction(text[:-1].strip()) / 100
    if share > 1:
        raise Unfit(_("{value} is more than all").format(value=text), _("write 100% or less"))
    return share


def _show_share(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


Share = Annotated[
    Fraction,
    BeforeValidator(_share),
    PlainSerializer(_show_share, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?\s*%$", "examples": ["90%"]}),
]
