import pytest

from drillsim.drill.codes import check_digit, is_valid_code, prefecture_code


@pytest.mark.parametrize(
    ("code5", "digit"),
    [
        ("35201", "2"),  # S = 53, 11 - 9
        ("35000", "1"),  # S = 43, 11 - 10
        ("01000", "6"),
        ("35216", "1"),  # S = 65, 11 - 10
        ("35208", "0"),  # S = 67, 11 - 1 = 10: its last digit
        ("00000", "1"),  # 11 - 0 = 11: its last digit
    ],
)
def test_the_check_digit_is_the_last_digit_of_eleven_less_the_rest(code5: str, digit: str) -> None:
    assert check_digit(code5) == digit


@pytest.mark.parametrize("code5", ["", "3520", "352012", "3520a", "３５２０１", "3520²", " 3520"])
def test_only_five_ascii_digits_have_a_check_digit(code5: str) -> None:
    with pytest.raises(ValueError, match="not five digits"):
        check_digit(code5)


@pytest.mark.parametrize("code", ["352012", "010006", "471002"[:5] + check_digit("47100")])
def test_a_right_code_is_valid(code: str) -> None:
    assert is_valid_code(code)


@pytest.mark.parametrize(
    "code", ["352013", "35201", "3520122", "10006", "", "３５２０１２", "35201x"]
)
def test_a_wrong_code_is_not(code: str) -> None:
    assert not is_valid_code(code)


def test_nearly_every_slip_of_one_digit_is_found() -> None:
    # Not every one: sums of 0 and 10 modulo 11 share the check digit 1.
    slips = [
        code[:place] + digit + code[place + 1 :]
        for code in ("352012", "010006", "131016", "473821")
        for place in range(6)
        for digit in "0123456789"
        if digit != code[place]
    ]
    passed = [slip for slip in slips if is_valid_code(slip)]
    assert len(slips) == 216
    assert len(passed) <= 10


def test_a_body_knows_its_prefecture_by_its_first_two_digits() -> None:
    assert prefecture_code("352012") == "350001"
    assert prefecture_code("350001") == "350001"
    assert prefecture_code("012025") == "010006"
