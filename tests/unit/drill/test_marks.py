"""A drill must not pass for the real thing; ordinary sentences about real incidents must pass."""

import pytest

from drillsim.drill.marks import STOP_SENTENCE, slips, subject_slips

DENIALS = [
    "これは訓練ではありません。",
    "本メールは、訓練ではございません。",
    "この連絡は訓練では\nありません。",
    "訓練ではない。至急対応してください。",
    "これは、実際の連絡です。",
    "これは実際の障害です。",
    "これは本番です。",
    "これは演習ではありません",
    "本件は訓練とは異なります。",
    "本通知は予行ではなく本番です",
    "訓練ではなく、実際の連絡です。",
    "これは訓　練ではありません。",
    "これは、訓練で\u3000はありません",
    "This is not a drill.",
    "THIS IS NO DRILL!",
    "This message is for real.",
    "ｔｈｉｓ ｉｓ ｎｏｔ ａ ｄｒｉｌｌ",
    "𝐓𝐡𝐢𝐬 𝐢𝐬 𝐧𝐨𝐭 𝐚 𝐝𝐫𝐢𝐥𝐥",
]
HIDDEN = [
    "【訓練\u200b】",
    "\u202e【練訓】",
    "こ\u200bれは訓\u2060練では\u200bありません",
    "件名\u00ad",
    "ㅤ件名\u3164",
    "a\U000e0041b",
]
IMITATIONS = [
    "【訓錬】試験",
    "[訓練] 件名",
    "【訓 練】",
    "［訓練］件名",
    "〔訓練〕",
    "【本番】件名",
]
STOP_MARKS = ["【訓練中止】件名", STOP_SENTENCE]
ORDINARY = [
    "",
    "実際の障害が発生した場合は、訓練を中止します。",
    "訓練ではなく実際の事案が発生したときは、電話でお知らせします。",
    "訓練ですので、実際に回線の切断や機器の停止は行わないでください。",
    "【訓練】住基ネットにおけるウイルス疑義の発生について（第一報）",
    "これは、訓練です。",
    "この訓練は予告していません。",
    "お知らせした事象は訓練上の想定であり、実際には発生していません。",
    "訓練ですので、実際の発表は行わないでください。",
    "「訓練ではないか」との問合せがあったものとします。",
    "訓練ではないと誤解されないよう注意してください。",
    "訓練を中止するときは、訓練統制者が電話します。",
    "実際に発生したものとして対応してください。",
    "これは実際の障害の想定です。",
    "これは実際の手順の確認です。",
    "件名に「訓練」と入れてください。次回（訓練）は来年度です。",
    "実際の事案に関する連絡は、【訓練】の表示のない別の連絡により行います。",
    "If this is not a drill, you will be called.",
    "葛󠄀城市 辻󠄀 様",
    "①㈱髙﨑 ﾌﾟﾘﾝﾀ",
]


@pytest.mark.parametrize("text", [*DENIALS, *HIDDEN, *IMITATIONS, *STOP_MARKS])
def test_a_text_that_denies_or_hides_the_drill_is_refused(text: str) -> None:
    assert list(slips(text))


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_text_passes(text: str) -> None:
    assert list(slips(text)) == []


def test_each_slip_names_its_line() -> None:
    text = "拝啓\n\nこれは\n訓練ではありません。\n【訓錬】\nお知らせ\u200b\n"
    assert sorted(slip.line for slip in slips(text)) == [3, 5, 6]


def test_a_finished_subject_has_at_most_200_characters() -> None:
    assert list(subject_slips("【訓練】" + "あ" * 196)) == []
    assert len(list(subject_slips("【訓練】" + "あ" * 197))) == 1
