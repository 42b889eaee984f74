"""Texts of a scenario that reach for more than letters need, or would run without end."""

import time
from pathlib import Path

import pytest

from drillsim.files.checks.scenario_checks import check_scenario
from drillsim.files.scenario_file import read_scenario
from drillsim.problem import Problem

GOOD = Path(__file__).parents[2] / "data" / "bad" / "good-scenario.yaml"
CPU_SECONDS_MAX = 2.0  # 0.6 at the most on a machine that does nothing else.
LAST_LINE = "      {{ ack_by }}までに返信してください。\n"


def problems_with(line: str) -> list[Problem]:
    """Return what check says of the good scenario with `line` as the fourth of its body."""
    text = GOOD.read_text(encoding="utf-8")
    assert LAST_LINE in text
    text = text.replace(LAST_LINE, f"{LAST_LINE}      {line}\n")
    document, scenario = read_scenario(text.encode(), "s.yaml")
    return check_scenario(scenario, document)


@pytest.mark.parametrize(
    "line",
    [
        "{% if place %}" * 200 + "x" + "{% endif %}" * 200,
        "{% if place %}" * 3000 + "x" + "{% endif %}" * 3000,
        "{% if place %}x" + "{% elif place %}x" * 3000 + "{% endif %}",
        "{{ " + "not " * 5000 + "place }}",
        "{{ " + "(" * 5000 + "place" + ")" * 5000 + " }}",
        "{{ " + "place if place else " * 3000 + "place }}",
        "{{ place" + "|upper" * 8000 + " }}",
        "{{ place " + "and place " * 5000 + "}}",
        "{{ 10**10**10 }}",
        "{{ 'a' * 999999999 }}",
        "{{ [place] * 99999 }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ place|center(1000000000) }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ place['x'] }}",
        "{{ cycler }}",
        "{{ range(5) }}",
        "{{ self }}",
        "{{ place.format }}",
        "{{ lipsum() }}",
        "{% for a in range(999999999) %}x{% endfor %}",
        "{% set place = 1 %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% macro f() %}{% endmacro %}",
        "{% filter upper %}x{% endfilter %}",
        "{#" + "x" * 50000,
        "{" * 60000,
        "{{ place|date }}",
        "\u200b" * 3,
        "これは訓練ではありません。" * 4000,
    ],
    ids=lambda line: line[:24],
)
def test_a_hostile_text_is_refused_at_once(line: str) -> None:
    began = time.process_time()
    problems = problems_with(line)
    assert time.process_time() - began < CPU_SECONDS_MAX
    assert [problem.line in (20, 23) for problem in problems] == [True]
    assert not problems[0].is_warning


@pytest.mark.parametrize(
    "line",
    [
        "{{ place }}" * 5000,
        "{{ " + "place ~ " * 2000 + "place }}",
        "。" * 60000,
        "訓練" * 30000,
        "【" * 60000,
        "{% if place %}{{ place|upper }}{% else %}{{ officer|default('御担当者') }}{% endif %}",
        "{{ now|date }} {{ ack_by | time }} {{ 'a' ~ place }}",
        "実際の障害が発生した場合は、訓練を中止します。",
    ],
    ids=lambda line: line[:24],
)
def test_a_long_or_ordinary_text_passes_at_once(line: str) -> None:
    began = time.process_time()
    assert problems_with(line) == []
    assert time.process_time() - began < CPU_SECONDS_MAX


def test_many_unknown_names_are_not_all_listed() -> None:
    problems = problems_with("".join(f"{{{{ n{n} }}}}" for n in range(3000)))
    assert len(problems) == 20


def test_the_subject_is_counted_with_its_names_filled_in() -> None:
    text = GOOD.read_text(encoding="utf-8")
    text = text.replace("障害の発生について", "件名" + "{{ drill_title }}" * 40)
    document, scenario = read_scenario(text.encode(), "s.yaml")
    said = [str(problem) for problem in check_scenario(scenario, document)]
    assert said == [
        "s.yaml:18:14: the subject grows to 226 characters with mark and token; write at most 176"
    ]


@pytest.mark.parametrize(
    "said", ["この訓練は予告していません。", "予告のない訓練です。", "unannounced"]
)
def test_a_blind_drill_says_so_in_the_language_of_its_texts(said: str) -> None:
    text = GOOD.read_text(encoding="utf-8").replace("incident:", "announcement: none\nincident:")
    blind = text.replace(LAST_LINE, f"{LAST_LINE}      {said}\n")
    found = [
        [each.severity for each in check_scenario(scenario, document)]
        for document, scenario in (read_scenario(each.encode(), "s.yaml") for each in (text, blind))
    ]
    assert found == [["warning"], ["warning"] if said.isascii() else []]
