"""Flaws of one office: how its officers are reached, and when that was last confirmed."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from drillsim.drill.tree import ContactTree, Node, Officer
from drillsim.files.contacts.flaw import Flaw
from drillsim.files.contacts.people import folded, numbers, ways
from drillsim.files.yaml_nodes import Path
from drillsim.i18n import _

_VAGUE = frozenset(
    "担当 担当者 ご担当 ご担当者 御担当 御担当者 担当職員 担当各位 各位 窓口 各窓口 各課 各係 "
    "各担当 関係者 関係各課 係 課 係員 職員 当番 当番者 未定 調整中 確認中 不明 なし 無し 未記入 "
    "同上 〃 代表 someone tba tbd n/a unknown staff".split()
)
_JAPAN = timedelta(hours=9)
"""It has no summer time."""
_NEIGHBOURS_MIN = 3
"""Siblings of one domain before a node with another one is unlike its neighbours."""


def today_in_japan() -> date:
    """Return the day in Japan, where people move, wherever the program runs."""
    return (datetime.now(UTC) + _JAPAN).date()


def last_transfers(today: date) -> date:
    """Return the last 1 April up to `today`, when people move.

    It is never more than a year back, so that what is older than a year is older than this too.
    """
    this_year = today.replace(month=4, day=1)
    return this_year if today >= this_year else this_year.replace(year=today.year - 1)


def office_flaws(tree: ContactTree, today: date) -> Iterator[Flaw]:
    """Yield every flaw within a node, in file order, then the domains unlike their neighbours."""
    since = last_transfers(today)
    for place, node in enumerate(tree.nodes):
        path = ("nodes", place)
        yield from _names(node, path)
        yield from _second(node, path)
        yield from _nights(node, path)
        for number, officer in enumerate(node.officers, 1):
            at = (*path, "officers", number - 1)
            yield from _ways(node, number, at)
            yield from _verified(node, number, officer, at, (since, today))
        yield from _own_domains(node, path)
    yield from _domains_of_siblings(tree)


def _names(node: Node, path: Path) -> Iterator[Flaw]:
    if folded(node.name) in _VAGUE:
        yield Flaw(
            "vague-name",
            node.id,
            (*path, "name"),
            _("{name} names no body").format(name=node.name),
            _("write the body and its section"),
        )
    for number, officer in enumerate(node.officers, 1):
        # A post in the place of a name is fine, since the post stays when people move.
        if folded(officer.name) in _VAGUE and (not officer.role or folded(officer.role) in _VAGUE):
            yield Flaw(
                "vague-name",
                node.id,
                (*path, "officers", number - 1, "name"),
                _("officer {number} of {node} is named vaguely").format(
                    number=number, node=node.name
                ),
                _("write the person and the post, such as セキュリティ責任者"),
            )


def _second(node: Node, path: Path) -> Iterator[Flaw]:
    """Find a stand-in who is reached by nothing but what reaches the first officer.

    That several officers read one mailbox is how offices work; a number of one's own is enough.
    """
    if len(node.officers) < 2:
        return
    first, second = node.officers[:2]
    if ways(node, second) and ways(node, second) <= ways(node, first) and node.address(2):
        yield Flaw(
            "same-mailbox",
            node.id,
            (*path, "officers", 1),
            _("the stand-in of {node} is reached only where the first officer is").format(
                node=node.name
            ),
            _("write an address or a telephone number of their own"),
        )


def _nights(node: Node, path: Path) -> Iterator[Flaw]:
    if not node.officers or node.duty_desk is not None:
        return
    if not any(o.off_hours.email or o.off_hours.phone for o in node.officers):
        yield Flaw(
            "no-off-hours",
            node.id,
            (*path, "officers"),
            _("{node} has no contact for nights and holidays").format(node=node.name),
            _("write off-hours: for an officer, or a duty-desk:"),
        )


def _ways(node: Node, number: int, at: Path) -> Iterator[Flaw]:
    if not node.address(number):
        yield Flaw(
            "no-email",
            node.id,
            at,
            _("officer {number} of {node} has no e-mail address").format(
                number=number, node=node.name
            ),
            _("write email:, or a mailbox: for the office"),
        )
    if not numbers(node.officers[number - 1]):
        yield Flaw(
            "no-phone",
            node.id,
            at,
            _("officer {number} of {node} has no telephone number").format(
                number=number, node=node.name
            ),
            _("write phone:"),
        )


def _verified(
    node: Node, number: int, officer: Officer, at: Path, span: tuple[date, date]
) -> Iterator[Flaw]:
    since, today = span
    remedy = _("confirm it with the body and write verified: {today}").format(
        today=today.isoformat()
    )
    if officer.verified is None:
        message = _("officer {number} of {node} was never confirmed").format(
            number=number, node=node.name
        )
    elif officer.verified > today:
        message = _("officer {number} of {node} was confirmed in the future, on {date}").format(
            number=number, node=node.name, date=officer.verified.isoformat()
        )
    elif officer.verified < since:
        message = _("officer {number} of {node} was last confirmed on {date}").format(
            number=number, node=node.name, date=officer.verified.isoformat()
        )
    else:
        return
    path = at if officer.verified is None else (*at, "verified")
    yield Flaw("stale", node.id, path, message, remedy)


def _own_domains(node: Node, path: Path) -> Iterator[Flaw]:
    """Find addresses for office hours that lie elsewhere than the office's; nights are private."""
    expected = _domain_of(node)
    if expected is None:
        return
    for number, officer in enumerate(node.officers):
        for n, address in enumerate(officer.email):
            if not _is_within(_domain(address), expected):
                yield _other_domain(
                    node, (*path, "officers", number, "email", n), address, expected
                )


