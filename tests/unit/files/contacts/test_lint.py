import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drillsim.files.contacts.lint import Lint, lint_data
from drillsim.files.contacts.office_rules import last_transfers
from drillsim.files.contacts.rules import RULES

TODAY = date(2026, 11, 23)

GOOD = """\
format: drillsim-contacts/1
title: 架空の連絡網
nodes:
  - id: top
    name: 架空センター
    kind: national-center
    mailbox: juki@top.example
    officers:
      - {name: 架空 一郎, role: 責任者, phone: 000-0000-0001, off-hours: {phone: 000-0000-0002}, verified: 2026-04-06}
      - {name: 架空 二葉, role: 担当者, email: futaba@top.example, phone: 000-0000-0003, verified: 2026-04-06}
  - id: "350001"
    code: "350001"
    name: 山口県 市町課
    kind: prefecture
    parent: top
    mailbox: juki@pref.example
    officers:
      - {name: 架空 三郎, role: 責任者, phone: 000-0000-0011, off-hours: {phone: 000-0000-0012}, verified: 2026-04-06}
      - {name: 架空 四葉, role: 担当者, email: yotsuba@pref.example, phone: 000-0000-0013, verified: 2026-04-06}
  - id: "352012"
    code: "352012"
    name: 下関市 市民課
    kind: municipality
    parent: "350001"
    mailbox: juki@city.example
    officers:
      - {name: 架空 五月, role: 責任者, phone: 000-0000-0021, off-hours: {phone: 000-0000-0022}, verified: 2026-04-06}
      - {name: 架空 六実, role: 担当者, email: mutsumi@city.example, phone: 000-0000-0023, verified: 2026-04-06}
"""  # noqa: E501
"""Line 28 is the last; each test changes a few words of it."""

LAST = next(line for line in GOOD.splitlines(keepends=True) if "六実" in line)
THIRD = next(line for line in GOOD.splitlines(keepends=True) if "四葉" in line)


def lint(*changes: tuple[str, str], today: date = TODAY) -> Lint:
    text = GOOD
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new)
    return lint_data(text.encode(), "tree.yaml", today)


def found(result: Lint) -> list[str]:
    return [
        f"{f.problem.line}:{f.problem.column} {f.rule} {f.node}: {f.problem.message};"
        f" {f.problem.remedy}"
        for f in result.findings
    ]


