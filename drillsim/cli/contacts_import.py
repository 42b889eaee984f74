"""`drillsim contacts import`: a list in CSV or Excel made a contact tree, or changes of one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drillsim.i18n import _, language, ngettext
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.files.contacts.notation import Data
    from drillsim.files.lists.header import Column
    from drillsim.files.lists.importing import Import
    from drillsim.files.lists.placing import Placed


@click.command(
    "import",
    help=_(
        "Take the contacts in LIST, a CSV file or an Excel workbook, into the contact tree FILE."
        "\n\n"
        "If FILE is not there yet, a new tree is made; else the list is shown as changes of it: "
        "what the list has a column for it decides, all else stays as it is, with comments and "
        "order. Several rows of one body are its officers in calling order.\n\n"
        "Without --write, nothing is written: you see which column means what, each row as it is "
        "understood, and every cell that cannot be taken, with its row and column.\n\n"
        "Headings that are not known are named in a mapping file (drillsim contacts mapping).\n\n"
        "Exit code: 0, 1 if rows cannot be taken (nothing is written then), 2 if the list cannot "
        "be read."
    ),
)
@click.argument("source", metavar=_("LIST"), type=click.Path(path_type=Path))
@click.argument("file", metavar=_("[FILE]"), type=click.Path(path_type=Path), required=False)
@click.option("--write", is_flag=True, help=_("Write FILE, with access for you alone."))
@click.option(
    "--mapping",
    metavar=_("MAPPING"),
    type=click.Path(path_type=Path),
    help=_("Headings of your own, from this mapping file."),
)
@click.option("--sheet", metavar=_("NAME"), help=_("The sheet of the workbook to read."))
@click.option(
    "--prefecture",
    metavar=_("CODE"),
    help=_("The prefecture of bodies whose name occurs twice: code or name."),
)
@click.option("--title", metavar=_("TEXT"), help=_("The title of a new tree."))
@click.option(
    "--keep-empty", is_flag=True, help=_("An empty cell leaves a field as it is, not empty.")
)
@click.option(
    "--remove-missing", is_flag=True, help=_("Remove bodies of FILE that the list does not name.")
)
@click.option(
    "--leave-out-bad",
    is_flag=True,
    help=_("Leave bodies out that have a bad row, and take the others."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(
    source: Path,
    file: Path | None,
    write: bool,
    mapping: Path | None,
    sheet: str | None,
    prefecture: str | None,
    title: str | None,
    keep_empty: bool,
    remove_missing: bool,
    leave_out_bad: bool,
    as_json: bool,
) -> ExitCode:
    """Show what a list makes of a tree, and write it if asked."""
    from drillsim.cli.contacts_new import prefecture_called
    from drillsim.files.lists.importing import Options, import_list
    from drillsim.files.lists.mapping import heading_map
    from drillsim.files.lists.reading import read_list
    from drillsim.files.places import relative_name
    from drillsim.files.saving import write_whole
    from drillsim.files.yaml_reader import read_bytes

    if write and file is None:
        raise UsageError(_("--write needs the name of the contact tree to write"))
    if file is not None and file.suffix not in (".yaml", ".yml"):
        raise UsageError(_("{file} is no YAML file; name one that ends in .yaml").format(file=file))
    options = Options(
        heading_map(mapping, str(mapping)) if mapping is not None else heading_map(),
        prefecture_called(prefecture) if prefecture is not None else None,
        title or "",
        keep_empty,
        remove_missing,
        leave_out_bad,
    )
    table = read_list(source, relative_name(source), sheet)
    before = read_bytes(file, relative_name(file)) if file is not None and file.exists() else None
    name = relative_name(file) if file is not None else _("new tree")
    found = import_list(table, options, name=name, data=before)
    is_written = write and found.new is not None and found.data != before
    if is_written:
        assert file is not None
        write_whole(file, found.data, expected=before, replace=before is not None)
    if as_json:
        shown = _as_json(found) | {"written": is_written}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        for line in import_lines(found):
            click.echo(line)
        click.echo(_closing(found, file, is_written=is_written, was_asked=write), err=True)
    return ExitCode.FOUND if found.new is None or found.left_out else ExitCode.DONE


def import_lines(found: "Import") -> Iterator[str]:
    """Yield how the list was understood, what is wrong with it, and what it makes of the tree."""
    from drillsim.files.contacts.change_lines import diff_lines

    yield from _columns(found)
    yield ""
    yield from _rows(found)
    comparison = found.comparison
    if comparison is None:
        yield ""
        for one in found.placed:
            yield from _body_lines(found, one)
    else:
        yield from _missing(found)
        yield ""
        if comparison.is_empty:
            yield _("nothing changes")
        yield from diff_lines(comparison)
    yield from _problems(found)


def _problems(found: "Import") -> Iterator[str]:
    """Yield remarks, and last, where the eye falls, what cannot be taken."""
    remarks = [problem for problem in found.problems if problem.is_warning]
    errors = [problem for problem in found.problems if not problem.is_warning]
    for heading, problems in (
        (_("Taken otherwise than it stands:"), remarks),
        (_("Cannot be taken:"), errors),
    ):
        if problems:
            yield ""
            yield heading
            yield from map(str, problems)


def _item(text: str) -> str:
    return f"  {clean_line(text)}"


def _columns(found: "Import") -> Iterator[str]:
    from drillsim.files.lists.sheet import letters

    listing = found.listing
    yield clean_line(
        _("{file}: {kind}, headings in row {row}").format(
            file=listing.sheet.name, kind=listing.sheet.read_as, row=listing.header.last
        )
    )
    if listing.sheet.others:
        names = ", ".join(listing.sheet.others)
        yield _item(_("not read: the sheets {names}; --sheet reads one").format(names=names))
    for column in listing.header.columns:
        meaning = _meaning(column)
        if column.officer > 1 or (column.field and listing.header.officers > 1 and column.officer):
            meaning = _("{field} of officer {n}").format(field=meaning, n=column.officer)
        yield _item(f"{letters(column.number)} {column.heading} → {meaning}")
    unknown = [column.heading for column in listing.header.columns if not column.is_known]
    if unknown:
        yield _item(
            _("{n} columns are not taken; a mapping file can name them").format(n=len(unknown))
        )


def _meaning(column: "Column") -> str:
    from drillsim.files.lists.mapping import field_names

    if column.field is None:
        return _("left out") if column.is_known else _("not taken")
    return field_names()[column.field] if language() == "ja" else column.field


def _rows(found: "Import") -> Iterator[str]:
    listing = found.listing
    officers = sum(len(body.officers) for body in listing.bodies)
    yield _("{rows}: {bodies}, {officers}; {empty} empty").format(
        rows=ngettext("{n} row", "{n} rows", listing.rows).format(n=listing.rows),
        bodies=ngettext("{n} body", "{n} bodies", len(listing.bodies)).format(
            n=len(listing.bodies)
        ),
        officers=ngettext("{n} officer", "{n} officers", officers).format(n=officers),
        empty=listing.empty,
    )
    for row, words in listing.left_out:
        yield _item(_("row {row} is no entry: {words}").format(row=row, words=words))
    for one in found.placed:
        if one.listed is None:
            yield _item(
                _("added, since others hang below: {id} {name}").format(id=one.id, name=one.name)
            )
    for one in found.left_out:
        yield _item(_("left out for a bad row: {id} {name}").format(id=one.id, name=one.name))


def _missing(found: "Import") -> Iterator[str]:
    if found.missing and found.old is not None:
        names = ", ".join(found.old.by_id[node].name for node in found.missing[:5])
        more = "…" if len(found.missing) > 5 else ""
        count = len(found.missing)
        text = ngettext(
            "{n} body of the tree is not in the list: {names}",
            "{n} bodies of the tree are not in the list: {names}",
            count,
        )
        yield clean_line(text.format(n=count, names=names + more))


def _body_lines(found: "Import", one: "Placed") -> Iterator[str]:
    """Yield a body as it is understood, and its officers, each with its row."""
    from drillsim.files.lists.table import kind_name

    if one.listed is None or one in found.left_out:
        return
    guessed = "".join(f" ({_GUESSES[what]()})" for what in one.guessed if what in _GUESSES)
    parent = one.parent or "-"
    head = f"{one.id} {one.name} [{kind_name(one.kind)}] ↑{parent}{guessed}"
    yield clean_line(_("row {row}: {what}").format(row=one.listed.row, what=head))
    for number, officer in enumerate(one.listed.officers, 1):
        own = officer.values
        words = [f"{number} {own['name']}", f"({own['role']})" if own.get("role") else ""]
        words += [*own.get("email", ()), own.get("phone", "")]
        night = " ".join(
            filter(None, (*own.get("off_hours_email", ()), own.get("off_hours_phone")))
        )
        words.append(_("[nights and holidays: {contact}]").format(contact=night) if night else "")
        yield _item(f"{officer.row}: " + "  ".join(word for word in words if word))


_GUESSES = {
    "code": lambda: _("code by its name"),
    "kind": lambda: _("kind by its name"),
}


def _closing(found: "Import", file: Path | None, *, is_written: bool, was_asked: bool) -> str:
    """Return the last line: what was done, and what to do next."""
    path = clean_line(str(file))
    if is_written:
        return _("written: {path}; next: drillsim contacts check {path}").format(path=path)
    if found.new is None:
        errors = sum(not problem.is_warning for problem in found.listing.problems)
        return ngettext(
            "nothing was written: {n} cell cannot be taken; mend the list, or --leave-out-bad",
            "nothing was written: {n} cells cannot be taken; mend the list, or --leave-out-bad",
            errors,
        ).format(n=errors)
    if was_asked:
        return _("nothing was written: {path} says the same already").format(path=path)
    if file is None:
        return _("nothing was written; name a file and add --write")
    return _("nothing was written; add --write to write {path}").format(path=path)


def _as_json(found: "Import") -> dict[str, object]:
    from drillsim.cli.contacts_diff import comparison_json

    listing = found.listing
    comparison = found.comparison
    return {
        "list": listing.sheet.name,
        "read_as": listing.sheet.read_as,
        "heading_row": listing.header.last,
        "columns": [
            {
                "column": column.number,
                "heading": column.heading,
                "field": column.field,
                "officer": column.officer or None,
                "known": column.is_known,
            }
            for column in listing.header.columns
        ],
        "rows": listing.rows,
        "empty_rows": listing.empty,
        "left_out_rows": [{"row": row, "words": words} for row, words in listing.left_out],
        "problems": [problem.as_json() for problem in found.problems],
        "bodies": [_placed_json(one) for one in found.placed],
        "left_out": [one.id for one in found.left_out],
        "missing": found.missing,
        "changes": None if comparison is None else comparison_json(comparison),
    }


def _placed_json(one: "Placed") -> "Data":
    return {
        "row": one.listed.row if one.listed is not None else None,
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "code": one.code,
        "parent": one.parent,
        "new": one.was is None,
        "guessed": list(one.guessed),
        "officers": [officer.row for officer in one.listed.officers] if one.listed else [],
    }
