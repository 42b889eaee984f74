"""Where a check writes down what it finds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from drillsim.files.yaml_nodes import Document, Place
from drillsim.i18n import _
from drillsim.problem import Problem

PROBLEMS_MAX = 1_000
"""Problems listed of one file; nobody mends more at one go."""

Severity = Literal["error", "warning"]


@dataclass(slots=True)
class Findings:
    """The problems of one file, by the path in it that they are about."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    more: int = 0
    """Problems beyond PROBLEMS_MAX, which are only counted."""

    def error(self, path: Sequence[str | int], message: str, remedy: str) -> None:
        """Add what must be mended before a drill can run; `path` leads to the value at fault."""
        self.at(self.document.place(path), message, remedy, "error")

    def key_error(self, path: Sequence[str | int], message: str, remedy: str) -> None:
        """Add an error that a key is to blame for."""
        self.at(self.document.key_place(path), message, remedy, "error")

    def warn(self, path: Sequence[str | int], message: str, remedy: str) -> None:
        """Add what may well be meant, but is worth a look."""
        self.at(self.document.place(path), message, remedy, "warning")

    def at(self, place: Place, message: str, remedy: str, severity: Severity) -> None:
        """Add a problem at a place."""
        if len(self.problems) >= PROBLEMS_MAX:
            self.more += 1
            return
        self.problems.append(
            Problem(
                path=self.document.name,
                line=place.line,
                column=place.column,
                message=message,
                remedy=remedy,
                severity=severity,
            )
        )

    def in_order(self) -> list[Problem]:
        """Return the problems in file order, each once, errors before warnings at one place."""
        found = sorted(dict.fromkeys(self.problems), key=lambda p: (p.line, p.column, p.severity))
        return [*found, *and_more(self.document, self.more)]


def and_more(document: Document, count: int) -> Iterator[Problem]:
    """Yield a last line for the problems that are not listed, if there are any."""
    if count:
        last = document.text.count("\n") + 1
        yield Problem(
            path=document.name,
            line=last,
            column=1,
            message=_("there are {n} more problems").format(n=count),
            remedy=_("mend those above first"),
        )
