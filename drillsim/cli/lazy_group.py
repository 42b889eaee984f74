"""A group of commands that are imported when they are called, and no sooner.

Help for the group needs one line per command, which stands in the table: so `drillsim --help`
answers at once, although some commands take pydantic, Textual or a mail server to run.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

import click

from drillsim.cli.examples import EXAMPLES
from drillsim.cli.help_format import epilog, localise
from drillsim.i18n import LANGUAGES, _, set_language

Entry = tuple[str, str]
"""Where the command is, as `module:attribute`, and its line in the help, marked by `N_`."""


class LazyGroup(click.Group):
    """A group whose commands stand in a table; each also takes `--lang`."""

    def __init__(
        self,
        name: str,
        table: Mapping[str, Entry],
        *,
        callback: Callable[..., object],
        params: list[click.Parameter],
        help: str,  # noqa: A002 - click's name for it
    ) -> None:
        super().__init__(
            name, callback=callback, params=params, help=help, invoke_without_command=True
        )
        localise(self)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table: that in which a drill is made."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, None where the table has none of that name."""
        if cmd_name in self.commands:
            return self.commands[cmd_name]
        if cmd_name not in self.table:
            return None
        module, _colon, attribute = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        _take_language(command)
        localise(command)
        path = cmd_name if self.name == "drillsim" else f"{self.name} {cmd_name}"
        command.epilog = epilog(EXAMPLES.get(path, ()))
        self.commands[cmd_name] = command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their lines from the table."""
        if self.table:
            with formatter.section(_("Commands")):
                formatter.write_dl([(name, _(line)) for name, (_at, line) in self.table.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` begin with, and what is left of them.

        Raises:
            click.UsageError: there is none; the message offers one of a like name.
        """
        name = args[0]
        if name in self.table or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise click.exceptions.NoSuchCommand(name, possibilities=self.table, ctx=ctx)


def language_option() -> click.Option:
    """Return `--lang`, which is in force as soon as it is read."""

    def choose(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        if value is not None:
            set_language(value)

    return click.Option(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        is_eager=True,
        expose_value=False,
        callback=choose,
        help=_("Language of what is said here. Default: that of the environment."),
    )


def _take_language(command: click.Command) -> None:
    if not any("--lang" in param.opts for param in command.params):
        command.params.append(language_option())
    if isinstance(command, click.Group):
        for child in command.commands.values():
            _take_language(child)
