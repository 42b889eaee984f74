"""A contact tree as vCard 4.0 (RFC 6350): a card an officer, and one a body that groups them.

The UID of a card follows from its body and name alone, so that importing a newer export into a
telephone mends the cards that are there.
"""

import re
import uuid
from collections.abc import Iterator
from typing import Final

from drillsim.drill.tree import ContactTree, Node, Officer
from drillsim.i18n import _

_SPACE_OF_UIDS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://drillsim.example/contacts")
_LINE_OCTETS_MAX: Final = 75  # RFC 6350, 3.2
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def as_vcards(tree: ContactTree) -> bytes:
    """Return all cards, bodies after their officers."""
    lines: list[str] = []
    for node in tree.nodes:
        members = []
        for number, officer in enumerate(node.officers, 1):
            members.append(_uid(node, f"{officer.name} {number}"))
            lines += _officer_card(node, officer, number, members[-1])
        lines += _body_card(node, members)
    return "".join(_folded(line) + "\r\n" for line in lines).encode()


def _officer_card(node: Node, officer: Officer, number: int, uid: str) -> Iterator[str]:
    yield from ("BEGIN:VCARD", "VERSION:4.0", "KIND:individual", f"UID:{uid}")
    yield f"FN:{_escaped(officer.name)}"
    family, _space, given = officer.name.replace("　", " ").partition(" ")
    if officer.kana:
        kana = officer.kana.replace("　", " ").partition(" ")
        sort = ",".join(_quoted(part) for part in (kana[0], kana[2]) if part)
        yield f'N;SORT-AS="{sort}":{_escaped(family)};{_escaped(given)};;;'
    else:
        yield f"N:{_escaped(family)};{_escaped(given)};;;"
    yield f"ORG:{_escaped(node.name)}"
    if officer.role:
        yield f"TITLE:{_escaped(officer.role)}"
    for place, address in enumerate(officer.email, 1):
        yield f"EMAIL;TYPE=work;PREF={place}:{_escaped(address)}"
    if node.mailbox and not officer.email:
        yield f"EMAIL;TYPE=work:{_escaped(node.mailbox)}"
    if officer.phone:
        yield f"TEL;TYPE=work;PREF=1:{_escaped(officer.phone)}"
    # The label is Apple's own, which Outlook and Android pass over.
    for address in officer.off_hours.email:
        yield f"night.EMAIL;TYPE=home:{_escaped(address)}"
    if officer.off_hours.phone:
        yield f"night.TEL;TYPE=home;PREF=2:{_escaped(officer.off_hours.phone)}"
    if officer.off_hours.email or officer.off_hours.phone:
        label = _("nights and holidays")
        yield f"night.X-ABLabel:{_escaped(label)}"
    notes = [_("calling order {n}").format(n=number), officer.note]
    if officer.verified is not None:
        yield f"REV:{officer.verified:%Y%m%d}T000000Z"
    yield f"NOTE:{_escaped(chr(10).join(note for note in notes if note))}"
    yield "END:VCARD"


def _body_card(node: Node, members: list[str]) -> Iterator[str]:
    yield from ("BEGIN:VCARD", "VERSION:4.0", "KIND:group", f"UID:{_uid(node, '')}")
    yield f"FN:{_escaped(node.name)}"
    yield f"ORG:{_escaped(node.name)}"
    if node.mailbox:
        yield f"EMAIL;TYPE=work:{_escaped(node.mailbox)}"
    if node.duty_desk is not None:
        yield f"desk.TEL;TYPE=work:{_escaped(node.duty_desk.phone)}"
        label = node.duty_desk.name or _("duty desk")
        yield f"desk.X-ABLabel:{_escaped(label)}"
    if node.note:
        yield f"NOTE:{_escaped(node.note)}"
    for member in members:
        yield f"MEMBER:{member}"
    yield "END:VCARD"


def _uid(node: Node, what: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE_OF_UIDS, f'{node.id} {what}')}"


def _escaped(text: str) -> str:
    """Return a value whose commas, semicolons and line breaks are text (RFC 6350, 3.4)."""
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = plain.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return plain.replace("\n", "\\n")


def _quoted(text: str) -> str:
    """Return a part of a parameter's value, which no quotation mark can leave (RFC 6868)."""
    plain = _CONTROL.sub("", text).replace("^", "^^").replace('"', "^'").replace("\n", "^n")
    return plain.replace(",", " ")


def _folded(line: str) -> str:
    """Return a line broken at 75 octets, never inside a letter."""
    pieces, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LINE_OCTETS_MAX:
            pieces.append(" ")
            size = 1
        pieces[-1] += letter
        size += octets
    return "\r\n".join(pieces)
