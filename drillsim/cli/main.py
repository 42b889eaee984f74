"""The command line: which commands there are, and how every one of them ends.

A command is a click command in a module of its own, named in `COMMANDS`. It returns its exit
code (`drillsim.problem.ExitCode`), or None for 0. What a user can act on it raises as
`ProblemsError`, `UsageError` or `StoppedError`; `main` prints it and gives the code.
"""

import contextlib
import errno
import gettext
import glob
import io
import os
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final, TextIO

import click

from drillsim import __version__
from drillsim.cli.lazy_group import Entry, LazyGroup, language_option
from drillsim.i18n import LANGUAGES, LOCALE_DIR, N_, _, language, set_language, system_reason
from drillsim.problem import CommandError, ExitCode, ProblemsError, UsageError
from drillsim.text import clean_line

COMMANDS: Final[Mapping[str, Entry]] = {
    "init": ("drillsim.cli.init:command", N_("Lay out a workspace with the shipped files.")),
    "check": ("drillsim.cli.check:command", N_("List every problem in the files.")),
    "scenario": ("drillsim.cli.scenario:group", N_("Scenarios: list, show, draw, begin them.")),
    "contacts": (
        "drillsim.cli.contacts:group",
        N_("Contact trees: edit, check, import, compare them."),
    ),
    "plan": ("drillsim.cli.plan:command", N_("Tell who would be mailed when.")),
    "forecast": ("drillsim.cli.forecast:command", N_("Tell what to expect of a drill.")),
    "people": ("drillsim.cli.people:group", N_("Simulated people: learn them from past drills.")),
    "run": ("drillsim.cli.run:command", N_("Run a drill.")),
    "live": ("drillsim.cli.live:group", N_("Prepare a live drill over a mail server.")),
    "approve": ("drillsim.cli.approve:command", N_("Approve a live drill as its second person.")),
    "drills": ("drillsim.cli.drills:command", N_("List the drills that were run.")),
    "status": ("drillsim.cli.status:command", N_("Tell where a drill stands.")),
    "watch": ("drillsim.cli.watch:command", N_("Open the control room of a drill.")),
    "review": ("drillsim.cli.review:command", N_("Go through a drill that is over.")),
    "serve": ("drillsim.cli.serve:command", N_("Offer the control room to a browser here.")),
    "seat": ("drillsim.cli.seat:command", N_("Practise at the seat of one body.")),
    "judge": ("drillsim.cli.judge:command", N_("Judge a fact that a body passed on.")),
    "order": ("drillsim.cli.order:command", N_("Pause a drill, speed it up, end it.")),
    "resume": ("drillsim.cli.resume:command", N_("Go on with a drill that was cut off.")),
    "score": (
        "drillsim.cli.score:command",
        N_("Score a drill, by its own rubric or by another one."),
    ),
    "report": ("drillsim.cli.report:command", N_("Write the report of a drill.")),
    "compare": (
        "drillsim.cli.compare:command",
        N_("Compare drills: who got slower, who fails again."),
    ),
    "stats": (
        "drillsim.cli.stats:command",
        N_("Put many drills or seeds together."),
    ),
    "export": (
        "drillsim.cli.export:command",
        N_("Copy a drill; give its events and mails to other programs."),
    ),
    "verify": (
        "drillsim.cli.verify:command",
        N_("Check that a drill's journal is what was written."),
    ),
    "explain": ("drillsim.cli.explain:command", N_("Say what a mail is, and why.")),
    "mail": ("drillsim.cli.mail:group", N_("Look at many mails.")),
}
"""Name, place and line of each command, in the order in which a drill is made."""

EXIT_INTERRUPTED: Final = 130
EXIT_PIPE_CLOSED: Final = 141
COMPLETION_VARIABLE: Final = "_DRILLSIM_COMPLETE"
EXIT_FAULT: Final = 70
"""A fault of the program itself (EX_SOFTWARE); not 1, which says that something was found."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (those of the process, if None) name; return its exit code.

    Everything that goes wrong ends in one clear line or a list of them on stderr, but for a
    fault of the program itself: that ends in a traceback, so that it can be reported.
    """
    _write_utf8(sys.stdout, sys.stderr)
    words = _expanded(sys.argv[1:]) if arguments is None else list(arguments)
    set_language(_language_asked(words))
    with _click_speaks(language()):
        try:
            code = _run(words)
            sys.stdout.flush()
            return code
        except ProblemsError as error:
            _say(str(error))
            return error.exit_code
        except CommandError as error:
            _say_error(str(error))
            return error.exit_code
        except click.ClickException as error:
            error.show()
            return ExitCode.WRONG_USE
        except (KeyboardInterrupt, click.Abort):
            _say(_("Interrupted."))
            return EXIT_INTERRUPTED
        except OSError as error:
            if _pipe_is_closed(error):
                return _leave_the_pipe()
            if error.filename is None:
                return _report_fault()
            _say_error(_refused(error))
            return ExitCode.WRONG_USE
        except Exception:  # noqa: BLE001 - the exit code 1 of a traceback would say "found"
            return _report_fault()


