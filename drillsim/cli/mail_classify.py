"""`drillsim mail classify`: what each of many mails is, a line each."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from drillsim.cli.explain import mail_as_json, read_mail
from drillsim.i18n import _, system_reason
from drillsim.problem import ExitCode
from drillsim.text import clean_line, fit

_KIND_WIDTH = 16
_TOKEN_WIDTH = 10


class Pattern(click.ParamType[re.Pattern[str]]):
    """A regular expression of Python."""

    name = "pattern"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> re.Pattern[str]:
        """Compile it; a faulty one is wrong use."""
        if isinstance(value, re.Pattern):
            return value
        try:
            return re.compile(str(value))
        except re.error as error:
            self.fail(
                _("{pattern} is no regular expression: {fault}").format(
                    pattern=clean_line(str(value)), fault=error
                ),
                param,
                ctx,
            )


@click.command(
    "classify",
    help=_(
        "Say of each mail what it is: a person's answer, an automatic reply, a bounce, and so on."
        "\n\n"
        "PATH is a raw mail, or a folder whose .eml files are taken, those of its folders too; - "
        "reads one mail from standard input."
        "\n\n"
        "Exit code: 0, or 2 if a file cannot be read; the others are classified all the same."
    ),
)
@click.argument("paths", metavar=_("PATH..."), nargs=-1, required=True)
@click.option("--jsonl", is_flag=True, help=_("Print one JSON object a line."))
@click.option(
    "--token-pattern",
    metavar=_("RE"),
    type=Pattern(),
    help=_(
        "Find the numbers of another tool's drill by this regular expression; its first group is "
        "the number."
    ),
)
def command(paths: tuple[str, ...], jsonl: bool, token_pattern: re.Pattern[str] | None) -> int:
    """Print a line for each mail."""
    from drillsim.mail.replies import recognise

    unreadable = False
    for path in _mails(paths):
        try:
            raw = read_mail(path)
        except OSError as error:
            unreadable = True
            fault = system_reason(error)
            click.echo(
                _unread(path, fault) if jsonl else f"{clean_line(path)}: {fault}", err=not jsonl
            )
            continue
        found = recognise(raw, token_pattern=token_pattern)
        if jsonl:
            click.echo(json.dumps(mail_as_json(path, found), ensure_ascii=False))
        else:
            kind, token = fit(found.kind, _KIND_WIDTH), fit(found.token or "", _TOKEN_WIDTH)
            click.echo(f"{kind}{token} {clean_line(path)}")
    return ExitCode.WRONG_USE if unreadable else ExitCode.DONE


def _mails(paths: Iterable[str]) -> Iterator[str]:
    """Yield the mails that the user named, and those in folders in the order of their names."""
    for path in paths:
        if path != "-" and Path(path).is_dir():
            yield from (str(found) for found in sorted(Path(path).rglob("*.eml")))
        else:
            yield path


def _unread(path: str, fault: str) -> str:
    line: dict[str, object] = {
        "path": path,
        "kind": None,
        "reply_text": None,
        "token": None,
        "reasons": [],
        "error": fault,
    }
    return json.dumps(line, ensure_ascii=False)
