"""Flaws of codes: whether the code of a body, its name and its place in the tree agree."""

import unicodedata
from collections.abc import Iterator
from functools import cache

from drillsim.drill.codes import is_valid_code
from drillsim.drill.tree import ContactTree, Node
from drillsim.files.bodies import Body, by_code, load_bodies
from drillsim.files.contacts.flaw import Flaw
from drillsim.i18n import _

_VARIANTS = str.maketrans("檮ヶケ", "梼がが")
"""Spellings of one name: 檮原町 and 梼原町, 茅ヶ崎, 茅ケ崎 and 茅が崎."""


def code_flaws(tree: ContactTree) -> Iterator[Flaw]:
    """Yield every flaw of a valid code of a prefecture or municipality.

    Codes that fail their check digit are errors; those of offices and joint bodies stand in no
    list.
    """
    for place, node in enumerate(tree.nodes):
        if node.kind not in ("prefecture", "municipality"):
            continue
        if not is_valid_code(node.code):
            yield from _doubled_name(tree, place, node)
            continue
        path = ("nodes", place, "code")
        body = by_code(node.code)
        above = _prefecture_above(tree, node)
        if body is None:
            yield Flaw(
                "code-unknown",
                node.id,
                path,
                _("no prefecture or municipality has the code {code}").format(code=node.code),
                _remedy(node, above),
            )
        elif plain_name(body.name) not in plain_name(node.name):
            yield Flaw(
                "code-name",
                node.id,
                path,
                _("the code {code} is that of {body}, not of {node}").format(
                    code=node.code, body=_full_name(body), node=node.name
                ),
                _remedy(node, above),
            )
        elif above is not None and not body.is_prefecture and body.prefecture != above:
            parent = load_bodies()[above]
            yield Flaw(
                "code-name",
                node.id,
                path,
                _("the code {code} is that of {body}, but {node} stands below {parent}").format(
                    code=node.code, body=_full_name(body), node=node.name, parent=parent.name
                ),
                _remedy(node, above),
            )


def _doubled_name(tree: ContactTree, place: int, node: Node) -> Iterator[Flaw]:
    """Find a name that occurs twice in the country where neither code nor parent tells which."""
    if node.code or _prefecture_above(tree, node) is not None:
        return
    meant = {
        body.code: load_bodies()[body.prefecture].name
        for body in bodies_named(plain_name(node.name))
        if not body.is_prefecture
    }
    if node.kind == "municipality" and len(meant) > 1:
        yield Flaw(
            "code-name",
            node.id,
            ("nodes", place, "name"),
            _("{node} lies in more than one prefecture ({where}), and no code says which").format(
                node=node.name, where=", ".join(meant.values())
            ),
            _("write code: with one of {codes}").format(codes=", ".join(meant)),
        )


def _prefecture_above(tree: ContactTree, node: Node) -> str | None:
    """Return the code of the nearest prefecture above that has one; circles end the search."""
    seen = {node.id}
    at = tree.by_id.get(node.parent) if node.parent is not None else None
    while at is not None and at.id not in seen:
        if at.kind == "prefecture":
            body = by_code(at.code)
            return body.code if body is not None and body.is_prefecture else None
        seen.add(at.id)
        at = tree.by_id.get(at.parent) if at.parent is not None else None
    return None


def _remedy(node: Node, above: str | None) -> str:
    """Return how to mend a code: with the right one where the name leaves no doubt."""
    meant = [
        body
        for body in bodies_named(plain_name(node.name))
        if body.is_prefecture == (node.kind == "prefecture")
        and (above is None or body.prefecture == above)
    ]
    if len(meant) == 1 and meant[0].code != node.code:
        return _("write {code}").format(code=meant[0].code)
    return _("write this body's own code, or mend its name")


def bodies_named(name: str) -> Iterator[Body]:
    """Yield the bodies whose name `name` begins with, or has after that of a prefecture.

    `name` is as `plain_name` gives it.
    """
    names = _by_name()
    starts = [0]
    starts += [
        end
        for end in range(1, min(len(name), 5))
        if any(body.is_prefecture for body in names.get(name[:end], ()))
    ]
    for start in starts:
        for end in range(start + 1, min(len(name), start + 12) + 1):
            yield from names.get(name[start:end], ())


@cache
def _by_name() -> dict[str, tuple[Body, ...]]:
    found: dict[str, tuple[Body, ...]] = {}
    for body in load_bodies().values():
        name = plain_name(body.name)
        found[name] = (*found.get(name, ()), body)
    return found


def _full_name(body: Body) -> str:
    prefecture = load_bodies()[body.prefecture]
    return body.name if body.is_prefecture else f"{prefecture.name}{body.name}"


def plain_name(name: str) -> str:
    """Return the name of a body as it is compared: without blanks, widths, spellings of one."""
    return "".join(unicodedata.normalize("NFKC", name).translate(_VARIANTS).split())
