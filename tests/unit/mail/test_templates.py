from datetime import date, datetime, time, timedelta, timezone

import pytest

from drillsim.drill.texts import FILTERS
from drillsim.mail import templates
from drillsim.mail.templates import (
    RESULT_LENGTH_MAX,
    SOURCE_LENGTH_MAX,
    TemplateFaultError,
    Value,
    template,
    undeclared,
)

JST = timezone(timedelta(hours=9))
AT = datetime(2026, 10, 14, 10, 5, tzinfo=JST)


def fault(source: str, **values: Value) -> TemplateFaultError:
    with pytest.raises(TemplateFaultError) as caught:
        template(source).render(values)
    return caught.value


def test_names_are_filled_in_and_text_stays_text() -> None:
    text = template("{{ place }}で検知（<b>{{ level }}</b>）\n").render(
        {"place": "A & B <script>", "level": 2, "unused": "x"}
    )
    assert text == "A & B <script>で検知（<b>２</b>）\n"


def test_moments_are_printed_in_the_official_style() -> None:
    values: dict[str, Value] = {"at": AT, "day": date(2026, 4, 1), "hour": time(9, 0), "n": 17}
    source = "{{ at }}、{{ at|date }}、{{ at|time }}、{{ day }}、{{ hour }}、{{ n }}"
    assert template(source).render(values) == (
        "令和８年10月14日（水）10時05分、令和８年10月14日（水）、10時05分、"
        "令和８年４月１日（水）、９時00分、17"
    )


def test_the_filters_are_those_that_are_documented() -> None:
    assert set(templates._environment().filters) == set(FILTERS)


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("{{ '2026-10-14'|date }}", "令和８年10月14日（水）"),
        ("{{ '2026-10-14T10:05'|date }}", "令和８年10月14日（水）"),
        ("{{ '2026-10-14T10:05+09:00'|time }}", "10時05分"),
        ("{{ '9:05'|time }}", "９時05分"),
        ("{{ empty|default('確認中') }}", "確認中"),
        ("{{ missing|default('確認中') }}", "確認中"),
        ("{{ empty|default('確認中', true) }}", "確認中"),
        ("{{ ' a '|trim }}", "a"),
        ("{{ 'ab'|upper ~ 'CD'|lower }}", "ABcd"),
        ("{% if empty %}a{% else %}b{% endif %}", "b"),
        ("{% if level >= 2 and not empty %}\n高い\n{% endif %}\n終わり", "高い\n終わり"),
        ("{{ 'a' if level == 3 else 'b' }}", "b"),
    ],
)
def test_what_a_text_may_do(source: str, result: str) -> None:
    assert template(source).render({"empty": "", "level": 2}) == result


@pytest.mark.parametrize(
    "source",
    [
        "{{ x.__class__ }}",
        "{{ x['__class__'] }}",
        "{{ x|attr('__class__') }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ x.name }}",
        "{{ x() }}",
        "{{ range(10) }}",
        "{{ cycler }}{{ lipsum() }}",
        "{% for a in x %}{% endfor %}",
        "{% for a in 'aaaa' %}{% for b in 'aaaa' %}{% endfor %}{% endfor %}",
        "{% set a = 'x' %}",
        "{% macro f() %}{{ f() }}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% block a %}{% endblock %}",
        "{% call x() %}{% endcall %}",
        "{% filter upper %}a{% endfilter %}",
        "{% raw %}x{% endraw %}{{ 2 ** 99 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ x + x }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ x|format(1) }}",
        "{{ x|join('x'|join('y')) }}",
        "{{ x|replace('a', 'aa') }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ x[0] }}",
        "{% if x is defined %}{% endif %}",
        "{{ x is mapping }}",
        "{% do x %}",
        "{{ self }}{{ self.x() }}",
    ],
)
def test_what_a_text_may_not_do_is_refused_before_it_is_filled_in(source: str) -> None:
    with pytest.raises(TemplateFaultError) as caught:
        template(f"一行目\n{source}")
    assert caught.value.line == 2
    assert caught.value.remedy


