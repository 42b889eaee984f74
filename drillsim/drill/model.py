"""The base of everything that users write in YAML."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from drillsim.i18n import _


class Unfit(ValueError):
    """A value that does not fit, in users' words: what is wrong, and how to mend it.

    `key` is set where a whole entry was looked at and one of its keys is to blame.
    """

    def __init__(self, message: str, remedy: str, key: str | None = None) -> None:
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy
        self.key = key


def kebab(name: str) -> str:
    """Return the key in a file for a field in code: `stand_in_after` is `stand-in-after`."""
    return name.rstrip("_").replace("_", "-")


class Model(BaseModel):
    """A frozen model with keys as users write them; an unknown key is a fault, not a remark."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=kebab,
        populate_by_name=True,
        str_strip_whitespace=True,
        use_attribute_docstrings=True,
    )


SLUG = r"^[a-z0-9][a-z0-9-]{0,63}$"
"""Ids of scenarios and injects: they stand in file names, tokens and conditions."""

_OTHER = r"\s\u200b-\u200f\u202a-\u202e\u2060-\u206f!-,/:-@\[-^`{-~"
NAME = rf"^[^.{_OTHER}][^{_OTHER}]{{0,63}}$"
"""Ids of nodes and phases: letters of any script, digits, hyphen, dot, underscore."""

FIELD = r"^[a-z][a-z0-9-]{0,39}$"
"""Ids of form fields and names of values in texts."""


def one_or_many(value: Any) -> Any:
    """Take a single text for a list of one."""
    return [value] if isinstance(value, str) else value


Line = Annotated[str, Field(pattern=r"^[^\r\n]*$")]
"""A text of one line, since it may stand in a header of a mail or a row of a table."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?")


def iso_date(value: Any) -> Any:
    """Refuse texts that pydantic would take for seconds since 1970."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not _DATE.fullmatch(text):
        raise Unfit(_("{value} is no date").format(value=text), _("write it as 2026-04-10"))
    return text


def iso_instant(value: Any) -> Any:
    """Refuse dates with time that are not written as 2026-10-14T10:00+09:00."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise Unfit(
            _("{value} is no date with time").format(value=text),
            _("write it as 2026-10-14T10:00+09:00"),
        )
    if found.group(3) is None:
        raise Unfit(
            _("{value} has no zone").format(value=text),
            _("write {value}+09:00 for Japan").format(value=text),
        )
    return text


IsoDate = BeforeValidator(iso_date)
IsoInstant = BeforeValidator(iso_instant)
