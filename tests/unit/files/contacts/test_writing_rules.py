import pytest

from drillsim.files.contacts.writing_rules import lookalike, plain_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("市民セン夕ー", ("夕", "タ")),
        ("メール二ュース", ("二", "ニ")),
        ("かくうヘい", ("ヘ", "へ")),
        ("デ-タ", ("-", "ー")),
        ("ｼﾐﾝ課", ("ｼ", "シ")),
        ("⼭口市", ("⼭", "山")),
        ("架空\u200b市", ("\u200b", "")),
        ("架空\x1b[2J市", ("\x1b", "")),
        ("J-LIS 住基ネット全国センター", None),
        ("山口市 市民課（二階）", None),
        ("セキュリティ責任者", None),
        ("力石 卜伝", None),
        ("千葉ニュータウン室", None),
        ("総合支所ヘルプ係", None),
        ("α版", None),
    ],
)
def test_a_character_that_passes_for_another_is_named_and_honest_ones_are_not(
    text: str, expected: tuple[str, str] | None
) -> None:
    assert lookalike(text) == expected


def test_a_latin_letter_in_other_script_is_named() -> None:
    found = lookalike("IТ推進課")
    assert found is not None
    assert found[0] == "Т"


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("０８３－０００－１２０１", "083-000-1201"),
        ("083ー000−1201", "083-000-1201"),
        ("03-OO00-000l", "03-0000-0001"),
        ("083-000-1201", "083-000-1201"),
    ],
)
def test_a_number_is_offered_as_it_is_dialled(phone: str, expected: str) -> None:
    assert plain_number(phone) == expected
