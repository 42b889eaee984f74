"""The base of everything that users write in YAML."""

from pydantic import BaseModel, ConfigDict


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
