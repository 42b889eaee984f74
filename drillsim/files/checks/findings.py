"""Where a check writes down what it finds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from drillsim.files.yaml_nodes import Document, Place
from drillsim.problem import Problem

Severity = Literal["error", "warning"]


@dataclass(slots=True)
class Findings:
    """The problems of one file, by the path in it that they are about."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

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
        unique = dict.fromkeys(self.problems)
        return sorted(unique, key=lambda p: (p.line, p.column, p.severity))
