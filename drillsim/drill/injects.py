"""An inject (状況付与): one scripted message, what is asked of those who get it, and its form."""

import re
from typing import Annotated, Any, Literal, NewType, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from drillsim.drill.durations import PeriodField
from drillsim.drill.model import FIELD, SLUG, Line, Model, Unfit, one_or_many
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.i18n import _

InjectId = NewType("InjectId", str)
FormId = NewType("FormId", str)

Objective = Literal["reach", "report", "handle"]
"""The three rungs of an exercise (IAEA ConvEx): reach, report, handle (DOMAIN, section 3)."""


class Target(Model):
    """Whom an inject is addressed to: nodes of some kinds, or named nodes."""

    kind: Annotated[
        tuple[NodeKind, ...],
        BeforeValidator(one_or_many, json_schema_input_type=NodeKind | tuple[NodeKind, ...]),
    ] = ()
    """All nodes of this kind, or of these kinds."""
    nodes: Annotated[
        tuple[NodeId, ...],
        BeforeValidator(one_or_many, json_schema_input_type=str | tuple[str, ...]),
    ] = ()
    """These nodes, by id."""

    @model_validator(mode="after")
    def _something(self) -> "Target":
        if not self.kind and not self.nodes:
            raise Unfit(_("nobody is named"), _("write kind: or nodes:"))
        return self


def _target_or_word(value: Any) -> str:
    return "Target" if isinstance(value, dict | Target) else "word"


To: TypeAlias = Annotated[
    Annotated[Target, Tag("Target")] | Annotated[Literal["children", "parent", "all"], Tag("word")],
    Discriminator(_target_or_word),
]


class Acknowledge(Model):
    """What is asked first: a person's word that the message came (受信確認).

    All periods run from the node's own notice; each further officer gets `stand-in-after` anew.
    """

    within: PeriodField
    """By when the acknowledgement is in time."""
    remind: tuple[PeriodField, ...] = ()
    """When reminders (再送) are sent to those who have not answered."""
    stand_in_after: PeriodField | None = None
    """When the next officer (代理者) is written to."""
    call_after: PeriodField | None = None
    """When the node goes on the call list (the step to the telephone)."""
    give_up_after: PeriodField | None = None
    """When the node counts as unreachable (連絡不能); an answer before EndEx still counts."""


class PassOn(Model):
    """The message is to be passed on (伝達), down to the children or up to the parent."""

    to: Literal["children", "parent"] = "children"
    within: PeriodField
    """By when the message is to be passed on."""
    subject: Line = ""
    """The text that a node passes on; without one, the inject's own."""
    body: str = ""
    """As subject: without it, the inject's own."""


class Report(Model):
    """The state is to be reported back up (状況報告), with `collect` consolidated."""

    within: PeriodField
    """By when the report is in time."""
    form: FormId | None = None
    """The form to be filled in, by its name under `forms`; without one, the report is free text."""
    sheet: bool = False
    """Whether the form is attached as a workbook (xlsx) too, to be filled in and sent back."""
    remind: tuple[PeriodField, ...] = ()
    """When those are reminded who have not reported."""
    collect: Literal["children"] | None = None
    """A node with children reports when all its participants have, or at the cut-off."""
    cut_off: PeriodField | None = None
    """When the collected report goes up although some are missing."""
    partial: Literal["allowed", "refused"] = "allowed"
    """Whether a report with some missing may go up at the cut-off."""


class Inject(Model):
    """One scripted message (状況付与)."""

    id: InjectId = Field(pattern=SLUG)
    title: Line = ""
    """What the inject is called on screens and in reports, such as 第一報."""
    objective: Objective = "reach"
    """The rung that it serves: reach, report, handle (IAEA ConvEx)."""
    from_: NodeId
    """The node in whose name it is sent."""
    to: To
    """Nodes to whom the drill itself writes: children, parent, all, {kind: …} or {nodes: […]}."""
    subject: Line = Field(min_length=1)
    """The subject, without the mark 【訓練】 and the token, which are added."""
    body: str = Field(min_length=1)
    """The text, without the sentence これは、訓練です。, which is added."""
    acknowledge: Acknowledge | None = None
    """Without it the inject is information only: complete as soon as it is delivered."""
    pass_on: PassOn | None = None
    """Without it, nobody is asked to pass it on."""
    report: Report | None = None
    """Without it, no report is asked for."""
    actions: tuple[Line, ...] = ()
    """Handling that is expected, booked with times by the operator."""
    contingency: bool = False
    """Sent only by the operator."""
    source: Literal["drill", "external"] = "drill"
    """`external`: it comes from outside the drill, and is told by the operator."""
    expected: str = ""
    """The expected action, for the MSEL."""


def _is_integer(text: str | None) -> bool:
    return text is None or re.fullmatch(r"-?[0-9]{1,9}", text) is not None


class FormField(Model):
    """One line of a report form."""

    id: str = Field(pattern=FIELD)
    label: Line = Field(min_length=1, max_length=60)
    """The line's heading in the form, by which answers are recognised."""
    type: Literal["text", "integer", "choice", "datetime"] = "text"
    options: tuple[str, ...] = ()
    """The answers to choose from."""
    expect: str | None = None
    """The answer that is expected; with it, the line counts in the rating of handling."""
    required: bool = True
    """Whether a report without this line is incomplete."""

    @model_validator(mode="after")
    def _choices(self) -> "FormField":
        if self.type == "choice" and len(self.options) < 2:
            raise Unfit(
                _("a choice needs at least two options"),
                _("write options: [有, 無, 確認中]"),
                "options" if self.options else None,
            )
        if self.type != "choice" and self.options:
            raise Unfit(
                _("only a choice has options"),
                _("write type: choice, or leave them out"),
                "options",
            )
        if self.options and self.expect is not None and self.expect not in self.options:
            raise Unfit(
                _("{value} is none of the options").format(value=self.expect),
                _("write one of: {choices}").format(choices=", ".join(self.options)),
                "expect",
            )
        if self.type == "integer" and not _is_integer(self.expect):
            raise Unfit(
                _("{value} is no whole number").format(value=self.expect),
                _("write a number such as 3"),
                "expect",
            )
        return self
