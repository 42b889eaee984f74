import random

import pytest

from drillsim.mail.tokens import (
    TOKEN_ALPHABET,
    canonical_token,
    find_tokens,
    format_token,
    plus_address,
    same_token,
    token_of_address,
)

TOKEN = "7KQ2-M4XD"


def test_the_alphabet_has_32_letters_and_no_look_alikes() -> None:
    assert len(set(TOKEN_ALPHABET)) == 32
    assert not set("01IO") & set(TOKEN_ALPHABET)


def test_every_number_of_40_bits_has_a_token_of_its_own() -> None:
    chance = random.Random(5)
    numbers = {0, 2**40 - 1, *(chance.getrandbits(40) for _ in range(2000))}
    tokens = {format_token(number) for number in numbers}
    assert len(tokens) == len(numbers)
    assert all(canonical_token(token) == token for token in tokens)
    assert format_token(0) == "2222-2222"
    assert format_token(2**40 - 1) == "ZZZZ-ZZZZ"


@pytest.mark.parametrize("number", [-1, 2**40])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="40 bits"):
        format_token(number)


@pytest.mark.parametrize(
    "written",
    [
        "7KQ2-M4XD",
        "７ＫＱ２－Ｍ４ＸＤ",
        "7kq2-m4xd",
        "７ｋｑ２ー ｍ４ｘｄ",
        "7KQ2‐M4XD",
        "7KQ2‑M4XD",
        "7KQ2–M4XD",
        "7KQ2—M4XD",
        "7KQ2−M4XD",
        "7KQ2ｰM4XD",
        "7KQ2 M4XD",
        "7KQ2M4XD",
    ],
)
def test_a_token_is_known_however_it_was_typed(written: str) -> None:
    assert canonical_token(written) == TOKEN
    assert find_tokens(f"（整理番号：{written}）受信しました。") == [TOKEN]


@pytest.mark.parametrize(
    "text",
    [
        "Re: 【訓練】ウイルス疑義の発生について（第一報）（整理番号：7KQ2-M4XD）",
        "整理番号7KQ2-M4XDです。",
        "整理番号は、７ＫＱ２－Ｍ４ＸＤです",
        "整理番号 「7kq2 m4xd」",
        "7KQ2-M4XD 受領しました",
        "番号は7KQ2M4XDでよいですか",
    ],
)
def test_a_token_is_found_in_what_people_write(text: str) -> None:
    assert find_tokens(text) == [TOKEN]


@pytest.mark.parametrize(
    "text",
    [
        "電話 2345-6789 内線 234",
        "drop-down menu",
        "DATE-TIME",
        "well-nigh half-year",
        "0KQ2-M4XD",
        "7KQI-M4XD",
        "A7KQ2-M4XDB",
        "abcd2345",
        "",
    ],
)
def test_what_is_no_token_is_not_found(text: str) -> None:
    assert find_tokens(text) == []


def test_a_labelled_token_comes_before_a_bare_one() -> None:
    assert find_tokens("前回 ABC2-DEF3、今回の整理番号：7KQ2-M4XD") == [TOKEN, "ABC2-DEF3"]


def test_a_token_of_figures_alone_needs_its_label() -> None:
    assert find_tokens("2345-6789") == []
    assert find_tokens("整理番号：2345-6789") == ["2345-6789"]


def test_comparing_tokens_takes_any_text() -> None:
    assert same_token(TOKEN, TOKEN)
    assert not same_token(TOKEN, "7KQ2-M4XE")
    assert not same_token(TOKEN, "番号\udcff")


def test_a_notice_has_a_plus_address_that_tells_its_token() -> None:
    address = plus_address("kunren@pref.example", TOKEN)
    assert address == "kunren+7kq2m4xd@pref.example"
    assert token_of_address(address) == TOKEN
    assert token_of_address("<KUNREN+7KQ2-M4XD@pref.example>") == TOKEN
    assert token_of_address("kunren+7kq2m4xd=suo=city.example@pref.example") == TOKEN
    assert token_of_address("kunren@pref.example") is None
    assert token_of_address("kunren+shomu@pref.example") is None
    assert token_of_address("") is None


def test_a_mailbox_without_a_domain_has_no_plus_address() -> None:
    with pytest.raises(ValueError, match="no address"):
        plus_address("kunren", TOKEN)
