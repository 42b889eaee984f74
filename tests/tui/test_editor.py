"""The editor of contact trees, driven by keys and mouse."""

import difflib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from drillsim.files.contacts.opened import read_file
from drillsim.files.redaction import MASK
from drillsim.tui.screens.editor import EditorScreen
from drillsim.tui.screens.editor_windows import DiffWindow, FindingsWindow, MergeWindow
from tests.tui.driving import in_front, on_screen, said, settle, shown

FILE = """\
# confidential
format: drillsim-contacts/1
title: 架空県
nodes:
  - id: "350001"
    code: "350001"
    name: 山口県 市町課
    kind: prefecture
    officers:
      - name: 架空 一郎   # the head
        email: ichiro@pref.example
        phone: 000-000-0001
        off-hours: {phone: 000-000-0009}
        verified: 2026-04-06
      - name: 架空 二葉
        email: futaba@pref.example
        phone: 000-000-0002
        verified: 2026-04-06

  # the town
  - id: "353418"
    code: "353418"
    name: 上関町 総務課
    kana: かみのせきちょう
    kind: municipality
    parent: "350001"
    mailbox: juki@kaminoseki.example
    officers:
      - name: 架空 三郎
        phone: 000-000-0003
        off-hours: {phone: 000-000-0008}
        verified: 2026-04-06
      - name: 架空 四葉
        email: yotsuba@kaminoseki.example
        phone: 000-000-0004
        verified: 2026-04-06
  - {id: "355020", code: "355020", name: 阿武町 戸籍係, kind: municipality, parent: "350001",
     officers: [{name: 架空 五月, email: a@abu.example, phone: 000-000-0005, verified: 2026-04-06}]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "t.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def content(path: Path) -> str:
    return path.read_text("utf-8")


def write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def editor(path: Path, **options: Any) -> EditorScreen:
    return EditorScreen(read_file(path, path.name), today=date(2026, 11, 24), **options)


def screen_of(pilot: Pilot[int]) -> EditorScreen:
    return next(s for s in pilot.app.screen_stack if isinstance(s, EditorScreen))


def changed(screen: EditorScreen) -> list[str]:
    lines = difflib.unified_diff(
        FILE.splitlines(), screen.document.text.splitlines(), lineterm="", n=0
    )
    return [line for line in list(lines)[2:] if line[0] in "-+"]


async def typed(pilot: Pilot[int], text: str) -> None:
    focused = pilot.app.focused
    assert isinstance(focused, Input), focused
    focused.post_message(events.Paste(text))
    await pilot.pause()


async def looked(pilot: Pilot[int]) -> None:
    """Wait until the whole tree has been looked at."""
    screen = screen_of(pilot)
    await settle(pilot, lambda: any(True for _each in screen.inspection.everything()))


async def test_what_is_typed_changes_its_line_and_is_checked_at_once(file: Path) -> None:
    async with shown(editor(file, at=(1, 0)), (80, 24)) as pilot:
        await pilot.pause()
        screen = screen_of(pilot)
        await pilot.press("down", "down", "down")
        await typed(pilot, "x＠y.example")
        row = screen._officer_page.row(("email",))
        assert row is not None
        assert "full-width" in row.hint
        assert changed(screen) == ["+        email: x＠y.example"]
        await pilot.press("ctrl+z")
        assert changed(screen) == []
        assert row.hint == ""
        assert row.text == ""
        await pilot.press("ctrl+y")
        assert changed(screen) == ["+        email: x＠y.example"]


async def test_a_line_that_is_emptied_and_filled_again_keeps_its_comment(file: Path) -> None:
    async with shown(editor(file, at=(0, 0)), (80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+u")
        await typed(pilot, "架空 花子")
        assert changed(screen_of(pilot)) == [
            "-      - name: 架空 一郎   # the head",
            "+      - name: 架空 花子   # the head",
        ]


async def test_a_stand_in_is_added_by_one_key_and_named_at_once(file: Path) -> None:
    async with shown(editor(file, at=(2, None)), (80, 24)) as pilot:
        screen = screen_of(pilot)
        await pilot.press("ctrl+o")
        await pilot.pause()
        await typed(pilot, "架空 六実")
        assert screen.document.entries[2].data["officers"][1]["name"] == "架空 六実"
        assert "stand-in 架空" in on_screen(pilot)
        assert [line[:16] for line in changed(screen)] == ["-     officers: ", "+     officers: "]


async def test_officers_are_reordered_made_stand_in_and_confirmed_by_keys(file: Path) -> None:
    async with shown(editor(file, at=(1, None)), (80, 24)) as pilot:
        screen = screen_of(pilot)

        def names() -> list[str]:
            return [officer["name"][3:] for officer in screen.document.entries[1].data["officers"]]

        await pilot.press("tab", "right", "shift+right")
        assert names() == ["四葉", "三郎"]
        assert screen.officer == 1
        await pilot.press("a", "escape", "s")
        assert names()[:2] == ["四葉", screen.document.entries[1].data["officers"][1]["name"][3:]]
        await pilot.press("t")
        assert screen.document.entries[1].data["officers"][1]["verified"] == "2026-11-24"
        await pilot.press("d")
        await settle(pilot, lambda: in_front(pilot, "Confirm"))
        await pilot.press("enter")
        await settle(pilot, lambda: names() == ["四葉", "三郎"])


async def test_bodies_are_added_copied_moved_and_deleted_by_keys(file: Path) -> None:
    async with shown(editor(file, at=(1, None)), (80, 24)) as pilot:
        screen = screen_of(pilot)

        def ids() -> list[str]:
            return [entry.id for entry in screen.document.entries]

        await pilot.press("c")
        assert ids() == ["350001", "353418", "new-1", "355020"]
        await pilot.press("escape", "escape", "shift+down")
        assert ids() == ["350001", "353418", "355020", "new-1"]
        await pilot.press("m")
        await settle(pilot, lambda: in_front(pilot, "FindBody"))
        await pilot.press(*"355020", "enter")
        await settle(pilot, lambda: in_front(pilot, "EditorScreen"))
        assert screen.document.entries[3].data["parent"] == "355020"
        screen.go_to(0)
        await pilot.press("a")
        assert ids()[-1] == "new-2"
        assert screen.document.entries[-1].data["kind"] == "municipality"
        await pilot.press("ctrl+z", "escape", "escape")
        screen.go_to(2)
        await pilot.press("d")
        await settle(pilot, lambda: in_front(pilot, "Choose"))
        await pilot.press("enter")
        await settle(pilot, lambda: ids() == ["350001", "353418", "new-1"])
        assert screen.document.entries[2].data["parent"] == "350001"
        await pilot.press("ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z")
        assert changed(screen) == []


async def test_a_body_is_dragged_onto_another_and_hangs_below_it(file: Path) -> None:
    async with shown(editor(file), (80, 24)) as pilot:
        screen = screen_of(pilot)
        await pilot.mouse_down("#offices", offset=(12, 3))
        await pilot.hover("#offices", offset=(12, 2))
        assert "»" in on_screen(pilot)
        await pilot.mouse_up("#offices", offset=(12, 2))
        await pilot.pause()
        assert changed(screen)[1].count('parent: "353418"') == 1
        await pilot.mouse_down("#offices", offset=(12, 2))
        await pilot.hover("#offices", offset=(12, 3))
        await pilot.mouse_up("#offices", offset=(12, 3))
        await pilot.pause()
        assert "below itself" in said(pilot)


async def test_a_new_id_is_taken_when_its_field_is_left(file: Path) -> None:
    async with shown(editor(file, at=(0, None)), (80, 24)) as pilot:
        screen = screen_of(pilot)
        await pilot.press("enter", "down", "down", "down", "down")
        await typed(pilot, "x")
        assert changed(screen) == []
        await pilot.press("escape")
        await pilot.pause()
        assert screen.document.entries[1].data["parent"] == "350001x"


async def test_the_domain_is_changed_in_all_bodies(file: Path) -> None:
    async with shown(editor(file, at=(1, None)), (80, 24)) as pilot:
        await pilot.press("at")
        await settle(pilot, lambda: in_front(pilot, "ChangeDomain"))
        assert "2 addresses will change" in on_screen(pilot)
        await pilot.press("tab")
        await typed(pilot, "town.example")
        await pilot.press("enter")
        await settle(pilot, lambda: len(changed(screen_of(pilot))) == 4)


async def test_a_domain_is_changed_at_chosen_bodies_alone(file: Path) -> None:
    async with shown(editor(file), (80, 24)) as pilot:
        await pilot.press("down", "at")
        await settle(pilot, lambda: in_front(pilot, "ChangeDomain"))
        count = int(on_screen(pilot).split(" addresses will change")[0].split()[-1])
        await pilot.press("tab")
        await typed(pilot, "town.example")
        await pilot.press("tab", "right")
        await pilot.pause()
        assert 0 < int(on_screen(pilot).split(" addresses will change")[0].split()[-1]) <= count
        await pilot.press("enter")
        screen = screen_of(pilot)
        await settle(pilot, lambda: bool(changed(screen)))
        bodies = [entry for entry in screen.document.entries if "town.example" in entry.body]
        assert [entry.id for entry in bodies] == [screen.document.entries[1].id]


async def test_search_finds_by_name_kana_code_and_address(file: Path) -> None:
    async with shown(editor(file), (80, 24)) as pilot:
        screen = screen_of(pilot)
        for words, place, officer in (
            ("カミノセキ", 1, None),
            ("355020", 2, None),
            ("yotsuba@", 1, 1),
            ("五月", 2, 0),
        ):
            await pilot.press("ctrl+f")
            await settle(pilot, lambda: in_front(pilot, "FindEntry"))
            await typed(pilot, words)
            await pilot.press("enter")
            await settle(pilot, lambda: in_front(pilot, "EditorScreen"))
            assert (screen.place, screen.officer) == (place, officer)


async def test_the_list_of_findings_leads_to_the_field(file: Path) -> None:
    async with shown(editor(file), (80, 24)) as pilot:
        await looked(pilot)
        screen = screen_of(pilot)
        await pilot.press("ctrl+l")
        await settle(pilot, lambda: isinstance(pilot.app.screen, FindingsWindow))
        assert "Why it matters" in on_screen(pilot)
        window = pilot.app.screen
        assert isinstance(window, FindingsWindow)
        rules = [finding.rule for _place, finding in window._found]
        for _step in range(rules.index("no-off-hours")):
            await pilot.press("down")
        await pilot.press("enter")
        await settle(pilot, lambda: in_front(pilot, "EditorScreen"))
        await pilot.pause()
        assert (screen.place, screen.officer) == (2, 0)
        assert screen._focused_path() == ("off-hours", "phone")


async def test_the_next_finding_is_gone_to_by_one_key(file: Path) -> None:
    async with shown(editor(file), (80, 24)) as pilot:
        await looked(pilot)
        screen = screen_of(pilot)
        spots = []
        for _step in range(4):
            await pilot.press("ctrl+n")
            await pilot.pause()
            spots.append((screen.place, screen.officer, screen._focused_path()))
        assert len(set(spots)) > 1
        assert all(place is not None for place, _officer, _path in spots)


async def test_one_letter_in_the_field_confirms_an_entry_today(file: Path) -> None:
    async with shown(editor(file, at=(1, 0)), (80, 24)) as pilot:
        await pilot.pause()
        screen = screen_of(pilot)
        screen.go_to(1, 0, ("verified",), select=True)
        await pilot.press("t")
        await pilot.pause()
        officer = screen.document.entries[1].data["officers"][0]
        assert officer["verified"] == screen.today.isoformat()
        assert "✘" not in on_screen(pilot)
        await pilot.press("ctrl+z")
        assert screen.document.entries[1].data["officers"][0].get("verified") != (
            screen.today.isoformat()
        )


async def test_the_next_finding_is_one_of_the_same_officer_while_there_are_any(
    file: Path,
) -> None:
    async with shown(editor(file, at=(1, 0)), (80, 24)) as pilot:
        await looked(pilot)
        screen = screen_of(pilot)
        await pilot.press("ctrl+o")
        await typed(pilot, "仮名 冬子")
        officer, fields = screen.officer, []
        for _step in range(2):
            await pilot.press("ctrl+n")
            await pilot.pause()
            fields.append((screen.officer, screen._focused_path()))
            await typed(pilot, "x@town.example")
        assert fields[0][0] == fields[1][0] == officer
        assert len(set(fields)) == 2


async def test_where_a_stand_in_is_wanted_the_next_finding_is_where_one_adds_one(
    file: Path,
) -> None:
    async with shown(editor(file), (80, 24)) as pilot:
        await looked(pilot)
        screen = screen_of(pilot)
        seen = {}
        for _step in range(len(list(screen.inspection.everything()))):
            await pilot.press("ctrl+n")
            await pilot.pause()
            for finding in screen.findings_here():
                if finding.rule == "no-stand-in" and screen._focused_path() == ():
                    assert screen.place is not None
                    seen[screen.place] = finding
                    assert finding.message in on_screen(pilot)
        assert seen
        screen.go_to(next(iter(seen)), 0, ())
        await pilot.press("a")
        await settle(pilot, lambda: screen.officer == 1)


async def test_a_save_shows_the_lines_first_and_writes_those_only(file: Path) -> None:
    async with shown(editor(file, at=(1, 0)), (80, 24)) as pilot:
        await pilot.pause()
        screen = screen_of(pilot)
        await pilot.press("down", "down")
        await typed(pilot, "課長")
        await pilot.press("ctrl+s")
        await settle(pilot, lambda: isinstance(pilot.app.screen, DiffWindow))
        assert "+         role: 課長" in on_screen(pilot)
        assert content(file) == FILE
        await pilot.press("enter")
        await settle(pilot, lambda: "saved" in said(pilot))
        assert content(file) == screen.document.text
        assert len(changed(screen)) == 1
        assert "not saved" not in on_screen(pilot)


async def test_what_somebody_else_saved_meanwhile_is_never_overwritten(file: Path) -> None:
    async with shown(editor(file, at=(1, 0)), (80, 24)) as pilot:
        await pilot.pause()
        screen = screen_of(pilot)
        theirs = FILE.replace("000-000-0003", "111").replace("# the town", "# their comment")
        write(file, theirs.replace("山口県 市町課", "山口県 危機管理課"))
        await pilot.press("down", "down")
        await typed(pilot, "課長")
        await pilot.press("down", "down", "backspace")
        await pilot.press("ctrl+s", "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, MergeWindow))
        assert "111" in content(file)
        window = pilot.app.screen
        assert isinstance(window, MergeWindow)
        assert [d.who for d in window.merge.differences] == ["theirs", "both", "mine"]
        await pilot.press("enter")
        assert "choose here" in said(pilot)
        await pilot.press("left", "enter")
        await settle(pilot, lambda: in_front(pilot, "EditorScreen"))
        await pilot.press("ctrl+s")
        await settle(pilot, lambda: isinstance(pilot.app.screen, DiffWindow))
        await pilot.press("enter")
        await settle(pilot, lambda: "saved" in said(pilot))
        text = content(file)
        assert text == screen.document.text
        for part in ("課長", "phone: 000-000-000\n", "# their comment", "危機管理課"):
            assert part in text
        await pilot.press("ctrl+z")
        assert "危機管理課" not in screen.document.text
        assert "課長" in screen.document.text


async def test_one_key_masks_personal_data_everywhere(file: Path) -> None:
    async with shown(editor(file, at=(1, 0), masked=True), (80, 24)) as pilot:
        await pilot.pause()
        screen = screen_of(pilot)
        assert MASK in on_screen(pilot)
        for word in ("架空", "000-000", "yotsuba"):
            assert word not in on_screen(pilot)
        await pilot.press("ctrl+r")
        assert "架空 三郎" in on_screen(pilot)
        await pilot.press("ctrl+z")
        await pilot.press("ctrl+r")
        assert "架空 三郎" not in on_screen(pilot)
        screen.do(lambda document: document.set(1, ("officers", 0, "phone"), "000-000-0777"))
        await pilot.press("ctrl+s")
        await settle(pilot, lambda: isinstance(pilot.app.screen, DiffWindow))
        assert "phone" in on_screen(pilot)
        assert "0777" not in on_screen(pilot)


async def test_leaving_asks_after_what_is_not_saved(file: Path) -> None:
    async with shown(editor(file, at=(1, 0)), (80, 24)) as pilot:
        await pilot.pause()
        await typed(pilot, "x")
        await pilot.press("ctrl+q")
        await settle(pilot, lambda: in_front(pilot, "Choose"))
        await pilot.press("escape")
        await settle(pilot, lambda: in_front(pilot, "EditorScreen"))
        await pilot.press("escape", "escape", "q")
        await settle(pilot, lambda: in_front(pilot, "Choose"))
        await pilot.press("down", "enter")
        await settle(pilot, lambda: pilot.app.return_code == 0)
    assert content(file) == FILE


async def test_a_file_full_of_faults_opens_with_each_fault_at_its_field(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "format: drillsim-contacts/1\ntitle: x\nnodes:\n"
        "  - {id: a, name: 架空, kind: 市, bogus: 1}\n"
        "  - {id: a, kind: section, parent: none, officers: [{phone: [1, 2]}, x]}\n"
        "  - {name: y, kind: section, parent: a, verified: 1}\n",
        encoding="utf-8",
    )
    async with shown(editor(path), (80, 24)) as pilot:
        await looked(pilot)
        found = {
            (place, finding.path) for place, finding in screen_of(pilot).inspection.everything()
        }
        for spot in (
            (0, ("kind",)),
            (0, ("bogus",)),
            (1, ("name",)),
            (1, ("parent",)),
            (2, ("id",)),
        ):
            assert spot in found
        assert "✘" in on_screen(pilot)
        for _step in range(6):
            await pilot.press("ctrl+n")
            await pilot.pause()
