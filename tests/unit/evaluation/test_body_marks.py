"""The sheet that a body gets about itself: the score taken over its own points alone."""

from fractions import Fraction

from drillsim.evaluation.body_marks import body_marks
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.scoring import Mark
from tests import examples
from tests.unit.evaluation.logs import Log


def test_a_body_is_marked_by_what_was_asked_of_it_under_the_weights_of_the_drill() -> None:
    weights = {"acknowledge": 30, "report": 10, "pass-on": 20, "answers": 7, "actions": 0}
    story = examples.scenario(scoring={"weights": weights})
    log = Log(examples.exercise(story=story))
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2")
    log.ack("n1-1", 20)
    log.report("n1-1", 40, terminals="0", line_cut="無")
    log.ack("n1-2", 50)  # Late: half of the point.
    log.report("n1", 60, terminals="3", line_cut="有")
    log.end(240)
    score = evaluate(log.exercise, log.events).score
    rating = score.rubric.rating
    none = Mark(share=None, rating=None)
    marks = body_marks(score)
    assert list(marks) == ["n1", "n1-1", "n1-2"]
    above = (Fraction(30) + 20 * Fraction(2, 3) + 10) / 60
    assert (marks["n1"].contact.share, marks["n1"].contact.rating) == (above, rating(above))  # type: ignore[index]
    assert marks["n1"].handling == Mark(share=Fraction(0), rating="U")  # type: ignore[index]
    assert marks["n1-1"].contact == Mark(share=Fraction(1), rating="P")  # type: ignore[index]
    assert marks["n1-1"].handling == Mark(share=Fraction(1), rating="P")  # type: ignore[index]
    half = Fraction(15) / 40
    assert marks["n1-2"].contact == Mark(share=half, rating="U")  # type: ignore[index]
    assert marks["n1-2"].handling == none  # type: ignore[index]


def test_a_body_that_was_left_out_is_not_marked_for_it() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1")
    log.notify("n1-1", 15)
    log.ack("n1-3", 16, channel="telephone")  # It heard of it otherwise.
    log.end(240)
    score = evaluate(log.exercise, log.events).score
    marks = {node: mark.contact.share for node, mark in body_marks(score).items()}
    assert marks == {"n1": Fraction(7, 12), "n1-1": Fraction(0), "n1-3": Fraction(2, 3)}


def test_a_drill_in_which_nothing_was_asked_marks_nobody() -> None:
    log = Log(examples.exercise())
    assert body_marks(evaluate(log.exercise, log.events).score) == {}


def test_points_that_are_excused_count_for_nobody() -> None:
    story = examples.scenario(faults=[{"node": "n1", "kind": "drop"}])
    log = Log(examples.exercise(story=story))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1, lost="dropped")
    log.end(240)
    assert "n1" not in body_marks(evaluate(log.exercise, log.events).score)
