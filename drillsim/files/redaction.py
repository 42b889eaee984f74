"""Contact trees with what is personal masked: for projectors, public reports, questions to others.

Bodies, posts and codes stay, so that the tree can still be read; names, addresses, numbers and
notes do not. The mask has the same length for everybody, since a length is a trait too.
"""

from drillsim.drill.tree import ContactTree, DutyDesk, Node, OffHours, Officer

MASK = "＊＊"


def redacted(tree: ContactTree) -> ContactTree:
    """Return `tree` with names, addresses, numbers and notes masked; empty fields stay empty."""
    # Not model_copy: it would copy the look-ups too, which hold the nodes as they were.
    return ContactTree.model_construct(
        format=tree.format,
        title=tree.title,
        zone=tree.zone,
        note=_masked(tree.note),
        nodes=tuple(_node(node) for node in tree.nodes),
    )


def masked_address(address: str) -> str:
    """Return `＊＊@city-hagi.example`: which body's mail it is may be seen, whose it is not."""
    return MASK + address[address.rfind("@") :] if "@" in address else _masked(address)


def _masked(text: str) -> str:
    return MASK if text else ""


def _node(node: Node) -> Node:
    return node.model_copy(
        update={
            "mailbox": masked_address(node.mailbox),
            "note": _masked(node.note),
            "officers": tuple(_officer(officer) for officer in node.officers),
            "duty_desk": _desk(node.duty_desk),
        }
    )


def _officer(officer: Officer) -> Officer:
    return officer.model_copy(
        update={
            "name": MASK,
            "kana": _masked(officer.kana),
            "email": tuple(masked_address(address) for address in officer.email),
            "phone": _masked(officer.phone),
            "off_hours": OffHours.model_construct(
                email=tuple(masked_address(address) for address in officer.off_hours.email),
                phone=_masked(officer.off_hours.phone),
            ),
            "note": _masked(officer.note),
        }
    )


def _desk(desk: DutyDesk | None) -> DutyDesk | None:
    if desk is None:
        return None
    return desk.model_copy(update={"phone": MASK, "note": _masked(desk.note)})
