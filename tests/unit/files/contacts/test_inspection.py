"""The findings of a document that is edited: the same as of the file, each at its field."""

from datetime import date
from typing import Any

import pytest

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.inspection import Inspection
from drillsim.files.contacts.lint import lint_data
from drillsim.shipped import shipped_dir

TODAY = date(2026, 11, 24)
DATA = (shipped_dir("contacts") / "yamaguchi.yaml").read_bytes()


def inspected(data: bytes = DATA) -> Inspection:
    inspection = Inspection(ContactDocument.parse(data, "t.yaml"), TODAY)
    look = inspection.look_all()
    look.run()
    look.take()
    return inspection


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("name",), "荻市 市民課"),
        (("code",), "352013"),
        (("code",), ""),
        (("parent",), "none"),
        (("mailbox",), "x＠y.example"),
        (("officers",), []),
        (("officers", 0, "phone"), ""),
        (("officers", 0, "verified"), "2020-01-01"),
        (("officers", 0, "email"), ["a@x.example", "b c"]),
        (("officers", 0, "off-hours", "email"), ["juki@pref-yamaguchi.example"]),
        (("officers", 1, "name"), "担当者"),
        (("also-notify",), ["350001", "nobody"]),
    ],
)
def test_findings_and_score_are_those_of_the_file(path: Any, value: Any) -> None:
    document = ContactDocument.parse(DATA, "t.yaml")
    document.apply(document.set(5, path, value))
    inspection = inspected(document.data)
    lint = lint_data(document.data, "t.yaml", TODAY)
    found = [(f.rule, f.message) for _place, f in inspection.everything()]
    assert sorted(found) == sorted((f.rule, f.problem.message) for f in lint.findings)
    assert inspection.total() == (lint.score, len(lint.findings))


@pytest.mark.parametrize(
    ("path", "value", "at"),
    [
        (("kind",), "市", ("kind",)),
        (("id",), "", ("id",)),
        (("id",), "a b", ("id",)),
        (("name",), "", ("name",)),
        (("bogus",), "x", ("bogus",)),
        (("code",), "352013", ("code",)),
        (("parent",), "none", ("parent",)),
        (("parent",), "352047", ("parent",)),
        (("duty-desk", "phone"), "", ("duty-desk", "phone")),
        (("officers", 0, "email"), ["a@x.example", "b c"], ("officers", 0, "email", 1)),
        (("officers", 0, "verified"), "2026-13-01", ("officers", 0, "verified")),
        (("officers", 0, "name"), "", ("officers", 0, "name")),
        (("also-notify",), ["nobody"], ("also-notify", 0)),
    ],
)
def test_a_fault_is_at_its_field_as_soon_as_it_is_typed(path: Any, value: Any, at: Any) -> None:
    inspection = inspected()
    document = inspection.document
    place = document.place_of("352047")
    document.apply(document.set(place, path, value))
    found = inspection.look(place)
    assert at in [finding.path for finding in found if finding.is_error]
    assert inspection.total()[0] <= 49


def test_what_lies_between_bodies_keeps_its_finding_until_all_is_looked_at_again() -> None:
    inspection = inspected()
    document = inspection.document
    document.apply(document.remove_officer(1, 2))
    document.apply(document.remove_officer(1, 1))
    look = inspection.look_all()
    look.run()
    look.take()
    assert "hangs-on-one" in {finding.rule for finding in inspection.findings(1)}
    edit = document.set(1, ("note",), "x")
    document.apply(edit)
    inspection.carry(look.entries, document.entries)
    assert "hangs-on-one" in {finding.rule for finding in inspection.look(1)}


def test_entries_that_are_no_entries_are_listed_and_end_nothing() -> None:
    text = (
        "format: wrong\nnodes:\n"
        "  - {kind: x, officers: [x, {name: [a]}, {off-hours: {bogus: 1}}], duty-desk: y}\n"
        "  - {id: a, name: 架空, kind: section, parent: a, officers: {a: b}, also-notify: {}}\n"
        "  - {id: a, name: {}, kind: section}\n"
    )
    inspection = inspected(text.encode())
    found = {(place, finding.path) for place, finding in inspection.everything()}
    assert {(0, ("kind",)), (0, ("id",)), (1, ("officers",)), (2, ("name",))} <= found
    assert [finding.path for finding in inspection.top] == [("format",), ("title",)]
    assert inspection.total()[0] <= 49
