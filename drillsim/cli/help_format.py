"""Help in the language in use: broken as Japanese is, in cells, with placeholders translated."""

from collections.abc import Iterable, Sequence
from copy import copy
from itertools import pairwise
from typing import Final

import click
from click.formatting import measure_table

from drillsim.i18n import N_, _
from drillsim.text import breaks, width

_FILLER: Final = "\ue001"
"""Follows each wide character while click, which counts characters, lays the text out."""

_PLACEHOLDERS: Final = {
    "integer": N_("N"),
    "integer range": N_("N"),
    "float": N_("N"),
    "float range": N_("N"),
    "text": N_("TEXT"),
    "path": N_("PATH"),
    "file": N_("FILE"),
    "filename": N_("FILE"),
    "drill": N_("DRILL"),
    "scenario": N_("SCENARIO"),
    "node": N_("NODE"),
}
"""What stands for a value: by the name of an argument, or by the type of an option."""

_NUMBERS: Final = {
    "integer": N_("whole number"),
    "integer range": N_("whole number"),
    "float": N_("number"),
    "float range": N_("number"),
}
"""What click calls a type in its complaints; it translates these names nowhere."""


class CellFormatter(click.HelpFormatter):
    """Lays help out by cells of a terminal."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, _filled(args), prefix)

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        super().write_text(_broken(text, self.width - self.current_indent))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options or commands with their lines."""
        rows = [(_filled(name), text) for name, text in rows]
        left = min(measure_table(rows)[0], col_max) + col_spacing
        room = max(self.width - left - 2, 10)  # As click reckons it.
        super().write_dl([(name, _broken(text, room)) for name, text in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        """Return all that was written."""
        return super().getvalue().replace(_FILLER, "")


class CellContext(click.Context):
    """The context of every command."""

    formatter_class = CellFormatter


def _broken(text: str, cells: int) -> str:
    """Break the paragraphs of `text` that are not ASCII, and tell click to leave them so."""
    if text.isascii():
        return text
    return "\n\n".join(
        paragraph
        if paragraph.isascii()
        else _filled("\b\n" + "\n".join(_lines(paragraph.removeprefix("\b\n"), cells)))
        for paragraph in text.split("\n\n")
    )


def _lines(paragraph: str, cells: int) -> Iterable[str]:
    for line in paragraph.strip("\n").split("\n"):
        places = [0, *breaks(line, cells), len(line)]
        yield from (line[start:end].rstrip() for start, end in pairwise(places))


def _filled(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c + _FILLER if not c.isascii() and width(c) == 2 else c for c in text)


def localise(command: click.Command) -> None:
    """Let a command show its help in the language in use, as far as click leaves that to it."""
    command.context_class = CellContext
    command.options_metavar = _("[OPTIONS]")
    if isinstance(command, click.Group):
        command.subcommand_metavar = _("COMMAND [ARGS]...")
    for param in command.params:
        _name_value(param)
        if param.type.name in _NUMBERS:
            param.type = copy(param.type)  # click has one object for all options of a type.
            param.type.name = _(_NUMBERS[param.type.name])


def epilog(examples: Sequence[str]) -> str | None:
    """Return what ends a help: `examples` on lines of their own, None where there are none."""
    if not examples:
        return None
    return "\n".join(["\b", _("Examples:"), *(f"  {line}" for line in examples)])


def _name_value(param: click.Parameter) -> None:
    if param.metavar is not None or isinstance(param.type, click.Choice):
        return
    if isinstance(param, click.Argument):
        name = _PLACEHOLDERS.get(param.name or "")
        if name is not None:
            many = "..." if param.nargs != 1 else ""
            param.metavar = (_(name) if param.required else f"[{_(name)}]") + many
    elif isinstance(param, click.Option) and not (param.is_flag or param.count):
        name = _PLACEHOLDERS.get(param.type.name)
        if name is not None:
            param.metavar = _(name)
