import pytest

from drillsim.mail.answers import ReportNumber, is_refusal, recognise_report_number


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("第１報です。", ReportNumber(number=1)),
        ("第２報です。", ReportNumber(number=2, follow_up=True)),
        ("（第十二報）", ReportNumber(number=12, follow_up=True)),
        ("第二報", ReportNumber(number=2, follow_up=True)),
        ("第 3 報", ReportNumber(number=3, follow_up=True)),
        ("続報をお送りします。", ReportNumber(follow_up=True)),
        ("先ほどの報告を訂正します。", ReportNumber(correction=True)),
        ("差し替えをお願いします", ReportNumber(correction=True)),
        ("最終報（第４報）", ReportNumber(number=4, follow_up=True, final=True)),
        ("Correction: two terminals", ReportNumber(correction=True)),
        ("受信しました。", None),
        ("", None),
    ],
)
def test_a_report_says_which_one_it_is(text: str, report: ReportNumber | None) -> None:
    assert recognise_report_number(text) == report


@pytest.mark.parametrize(
    "text",
    [
        "対応できません。",
        "本日は、選挙事務のため対応することができません",
        "人員不足により対応しかねます",
        "訓練への参加を辞退します。",
        "当課の所管ではありません。",
        "担当ではございません",
        "対応は困難です",
        "We cannot respond today.",
    ],
)
def test_a_refusal_is_recognised(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "受信しました。対応します。",
        "対応できない場合は、改めて連絡します。",
        "電話には対応できませんでしたが、メールを確認しました。",
        "影響は確認できません。",
        "参加します。",
        "",
    ],
)
def test_what_is_no_refusal_is_none(text: str) -> None:
    assert not is_refusal(text)
