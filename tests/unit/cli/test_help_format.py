"""Help in Japanese: nothing wider than its terminal, columns aligned, placeholders translated."""

import shlex
from collections.abc import Iterator

import click
import pytest

from drillsim.cli.examples import EXAMPLES
from drillsim.cli.main import COMMANDS, command_line
from drillsim.i18n import set_language
from drillsim.text import width


def help_of(command: click.Command, name: str) -> str:
    context = command.context_class(command, info_name=name, terminal_width=80)
    return command.get_help(context)


def commands(group: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield `group`'s commands, and theirs, each with the words that call it."""
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield f"{path}{name}", command
            yield from commands(command, f"{path}{name} ")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_line_of_a_help_is_wider_than_a_terminal(name: str, language: str) -> None:
    set_language(language)
    command = command_line().get_command(click.Context(command_line()), name)
    assert command is not None
    for path, each in [(name, command), *commands(command, f"{name} ")]:
        for line in help_of(each, path).splitlines():
            assert width(line) <= 80, line


def test_japanese_is_broken_between_characters_and_a_sentence_ends_on_its_line() -> None:
    @click.command(help="団体を" + "調べ" * 40 + "、ファイル AAA.yaml を読みます。")
    @click.option("--json", is_flag=True, help="結果を" + "一覧に" * 20 + "、JSON で出力します。")
    def command(**_values: object) -> None: ...

    set_language("ja")
    from drillsim.cli.help_format import localise

    localise(command)
    lines = help_of(command, "check").splitlines()
    assert all(width(line) <= 80 for line in lines)
    assert not [line for line in lines if line.strip().startswith(("。", "、"))]
    first = next(line for line in lines if "団体を" in line)
    assert width(first) >= 76
    assert not [line for line in lines if line.endswith(" ")]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_command_of_a_group_has_a_line_in_its_help(language: str) -> None:
    set_language(language)
    for path, command in commands(command_line()):
        if isinstance(command, click.Group):
            assert "..." not in help_of(command, path).partition(":")[2].replace("]...", "")


@pytest.mark.parametrize("path", EXAMPLES)
def test_an_example_in_a_help_is_a_command_that_is_understood(path: str) -> None:
    command = dict(commands(command_line()))[path]
    text = help_of(command, path)
    for example in EXAMPLES[path]:
        assert f"\n    {example}\n" in f"{text}\n"
        words = shlex.split(example.removeprefix(f"drillsim {path}"))
        assert example.startswith(f"drillsim {path}")
        command.make_context(path, words)


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


def test_what_is_no_number_is_told_in_the_language_in_use() -> None:
    @click.command(help="x")
    @click.option("--seed", type=click.IntRange(0))
    @click.option("--share", type=float)
    def command(**_values: object) -> None: ...

    set_language("ja")
    from drillsim.cli.help_format import localise

    localise(command)
    for words in (["--seed", "abc"], ["--share", "abc"]):
        with pytest.raises(click.BadParameter) as fault:
            command.make_context("run", words)
        assert "数" in str(fault.value)
        assert "float" not in str(fault.value)
    assert click.FLOAT.name == "float"
