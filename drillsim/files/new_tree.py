"""A new contact tree from the codes of bodies, as text with comments for those who fill it in.

Everybody in it is plainly fictional (見本 …), addresses end in .example, and the exchange of every
telephone number is of noughts only, so that a rehearsal can be run at once and nobody is reached.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from drillsim.files.bodies import Body, municipalities
from drillsim.files.contacts.node_ids import free_id
from drillsim.files.contacts.notation import Notation
from drillsim.i18n import _

CENTRE = "jlis"
CENTRE_NAME = "J-LIS 住基ネット全国センター"

_SURNAMES = (
    ("見本", "みほん"),
    ("仮名", "かめい"),
    ("架空", "かくう"),
    ("例示", "れいじ"),
    ("模擬", "もぎ"),
    ("想定", "そうてい"),
    ("試行", "しこう"),
    ("雛形", "ひながた"),
)
_GIVEN_NAMES = (
    ("一郎", "いちろう"),
    ("二葉", "ふたば"),
    ("三郎", "さぶろう"),
    ("四葉", "よつば"),
    ("五月", "さつき"),
    ("六実", "むつみ"),
    ("七海", "ななみ"),
    ("八雲", "やくも"),
    ("九美", "くみ"),
    ("十和", "とわ"),
    ("百合", "ゆり"),
    ("千秋", "ちあき"),
    ("万里", "まり"),
    ("太郎", "たろう"),
    ("花子", "はなこ"),
    ("次郎", "じろう"),
    ("春", "はる"),
    ("夏生", "なつお"),
    ("秋子", "あきこ"),
    ("冬馬", "とうま"),
    ("東", "あずま"),
    ("西子", "にしこ"),
    ("南", "みなみ"),
    ("北斗", "ほくと"),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A node to be written; `number` makes its people and telephone numbers its own."""

    number: int
    id: str
    name: str
    kana: str
    kind: str
    parent: str | None
    roles: tuple[str, str]
    domain: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A body that stands in no list of codes: a joint body, or a contractor."""

    name: str
    kind: Literal["joint-body", "contractor"]
    parent: str
    """The id of the node that it hangs below: a code, or that of the centre."""


def new_tree(
    prefectures: Sequence[Body], title: str, extras: Sequence[Extra] = ()
) -> Iterator[str]:
    """Yield the text of a contact tree: the centre, these prefectures and their municipalities.

    `extras` stand at the end. Their parents must be in the tree.
    """
    yield from _head(title)
    number = 0
    yield from _node(_centre())
    for prefecture in prefectures:
        number += 1
        yield f"\n  # {prefecture.name}\n"
        yield from _node(_prefecture(prefecture, number))
        for body in municipalities(prefecture.code):
            number += 1
            yield from _node(_municipality(body, number))
    taken: set[str] = set()
    for place, extra in enumerate(extras, 1):
        number += 1
        heading = {"joint-body": "広域の団体", "contractor": "委託事業者"}[extra.kind]
        if place == 1 or extras[place - 2].kind != extra.kind:
            yield f"\n  # {heading}\n"
        entry = _extra(extra, number, place, free_id(extra.name, taken))
        taken.add(entry.id)
        yield from _node(entry)


def _head(title: str) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../schemas/contacts.schema.json\n#\n"
    for line in (
        _("Confidential: contact lists are personal data."),
        _("Everybody in this file is fictional: replace names, addresses and numbers."),
        _("officers: in calling order; the second is the stand-in, with an address of their own."),
        _("mailbox: the office's shared address; off-hours: at night and on holidays."),
        _("verified: the day on which the entry was last confirmed; write it when you have."),
        _("Afterwards: drillsim check FILE"),
    ):
        yield f"# {line}\n"
    yield f"format: drillsim-contacts/1\ntitle: {title}\nzone: Asia/Tokyo\nnodes:\n"


def _centre() -> _Entry:
    return _Entry(
        number=0,
        id=CENTRE,
        name=CENTRE_NAME,
        kana="じぇいりす じゅうきねっとぜんこくせんたー",
        kind="national-center",
        parent=None,
        roles=("緊急時連絡責任者", "緊急時連絡担当者"),
        domain="jlis.example",
    )


def _prefecture(body: Body, number: int) -> _Entry:
    return _Entry(
        number=number,
        id=body.code,
        name=f"{body.name} 住基ネット担当課",
        kana=body.kana,
        kind="prefecture",
        parent=CENTRE,
        roles=("セキュリティ責任者", "セキュリティ担当者"),
        domain=f"pref-{body.code}.example",
    )


def _municipality(body: Body, number: int) -> _Entry:
    return _Entry(
        number=number,
        id=body.code,
        name=f"{body.name} 住基ネット担当課",
        kana=body.kana,
        kind="municipality",
        parent=body.prefecture,
        roles=("セキュリティ責任者", "セキュリティ担当者"),
        domain=f"body-{body.code}.example",
    )


def _extra(extra: Extra, number: int, place: int, node: str) -> _Entry:
    is_joint = extra.kind == "joint-body"
    return _Entry(
        number=number,
        id=node,
        name=extra.name,
        kana="",
        kind=extra.kind,
        parent=extra.parent,
        roles=("事務局長", "事務局担当者") if is_joint else ("保守責任者", "保守担当者"),
        domain=f"{'joint' if is_joint else 'contractor'}-{place}.example",
    )


def _node(entry: _Entry) -> Iterator[str]:
    quoted = f'"{entry.id}"' if entry.id.isdecimal() else _written(entry.id)
    yield f"\n  - id: {quoted}\n"
    if entry.id.isdecimal():
        yield f"    code: {quoted}\n"
    yield f"    name: {_written(entry.name)}\n"
    if entry.kana:
        yield f"    kana: {entry.kana}\n"
    yield f"    kind: {entry.kind}\n"
    if entry.parent is not None:
        parent = f'"{entry.parent}"' if entry.parent.isdecimal() else entry.parent
        yield f"    parent: {parent}\n"
    yield f"    mailbox: juki@{entry.domain}\n    officers:\n"
    for place, role in enumerate(entry.roles, 1):
        yield from _officer(entry, place, role)
    yield f"    duty-desk: {{name: 宿日直, phone: {_phone(entry.number, 5)}}}\n"


def _written(text: str) -> str:
    """Return a text as YAML has it; names that users give may hold anything."""
    return Notation().scalar("name", text, flow=False)


def _officer(entry: _Entry, place: int, role: str) -> Iterator[str]:
    person = 2 * entry.number + place - 1
    surname = _SURNAMES[person % len(_SURNAMES)]
    given = _GIVEN_NAMES[(person // len(_SURNAMES)) % len(_GIVEN_NAMES)]
    yield f"      - name: {surname[0]} {given[0]}\n"
    yield f"        kana: {surname[1]} {given[1]}\n"
    yield f"        role: {role}\n"
    yield f"        email: tantou{place}@{entry.domain}\n"
    yield f"        phone: {_phone(entry.number, place)}\n"
    night = f"email: yakan{place}@{entry.domain}, phone: {_phone(entry.number, place + 2)}"
    yield f"        off-hours: {{{night}}}\n"


def _phone(number: int, line: int) -> str:
    """Return a number that cannot be dialled, since no area code is 000."""
    return f"000-{number // 1000:04d}-{number % 1000:03d}{line}"
