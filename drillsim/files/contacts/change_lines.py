"""What changed between two contact trees, as lines that a person reads and git keeps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from drillsim.drill.tree import Node
from drillsim.files.contacts.comparison import BodyChanges, Change, Comparison, Entry
from drillsim.i18n import _, language
from drillsim.text import clean_line

_LABELS_JA: Final[Mapping[str, str]] = {
    "title": "題名",
    "zone": "時間帯",
    "note": "備考",
    "id": "ID",
    "code": "団体コード",
    "name": "氏名",
    "kana": "ふりがな",
    "kind": "種別",
    "parent": "上位団体",
    "mailbox": "共用メール",
    "duty-desk": "宿日直",
    "also-notify": "写し送付先",
    "order": "連絡の順位",
    "role": "職",
    "email": "メール",
    "phone": "電話",
    "off-hours email": "夜間・休日メール",
    "off-hours phone": "夜間・休日電話",
    "verified": "確認日",
}


def field_label(name: str, *, of_body: bool) -> str:
    """Return what a field is called: its key in the file, in Japanese its name in lists."""
    if language() != "ja":
        return name
    return "団体名" if of_body and name == "name" else _LABELS_JA.get(name, name)


def diff_lines(comparison: Comparison) -> Iterator[str]:
    """Yield a line per fact; no line depends on how many others there are."""
    yield from _change_lines(comparison.changes, "~ ", of_body=True)
    for body in comparison.bodies:
        yield f"@@ {_title(body.node)}"
        yield from body_lines(body)


def body_lines(body: BodyChanges) -> Iterator[str]:
    """Yield what changed at one body: - left, + came, > moved here, < moved away, ~ changed."""
    if body.old is None:
        yield _("+ this body is new")
    elif body.new is None:
        yield _("- this body is gone")
    yield from _change_lines(body.changes, "~ ", of_body=True)
    for entry in body.left:
        yield f"- {_person(entry)}"
    for pair in body.moved_out:
        yield "< " + _("{person}: moved to {node}").format(
            person=_person(pair.old), node=clean_line(pair.new.node)
        )
    for entry in body.came:
        yield f"+ {_person(entry)}"
    for pair in body.moved_in:
        yield "> " + _("{person}: moved from {node}").format(
            person=_person(pair.new), node=clean_line(pair.old.node)
        )
        yield from _change_lines(pair.changes, "    ", of_body=False)
    for pair in body.changed:
        yield f"~ {clean_line(pair.new.officer.name)}"
        yield from _change_lines(pair.changes, "    ", of_body=False)


def _change_lines(changes: Sequence[Change], lead: str, *, of_body: bool) -> Iterator[str]:
    for change in changes:
        nothing = _("(nothing)")
        old, new = clean_line(change.old) or nothing, clean_line(change.new) or nothing
        yield f"{lead}{field_label(change.name, of_body=of_body)}: {old} → {new}"


def _title(node: Node) -> str:
    return clean_line(f"{node.id} {node.name}")


def _person(entry: Entry) -> str:
    officer = entry.officer
    parts = [officer.name, f"({officer.role})" if officer.role else "", *officer.email]
    return clean_line("  ".join(part for part in (*parts, officer.phone) if part))
