"""The colours of a report's pictures, on a page that is light or dark, and on paper.

Colour never stands alone: every result has a sign and, where it fills an area, a pattern, so that
a picture reads the same in black and white.
"""

from dataclasses import astuple, dataclass, fields

FONTS = (
    "'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic',Meiryo,'IPAexGothic',"
    "'IPAPGothic',sans-serif"
)
"""What a reader's machine is likely to have; none is embedded."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as SVG takes them."""

    ink: str
    paper: str
    muted: str
    grid: str
    good: str
    other: str
    late: str
    bad: str
    idle: str
    accent: str
    """The critical path."""


PAPER = Palette(
    ink="#1b1f24",
    paper="#ffffff",
    muted="#5b6570",
    grid="#d5dae0",
    good="#cfe8d5",
    other="#d3e2f4",
    late="#f6dfa8",
    bad="#f2c4bd",
    idle="#e7eaee",
    accent="#9a1f6a",
)
"""For paper: light fills under dark text."""

DARK = Palette(
    ink="#e6e9ed",
    paper="#15181c",
    muted="#9aa4af",
    grid="#3a424b",
    good="#1f4a30",
    other="#1f3c5c",
    late="#5d4712",
    bad="#662a22",
    idle="#2d333a",
    accent="#ff8fd0",
)

PAGE = Palette(*(f"var(--{field.name})" for field in fields(Palette)))
"""For a page: the style sheet says what they are."""


def variables(palette: Palette) -> str:
    """Return the declarations of a style sheet by which `PAGE` becomes `palette`."""
    names = (field.name for field in fields(Palette))
    return ";".join(
        f"--{name}:{value}" for name, value in zip(names, astuple(palette), strict=True)
    )
