"""Where a pattern is asked only if one of its words is there, it would have found nothing else."""

import re
import unicodedata
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from drillsim.drill import marks
from drillsim.drill.marks import slips
from drillsim.mail import automatic, drill_marks, replies
from drillsim.mail.answers import _REFUSAL, is_refusal
from drillsim.mail.parsing import Fields
from drillsim.mail.quotes import Words

REFUSING = [
    "対応", "参加", "回答", "は", "を", "に", "いたし", "致し", "し", "かねます", "することは",
    "できません", "出来かねます", "ｄｅｃｌｉｎｅ to respond", "不可", "不能です", "困難です",
    "しません", "でした", "辞退いたします", "お断り", "見合わせ", "所管外", "所管ではありません",
    "担当ではございません", "応じられません", "ｶﾈﾏｽ", "We cannot respond", "i can't take",
    "we are unable to comply", "WE WILL NOT ACT", "I DECLİNE TO PASS", "we can not do", " ", "\n",
]  # fmt: skip
DENYING = [
    "これは", "この連絡は", "訓練", "演習", "テスト", "ﾃｽﾄ", "予行", "ではありません", "じゃない",
    "実際の連絡です", "本番", "【", "】", "[", "訓錬", "訓 練", "訓練外", "訓練中止", "本物の",
    "事案", "this is not a drill", "ｔｈｉｓ is real", "THIS MESSAGE IS NOT AN EXERCISE", "\u200b",
    "not a\ndrill", "場合", "。", "\n", "\n\n", " ", "　", ". ", "見本 一郎", "山口市", "㋢スト",
    "と異なり", "実", "際", "事案", "通報", "現", "真", "本", "番", "物", "予", "行", "テ", "ス",
    "ト", "セキュリティ", "ﾃ", "ｽ",
]  # fmt: skip


@given(st.lists(st.sampled_from(REFUSING), max_size=8).map("".join))
def test_nobody_refuses_without_a_word_of_refusing(text: str) -> None:
    refuses = _REFUSAL.search(unicodedata.normalize("NFKC", text)) is not None
    assert is_refusal(text) == refuses


@given(st.lists(st.sampled_from(DENYING), max_size=10).map("".join))
@example("【訓 錬】")
@example("これは、本番の\n連絡です。")
def test_no_line_denies_a_drill_without_a_letter_of_denying(text: str) -> None:
    found = list(slips(text))
    with patch.object(marks, "_SUSPECT", re.compile("")):
        assert list(slips(text)) == found


@given(st.lists(st.sampled_from(DENYING), max_size=10).map("".join))
@example("これは実 際の連絡です")
@example("テ\nスト\nではありません")
@example("【実\u3000事案】")
@example("予\uf908ではない")
@example("予\u2f8fではない")
@example("これは現 \n実です")
@example("𝐓𝐡𝐢𝐬 𝐢𝐬 𝐧𝐨𝐭 𝐚 𝐝𝐫𝐢𝐥𝐥")
@example("ⓣⓗⓘⓢ ⓘⓢ ⓝⓞⓣ ⓐ ⓓⓡⓘⓛⓛ")
def test_no_paragraph_is_refused_without_what_is_looked_for_first(text: str) -> None:
    assert drill_marks._reasons.__wrapped__(text) == tuple(slips(text))


FIELDS = [
    *sorted(automatic._TELLING_FIELDS), "list-id", "precedence", "x-auto-response-suppress", "from",
    "subject", "return-path",
]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(FIELDS), st.sampled_from([b"auto-reply", b"no", b"x"]))))
def test_no_header_tells_of_a_machine_but_those_that_are_known(
    items: list[tuple[str, bytes]],
) -> None:
    fields = Fields(items)
    words = Words("", quotes=False, forwards=False)
    found = automatic.by_header(fields, words, answers=True)
    with patch.object(automatic, "_TELLING_FIELDS", frozenset(FIELDS)):
        assert automatic.by_header(fields, words, answers=True) == found


@given(
    st.from_regex(replies._USUAL_DATE, fullmatch=True)
    | st.from_regex(
        r"(Wed, |水, )?[0-9]{1,2} (Oct|Xyz) [0-9]{2,5} 10:05(:61)? ?([+-][0-9]{4}|JST)?"
    )
)
@example("Wed, 14 Oct 2026 10:05:00 +0900")
@example("Wed, 31 Nov 2026 10:05:00 +0900")
@example("Wed, 14 Oct 2026 24:05:60 -0000")
@example("Wed, 14 Oct 2026 10:05:00 +9959")
def test_a_usual_date_is_the_moment_that_the_library_reads(text: str) -> None:
    read = replies._date(text)
    with patch.object(replies, "_USUAL_DATE", re.compile("(?!)")):
        assert replies._date(text) == read
