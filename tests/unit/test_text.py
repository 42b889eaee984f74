import pytest

from drillsim.text import clean, clean_line, cut, fit, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31;1m赤\x1b[0m", "赤"),
        ("\x1b]0;title\x07ok", "ok"),
        ("\x1b]8;;http://a.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\after", "after"),
        ("\x9b2Jcleared", "cleared"),
        ("\x1b]0;never ended\nnext line", "␛]0;never ended\nnext line"),
        ("\x1b$B;3\x1b(B", ";3"),  # ISO-2022-JP that was not decoded
        ("lonely \x1b", "lonely ␛"),
        ("\x1b\x1b[31m[32mtwice", "␛[32mtwice"),
        ("null\x00bell\x07del\x7f", "null␀bell␇del␡"),
        ("\u202eexe.txt", "exe.txt"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\tb", "a    b"),
        ("\udce5", "\ufffd"),
        ("\u0301x", "x"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
    ],
)
def test_what_acts_on_a_screen_is_taken_out_or_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "葛\U000e0100城市",
        "ﾊﾝｶｸｶﾅ",
        "か\u3099き\u3099",
        "髙﨑㈱①",
        "神",
        "\ue000",
        "１２時\u3000〜",
        "𠮷野",
    ],
)
def test_what_japanese_needs_stays(text: str) -> None:
    assert clean(text) == text


def test_a_line_is_one_line() -> None:
    assert clean_line("  Subject: x \r\n  Bcc: y\n") == "Subject: x Bcc: y"


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert clean("x" * 10, limit=5) == "xxxx…"
    assert clean_line("x\n" * 10, limit=5) == "x x …"
    assert clean("x" * 5, limit=5) == "xxxxx"


def test_a_megabyte_of_marks_is_cleaned_in_no_time_and_stays_short() -> None:
    assert len(clean("a" + "\u0301" * 1_000_000)) == 5


def test_widths_are_those_of_a_terminal() -> None:
    assert width("abc") == 3
    assert width("山口県") == 6
    assert width("ﾔﾏ") == 2
    assert width("か\u3099") == 2
    assert width("①") == 1
    assert width("①", ambiguous_wide=True) == 2


def test_cutting_never_halves_a_wide_character() -> None:
    assert cut("山口県", 6) == "山口県"
    assert cut("山口県", 5) == "山口…"
    assert cut("山口県", 4) == "山…"
    assert fit("山口県", 4) == "山… "
    assert fit("山", 4, right=True) == "  山"
    assert cut("山", 0) == ""
    assert cut("山", 1, ambiguous_wide=True) == ""