@pytest.mark.parametrize(
    "source", ["{{ x", "{{ x }", "{% if x %}", "{% endif %}", "{{ }}", "{{ | }}"]
)
def test_a_broken_template_is_told_with_its_line(source: str) -> None:
    with pytest.raises(TemplateFaultError) as caught:
        template(f"\n\n{source}")
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5_000 + "x" + ")" * 5_000 + " }}",
        "{% if x %}" * 150 + "{% endif %}" * 150,
        "{% if x %}" * 35 + "{{ x|trim|trim }}" + "{% endif %}" * 35,
        "{{ x" + "|trim" * 5_000 + " }}",
        "{{ x" + " ~ x" * 10_000 + " }}",
        "{{ " + "not " * 5_000 + "x }}",
    ],
    ids=["brackets", "ifs", "fewer ifs", "filters", "joins", "nots"],
)
def test_what_is_too_intricate_for_python_is_a_fault_or_works(
    source: str, request: pytest.FixtureRequest
) -> None:
    try:
        template(source).render({"x": "a"})
    except TemplateFaultError as error:
        assert error.remedy == "write it more simply"  # noqa: PT017
        assert "fewer" not in request.node.name


def test_a_name_without_a_value_is_told_with_its_line() -> None:
    error = fault("一\n{{ other|default('') }}{{ known }}\n{{ place }}", known="x")
    assert (error.line, error.message) == (3, "nothing is known as place")


def test_a_value_that_is_no_date_is_told_with_its_line() -> None:
    error = fault("一\n二 {{ since|date }}", since="昨日")
    assert (error.line, "昨日" in error.message) == (2, True)
    assert "date" in fault("{{ since|date }}", since=3).message
    assert "time" in fault("{{ since|time }}", since=date(2026, 10, 14)).message
    assert fault("{{ since|date }}").message == "nothing is known as since"


def test_sizes_have_limits() -> None:
    with pytest.raises(TemplateFaultError):
        template("a" * (SOURCE_LENGTH_MAX + 1))
    error = fault("{{ x }}" * 100, x="a" * (RESULT_LENGTH_MAX // 50))
    assert error.message == "the filled text is too long"
    stencil = template("{{ x }}").stencil({}, ["x"])
    with pytest.raises(TemplateFaultError):
        stencil.fill({"x": "a" * (RESULT_LENGTH_MAX + 1)})


def test_the_names_that_a_text_needs_are_known_before_it_is_filled_in() -> None:
    assert undeclared("{{ a }}{% if b %}{{ c|default('x') }}{% endif %}") == {"a", "b", "c"}
    assert undeclared("本文のみ") == set()
    assert template("一 {{ b }}\n{{ a }}\n{{ b|trim }}").lines == {"b": 1, "a": 2}


def test_a_value_is_never_read_as_a_template_again() -> None:
    assert template("{{ a }}").render({"a": "{{ b }}{% if x %}"}) == "{{ b }}{% if x %}"


def test_a_stencil_is_filled_for_each_recipient() -> None:
    stencil = template("{{ to }}　様\n{{ place }}（{{ ref }}）{{ to }}").stencil(
        {"place": "センター"}, ["to", "ref"]
    )
    assert stencil.slots == ("to", "ref", "to")
    assert stencil.fill({"to": "山口市", "ref": "7KQ2-M4XD"}) == (
        "山口市　様\nセンター（7KQ2-M4XD）山口市"
    )
    assert stencil.fill({"to": AT, "ref": 3}).startswith("令和８年10月14日（水）10時05分　様")


def test_slots_in_conditions_and_filters_are_filled_rightly_too() -> None:
    source = "{% if to == '山口市' %}市長{% else %}{{ to|upper }}{% endif %} {{ place }}"
    stencil = template(source).stencil({"place": "x"}, ["to"])
    assert stencil.fill({"to": "山口市"}) == "市長 x"
    assert stencil.fill({"to": "abc"}) == "ABC x"


def test_a_slot_without_a_value_is_told() -> None:
    with pytest.raises(TemplateFaultError, match="nothing is known as ref"):
        template("{{ ref }}").stencil({}, ["ref"]).fill({})


def test_no_value_can_pass_for_a_slot() -> None:
    stencil = template("{{ place }}|{{ ref }}\x00ref\x00").stencil(
        {"place": "\x00ref\x00"}, ["ref"]
    )
    assert stencil.fill({"ref": "\x00place\x00"}) == "ref|placeref"
