"""What is filled into a form comes back, whatever mail programs do to it on the way."""

import string
from collections.abc import Callable
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from drillsim.drill.scenario import FormField
from drillsim.mail.form_values import fold
from drillsim.mail.forms import fill_form, parse_answers, render_form
from drillsim.mail.headers import jis

TODAY = date(2026, 10, 14)
LETTERS = "影響端末数回線切断状況部署対応窓口カナぁアＡ" + string.ascii_lowercase
LABELS = st.lists(
    st.text(LETTERS, min_size=2, max_size=10),
    min_size=1,
    max_size=8,
    unique_by=lambda label: fold(label).lower(),
)
OPTIONS = st.sampled_from(
    [
        ("有", "無", "確認中"),
        ("済", "未", "確認中"),
        ("最新", "最新でない"),
        ("甲", "乙", "丙", "丁"),
    ]
)
WORDS = st.text("山口市役所の主査が見た、2台。 \n（済）abc", min_size=1, max_size=40).filter(
    lambda words: words.strip(" \n、。") != ""
)


def meant(words: str) -> str:
    """Return words as they are kept: lines without blanks around them, no empty ones."""
    return "\n".join(line.strip() for line in words.splitlines() if line.strip())


@st.composite
def filled_in(draw: st.DrawFn) -> tuple[list[FormField], dict[str, str]]:
    fields: list[FormField] = []
    answers: dict[str, str] = {}
    for number, label in enumerate(draw(LABELS)):
        name = f"f{number}"
        kind = draw(st.sampled_from(["text", "integer", "choice", "datetime"]))
        match kind:
            case "integer":
                fields.append(FormField(id=name, label=label, type="integer"))
                answers[name] = str(draw(st.integers(-9, 9999)))
            case "choice":
                options = draw(OPTIONS)
                fields.append(FormField(id=name, label=label, type="choice", options=options))
                answers[name] = draw(st.sampled_from(options))
            case "datetime":
                fields.append(FormField(id=name, label=label, type="datetime"))
                moment = draw(st.datetimes(min_value=_FIRST, max_value=_LAST))
                answers[name] = moment.isoformat(timespec="minutes")
            case _:
                fields.append(FormField(id=name, label=label))
                answers[name] = meant(draw(WORDS))
    return fields, answers


_FIRST, _LAST = datetime(2020, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001


def as_quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def as_spaced(text: str) -> str:
    return "\n".join(line.replace("：", "  :  ", 1) for line in text.split("\n"))


BENT: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "quoted": as_quoted,
    "spaced": as_spaced,
    "crlf": lambda text: text.replace("\n", "\r\n"),
}


@given(form=filled_in(), way=st.sampled_from(sorted(BENT)))
def test_what_is_filled_in_is_read_again(
    form: tuple[list[FormField], dict[str, str]], way: str
) -> None:
    fields, answers = form
    text = f"次のとおり報告します。\n\n{fill_form(fields, answers)}\n\n山口市 市民課\n"
    said = parse_answers(fields, BENT[way](text), today=TODAY)
    assert said.values == answers
    assert said.is_complete
    assert set(said.pending) == {name for name, answer in answers.items() if answer == "確認中"}


@given(form=filled_in())
def test_both_charsets_of_a_mail_hold_a_form(
    form: tuple[list[FormField], dict[str, str]],
) -> None:
    fields, answers = form
    text = fill_form(fields, answers)
    encoded = jis(text)
    assert encoded is not None
    for back in (text.encode().decode(), encoded.decode("iso2022_jp")):
        assert parse_answers(fields, back, today=TODAY).values == answers


@given(form=filled_in())
def test_a_blank_form_says_nothing(form: tuple[list[FormField], dict[str, str]]) -> None:
    fields, _answers = form
    assert not parse_answers(fields, render_form(fields), today=TODAY).is_report
    assert not parse_answers(fields, fill_form(fields, {}), today=TODAY).is_report


@given(text=st.text(max_size=300), form=filled_in())
def test_any_text_at_all_can_be_read(
    text: str, form: tuple[list[FormField], dict[str, str]]
) -> None:
    fields, _answers = form
    labelled = "".join(f"{field.label}：{text}\n" for field in fields)
    said = parse_answers(fields, labelled, whole=text, today=TODAY)
    ids = {field.id for field in fields}
    assert ids == {*said.values, *said.missing, *(each.field for each in said.unreadable)}