def test_a_good_tree_has_a_hundred_and_no_findings() -> None:
    assert found(lint()) == []
    assert lint().score == 100


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [(LAST, "")],
            ("27:7 no-stand-in 352012: 下関市 市民課 has no stand-in; "
            "write a second officer who can be reached"),
        ),
        (
            [(THIRD, "")],
            ("18:7 hangs-on-one 350001: 1 body below 山口県 市町課 hangs on one person; "
            "write a second officer who can be reached"),
        ),
        (
            [("email: mutsumi@city.example, phone: 000-0000-0023", "phone: 000-0000-0021")],
            ("28:9 same-mailbox 352012: the stand-in of 下関市 市民課 is reached only where the "
            "first officer is; write an address or a telephone number of their own"),
        ),
        (
            [("off-hours: {phone: 000-0000-0022}, ", "")],
            ("27:7 no-off-hours 352012: 下関市 市民課 has no contact for nights and holidays; "
            "write off-hours: for an officer, or a duty-desk:"),
        ),
        (
            [("    mailbox: juki@city.example\n", "")],
            ("26:9 no-email 352012: officer 1 of 下関市 市民課 has no e-mail address; "
            "write email:, or a mailbox: for the office"),
        ),
        (
            [(", phone: 000-0000-0023", "")],
            ("28:9 no-phone 352012: officer 2 of 下関市 市民課 has no telephone number; "
            "write phone:"),
        ),
        (
            [("架空 六実, role: 担当者", "各窓口")],
            ("28:16 vague-name 352012: officer 2 of 下関市 市民課 is named vaguely; "
            "write the person and the post, such as セキュリティ責任者"),
        ),
        (
            [("mutsumi@city.example", "juki@pref.example")],
            ("28:9 shared-address 352012: the address juki@pref.example stands at 山口県 市町課 "
            "too; write the address that 下関市 市民課 itself reads"),
        ),
        (
            [("mutsumi@city.example", "mutsumi@ctiy.example")],
            ("28:41 other-domain 352012: mutsumi@ctiy.example lies outside city.example; "
            "mend it, or check by telephone that it is right"),
        ),
        (
            [("name: 下関市", "name: 宇部市")],
            ("21:11 code-name 352012: the code 352012 is that of 山口県下関市, not of "
            "宇部市 市民課; write 352021"),
        ),
        (
            [('"352012"', '"132063"'), ("下関市", "府中市")],
            ("21:11 code-name 132063: the code 132063 is that of 東京都府中市, but 府中市 市民課 "
            "stands below 山口県; write this body's own code, or mend its name"),
        ),
        (
            [('"352012"', '"132063"'), ("下関市", "府中市"), ('"350001"', '"340006"'),
             ("山口県", "広島県")],
            ("21:11 code-name 132063: the code 132063 is that of 東京都府中市, but 府中市 市民課 "
            "stands below 広島県; write 342084"),
        ),
        (
            [('code: "352012"', 'code: "352055"')],
            ("21:11 code-unknown 352012: no prefecture or municipality has the code 352055; "
            "write 352012"),
        ),
        (
            [("000-0000-0023", "０００－0000-0023")],
            ("28:70 lookalike 352012: the number ０００－0000-0023 is not of half-width digits and "
            "hyphens; write 000-0000-0023"),
        ),
        (
            [("role: 担当者, email: mutsumi", "role: システ厶セン夕ー, email: mutsumi")],
            "28:29 lookalike 352012: role holds 夕 (U+5915), which passes for another; write タ",
        ),
        (
            [("mutsumi@", "mutsumi.@")],
            ("28:41 odd-address 352012: mutsumi.@city.example has dots where the standard allows "
            "none; check it by telephone if mails come back"),
        ),
    ],
)  # fmt: skip
def test_a_flaw_is_found_at_its_line_with_its_remedy(
    changes: list[tuple[str, str]], expected: str
) -> None:
    result = lint(*changes)
    assert expected in found(result)
    assert result.score < 100


def test_several_officers_of_one_office_may_share_its_mailbox() -> None:
    assert found(lint(("email: mutsumi@city.example, ", ""))) == []


def test_nobody_to_be_reached_is_a_dead_end_and_costs_the_whole_node() -> None:
    start = GOOD.index("    mailbox: juki@city.example")
    result = lint((GOOD[start:], ""))
    assert [f.rule for f in result.findings] == ["dead-end"]
    assert result.score == 66  # Two of three nodes, rounded down.


def test_a_tree_with_an_error_is_looked_at_all_the_same_and_scores_under_fifty() -> None:
    result = lint(('code: "352012"', 'code: "352013"'), (", phone: 000-0000-0023", ""))
    assert [(f.rule, f.problem.line, f.node) for f in result.findings] == [
        ("error", 21, "352012"),
        ("no-phone", 28, "352012"),
    ]
    assert result.score == 49


def test_an_address_of_full_width_characters_is_one_error_and_nothing_else() -> None:
    result = lint(("mutsumi@city.example", "mutsumi＠city.example"))
    assert [f.rule for f in result.findings] == ["error"]
    assert "write mutsumi@city.example" in result.findings[0].problem.remedy


@pytest.mark.parametrize("parent", ['"350001"', '"352012"', "nowhere"])
def test_circles_and_unknown_parents_are_errors_not_tracebacks(parent: str) -> None:
    result = lint(("parent: top", f"parent: {parent}"))
    assert "error" in [f.rule for f in result.findings]


def test_what_is_no_tree_scores_nothing() -> None:
    result = lint_data(b"format: drillsim-contacts/1\nnodes: 3\n", "tree.yaml", TODAY)
    assert result.score == 0
    assert {f.rule for f in result.findings} == {"error"}


def test_one_person_at_two_posts_is_one_finding_and_a_homonym_none() -> None:
    twice = lint(
        ("架空 六実", "架空　四葉"),
        ("mutsumi@city.example", "yotsuba@pref.example"),
    )
    assert [f.rule for f in twice.findings if f.rule != "other-domain"] == ["person-twice"]
    assert found(lint(("架空 六実", "架空 四葉"))) == []