def _domains_of_siblings(tree: ContactTree) -> Iterator[Flaw]:
    """Find the mailbox of another domain among siblings that nearly all share one.

    Bodies with a domain each share its end: a body at co.jp among those at lg.jp has left the
    government's network.
    """
    for children in tree.children.values():
        domains = {child: _domain_of(tree.by_id[child]) for child in children}
        known = {child: domain for child, domain in domains.items() if domain}
        common = _nearly_all(known.values())
        if common is None:
            common = _nearly_all(_ending(domain) for domain in known.values())
        if common is None:
            continue
        for child, domain in known.items():
            if not _is_within(domain, common):
                place, node = tree.order[child], tree.by_id[child]
                path: Path = ("nodes", place, "mailbox" if node.mailbox else "officers")
                address = node.mailbox or f"@{domain}"
                yield _other_domain(node, path, address, common)


def _nearly_all(words: Iterable[str]) -> str | None:
    """Return the word that three quarters share, if there are enough of them to tell."""
    counts = Counter(words)
    if not counts:
        return None
    common, count = counts.most_common(1)[0]
    return common if count >= _NEIGHBOURS_MIN and 4 * count >= 3 * counts.total() else None


def _ending(domain: str) -> str:
    """Return what bodies of one kind have in common: lg.jp, co.jp, example."""
    labels = domain.split(".")
    return ".".join(labels[-2:] if len(labels) > 2 and len(labels[-1]) == 2 else labels[-1:])


def _other_domain(node: Node, path: Path, address: str, expected: str) -> Flaw:
    return Flaw(
        "other-domain",
        node.id,
        path,
        _("{address} lies outside {domain}").format(address=address, domain=expected),
        _("mend it, or check by telephone that it is right"),
    )


def _domain_of(node: Node) -> str | None:
    """Return the domain of an office: the most used one, the mailbox's or the first at a tie."""
    addresses = [*([node.mailbox] if node.mailbox else [])]
    addresses += [address for officer in node.officers for address in officer.email]
    counts = Counter(_domain(address) for address in addresses)
    return counts.most_common(1)[0][0] if counts else None


def _domain(address: str) -> str:
    return folded(address.rpartition("@")[2])


def _is_within(domain: str, other: str) -> bool:
    """Whether one of the two is the other or a subdomain of it."""
    return f".{domain}".endswith(f".{other}") or f".{other}".endswith(f".{domain}")
