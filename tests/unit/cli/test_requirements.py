"""`--require`: what a result has to come up to."""

from fractions import Fraction

import click
import pytest

from drillsim.cli.requirements import Requirement, RequirementType, as_json, judged
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.problem import ExitCode
from tests import examples
from tests.unit.evaluation.logs import Log


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """Two of three towns answer, one of them late; the prefecture does not report."""
    drill = Log(examples.exercise())
    drill.release()
    drill.reach("n1", 0, 4)
    drill.pass_on("n1", 18, "n1-1", "n1-2", "n1-3")
    for node in ("n1-1", "n1-2", "n1-3"):
        drill.submit(node, 18, sender=NodeId("n1"))
        drill.notify(node, 18)
    drill.report("n1-1", 24, terminals="0")
    drill.ack("n1-2", 52)
    drill.end(240)
    return evaluate(drill.exercise, drill.events)


def read(text: str) -> Requirement:
    return RequirementType().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "is_met"),
    [
        ("reached=75%", True),
        ("reached=75.1%", False),
        ("acknowledged=75%", True),
        ("in-time=50%", True),
        ("in-time=51%", False),
        ("passed-on=100%", True),
        ("reported=25%", True),
        ("reported=26%", False),
        ("score=1", True),
        ("score=100", False),
        ("rating=U", True),
        ("rating=P", False),
    ],
)
def test_a_figure_that_is_just_enough_is_enough(
    evaluation: Evaluation, text: str, is_met: bool
) -> None:
    assert read(text).is_met(evaluation) is is_met


def test_what_is_not_met_is_said_and_found(
    evaluation: Evaluation, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [read("reached = 75 %"), read("reported=90%")]
    assert judged(asked[:1], evaluation) is ExitCode.DONE
    assert judged(asked, evaluation) is ExitCode.FOUND
    out, err = capsys.readouterr()
    assert (out, err) == ("", "not met: reported is 25.0% (1/4), 90% is required\n")
    assert as_json(asked, evaluation) == [
        {"name": "reached", "least": "75%", "found": "75.0% (3/4)", "met": True},
        {"name": "reported", "least": "90%", "found": "25.0% (1/4)", "met": False},
    ]


def test_what_cannot_be_measured_is_not_met(capsys: pytest.CaptureFixture[str]) -> None:
    drill = Log(examples.exercise())
    drill.release()
    drill.end(1)
    early = evaluate(drill.exercise, drill.events)
    assert early.score.total.share in (None, Fraction(0))
    assert judged([read("score=0"), read("rating=U")], early) is ExitCode.FOUND
    assert capsys.readouterr().err == (
        "not met: score is not measured, 0 is required\n"
        "not met: rating is not measured, U is required\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "reached", "reached=", "reached=95", "reached=101%", "reached=-1%", "reached=٩٥%"),
        *("score=80%", "score=x", "rating=", "rating=SP", "rating=p", "speed=5%"),
    ],
)
def test_what_is_no_requirement_is_wrong_use(text: str) -> None:
    with pytest.raises(click.BadParameter, match="write reached=90%"):
        read(text)