def test_who_stands_in_for_themselves_is_no_stand_in() -> None:
    rules = [f.rule for f in lint(("架空 六実", "架空五月")).findings]
    assert sorted(rules) == ["no-stand-in", "person-twice"]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 23), date(2026, 4, 1)),
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 3, 31), date(2025, 4, 1)),
        (date(2028, 2, 29), date(2027, 4, 1)),
    ],
)
def test_the_last_transfers_were_on_the_last_first_of_april(today: date, expected: date) -> None:
    assert last_transfers(today) == expected


@pytest.mark.parametrize(
    ("verified", "words"),
    [
        ("2026-04-01", None),
        ("2026-03-31", "was last confirmed on 2026-03-31"),
        ("2026-11-24", "was confirmed in the future, on 2026-11-24"),
    ],
)
def test_an_entry_is_stale_when_people_have_moved_since(verified: str, words: str | None) -> None:
    line = LAST.replace("2026-04-06", verified)
    result = lint((LAST, line))
    messages = [f.problem.message for f in result.findings]
    assert messages == ([] if words is None else [f"officer 2 of 下関市 市民課 {words}"])


def test_an_entry_that_was_never_confirmed_is_stale() -> None:
    result = lint((LAST, LAST.replace(", verified: 2026-04-06", "")))
    assert [f.rule for f in result.findings] == ["stale"]


def test_rules_are_listed_from_the_dearest_down() -> None:
    points: list[Any] = [rule.points for rule in RULES.values()]
    assert points == sorted(points, reverse=True)
    assert all(0 < each <= 100 for each in points)


@pytest.mark.parametrize("manual", ["contacts.md", "contacts.ja.md"])
def test_the_manual_lists_every_rule_with_its_points(manual: str) -> None:
    text = (Path(__file__).parents[4] / "docs" / manual).read_text("utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", text, re.MULTILINE)
    assert listed == [(name, str(rule.points)) for name, rule in RULES.items()]


@pytest.mark.parametrize(
    ("phone", "is_found"),
    [
        ("000-OO00-0023", True),
        ("000ー0000ー0023", True),
        ("000(0000)0023", False),
        ("000-0000-0023 内線１２", False),
        ("+81-00-0000-0023", False),
    ],
)
def test_a_number_that_cannot_be_dialled_is_found(phone: str, is_found: bool) -> None:
    rules = [f.rule for f in lint(("000-0000-0023", f'"{phone}"')).findings]
    assert rules == (["lookalike"] if is_found else [])


def siblings(*mailboxes: str) -> tuple[str, str]:
    """Return a change that puts bodies with these mailboxes below the prefecture."""
    nodes = [
        f"""\
  - id: s{number}
    name: 架空{number}課
    kind: section
    parent: "350001"
    mailbox: {mailbox}
    officers:
      - {{name: 仮名 {number}郎, phone: 000-1-{number}, off-hours: {{phone: 000-2-{number}}}, verified: 2026-04-06}}
      - {{name: 仮名 {number}葉, phone: 000-3-{number}, verified: 2026-04-06}}
"""  # noqa: E501
        for number, mailbox in enumerate(mailboxes)
    ]
    return (LAST, LAST + "".join(nodes))


def chain(length: int) -> tuple[str, str]:
    """Return a change that hangs `length` sections below one another, below the municipality."""
    one, other = siblings(*(f"a@s{n}.example" for n in range(length)))
    for number in range(length):
        above = "352012" if number == 0 else f"s{number - 1}"
        other = other.replace('parent: "350001"', f'parent: "{above}"', 1)
    return one, other


