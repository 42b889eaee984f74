"""Help in the language in use: wide characters measured as two cells, placeholders translated."""

from collections.abc import Iterable
from typing import Final

import click

from drillsim.i18n import N_, _
from drillsim.text import width

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


class CellFormatter(click.HelpFormatter):
    """Lays help out by cells of a terminal."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, _filled(args), prefix)

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        super().write_text(_filled(text))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options or commands with their lines."""
        filled = [(_filled(name), _filled(text)) for name, text in rows]
        super().write_dl(filled, col_max, col_spacing)

    def getvalue(self) -> str:
        """Return all that was written."""
        return super().getvalue().replace(_FILLER, "")


class CellContext(click.Context):
    """The context of every command."""

    formatter_class = CellFormatter


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
