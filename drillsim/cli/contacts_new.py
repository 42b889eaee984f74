"""`drillsim contacts new`: a contact tree from the codes of bodies, to be filled in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import click

from drillsim.files.bodies import Body, municipalities, prefectures
from drillsim.files.new_tree import CENTRE, Extra, new_tree
from drillsim.files.saving import write_whole
from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line

_NAME_LENGTH_MAX: Final = 100


@click.command(
    "new",
    help=_(
        "Write a new contact tree: the national centre, a prefecture and its municipalities, or "
        "all prefectures; with joint bodies and contractors, if they are named.\n\n"
        "Everybody in it is fictional, so that it can be rehearsed with at once. It goes to "
        "standard output, or to the file of -o, which must not be there yet."
    ),
)
@click.option(
    "--prefecture",
    "words",
    metavar=_("CODE"),
    multiple=True,
    help=_("Code or name of a prefecture, such as 350001; several times for several."),
)
@click.option("--national", is_flag=True, help=_("All prefectures and municipalities."))
@click.option(
    "--joint-body",
    "joint_bodies",
    metavar=_("NAME[=PARENT]"),
    multiple=True,
    help=_("A joint body (広域事務組合), below the prefecture or below PARENT; several times."),
)
@click.option(
    "--contractor",
    "contractors",
    metavar=_("NAME[=PARENT]"),
    multiple=True,
    help=_("A contractor (保守委託事業者), in the same way."),
)
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Write to this file, with access for you alone."),
)
def command(
    words: tuple[str, ...],
    national: bool,
    joint_bodies: tuple[str, ...],
    contractors: tuple[str, ...],
    output: Path | None,
) -> None:
    """Write a tree."""
    if bool(words) == national:
        raise UsageError(_("write either --prefecture CODE or --national"))
    chosen = (
        prefectures() if national else tuple(dict.fromkeys(prefecture_called(w) for w in words))
    )
    where = "全国" if national else "・".join(body.name for body in chosen)
    extras = [_extra(word, "joint-body", chosen) for word in joint_bodies]
    extras += [_extra(word, "contractor", chosen) for word in contractors]
    text = new_tree(chosen, f"{where} 住基ネット緊急時連絡網", extras)
    if output is None:
        for piece in text:
            click.echo(piece, nl=False)
        return
    write_whole(output, "".join(text).encode(), replace=False)
    click.echo(_("written: {path}").format(path=clean_line(str(output))), err=True)


def _extra(word: str, kind: Literal["joint-body", "contractor"], chosen: Sequence[Body]) -> Extra:
    """Return the body that `NAME` or `NAME=PARENT` means; the parent is a code or a name."""
    name, _equals, parent = (part.strip() for part in word.partition("="))
    if not name or len(name) > _NAME_LENGTH_MAX or not name.isprintable():
        raise UsageError(_("{word} names no body").format(word=clean_line(word)))
    if not parent:
        return Extra(name, kind, chosen[0].code if len(chosen) == 1 else CENTRE)
    there = [*chosen, *(body for each in chosen for body in municipalities(each.code))]
    found = [body.code for body in there if parent in (body.code, body.name)]
    if len(found) != 1:
        raise UsageError(
            _("{parent} is not one body of this tree; write its code").format(
                parent=clean_line(parent)
            )
        )
    return Extra(name, kind, found[0])


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
