"""The control room of a drill whose journal has just been laid out, and what to do after it."""

import sys
from pathlib import Path

import click

from drillsim.i18n import _, language
from drillsim.problem import ExitCode
from drillsim.text import clean_line


def is_at_terminal() -> bool:
    """Whether a control room can be opened here."""
    return sys.stdout.isatty() and sys.stdin.isatty()


def open_room(drill: Path) -> ExitCode:
    """Start the director in a process of its own, and show its control room until it is left."""
    from drillsim.conduct.process import resume_director
    from drillsim.tui.app import open_run_screen

    resume_director(drill, None)
    open_run_screen(drill, lang=language())
    tell_what_next(drill)
    return ExitCode.DONE


def tell_what_next(drill: Path) -> None:
    """Say where the drill is kept, and how to see it again: while it runs, or when it is over."""
    from drillsim.journal import JournalReader

    with JournalReader(drill) as reader:
        is_over = reader.is_sealed
    click.echo(
        _("The drill is kept in {path}").format(path=clean_line(_from_here(drill))), err=True
    )
    name = _named(drill)
    if is_over:
        click.echo(_("Look at it again: drillsim review {name}").format(name=name), err=True)
        click.echo(_("Write its report: drillsim report {name}").format(name=name), err=True)
    else:
        click.echo(_("It goes on. Watch it: drillsim watch {name}").format(name=name), err=True)


def _from_here(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _named(drill: Path) -> str:
    """Return what names `drill` on the command line: its id, or its path from here."""
    is_in_drills = drill.parent.absolute() == (Path.cwd() / "drills").absolute()
    return drill.stem if is_in_drills else clean_line(_from_here(drill))