def _run(words: list[str]) -> int:
    """Run the command that `words` name; `click.Command.main` would end a closed pipe with 1."""
    group = command_line()
    instruction = os.environ.get(COMPLETION_VARIABLE)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(group, {}, "drillsim", COMPLETION_VARIABLE, instruction)
    try:
        with group.make_context("drillsim", words) as context:
            code = group.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return code if isinstance(code, int) else ExitCode.DONE


def command_line() -> LazyGroup:
    """Return the group of all commands, in the language in use."""

    def begin() -> object:
        context = click.get_current_context()
        if context.invoked_subcommand is not None:
            return None
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(
                _("the control room needs a terminal; name a command, see drillsim --help")
            )
        from drillsim.tui.app import open_first_screen

        return open_first_screen(Path.cwd(), lang=language())

    def show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(f"drillsim {__version__}")
            ctx.exit()

    version = click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show_version,
        help=_("Show the version and exit."),
    )
    return LazyGroup(
        "drillsim",
        COMMANDS,
        callback=begin,
        params=[language_option(), version],
        help=_(
            "Emergency-contact drills over e-mail: plan, rehearse, run and review them.\n\n"
            "Without a command, the control room opens."
        ),
    )


def _language_asked(arguments: Sequence[str]) -> str | None:
    """Return the language that `--lang` names anywhere, before click reads the arguments.

    Commands are imported in the language in which they are to speak. What is no language is
    left for click to complain of.
    """
    asked = None
    for here, after in zip_longest(arguments, arguments[1:], fillvalue=""):
        if here == "--":
            break
        value = after if here == "--lang" else here.removeprefix("--lang=")
        if here.startswith("--lang") and value in LANGUAGES:
            asked = value
    return asked


def _expanded(words: Sequence[str]) -> list[str]:
    """Return `words` with patterns such as *.yaml as the files they name: on Windows no shell does.

    A pattern that names nothing stays as it is.
    """
    if os.name != "nt":
        return list(words)
    return [found for word in words for found in sorted(glob.glob(word)) or [word]]  # noqa: PTH207


@contextlib.contextmanager
def _click_speaks(code: str) -> Iterator[None]:
    """Let click's own messages come from our catalogue: it asks the global gettext for them."""
    before, domain = os.environ.get("LANGUAGE"), gettext.textdomain()
    gettext.bindtextdomain("drillsim", LOCALE_DIR)
    gettext.textdomain("drillsim")
    os.environ["LANGUAGE"] = code
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before


def _write_utf8(*streams: TextIO) -> None:
    """Let no character end a command: consoles and files of Windows may be set to cp932."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _say(text: str) -> None:
    click.echo(text, err=True)


def _say_error(text: str) -> None:
    _say(_("Error: {message}").format(message=clean_line(text)))


def _refused(error: OSError) -> str:
    """Return what the system refused, why, and what can be done about it."""
    name = error.filename
    folder = Path(os.fsdecode(name)).parent if isinstance(name, str | bytes) else None
    line = _("{path}: {why}").format(path=name, why=system_reason(error))
    if error.errno == errno.ENOENT and folder is not None and not folder.is_dir():
        way_out = _("there is no folder {folder}; make it, or name another").format(folder=folder)
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        way_out = _("see to the rights, or name another place")
    elif error.errno == errno.ENOSPC:
        way_out = _("make room on the disk, and try again")
    else:
        return line
    return f"{line}; {way_out}"


def _report_fault() -> int:
    traceback.print_exc()
    _say(_("This is a fault of drillsim itself; please report the lines above."))
    return EXIT_FAULT


def _pipe_is_closed(error: OSError) -> bool:
    """Return whether the reader of our output has gone (`drillsim … | head`)."""
    return isinstance(error, BrokenPipeError) or (
        os.name == "nt" and error.errno == errno.EINVAL and error.filename is None
    )


def _leave_the_pipe() -> int:
    """Keep the interpreter from complaining of the closed pipe when it flushes at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_PIPE_CLOSED


if __name__ == "__main__":
    sys.exit(main())
