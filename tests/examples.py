"""Small exercises for tests, built without files; everyone in them is fictional."""

from collections.abc import Mapping, Sequence
from typing import Any

from drillsim.drill.calendar import Calendar
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import Scenario
from drillsim.drill.tree import ContactTree

START = "2026-10-14T10:00+09:00"


def officers(node: str, count: int = 2) -> list[dict[str, Any]]:
    """Return `count` officers with addresses of their own."""
    return [
        {"name": f"{node} 担当{n}", "email": f"o{n}@{node}.example", "phone": "000-000-0000"}
        for n in range(1, count + 1)
    ]


def tree(
    widths: Sequence[int] = (1, 3),
    *,
    kinds: Sequence[str] = ("national-center", "prefecture", "municipality"),
    count: int = 2,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
) -> ContactTree:
    """Return a tree: a root, and at each level so many children per node.

    Ids are `n`, `n1`, `n1-2` …; `changes` replaces fields of nodes by id.
    """
    nodes: list[dict[str, Any]] = []

    def add(node: str, parent: str | None, depth: int) -> None:
        nodes.append(
            {
                "id": node,
                "name": f"架空{node}",
                "kind": kinds[min(depth, len(kinds) - 1)],
                "parent": parent,
                "officers": officers(node, count),
                **(changes or {}).get(node, {}),
            }
        )
        if depth < len(widths):
            for n in range(1, widths[depth] + 1):
                add(f"{node}{n}" if depth == 0 else f"{node}-{n}", node, depth + 1)

    add("n", None, 0)
    return ContactTree.model_validate(
        {"format": "drillsim-contacts/1", "title": "架空の連絡網", "nodes": nodes}
    )


INJECT: dict[str, Any] = {
    "id": "first",
    "from": "n",
    "to": {"kind": "prefecture"},
    "subject": "架空の障害（第一報）",
    "body": "{{ to_body }} 様 架空の障害です。{{ ref }}",
    "acknowledge": {
        "within": "15m",
        "remind": ["10m", "20m"],
        "stand-in-after": "25m",
        "give-up-after": "90m",
    },
    "pass-on": {"to": "children", "within": "30m"},
    "report": {
        "within": "60m",
        "form": "status",
        "collect": "children",
        "cut-off": "120m",
        "remind": ["75m"],
    },
}

FORM = [
    {"id": "terminals", "label": "影響端末数", "type": "integer", "expect": "0"},
    {"id": "line-cut", "label": "回線の切断", "type": "choice", "options": ["有", "無", "確認中"]},
]

CALM = {
    "preset": "announced-office-hours",
    "away": "0%",
    "absence-notice": "0%",
    "dead-address": "0%",
    "unexpected": "0%",
    "unsure": "0%",
}
"""People who are all there and answer as expected."""


def scenario(
    *,
    injects: Sequence[Mapping[str, Any]] = (INJECT,),
    people: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Scenario:
    """Return a scenario with one phase that sends the first inject until all have reported."""
    first = injects[0]["id"]
    raw: dict[str, Any] = {
        "format": "drillsim-scenario/1",
        "id": "example",
        "title": "架空の訓練",
        "incident": {"kind": "fault"},
        "contacts": "tree.yaml",
        "start": START,
        "window": "4h",
        "forms": {"status": FORM},
        "injects": list(injects),
        "phases": {
            "initial": "notice",
            "states": {
                "notice": {
                    "level": 2,
                    "send": [first],
                    "next": [{"when": {"reported": first, "share": "100%"}, "to": "ended"}],
                },
                "ended": {"final": "true"},
            },
        },
        "people": dict(CALM if people is None else people),
    }
    return Scenario.model_validate(raw | {key.replace("_", "-"): v for key, v in changes.items()})


def exercise(
    contacts: ContactTree | None = None,
    story: Scenario | None = None,
    calendar: Calendar | None = None,
) -> Exercise:
    """Return an exercise of these, by default a prefecture with three municipalities."""
    from datetime import timedelta

    day = (timedelta(hours=-1.5), timedelta(hours=7.25))
    return Exercise(
        scenario=story if story is not None else scenario(),
        tree=contacts if contacts is not None else tree(),
        calendar=calendar if calendar is not None else Calendar((day,)),
    )
