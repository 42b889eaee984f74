"""What a contact tree holds of one body, as text in a mail to that body, and to nobody else.

No line has a colon behind a label: quoted in an answer, the old entry must not be taken for an
answer in the form.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from drillsim.drill.tree import Node, Officer

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ja": {
        "mailbox": "共用メール",
        "officer": "{n}人目",
        "email": "メール",
        "phone": "電話",
        "night": "夜間・休日",
        "verified": "最終確認日",
        "desk": "宿日直",
        "nobody": "担当者の登録なし",
        "gap": "　",
    },
    "en": {
        "mailbox": "Shared mailbox",
        "officer": "Officer {n}",
        "email": "Mail",
        "phone": "Telephone",
        "night": "Nights and holidays",
        "verified": "Last confirmed",
        "desk": "Duty desk",
        "nobody": "Nobody is listed",
        "gap": "  ",
    },
}


def own_entry(node: Node, lang: str) -> str:
    """Return the entry of a body, a line a fact, officers in calling order."""
    words = _WORDS[lang]
    lines = [_line(words, "mailbox", node.mailbox)] if node.mailbox else []
    for number, officer in enumerate(node.officers, 1):
        title = " ".join(part for part in (officer.role, officer.name) if part)
        lines.append(words["officer"].format(n=number) + words["gap"] + title)
        lines += [words["gap"] + line for line in _officer(words, officer)]
    if not node.officers:
        lines.append(words["nobody"])
    if node.duty_desk is not None:
        desk = " ".join(part for part in (node.duty_desk.name, node.duty_desk.phone) if part)
        lines.append(_line(words, "desk", desk))
    return "\n".join(lines)


def _officer(words: Mapping[str, str], officer: Officer) -> Iterator[str]:
    night = " ".join(part for part in (officer.off_hours.phone, *officer.off_hours.email) if part)
    day = officer.verified.isoformat() if officer.verified is not None else ""
    for key, value in (
        ("email", " ".join(officer.email)),
        ("phone", officer.phone),
        ("night", night),
        ("verified", day),
    ):
        if value:
            yield _line(words, key, value)


def _line(words: Mapping[str, str], key: str, value: str) -> str:
    return words[key] + words["gap"] + value
