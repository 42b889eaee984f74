"""The person's own words, left when all that others wrote is taken away.

The attribution lines and signatures are those that mail programs write.
"""

from pathlib import Path

import pytest

from drillsim.mail.quotes import own_words

MAILS = Path(__file__).parents[2] / "data" / "mail"


def lines(name: str) -> list[str]:
    """Return the lines of a file of examples; `|` stands for a line end within one."""
    text = (MAILS / f"{name}.txt").read_text(encoding="utf-8")
    return [line.replace("|", "\n") for line in text.splitlines()]


ATTRIBUTIONS = lines("attributions")
PHONE_LINES = lines("phone_lines")
OWN = lines("own_words")

REST = ("", "\n\nOn 2026/10/14 10:05, x wrote:\n> a", "\n\nthe old mail, unmarked")


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("quote", ["> Hello there\n> how are you", "Hello there\nhow are you"])
@pytest.mark.parametrize("gap", ["\n\n", "\n"])
def test_an_attribution_ends_the_own_words(attribution: str, quote: str, gap: str) -> None:
    found = own_words(f"OK, thanks.{gap}{attribution}\n\n{quote}\n")
    assert found.own == "OK, thanks."
    assert found.quotes


@pytest.mark.parametrize("line", PHONE_LINES)
@pytest.mark.parametrize("rest", REST)
def test_what_a_telephone_puts_below_a_mail_ends_the_own_words(line: str, rest: str) -> None:
    assert own_words(f"OK, thanks.\n\n{line}{rest}\n").own == "OK, thanks."


@pytest.mark.parametrize("text", OWN)
def test_what_a_person_writes_is_left_as_it_is(text: str) -> None:
    assert own_words(text).own == text


def test_a_mail_without_any_mark_is_all_own_words() -> None:
    found = own_words("  受信しました。\n入江\n\n")
    assert (found.own, found.quotes, found.forwards) == ("受信しました。\n入江", False, False)


def test_a_forward_is_told_from_a_quote() -> None:
    assert own_words("FYI\n\nBegin forwarded message:\n\nFrom: a <a@b.example>").forwards
    assert not own_words("OK\n> a").forwards


def test_an_address_and_a_number_in_a_form_are_no_attribution() -> None:
    form = """\
登録内容の変更　　　　　　：変更あり
２人目の氏名　　　　　　　：架空 新樹
２人目の職　　　　　　　　：主事
２人目のメール　　　　　　：araki@town.example
２人目の電話　　　　　　　：0820-00-1802
２人目の夜間・休日のメール："""
    assert own_words(f"報告します。\n\n{form}\n\n架空町").own == f"報告します。\n\n{form}\n\n架空町"
