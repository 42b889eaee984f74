"""Codes of local public bodies (全国地方公共団体コード): five digits and a check digit.

Codes are text: those of 北海道 to 福島県 begin with 0.
"""

CODE_LENGTH = 6

_WEIGHTS = 6, 5, 4, 3, 2


def check_digit(code5: str) -> str:
    """Return the check digit of the first five digits of a code.

    The last digit of 11 − S mod 11, S being the sum of the digits times 6, 5, 4, 3, 2
    (the ministry's 検査数字). 35201 has S = 53, hence 352012.

    Raises:
        ValueError: `code5` is not five ASCII digits.
    """
    if not _is_digits(code5, CODE_LENGTH - 1):
        raise ValueError(f"not five digits: {code5!r}")
    total = sum(int(digit) * weight for digit, weight in zip(code5, _WEIGHTS, strict=True))
    return str((11 - total % 11) % 10)


def is_valid_code(code6: str) -> bool:
    """Return whether `code6` is six ASCII digits of which the last is the right check digit."""
    return _is_digits(code6, CODE_LENGTH) and check_digit(code6[:-1]) == code6[-1]


def prefecture_code(code6: str) -> str:
    """Return the code of the prefecture that a body lies in; a prefecture's is its own.

    Raises:
        ValueError: `code6` does not begin with five digits.
    """
    first = code6[:2] + "000"
    return first + check_digit(first)


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdecimal()
