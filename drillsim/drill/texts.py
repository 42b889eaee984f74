"""The names that may stand in the texts of a scenario, such as `{{ ack_by }}`.

The one list of them: the composer fills them, `check` refuses others, and the manual prints this
table. A scenario adds its own under `facts` and `values`; it may also set those of OWN itself.
"""

from collections.abc import Mapping
from typing import Final

TEXT_NAMES: Final[Mapping[str, str]] = {
    "to_body": "the body that gets the mail",
    "officer": "the officer who gets the mail, by name",
    "officer_role": "the post of that officer",
    "from_body": "the body that sends the mail",
    "from_name": "the officer in whose name it is sent",
    "prefecture": "the nearest prefecture at or above the body that gets the mail",
    "ref": "整理番号: the token of the notice, for subject, body and telephone",
    "level": "脅威度: the threat level of the phase",
    "now": "when the mail is sent",
    "sent_at": "when the notice was first sent to this body",
    "started_at": "when the drill began (StartEx)",
    "first_sent_at": "when the first mail of the drill was sent",
    "ack_by": "by when to acknowledge",
    "report_by": "by when to report",
    "cut_off_at": "when the collected report goes up",
    "next_report_at": "when the next message is to be expected; report_by unless values say it",
    "drill_title": "the title of the scenario",
    "drill_purpose": "its purpose",
    "signature": "所属、担当者、電話、メール of the sender",
    "report_form": "the form of the report, to be filled in",
    "own_entry": "what the contact tree holds of the body that gets the mail, and of no other",
    "actions": "the handling that is expected, one a line",
    "missing": "what has not come yet: 受信確認, 状況報告",
    "new_due": "by when to answer a reminder",
    "call_at": "when the body is called if it does not answer",
    "original_text": "the text that a reminder repeats",
    "acknowledged": "how many bodies have acknowledged",
    "reported": "how many bodies have reported",
    "participants": "how many bodies take part",
    "municipalities": "how many municipalities the tree has",
    "ended_at": "when the drill ended (EndEx)",
    "stopped_at": "when it was stopped for a real incident",
    "stop_reason": "why it was stopped",
    "extension": "the extension to call",
    "late_until": "until when late answers are taken",
    "feedback_by": "by when to send remarks",
}
"""Every name that drillsim fills, with its meaning."""

MOMENTS: Final = frozenset(
    {
        "ack_by",
        "call_at",
        "cut_off_at",
        "ended_at",
        "feedback_by",
        "first_sent_at",
        "late_until",
        "new_due",
        "next_report_at",
        "now",
        "report_by",
        "sent_at",
        "started_at",
        "stopped_at",
    }
)
"""Names of TEXT_NAMES that are dates with times, printed in the official style."""

COUNTS: Final = frozenset({"acknowledged", "level", "municipalities", "participants", "reported"})
"""Names of TEXT_NAMES that are numbers."""

OWN: Final = frozenset(
    {
        "extension",
        "feedback_by",
        "late_until",
        "next_report_at",
        "signature",
        "stop_reason",
    }
)
"""Names of TEXT_NAMES that a scenario may set under `values`."""

REMINDER_NAMES: Final = frozenset(
    {"missing", "new_due", "original_text", "stop_reason", "stopped_at"}
)
"""Names that say something only in a reminder (再送) or in the stop mail."""

STOP_NAMES: Final = frozenset(TEXT_NAMES) - {
    "level",
    "report_form",
    "own_entry",
    "actions",
    "original_text",
}
"""Names that the stop mail (訓練中止) may use: it holds no incident facts (DESIGN, section 4)."""

FILTERS: Final[Mapping[str, str]] = {
    "date": "a time as 令和８年10月14日（水）",
    "time": "a time as 10時05分",
    "default": "another word where a value is empty: {{ place|default('確認中') }}",
    "trim": "without blanks at either end",
    "upper": "in capitals",
    "lower": "in small letters",
}
"""The filters that texts may use, with what they make of a value."""
