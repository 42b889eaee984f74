"""Writing a message that the scenario does not have, while the drill runs."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static, TextArea
from typing_extensions import override

from drillsim.conduct.refusal import RefusedOrderError
from drillsim.conduct.typing_injects import INFORMATION, typed_order
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.text import clean_line, cut
from drillsim.tui.screens.dialogs import Dialog, field
from drillsim.tui.views.drill import DrillView
from drillsim.tui.widgets.choice_line import ChoiceLine

_WITHIN: Final = ("15m", "30m", "60m")
_SENDERS_MAX: Final = 4
_NAME: Final = 28


class WriteInject(Dialog[dict[str, Any]]):
    """Sender, recipients, subject and text; its result is the order's payload.

    What is wrong with it is told while one types, by the same check that the director makes.
    """

    def __init__(self, view: DrillView, node: NodeId | None, author: str, now: timedelta) -> None:
        """Offer the body `node`, which the cursor is on, as the recipient."""
        super().__init__()
        self._view, self._author, self._now = view, author, now
        self._node = node if node in view.exercise.participants else None
        self.title_text = _("Write a message")
        self.do_text = _("send it")
        self.do_key = "^s"

    @override
    def body(self) -> ComposeResult:
        yield field(_("from"), ChoiceLine(self._senders(), id="from"))
        yield field(_("to"), ChoiceLine(self._recipients(), id="to"))
        yield field(_("subject"), Input(compact=True, max_length=200, id="subject"))
        within = [(_("answer within {time}").format(time=time), time) for time in _WITHIN]
        within.append((_("for information only"), INFORMATION))
        yield field(_("answer"), ChoiceLine(within, chosen=1, id="within"))
        hint = _("text; 【訓練】 and 「これは、訓練です。」 are added by themselves")
        yield Static(Text(hint), classes="hint")
        yield TextArea(id="text", tab_behavior="focus", show_line_numbers=False, compact=True)

    def on_mount(self) -> None:
        self.query_one("#subject").focus()

    def _senders(self) -> list[tuple[str, str]]:
        exercise = self._view.exercise
        usual = exercise.scenario.injects[0].from_
        above = [n.id for n in exercise.tree.nodes if exercise.tree.children[n.id]]
        nodes = dict.fromkeys([usual, *above[:_SENDERS_MAX]])
        return [(cut(self._view.names.node(node), _NAME), str(node)) for node in nodes]

    def _recipients(self) -> list[tuple[str, str]]:
        exercise, names = self._view.exercise, self._view.names
        offered: list[tuple[str, str]] = []
        if self._node is not None:
            offered.append((cut(names.node(self._node), _NAME), str(self._node)))
        others = exercise.participants - {exercise.scenario.injects[0].from_}
        kinds = Counter(n.kind for n in exercise.tree.nodes if n.id in others)
        for kind, count in kinds.items():
            text = _("every {kind} ({count})").format(kind=names.kind(kind), count=count)
            offered.append((text, kind))
        everyone = _("everybody ({count})").format(count=len(others))
        return [*offered, (everyone, "all")]

    def _payload(self) -> dict[str, Any]:
        def choice(name: str) -> str:
            line: ChoiceLine[str] = self.query_one(f"#{name}", ChoiceLine)
            return line.value

        return {
            "from": choice("from"),
            "to": [choice("to")],
            "within": choice("within"),
            "subject": self.query_one("#subject", Input).value.strip(),
            "body": self.query_one("#text", TextArea).text.strip(),
        }

    def _fault(self, payload: Mapping[str, Any]) -> str:
        try:
            typed_order(payload, self._author, self._now, self._view.exercise)
        except RefusedOrderError as refused:
            return clean_line(str(refused))
        return ""

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(ChoiceLine.Changed)
    def _check(self) -> None:
        payload = self._payload()
        # What was not begun yet is missing, and no fault.
        self.complain(self._fault(payload) if payload["subject"] and payload["body"] else "")

    @override
    def on_input_submitted(self) -> None:
        """Enter in the subject goes on to the text: a message is sent by its own key."""
        self.query_one("#text").focus()

    @override
    def result(self) -> dict[str, Any] | None:
        payload = self._payload()
        fault = self._fault(payload)
        if fault:
            self.complain(fault)
            return None
        return payload