TWO = {
    "error": ([("parent: top", "parent: nowhere")], []),
    "dead-end": (
        [(GOOD[GOOD.index("    mailbox: juki@city.example") :], "")],
        [("    mailbox: juki@city.example\n", "")],
    ),
    # A second officer without an own address is reached through the shared mailbox.
    "hangs-on-one": ([(THIRD, "")], [("email: yotsuba@pref.example, ", "")]),
    "no-stand-in": ([(LAST, "")], [("email: mutsumi@city.example, ", "")]),
    "same-mailbox": (
        [("email: mutsumi@city.example, phone: 000-0000-0023", "phone: 000-0000-0021")],
        [("email: mutsumi@city.example, ", "")],
    ),
    "code-name": ([("name: 下関市", "name: 宇部市")], [("name: 下関市", "name: 山口県 下関市")]),
    "code-unknown": (
        [('code: "352012"', 'code: "352055"')],
        [("kind: municipality", "kind: joint-body"), ('code: "352012"', 'code: "352055"')],
    ),
    "shared-address": (
        [("mutsumi@city.example", "juki@pref.example")],
        [("mutsumi@city.example", "juki@city.example")],
    ),
    "person-twice": (
        [("架空 六実", "架空　四葉"), ("000-0000-0023", "000-0000-0013")],
        [("架空 六実", "架空 四葉")],
    ),
    "no-off-hours": (
        [("off-hours: {phone: 000-0000-0022}, ", "")],
        [
            ("off-hours: {phone: 000-0000-0022}, ", ""),
            (LAST, LAST + "    duty-desk: {phone: 000-0000-0029}\n"),
        ],
    ),
    "no-email": (
        [("    mailbox: juki@city.example\n", "")],
        [("email: mutsumi@city.example, ", "")],
    ),
    "no-phone": (
        [(", phone: 000-0000-0023", "")],
        [("phone: 000-0000-0023", "off-hours: {phone: 000-0000-0023}")],
    ),
    "vague-name": (
        [("架空 六実, role: 担当者", "各窓口")],
        [("架空 六実, role: 担当者", "担当者, role: セキュリティ責任者")],
    ),
    "stale": (
        [(LAST, LAST.replace("2026-04-06", "2026-03-31"))],
        [(LAST, LAST.replace("2026-04-06", "2026-04-01"))],
    ),
    "other-domain": (
        [siblings(*(f"a@{name}.lg.jp" for name in "uvwxyz"), "a@free.co.jp")],
        [siblings(*(f"a@{name}.lg.jp" for name in "tuvwxyz")), ("city.example", "city.lg.jp")],
    ),
    "lookalike": (
        [("role: 担当者, email: mutsumi", "role: セン夕ー長, email: mutsumi")],
        [("role: 担当者, email: mutsumi", "role: センター長（①㈱髙﨑）, email: mutsumi")],
    ),
    "nobody-below": (
        [('id: "352012"', 'id: "340006"'), ('code: "352012"', 'code: "340006"'),
         ("下関市 市民課", "広島県 市町課"), ("kind: municipality", "kind: prefecture")],
        [("kind: municipality", "kind: section")],
    ),
    "deep": ([chain(3)], [chain(2)]),
    "odd-address": ([("mutsumi@", "mutsumi.@")], [("mutsumi@", "mutsumi.a@")]),
}  # fmt: skip
"""For each rule what it finds, and the normal case next to it, in which it finds nothing."""


def test_every_rule_is_shown_both_ways() -> None:
    assert list(TWO) == list(RULES)


@pytest.mark.parametrize("rule", TWO)
def test_a_rule_finds_its_flaw_and_leaves_the_normal_case_alone(rule: str) -> None:
    bad, normal = TWO[rule]
    assert rule in {finding.rule for finding in lint(*bad).findings}
    assert rule not in {finding.rule for finding in lint(*normal).findings}


def test_a_name_that_occurs_twice_needs_a_code_where_no_prefecture_tells() -> None:
    unplaced = [
        ('    code: "350001"\n', ""),
        ('    code: "352012"\n', ""),
        ("下関市 市民課", "府中市 市民課"),
    ]
    (finding,) = [f for f in lint(*unplaced).findings if f.rule == "code-name"]
    assert (
        "府中市 市民課 lies in more than one prefecture (東京都, 広島県)" in finding.problem.message
    )
    assert finding.problem.remedy == "write code: with one of 132063, 342084"
    assert "code-name" not in {f.rule for f in lint(*unplaced[1:]).findings}
