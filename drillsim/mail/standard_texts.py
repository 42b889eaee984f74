"""The texts that a drill needs beside its injects, where the scenario does not bring its own.

The Japanese ones follow TEXTS, sections 4 and 6; bodies are equals, so nobody is pressed or
ordered. 【再送】 goes before the subject that it repeats.
"""

from typing import Final, Literal

from drillsim.drill.scenario import Text

REMINDER: Final[dict[Literal["ja", "en"], Text]] = {
    "ja": Text(
        subject="【再送】",
        body="""{{ to_body }}　{{ officer }}　様

　{{ sent_at }}にお送りした下記の連絡について、{{ now }}現在、{{ missing }}を確認できておりません。\
行き違いの場合は御容赦ください。
　御確認の上、{{ new_due }}までに返信をお願いします。不明な項目は「確認中」で差し支えありません。\
返信がない場合は、\
{% if call_at %}{{ call_at }}頃、連絡網の電話番号へお電話します\
{% else %}連絡網の電話番号へお電話することがあります{% endif %}（整理番号：{{ ref }}）。

（以下、再掲）
{{ original_text }}""",
    ),
    "en": Text(
        subject="[Reminder] ",
        body="""To {{ officer }}, {{ to_body }}

We sent you the message below on {{ sent_at }}. As of {{ now }} we have not yet had from you: \
{{ missing }}. If your answer is on its way, please excuse this mail.
Please answer by {{ new_due }}. What is not known yet can be given as "not known yet". If there is \
no answer we \
{% if call_at %}shall telephone at about {{ call_at }}{% else %}may telephone{% endif %} \
(reference {{ ref }}).

(The message again)
{{ original_text }}""",
    ),
}

STOP: Final[dict[Literal["ja", "en"], Text]] = {
    "ja": Text(
        subject="{{ drill_title }}の中止について",
        body="""関係団体　御担当者　様

　{{ drill_title }}は、{{ stop_reason }}のため、{{ stopped_at }}に中止しました。
１　{{ first_sent_at }}以降に訓練と表示してお送りした内容は、全て想定です。\
訓練としての対応及び回答は、直ちに取りやめてください。
２　転送等で伝達した先がある場合は、その全員に中止を伝えてください。
３　訓練に伴い実際に機器の停止、回線の切断等を行った場合は、直ちに下記へ電話してください。
４　実際の事案に関する連絡は、訓練の表示のない別の連絡により、緊急時連絡網で行います。\
本メールに事案の内容は含みません。
５　本メールを受信した旨のみ、返信してください。確認できない団体には電話します。

{{ signature }}""",
    ),
    "en": Text(
        subject="Stop of: {{ drill_title }}",
        body="""To all bodies concerned

{{ drill_title }} was stopped at {{ stopped_at }} because of {{ stop_reason }}.
1. Everything that we sent you as a drill since {{ first_sent_at }} was made up. Please stop \
acting on it and answering it at once.
2. If you have passed it on, please tell everyone to whom you did.
3. If any equipment was in fact stopped or any line cut, please telephone us at once.
4. Anything about a real incident comes by a message of its own, without the mark of a drill. This \
mail says nothing about it.
5. Please answer only that you have received this mail. Bodies that do not will be telephoned.

{{ signature }}""",
    ),
}

STOP_REASON: Final[dict[Literal["ja", "en"], str]] = {
    "ja": "実際の事案の発生",
    "en": "a real incident",
}

EVERYBODY: Final = {"ja": "各団体", "en": "all bodies"}
"""Whom a mail to many addresses, in place of one body."""

NO_REFERENCE: Final = {"ja": "一斉メールのため、なし", "en": "none, as this mail goes to many"}
"""Stands in place of the reference (整理番号) in one mail to many."""

MISSING: Final = {
    "ja": {"acknowledgement": "受信確認", "report": "状況報告"},
    "en": {"acknowledgement": "your acknowledgement", "report": "your report"},
}

TELEPHONE: Final = {
    "ja": "「訓練です。{body}の{caller}です。{sent}に訓練のメールをお送りしましたが、"
    "お手元に届いていますか。整理番号は{ref}です。対応される方のお名前をお願いします。"
    "以上、訓練です。」",
    "en": "“This is an exercise. This is {caller} of {body}. An exercise mail was sent to you "
    "at {sent}; has it reached you? Its reference is {ref}. Who will deal with it, please? "
    "This was an exercise.”",
}
"""What is said on the telephone; it belongs to the drill, so it is in the scenario's language."""

STOP_TELEPHONE: Final = {
    "ja": "「これは、訓練を中止する実際の連絡です。{body}の{caller}です。訓練は中止しました。"
    "訓練としての対応は、直ちに取りやめてください。転送先にもお伝えください。"
    "対応される方のお名前をお願いします。」",
    "en": "“This is a real call to stop an exercise. This is {caller} of {body}. The exercise "
    "has been stopped. Please stop all exercise activity at once and tell everyone to whom you "
    "forwarded it. Who am I speaking to, please?”",
}
