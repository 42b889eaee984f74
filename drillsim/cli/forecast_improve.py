"""`drillsim forecast --improve`: which change at which node would help most."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from drillsim.cli.table import table
from drillsim.evaluation.wording import inject_name, node_name
from drillsim.i18n import _, ngettext
from drillsim.text import clean_line
from drillsim.tui.views.times import short_length

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillsim.drill.injects import InjectId
    from drillsim.drill.tree import NodeId
    from drillsim.files.scenario_file import LoadedScenario
    from drillsim.files.yaml_nodes import Document
    from drillsim.forecast.improve import Improvement, What
    from drillsim.forecast.outlook import Outlook

RUNS: Final = 1_000
_RUNS_LARGE: Final = 200
_NOTICES_MANY: Final = 1_000
NODES_MAX: Final = 40
"""Nodes that are tried: those that lie on the way to the last answer most often."""
_SHOWN: Final = 12


class Improvements:
    """What would help most, found by rehearsing the same runs again with each change."""

    def __init__(
        self,
        loaded: "LoadedScenario",
        outlook: "Outlook",
        percent: int,
        progress: "Callable[[int, int], None] | None" = None,
    ) -> None:
        """Try the changes: that takes seconds, or some minutes for a drill of many bodies."""
        from drillsim.forecast.engine import Job
        from drillsim.forecast.improve import WHATS, Question, improvements
        from drillsim.machine import cores

        self.loaded, self.exercise, self.asked = loaded, loaded.exercise, percent
        key = outlook.main_tier()
        self.inject: InjectId | None = None if key is None else key[0]
        self.found: list[Improvement] = []
        self.tried = self.weak = 0
        if self.inject is None:
            return
        many = Job(self.exercise, 0, 1).notices > _NOTICES_MANY
        self.runs = min(outlook.tally.runs, _RUNS_LARGE if many else RUNS)
        nodes = self._weak(outlook, self.inject)
        self.weak = len(nodes)
        self.percent = Question(
            self.exercise, self.inject, outlook.seed, self.runs, percent
        ).percent_that_tells()
        question = Question(self.exercise, self.inject, outlook.seed, self.runs, self.percent)
        self.tried = min(len(nodes), NODES_MAX) * len(WHATS)
        self.found = improvements(question, nodes[:NODES_MAX], workers=cores(), progress=progress)

    def _weak(self, outlook: "Outlook", inject: "InjectId") -> list["NodeId"]:
        return [post.node for post in outlook.posts() if post.inject == inject and post.on_path]

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        if self.inject is None:
            return {"inject": None, "tried": 0, "improvements": []}
        return {
            "inject": self.inject,
            "runs": self.runs,
            "percent": self.percent,
            "tried": self.tried,
            "improvements": [
                {
                    "node": one.node,
                    "change": one.what,
                    "where": self._where(one.node),
                    "before_seconds": one.before.total_seconds(),
                    "after_seconds": one.after.total_seconds(),
                    "saved_seconds": one.saved.total_seconds(),
                    "reached_before": one.reached_before,
                    "reached_after": one.reached_after,
                }
                for one in self.found
            ],
        }

    def heading(self) -> str:
        """Return what was asked."""
        if self.inject is None:
            return _("Nobody is asked to answer, so there is nothing to improve.")
        return _(
            "What would help most: {inject}, until everybody has answered in {percent} % of "
            "{n} rehearsals"
        ).format(
            inject=clean_line(inject_name(self.exercise, self.inject)),
            percent=self.percent,
            n=f"{self.runs:,}",
        )

    def words(self) -> Iterator[str]:
        """Yield the best change in a sentence, and what was not tried."""
        if self.inject is None:
            return
        if self.percent != self.asked:
            yield _(
                "In fewer than {asked} % of the rehearsals everybody answers at all, so {percent} "
                "% is looked at."
            ).format(asked=self.asked, percent=self.percent)
        if not self.found:
            yield _("Of {n} changes that were tried, none helps.").format(n=self.tried)
            return
        best = self.found[0]
        yield _("{node}: {change} saves {saved} ({before} → {after}).").format(
            node=clean_line(node_name(self.exercise, best.node)),
            change=change_word(best.what),
            saved=short_length(best.saved),
            before=short_length(best.before),
            after=short_length(best.after),
        )
        if self.weak > NODES_MAX:
            left = self.weak - NODES_MAX
            yield ngettext(
                "{n} body that seldom holds the others up was not tried.",
                "{n} bodies that seldom hold the others up were not tried.",
                left,
            ).format(n=left)

    def rows(self) -> list[list[str]]:
        """Return the table; the first row is the head."""
        head = [
            _("body"),
            _("change"),
            _("saves"),
            _("with the change"),
            _("everybody answers"),
            _("where"),
        ]
        return [head, *(self._row(one) for one in self.found[:_SHOWN])]

    def _row(self, one: "Improvement") -> list[str]:
        return [
            clean_line(node_name(self.exercise, one.node)),
            change_word(one.what),
            short_length(max(one.saved, timedelta(0))),
            short_length(one.after),
            f"{100 * one.reached_before:.0f} → {100 * one.reached_after:.0f} %",
            self._where(one.node),
        ]

    def lines(self) -> Iterator[str]:
        """Yield it for a terminal."""
        yield self.heading()
        yield from self.words()
        if self.found:
            head, *rows = self.rows()
            yield from table(head, rows, right=(2, 3, 4))

    @cached_property
    def _document(self) -> "Document | None":
        from drillsim.files.tree_file import load_tree

        path = self.loaded.contacts_path
        return None if path is None else load_tree(path).document

    def _where(self, node: "NodeId") -> str:
        """Return the line of the node in the contact tree."""
        if self._document is None:
            return ""
        place = self._document.place(("nodes", self.exercise.tree.order[node]))
        return f"{clean_line(self._document.name)}:{place.line}"


def change_word(what: "What") -> str:
    """Return a change in words."""
    match what:
        case "stand-in":
            return _("one more stand-in")
        case "reminder":
            return _("reminder and stand-in in half the time")
        case "telephone":
            return _("a call as soon as the answer is late")
