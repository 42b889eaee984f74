"""A contact file written from its nodes, in the notation of the shipped ones."""

from collections.abc import Iterator, Sequence

from drillsim.files.contacts.notation import Data, Notation
from drillsim.i18n import _


def contact_file(nodes: Sequence[Data], title: str) -> bytes:
    """Return a contact file of these nodes, with a head for those who go on with it."""
    notation = Notation()
    top = {"format": "drillsim-contacts/1", "title": title, "zone": "Asia/Tokyo"}
    lines = [f"# {line}" for line in _head()]
    lines += [notation.entry(key, value, 0) for key, value in top.items()]
    lines.append("nodes:")
    for number, data in enumerate(nodes):
        lines += [""] if number else []
        lines.append(notation.item("nodes", data, 2))
    return "\n".join([*lines, ""]).encode()


def _head() -> Iterator[str]:
    yield "yaml-language-server: $schema=../schemas/contacts.schema.json"
    yield _("Confidential: contact lists are personal data.")
    yield _("officers: in calling order; the second is the stand-in, with an address of their own.")
    yield _("Afterwards: drillsim check FILE")
