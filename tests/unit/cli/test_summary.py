"""The tables of a drill: aligned for wide characters, plain text, no person named."""

import re

import pytest

from drillsim.cli.summary import headline, loss_lines, score_lines, summary_lines
from drillsim.cli.table import table
from drillsim.drill.events import AnsweredAfterEnd
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.i18n import set_language
from drillsim.text import width
from tests import examples
from tests.unit.evaluation.logs import Log, m


def drill(name: str = "架空n1") -> Log:
    excepted = {"default": "all", "except": {"n1-3": "システム\x1b[31m更新"}}
    contacts = examples.tree(changes={"n1": {"name": name}})
    log = Log(examples.exercise(contacts, examples.scenario(participants=excepted)))
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2")
    log.ack("n1-1", 22, channel="telephone")
    log.report("n1-1", 40, terminals="0")
    log.end(240)
    log.add(AnsweredAfterEnd(at=m(250), notice=log.key("n1-2"), by="担当1"))
    return log


def evaluated(log: Log) -> Evaluation:
    return evaluate(log.exercise, log.events)


def test_the_summary_says_what_happened() -> None:
    assert (
        "\n".join(summary_lines(evaluated(drill())))
        == """\
架空の訓練
The window closed after 4:00:00
Reached by any message: 2/3 66.7 % (1 acknowledged by telephone)
Score 71.9 S (largely achieved)  (contact 66.6 S (largely achieved), handling 100.0 P (achieved))

message and tier  acknowledged  in time  late  missing  passed on  reported  delivered
──────────────────────────────────────────────────────────────────────────────────────
架空の障害（第一報）
  prefecture       1/1 100.0 %        1     0        0        2/2       0/1        1/1
  municipality      1/2 50.0 %        1     0        1          –       1/2        0/2

acknowledged after  first   25 %   50 %   75 %   90 %   last  ≤15 min  ≤30 min  ≤60 min
───────────────────────────────────────────────────────────────────────────────────────
架空の障害（第一報）
  prefecture        04:00  04:00  04:00  04:00  04:00  04:00    100 %    100 %    100 %
  municipality      22:00  22:00  22:00      –      –  22:00     50 %     50 %     50 %

Where the time went
  架空の障害（第一報） · municipality: 1 of 2 in 22 min; 14 min of them lay at 架空n1
    架空n1 waiting for an answer 03:54 → 架空n1 until passed on 10:00 → 架空n1-1 on the way 08:00

What did not come, and why
  架空の障害（第一報） · report: acknowledged, but not reported: 1 (架空n1)
  架空の障害（第一報） · acknowledgement: other: 1 (架空n1-2)

Not counted
  answered after the end: 架空n1-2
  架空n1-3: takes no part (システム更新)"""
    )


@pytest.mark.parametrize("end", ["window", "operator", "real-incident", "final-phase", ""])
def test_the_headline_says_how_the_drill_ended(end: str) -> None:
    log = drill()
    log.events = log.events[:-2]
    if end:
        log.end(60, end, "elapsed 60m")
    expected = {
        "window": "The window closed after 1:00:00",
        "operator": "The operator ended the drill after 1:00:00",
        "real-incident": "The drill was stopped for a real incident after 1:00:00",
        "final-phase": "The drill came to its end after 1:00:00",
        "": "The drill runs: 0:40:00 since its start",
    }[end]
    assert next(headline(evaluated(log))) == expected


def test_a_drill_that_was_stopped_has_no_score_in_its_headline() -> None:
    log = drill()
    log.events = log.events[:-2]
    log.end(60, "real-incident")
    said = list(headline(evaluated(log)))
    assert "not rated: stopped by a real incident" in said
    assert not any("Score" in line for line in said)


def test_columns_are_aligned_for_wide_characters() -> None:
    lines = list(table(["name", "n"], [["山口県", "1"], ["x", "23"], ["ﾊﾝｶｸ", "4"]], right=(1,)))
    assert {width(line) for line in lines} == {len("山口県") * 2 + 4}
    assert lines[2] == "山口県   1"


def test_a_heading_does_not_widen_the_columns() -> None:
    head = ["a", "b"]
    lines = list(table(head, [["とても長い見出しとても長い見出し"], ["x", "1"]]))
    assert lines == ["a    b", "──────", "とても長い見出しとても長い見出し", "  x  1"]


@pytest.mark.parametrize("hostile", ["[red]赤[/]", "\x1b[2J消", "a\nb", "<b>太</b>", "\u202e逆"])
def test_names_are_text_and_nothing_else(hostile: str) -> None:
    # The model refuses line breaks in names already; the printer does not rely on it.
    name = hostile.replace("\n", " ")
    lines = list(summary_lines(evaluated(drill(name))))
    assert not any(re.search(r"[\x00-\x1f\x7f\u202e]", line) for line in lines)
    if hostile == "[red]赤[/]":
        assert any(hostile in line for line in lines)


def test_neither_officers_nor_addresses_are_named() -> None:
    evaluation = evaluated(drill())
    text = "\n".join(
        [*summary_lines(evaluation), *score_lines(evaluation), *loss_lines(evaluation, 99)]
    )
    assert "担当" not in text
    assert "@" not in text


def test_the_score_is_told_by_objective_and_criterion() -> None:
    lines = list(score_lines(evaluated(drill())))
    assert lines[:5] == [
        "objective    score",
        "──────────────────────────────────────",
        "reach        77.7 S (largely achieved)",
        "report back  33.3 U (not achieved)",
        "handle       100.0 P (achieved)",
    ]
    assert lines[-1] == "answers as expected       15  100.0 %   1 point            –"


def test_the_dearest_losses_come_first_and_the_rest_is_counted() -> None:
    lines = list(loss_lines(evaluated(drill()), 2))
    assert lines[2].split()[0] == "-14.04"
    assert lines[-1] == "and 1 more; --json lists all"


def test_a_drill_that_lost_nothing_lists_nothing() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    assert list(loss_lines(evaluated(log), 9)) == []


def test_excused_points_stand_last_and_say_why() -> None:
    story = examples.scenario(faults=[{"node": "n1-2", "kind": "drop"}])
    log = Log(examples.exercise(story=story))
    log.release()
    log.reach("n1", 0, 16)
    log.pass_on("n1", 17, "n1-1", "n1-2", "n1-3")
    log.notify("n1-2", 17.1, lost="dropped")
    log.end(240)
    lines = list(loss_lines(evaluated(log), 99))
    assert lines[-1].startswith("     –")
    assert lines[-1].endswith("not charged: machine fault")


def test_before_anything_is_due_there_is_no_mark() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    assert list(headline(evaluated(log)))[-1] == "Score –  (contact –, handling –)"


def test_in_japanese_the_tables_are_aligned_too() -> None:
    set_language("ja")
    lines = list(summary_lines(evaluated(drill())))
    first = next(n for n, line in enumerate(lines) if line.startswith("──"))
    rows = [lines[first], lines[first + 2], lines[first + 3]]
    assert len({width(row) for row in rows}) == 1
