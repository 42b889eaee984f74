"""Everything that is said is said in Japanese too."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools.messages import (
    MO,
    PO,
    PlainCatalog,
    as_mo,
    as_po,
    check,
    extracted,
    read,
    unseen,
    updated,
)


@pytest.fixture(scope="module")
def catalog() -> PlainCatalog:
    return updated(read(PO), extracted())


def test_every_message_of_the_source_has_its_translation(catalog: PlainCatalog) -> None:
    assert list(check(catalog)) == []


@pytest.mark.parametrize("word", ["督促", "命令"])
def test_bodies_are_equals_so_nobody_is_pressed_or_ordered(
    catalog: PlainCatalog, word: str
) -> None:
    assert [message.id for message in catalog if word in str(message.string)] == []


def test_no_message_stands_where_extraction_does_not_see_it() -> None:
    assert list(unseen()) == []


def test_the_catalogue_is_as_make_messages_writes_it(catalog: PlainCatalog) -> None:
    assert PO.read_bytes() == as_po(catalog), "run: make messages"


def test_what_is_compiled_is_what_was_translated() -> None:
    assert MO.read_bytes() == as_mo(read(PO)), "run: make messages"


def test_the_catalogue_holds_nothing_that_changes_by_itself() -> None:
    text = PO.read_text("utf-8")
    for churn in "POT-Creation-Date", "PO-Revision-Date", "Generated-By", ".py:":
        assert churn not in text


def translated(*pairs: tuple[str | tuple[str, str], str | tuple[str, ...]]) -> PlainCatalog:
    catalog = PlainCatalog(locale="ja", fuzzy=False)
    for message, translation in pairs:
        catalog.add(message, translation)
    return catalog


@pytest.mark.parametrize(
    ("message", "translation", "fault"),
    [
        ("no node {id}", "", "not translated"),
        ("no node {id}", "{idd} がありません", "other placeholders"),
        ("no node {id}", "ありません", "other placeholders"),
        ("{n:.1f} minutes", "{n} 分", "other placeholders"),
        ("{name!r}", "{name}", "other placeholders"),
        ("done", "{x} 完了", "other placeholders"),
        (("{n} mail", "{n} mails"), ("",), "not translated"),
        (("{n} mail", "{n} mails"), ("メール {m} 通",), "other placeholders"),
    ],
)
def test_a_translation_that_would_fail_is_found(
    message: str | tuple[str, str], translation: str | tuple[str, ...], fault: str
) -> None:
    (found,) = check(translated((message, translation)))
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("message", "translation"),
    [
        ("no node {id}", "{id} がありません"),
        ("a lone { brace", "波括弧 { のみ"),
        (("{n} mail", "{n} mails"), ("メール {n} 通",)),
        (("one mail", "{n} mails"), ("メール {n} 通",)),
    ],
)
def test_a_right_translation_is_let_through(
    message: str | tuple[str, str], translation: str | tuple[str, ...]
) -> None:
    assert list(check(translated((message, translation)))) == []


def test_a_guess_is_no_translation() -> None:
    catalog = PlainCatalog(locale="ja", fuzzy=False)
    catalog.add("done", "完了", flags={"fuzzy"})
    assert list(check(catalog)) == ["fuzzy: 'done'"]


def test_extraction_finds_messages_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        '_("one")\nN_("two")\nngettext("{n} x", "{n} xs", 2)\n_(variable)\nprint("four")\n', "utf-8"
    )
    found = extracted(tmp_path)
    assert {message.id for message in found if message.id} == {"one", "two", ("{n} x", "{n} xs")}
    one = found.get("one")
    assert one is not None
    assert one.locations == [(f"{tmp_path.name}/a.py", 1)]


def test_a_message_inside_an_f_string_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('one = _("one")\ntwo = f"{one} {_(\'two\')}"\n', "utf-8")
    (fault,) = unseen(tmp_path)
    assert fault.startswith(f"{tmp_path.name}/a.py:2: ")


def test_an_update_keeps_translations_and_drops_what_is_no_longer_said() -> None:
    template = Catalog()
    template.add("kept", locations=[("drillsim/a.py", 3)])
    template.add("new", locations=[("drillsim/b.py", 9)])
    fresh = updated(translated(("kept", "保持"), ("gone", "なし")), template)
    assert {message.id: message.string for message in fresh if message.id} == {
        "kept": "保持",
        "new": None,
    }
