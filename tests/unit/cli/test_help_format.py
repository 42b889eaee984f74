"""Help in Japanese: nothing wider than its terminal, columns aligned, placeholders translated."""

import click
import pytest

from drillsim.cli.main import COMMANDS, command_line
from drillsim.i18n import set_language
from drillsim.text import width


def help_of(command: click.Command, name: str) -> str:
    context = command.context_class(command, info_name=name, terminal_width=80)
    return command.get_help(context)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_line_of_a_help_is_wider_than_a_terminal(name: str, language: str) -> None:
    set_language(language)
    command = command_line().get_command(click.Context(command_line()), name)
    assert command is not None
    for line in help_of(command, name).splitlines():
        if line.startswith("  ") and " " in line.strip():
            assert width(line) <= 81, line


def test_placeholders_speak_the_language_in_use() -> None:
    @click.command(help="x")
    @click.argument("scenario")
    @click.option("--seed", type=click.IntRange(0), help="種")
    @click.option("--contacts", type=click.Path(), help="連絡網")
    @click.option("--json", is_flag=True, help="出力")
    def command(**_values: object) -> None: ...

    set_language("ja")
    from drillsim.cli.help_format import localise

    localise(command)
    text = help_of(command, "run")
    assert "run [オプション] シナリオ" in text
    assert "--contacts パス" in text
    starts = {
        width(line[: line.index(word)])
        for line in text.splitlines()
        for word in ("種", "連絡網", "出力")
        if line.endswith(word) or f"{word} " in line
    }
    assert len(starts) == 1
