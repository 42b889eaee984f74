"""Flaws of typing: what looks right and is another character.

Full-width characters and unseen marks in addresses, and unseen marks in names and posts, are
errors of the file already; here is what a file may hold and a person cannot see.
"""

import re
import unicodedata
from collections.abc import Iterator

from drillsim.drill.tree import ContactTree, Node
from drillsim.files.checks.addresses import remark_on_address
from drillsim.files.contacts.flaw import Flaw
from drillsim.files.yaml_nodes import Path
from drillsim.i18n import _

_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u3164\uffa0]"
)
_KATAKANA = r"\u30a1-\u30fa"
_HIRAGANA = r"\u3041-\u3096"
_TWINS = {
    "ロ": "口", "ニ": "二", "ハ": "八", "カ": "力", "タ": "夕", "ト": "卜", "エ": "工",
    "オ": "才", "チ": "千", "ミ": "三",
}  # fmt: skip
"""Katakana, and the kanji that looks the same."""
_BACK = {kanji: kana for kana, kanji in _TWINS.items()}
_KANJI_IN_KANA = re.compile(f"(?<=[{_KATAKANA}ー])[{''.join(_BACK)}](?=[{_KATAKANA}ー])")
_KANA_IN_HIRAGANA = re.compile(f"(?<=[{_HIRAGANA}])[ヘベペ](?=[{_HIRAGANA}])")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u03ff\u0400-\u04ff](?=[A-Za-z])|(?<=[A-Za-z])[\u0370-\u04ff]")
_COMPATIBILITY = re.compile(r"[\u2e80-\u2fdf\uff61-\uff9f]")
"""Radicals that pass for kanji (⼭ for 山), and half-width kana."""
_DASH_FOR_LENGTH = re.compile(f"(?<=[{_KATAKANA}])[-‐‑–—―−－](?=[{_KATAKANA}])")
_NUMBER_TRAP = re.compile(r"[０-９‐‑–—―−－ー（）＋＃]|(?<=[0-9-])[OolI]+(?=[0-9-])")
_NUMBER_PLAIN = str.maketrans("OolI‐‑–—―−－ー", "0011--------")


def writing_flaws(tree: ContactTree) -> Iterator[Flaw]:
    """Yield every flaw of typing, in file order; at most one per value."""
    for place, node in enumerate(tree.nodes):
        path: Path = ("nodes", place)
        yield from _words(node, (*path, "name"), node.name)
        yield from _words(node, (*path, "kana"), node.kana)
        yield from _odd(node, (*path, "mailbox"), node.mailbox)
        if node.duty_desk is not None:
            yield from _words(node, (*path, "duty-desk", "name"), node.duty_desk.name)
            yield from _number(node, (*path, "duty-desk", "phone"), node.duty_desk.phone)
        for number, officer in enumerate(node.officers):
            at = (*path, "officers", number)
            yield from _words(node, (*at, "name"), officer.name)
            yield from _words(node, (*at, "kana"), officer.kana)
            yield from _words(node, (*at, "role"), officer.role)
            for n, address in enumerate(officer.email):
                yield from _odd(node, (*at, "email", n), address)
            for n, address in enumerate(officer.off_hours.email):
                yield from _odd(node, (*at, "off-hours", "email", n), address)
            yield from _number(node, (*at, "phone"), officer.phone)
            yield from _number(node, (*at, "off-hours", "phone"), officer.off_hours.phone)


def lookalike(text: str) -> tuple[str, str] | None:
    """Return the first character of `text` that passes for another, and what was meant.

    What was meant is "" where the character is to be left out.
    """
    found = _UNSEEN.search(text)
    if found:
        return found.group(), ""
    found = _KANJI_IN_KANA.search(text)
    if found:
        return found.group(), _BACK[found.group()]
    found = _KANA_IN_HIRAGANA.search(text)
    if found:
        return found.group(), chr(ord(found.group()) - 0x60)
    found = _DASH_FOR_LENGTH.search(text)
    if found:
        return found.group(), "ー"
    found = _OTHER_SCRIPT.search(text)
    if found:
        return found.group(), _("a Latin letter")
    found = _COMPATIBILITY.search(text)
    if found:
        return found.group(), unicodedata.normalize("NFKC", found.group())
    return None


def plain_number(phone: str) -> str:
    """Return a telephone number as it is dialled: half-width digits and hyphens."""
    return unicodedata.normalize("NFKC", phone.translate(_NUMBER_PLAIN))


def _words(node: Node, path: Path, text: str) -> Iterator[Flaw]:
    if text.isascii() and text.isprintable():
        return
    found = lookalike(text)
    if found is None:
        return
    character, meant = found
    yield Flaw(
        "lookalike",
        node.id,
        path,
        _("{key} holds {character} (U+{code:04X}), which passes for another").format(
            key=path[-1], character=character, code=ord(character)
        )
        if meant
        else _("{key} holds the character U+{code:04X}, which cannot be seen").format(
            key=path[-1], code=ord(character)
        ),
        _("write {text}").format(text=meant) if meant else _("leave it out"),
    )


def _number(node: Node, path: Path, phone: str) -> Iterator[Flaw]:
    head = re.split(r"内線|内|ext", phone, maxsplit=1)[0]
    if _UNSEEN.search(phone):
        yield from _words(node, path, phone)
    elif _NUMBER_TRAP.search(head):
        yield Flaw(
            "lookalike",
            node.id,
            path,
            _("the number {phone} is not of half-width digits and hyphens").format(phone=phone),
            _("write {text}").format(text=plain_number(head) + phone[len(head) :]),
        )


def _odd(node: Node, path: Path, address: str) -> Iterator[Flaw]:
    remark = remark_on_address(address)
    if remark is not None:
        remedy = _("check it by telephone if mails come back")
        yield Flaw("odd-address", node.id, path, remark, remedy)
