"""What is wrong in a file, where, and how to mend it; and the errors that end a command.

Bad input is a `Problem`, never a traceback. A broken promise of the program itself is an
ordinary exception, and nobody catches it to hide it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Literal

from drillsim.i18n import _
from drillsim.text import clean_line

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one file, in the reader's language.

    `path` is the file as the user named it; `line` and `column` count from 1, in characters.
    What is wrong with a file as a whole stands at 1:1. `remedy` may be empty where there is
    nothing to do but look.
    """

    path: str
    line: int
    column: int
    message: str
    remedy: str
    severity: Severity = "error"

    def __post_init__(self) -> None:
        if self.line < 1 or self.column < 1:
            raise ValueError(f"a place counts from 1, not {self.line}:{self.column}")

    def __str__(self) -> str:
        """Return `file:line:column: what; how to mend it`, on one line that is safe to print."""
        what = _("warning: {what}").format(what=self.message) if self.is_warning else self.message
        whole = f"{what}; {self.remedy}" if self.remedy else what
        return f"{clean_line(self.path)}:{self.line}:{self.column}: {clean_line(whole)}"

    def __lt__(self, other: "Problem") -> bool:
        """Return whether this one stands before `other`: file order, errors first at one place."""
        return self._order < other._order

    @property
    def is_warning(self) -> bool:
        """Whether a drill can run all the same."""
        return self.severity == "warning"

    @property
    def _order(self) -> tuple[str, int, int, str, str, str]:
        return (self.path, self.line, self.column, self.severity, self.message, self.remedy)

    def as_json(self) -> dict[str, str | int]:
        """Return the problem as an object of the `--json` output."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "severity": self.severity,
            "message": self.message,
            "remedy": self.remedy,
        }


class ExitCode(IntEnum):
    """What a command tells the shell; scripts rely on it."""

    DONE = 0
    FOUND = 1
    """Done, and something was found: problems, a broken chain, a requirement not met."""
    WRONG_USE = 2
    """Wrong use, or input that cannot be read."""
    STOPPED = 3
    """The drill was stopped before its end."""


class CommandError(Exception):
    """What ends a command in a line or a list of lines that a user can act on."""

    exit_code: ClassVar[ExitCode] = ExitCode.WRONG_USE


class ProblemsError(CommandError):
    """A file cannot be used; the problems say why, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = list(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(CommandError):
    """Wrong use, in one line: what is wrong; how to do it."""


class StoppedError(CommandError):
    """A drill was stopped before its end; the line says by what, and how to go on."""

    exit_code: ClassVar[ExitCode] = ExitCode.STOPPED
