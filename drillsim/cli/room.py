"""The control room of a live drill whose journal has just been laid out."""

import sys
from pathlib import Path

import click

from drillsim.i18n import _, language
from drillsim.problem import ExitCode


def is_at_terminal() -> bool:
    """Whether a control room can be opened here."""
    return sys.stdout.isatty() and sys.stdin.isatty()


def open_room(drill: Path) -> ExitCode:
    """Start the director in a process of its own, and show its control room until it is left."""
    from drillsim.conduct.process import resume_director
    from drillsim.tui.app import open_run_screen

    resume_director(drill, None)
    open_run_screen(drill, lang=language())
    click.echo(
        _("The drill is kept in {path}. Watch it: drillsim watch {path}").format(path=drill),
        err=True,
    )
    return ExitCode.DONE
