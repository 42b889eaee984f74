"""`drillsim contacts new`: a contact tree from the codes of bodies, to be filled in."""

from pathlib import Path

import click

from drillsim.files.bodies import Body, prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.saving import write_whole
from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line


@click.command(
    "new",
    help=_(
        "Write a new contact tree: the national centre, a prefecture and its municipalities, or "
        "all prefectures.\n\n"
        "Everybody in it is fictional, so that it can be rehearsed with at once. It goes to "
        "standard output, or to the file of -o, which must not be there yet."
    ),
)
@click.option(
    "--prefecture", metavar=_("CODE"), help=_("Code or name of a prefecture, such as 350001.")
)
@click.option("--national", is_flag=True, help=_("All prefectures and municipalities."))
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Write to this file, with access for you alone."),
)
def command(prefecture: str | None, national: bool, output: Path | None) -> None:
    """Write a tree."""
    if (prefecture is None) != national:
        raise UsageError(_("write either --prefecture CODE or --national"))
    if prefecture is None:
        text = new_tree(prefectures(), "全国 住基ネット緊急時連絡網")
    else:
        body = prefecture_called(prefecture)
        text = new_tree([body], f"{body.name} 住基ネット緊急時連絡網")
    if output is None:
        for piece in text:
            click.echo(piece, nl=False)
        return
    write_whole(output, "".join(text).encode(), replace=False)
    click.echo(_("written: {path}").format(path=clean_line(str(output))), err=True)


def prefecture_called(word: str) -> Body:
    """Return the prefecture that `word` means: its code, or the first digits of it, or its name.

    Raises:
        UsageError: none is meant; the message offers the nearest.
    """
    from drillsim.files.model_faults import did_you_mean

    everybody = prefectures()
    for body in everybody:
        if word in (body.code, body.code[:2], body.code[:5], body.name):
            return body
    if word.isdecimal():  # Of a code, the first two digits are the prefecture.
        meant = next((body.code for body in everybody if body.code[:2] == word[:2]), None)
    else:
        meant = did_you_mean(word, [body.name for body in everybody])
    what = _("no prefecture {word}").format(word=clean_line(word))
    how = (
        _("did you mean {word}?").format(word=meant)
        if meant
        else _("write a code such as 350001 or a name such as 山口県")
    )
    raise UsageError(f"{what}; {how}")
