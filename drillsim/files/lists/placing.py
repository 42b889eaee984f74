"""Where the bodies of a list stand in a contact tree: their ids, kinds, codes and parents.

A list seldom says it. A body is known by its id, its code, or its name; 25 names occur twice in the
country, so a name alone counts where the prefecture is plain. What the list does not say is worked
out: a municipality stands below its prefecture, an office below the body whose name it begins with.
What cannot be worked out is named with its row.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from drillsim.drill.tree import ContactTree, Node, NodeId, NodeKind
from drillsim.files.bodies import Body, by_code, load_bodies
from drillsim.files.contacts.code_rules import bodies_named, plain_name
from drillsim.files.contacts.node_ids import free_id
from drillsim.files.contacts.people import folded
from drillsim.files.lists.entries import ListedBody, Listing
from drillsim.files.new_tree import CENTRE, CENTRE_NAME
from drillsim.i18n import _

_KIND_BY_ENDING: Final[Sequence[tuple[re.Pattern[str], NodeKind]]] = (
    (re.compile(r"J-LIS|地方公共団体情報システム機構|全国センター"), "national-center"),
    (re.compile(r"(?:組合|広域連合|協議会)(?:\s|$)"), "joint-body"),
    (re.compile(r"株式会社|有限会社|合同会社|合資会社|\((?:株|有)\)"), "contractor"),
    (re.compile(r"(?:事務所|支所|出張所|支庁|振興局|県民局|センター|分室|保健所)$"), "branch"),
    (re.compile(r"(?:課|室|係|局|部|班|担当)$"), "section"),
)


@dataclass(slots=True)
class Placed:
    """A body of a list with its place in the tree."""

    listed: ListedBody | None
    """None for one that the list does not name, but others hang below."""
    id: NodeId
    name: str
    kind: NodeKind
    code: str
    parent: NodeId | None
    was: Node | None = None
    """The node of the tree that it is, if it is there already."""
    guessed: tuple[str, ...] = ()
    """What the list did not say: kind, parent."""


@dataclass(slots=True)
class _Draft:
    listed: ListedBody
    body: Body | None
    was: Node | None
    kind: NodeKind | None = None
    id: NodeId = NodeId("")
    guessed: list[str] = field(default_factory=list)
    is_doubtful: bool = False
    """Whether its name may mean several bodies, which was told."""

    @property
    def name(self) -> str:
        return self.listed.whole_name or (self.was.name if self.was is not None else "")


def place(
    listing: Listing, tree: ContactTree | None = None, prefecture: Body | None = None
) -> list[Placed]:
    """Return the bodies of a list with their places, those that had to be added first.

    What cannot be placed is added to the problems of the listing.
    """
    return _Placer(listing, tree, prefecture).placed()


class _Placer:
    def __init__(self, listing: Listing, tree: ContactTree | None, prefecture: Body | None) -> None:
        self.listing = listing
        self.old = tree.nodes if tree is not None else ()
        self.prefecture = prefecture
        self.by_id = {node.id: node for node in self.old}
        self.by_code = {node.code: node for node in self.old if node.code}
        self.by_name: dict[str, list[Node]] = {}
        for node in self.old:
            self.by_name.setdefault(folded(node.name), []).append(node)
        self.drafts: list[_Draft] = []
        self.ids: dict[NodeId, _Draft] = {}
        self.codes: dict[str, _Draft] = {}
        self.named: dict[str, list[NodeId]] = {}
        for node in self.old:
            self.named.setdefault(folded(node.name), []).append(node.id)
        self.added: dict[NodeId, Placed] = {}

    def placed(self) -> list[Placed]:
        self._identify()
        for draft in self.drafts:
            self._settle(draft)
        found = [one for one in map(self._with_parent, self.drafts) if one is not None]
        found = [*self.added.values(), *found]
        if not self.old:
            found = self._one_top(found)
        return found

    # Who is who -----------------------------------------------------------------------------------

    def _identify(self) -> None:
        for listed in self.listing.bodies:
            self.drafts.append(_Draft(listed, None, self._known(listed)))
        for draft in self.drafts:
            if draft.listed.code:
                draft.body = by_code(draft.listed.code)
        usual = self._usual_prefecture()
        for draft in self.drafts:
            if draft.body is None and draft.was is None and not draft.listed.code:
                draft.body = self._body_named(draft, usual)

    def _known(self, listed: ListedBody) -> Node | None:
        if listed.id and NodeId(listed.id) in self.by_id:
            return self.by_id[NodeId(listed.id)]
        if listed.code and listed.code in self.by_code:
            is_part = listed.kind in ("section", "branch")
            return None if is_part else self.by_code[listed.code]
        for name in (listed.whole_name, listed.name):
            same = self.by_name.get(folded(name), [])
            if len(same) == 1:
                return same[0]
        return None

    def _usual_prefecture(self) -> Body | None:
        """Return the prefecture in which nearly all bodies of the list, or of the tree, lie."""
        if self.prefecture is not None:
            return self.prefecture
        counts: Counter[str] = Counter()
        for draft in self.drafts:
            found = [draft.body] if draft.body is not None else self._candidates(draft.listed)
            if len(found) == 1:
                counts[found[0].prefecture] += 1
        for node in self.old:
            body = by_code(node.code)
            if body is not None:
                counts[body.prefecture] += 1
        if not counts:
            return None
        code, count = counts.most_common(1)[0]
        return by_code(code) if 4 * count >= 3 * counts.total() else None

    def _candidates(self, listed: ListedBody) -> list[Body]:
        """Return the bodies that a name may mean; those whose name it has whole come alone."""
        if listed.kind not in (None, "prefecture", "municipality"):
            return []
        above = plain_name(listed.prefecture)
        name = plain_name(listed.name or listed.section)
        found = []
        for body in dict.fromkeys(bodies_named(name)):
            prefecture = plain_name(load_bodies()[body.prefecture].name)
            if above and above not in prefecture:
                continue
            rest = name if body.is_prefecture else name.removeprefix(prefecture)
            rest = rest.removeprefix(plain_name(body.name))
            # An office of a body is another body: 山口県 下関県税事務所.
            office = _kind_of(rest) if rest else "section"
            if office == "section" or (office is None and not body.is_prefecture):
                found.append(body)
        longest = max((len(body.name) for body in found if not body.is_prefecture), default=0)
        return [b for b in found if len(b.name) == longest] if longest else found

    def _body_named(self, draft: _Draft, usual: Body | None) -> Body | None:
        listed = draft.listed
        found = self._candidates(listed)
        if len(found) > 1 and usual is not None:
            near = [body for body in found if body.prefecture == usual.code]
            found = near if len(near) == 1 else found
        if len(found) > 1:
            where = ", ".join(load_bodies()[body.prefecture].name for body in found)
            column = listed.column("body" if listed.name else "section")
            self.listing.say(
                listed.row,
                column,
                _("{name} lies in more than one prefecture: {where}").format(
                    name=listed.name, where=where
                ),
                _("write its code, a column 都道府県, or --prefecture"),
                "error",
            )
            draft.is_doubtful = True
            return None
        return found[0] if found else None

    # What they are --------------------------------------------------------------------------------

    def _settle(self, draft: _Draft) -> None:
        """Give a body its kind and its id."""
        listed, body = draft.listed, draft.body
        draft.kind = listed.kind or (draft.was.kind if draft.was is not None else None)
        if draft.kind is None and body is not None:
            draft.kind = "prefecture" if body.is_prefecture else "municipality"
            if body.code in self.codes:  # A further office of a body that is listed already.
                draft.kind = _kind_of(listed.whole_name) or "section"
            if not listed.code and body.code not in self.codes:
                draft.guessed.append("code")
        if draft.kind is None:
            draft.kind = "municipality" if draft.is_doubtful else _kind_of(listed.whole_name)
            if draft.kind is None:
                self.listing.say(
                    listed.row,
                    listed.column("body" if listed.name else "section"),
                    _("what kind of body is {name}?").format(name=listed.whole_name),
                    _("write a column 種別: 都道府県, 市町村, 課, 出先, 委託事業者, 一部事務組合"),
                    "error",
                )
                draft.kind = "section"
            else:
                draft.guessed.append("kind")
        draft.id = self._id(draft)
        self.ids[draft.id] = draft
        self.named.setdefault(folded(draft.name), []).append(draft.id)
        if body is not None:
            self.codes.setdefault(body.code, draft)

    def _id(self, draft: _Draft) -> NodeId:
        if draft.was is not None:
            return draft.was.id
        if draft.listed.id:
            return NodeId(draft.listed.id)
        own = self._code(draft)
        if own and draft.kind in ("prefecture", "municipality", "joint-body"):
            return NodeId(own)
        if draft.kind == "national-center" and CENTRE not in self.ids:
            return NodeId(CENTRE)
        return NodeId(free_id(draft.name, {*self.ids, *self.by_id}))

    def _code(self, draft: _Draft) -> str:
        if draft.listed.code:
            return draft.listed.code
        if draft.was is not None:
            return draft.was.code
        if draft.listed.id and "code" in self.listing.header.fields:
            return ""  # The list says by its empty cell that there is none.
        if draft.body is not None and self.codes.get(draft.body.code) in (None, draft):
            return draft.body.code if draft.kind in ("prefecture", "municipality") else ""
        return ""

    # Where they stand -----------------------------------------------------------------------------

    def _with_parent(self, draft: _Draft) -> Placed | None:
        parent, is_guess = self._parent(draft)
        if is_guess and parent is not None:
            draft.guessed.append("parent")
        assert draft.kind is not None
        return Placed(
            draft.listed,
            draft.id,
            draft.name,
            draft.kind,
            self._code(draft) if draft.kind not in ("section", "branch") else draft.listed.code,
            parent,
            draft.was,
            tuple(draft.guessed),
        )

    def _parent(self, draft: _Draft) -> tuple[NodeId | None, bool]:
        """Return the parent of a body, and whether it was worked out."""
        written = draft.listed.parent
        if written:
            found = self._named(written)
            if found is None or found == draft.id:
                self.listing.say(
                    draft.listed.row,
                    draft.listed.column("parent"),
                    _("no body {name} in the list or the tree").format(name=written),
                    _("write the id, the code or the whole name of a body"),
                    "error",
                )
            return found, False
        if draft.was is not None:
            return draft.was.parent, False
        if written == "" and draft.listed.id:  # An exported tree: its topmost node has none.
            return None, False
        match draft.kind:
            case "national-center":
                return None, False
            case "prefecture":
                return self._of_kind("national-center"), True
            case "municipality" if draft.body is not None:
                return self._prefecture(draft.body.prefecture), True
            case "section" | "branch" if draft.body is not None:
                owner = self.codes.get(draft.body.code)
                if owner is not None and owner is not draft:
                    return owner.id, True
        owner_of = self._begins_with(draft)
        if owner_of is not None:
            return owner_of, True
        above = self._of_kind("prefecture", only=True) or self._of_kind("national-center")
        if above == draft.id:
            return None, False
        if above is None:
            above = next((each for each in (*self.by_id, *self.ids) if each != draft.id), None)
        return above, True

    def _named(self, word: str) -> NodeId | None:
        if NodeId(word) in self.ids or NodeId(word) in self.by_id:
            return NodeId(word)
        if word in self.codes:
            return self.codes[word].id
        if word in self.by_code:
            return self.by_code[word].id
        same = list(dict.fromkeys(self.named.get(folded(word), [])))
        if not same:  # 山口県 for 山口県 市町課
            same = list(
                dict.fromkeys(
                    ids[0]
                    for name, ids in self.named.items()
                    if name.startswith(folded(word)) and len(set(ids)) == 1
                )
            )[:2]
        return same[0] if len(same) == 1 else None

    def _begins_with(self, draft: _Draft) -> NodeId | None:
        """Return the body whose name that of an office begins with: 山口県 下関県税事務所."""
        if draft.kind not in ("section", "branch"):
            return None
        found = list(bodies_named(plain_name(draft.name)))
        for body in sorted(found, key=lambda body: -len(body.name)):
            if body.code in self.codes and self.codes[body.code] is not draft:
                return self.codes[body.code].id
            if body.code in self.by_code:
                return self.by_code[body.code].id
        return None

    def _of_kind(self, kind: NodeKind, *, only: bool = False) -> NodeId | None:
        found = [node.id for node in self.old if node.kind == kind]
        found += [d.id for d in self.drafts if d.kind == kind and d.id not in found]
        found += [p.id for p in self.added.values() if p.kind == kind]
        return found[0] if found and (len(found) == 1 or not only) else None

    def _prefecture(self, code: str) -> NodeId:
        """Return the node of a prefecture, which is added where neither list nor tree has it."""
        if code in self.codes:
            return self.codes[code].id
        if code in self.by_code:
            return self.by_code[code].id
        wanted = NodeId(code)
        if wanted not in self.added:
            name = load_bodies()[code].name
            above = self._of_kind("national-center")
            self.added[wanted] = Placed(None, wanted, name, "prefecture", code, above)
        return wanted

    def _one_top(self, found: list[Placed]) -> list[Placed]:
        """Return the bodies with the centre above them where several prefectures stand on top."""
        tops = [one for one in found if one.parent is None]
        if len(tops) < 2 or any(one.kind != "prefecture" for one in tops):
            return found
        for one in tops:
            one.parent = NodeId(CENTRE)
        centre = Placed(None, NodeId(CENTRE), CENTRE_NAME, "national-center", "", None)
        return [centre, *found]


def _kind_of(name: str) -> NodeKind | None:
    """Return what kind of body a name tells of; None where it tells nothing."""
    plain = unicodedata.normalize("NFKC", name).strip()
    return next((kind for pattern, kind in _KIND_BY_ENDING if pattern.search(plain)), None)
