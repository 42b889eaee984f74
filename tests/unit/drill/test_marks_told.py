"""Each reason to refuse a text is told with its line, what is wrong, and how to mend it."""

import pytest

from drillsim.drill.marks import Slip, slips, subject_slips

HIDES = "delete it, since it can hide the mark of a drill"
DENIES = Slip(
    1,
    "this says that the mail is no drill",
    "take it out, since every mail of a drill is one",
)
IMITATES = "write 【訓練】, or leave it out, since it is added to every mail"


def at(line: int, slip: Slip) -> Slip:
    return Slip(line, slip.message, slip.remedy)


def imitation(line: int, text: str) -> Slip:
    return Slip(line, f"{text} looks like the mark of a drill, but is none", IMITATES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("件名\u00ad", [Slip(1, "the character U+00AD cannot be seen", HIDES)]),
        ("件名\n\U000e0041b\u200b", [Slip(2, "the character U+E0041 cannot be seen", HIDES)]),
        (
            "お知らせ\n【訓練中止】件名",
            [
                Slip(
                    2,
                    "【訓練中止】 belongs to the stop mail alone",
                    "write it otherwise, or set texts: stop:",
                )
            ],
        ),
        ("件名 [訓練]", [imitation(1, "[訓練]")]),
        ("【訓練】\n【訓練】と〔訓 練〕", [imitation(2, "〔訓 練〕")]),
        ("【本番】件名", [imitation(1, "【本番】")]),
        ("【訓\u200b練】", [Slip(1, "the character U+200B cannot be seen", HIDES)]),
        ("訓錬のお知らせ", [imitation(1, "訓錬")]),
        ("\n\nこれは訓練ではありません。", [at(3, DENIES)]),
        ("はい。\n  これは訓練では\nありません。", [at(2, DENIES)]),
        ("訓練です。訓練ではない。訓練ではない。", [DENIES, DENIES]),
        (
            "【訓錬】\nこれは本番です\u200b。",
            [
                imitation(1, "【訓錬】"),
                Slip(2, "the character U+200B cannot be seen", HIDES),
                DENIES,
            ],
        ),
        ("It is over. This is not a drill.", [DENIES]),
        ("Hello.\nThis is not a drill.", [at(2, DENIES)]),
        ("実際に確認しました。\n\n訓練です。", []),
    ],
)
def test_a_reason_is_told_where_it_stands(text: str, told: list[Slip]) -> None:
    assert list(slips(text)) == told


def test_a_subject_that_is_too_long_is_told_before_what_it_says() -> None:
    long = "これは訓練ではありません。" + "あ" * 188
    assert list(subject_slips(long)) == [
        Slip(
            1,
            "the subject has 201 characters",
            "write at most 200, so that the mark stays in sight",
        ),
        DENIES,
    ]
