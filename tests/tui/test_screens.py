"""Every screen in both languages and three sizes, as text, against what was found good.

The pictures are in `screens/`; `UPDATE_SCREENS=1 pytest tests/tui/test_screens.py` draws them anew
(then look at them). They are text, so that a change shows as lines in a diff, and an update of
Textual that only draws otherwise changes none of them.
"""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from drillsim.drill import events as ev
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.files.contacts.comparison import compare as compare_trees
from drillsim.files.contacts.confirming import Answer, Proposal
from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.opened import read_file
from drillsim.files.tree_file import load_tree
from drillsim.i18n import set_language
from drillsim.journal.mails import Mail
from drillsim.text import width
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.bodies import ConfirmScreen, TelephoneCheck
from drillsim.tui.screens.editor import EditorScreen
from drillsim.tui.screens.first import FirstScreen, Preview
from drillsim.tui.screens.review import ReviewScreen
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.screens.seat import SeatScreen
from drillsim.tui.views import reading
from drillsim.tui.views.clock import DrillClock
from drillsim.tui.widgets.lanes import Lanes
from drillsim.tui.widgets.pane import Pane
from tests import examples
from tests.tui.driving import in_front, on_screen, pane, settle, shown
from tests.tui.recorded import (
    Recording,
    begin,
    clock,
    files_of,
    sealed_journal,
    stored,
    writings,
)

PICTURES = Path(__file__).parent / "screens"
SIZES = ((80, 24), (120, 40), (200, 60))
AT = timedelta(minutes=50)

OFFICERS = [
    {"name": "架空 一郎", "role": "責任者", "email": "o1@n1-2.example", "phone": "000-000-0001"},
    {"name": "架空 二葉", "role": "担当者", "email": "o2@n1-2.example", "phone": "000-000-0002"},
]
TREE = examples.tree(
    (1, 12),
    changes={
        "n": {"name": "架空全国センター"},
        "n1": {"name": "架空県 市町課"},
        "n1-2": {"name": "さざなみ町 住民課", "officers": OFFICERS},
    },
)
INJECT = {
    **examples.INJECT,
    "title": "第一報",
    "actions": ["責任者へ報告"],
    "acknowledge": {
        "within": "15m",
        "remind": ["10m", "20m"],
        "stand-in-after": "25m",
        "call-after": "20m",
        "give-up-after": "90m",
    },
}


@pytest.fixture(scope="module")
def recording() -> Recording:
    """A small drill of its own, so that the shipped ones can be rewritten freely."""
    people = {**examples.CALM, "nodes": {"n1-2": {"silent": [1, 2]}}}
    scenario = examples.scenario(
        injects=[INJECT], people=people, purpose="緊急連絡先の確認", contacts="../contacts/t.yaml"
    )
    recording = stored(files_of(scenario, TREE), seed=4)
    text = "From: juki@n1-3.example\nSubject: test\n\n届いています。\n"
    mail = Mail(text.encode(), "in", "juki@n1-3.example", ["kunren@pref.example"])
    aside = ev.SetAside(
        at=AT,
        mail_kind="human_reply",
        sender="juki@n1-3.example",
        mail="a@n1-3.example",
        raw=mail.hash,
        tray=True,
        suggested=((InjectId("first"), NodeId("n1-3")),),
    )
    late = [event for event in recording.events if event.at > AT]
    events = [*recording.until(AT), aside, *late]
    return Recording(recording.loaded, events, {**recording.mails, mail.hash: mail})


@pytest.fixture(params=["en", "ja"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    set_language(request.param)
    yield request.param
    set_language("en")


def compare(pilot: Pilot[int], name: str, language: str) -> None:
    """Compare what is drawn with its picture; nothing is wider than the terminal."""
    columns, rows = pilot.app.size
    drawn = on_screen(pilot) + "\n"
    assert all(width(line) <= columns for line in drawn.splitlines())
    picture = PICTURES / f"{name}-{columns}x{rows}-{language}.txt"
    if os.environ.get("UPDATE_SCREENS"):
        picture.parent.mkdir(exist_ok=True)
        picture.write_text(drawn, encoding="utf-8")
    assert drawn == picture.read_text(encoding="utf-8"), picture.name


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_of_a_drill_that_runs(
    tmp_path: Path, recording: Recording, language: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "a.drill"
    with begin(path, recording) as journal:
        journal.write([*writings(recording, recording.until(AT)), clock(AT)])
        following = Following(path)
        screen = RunScreen(following, Orders(path, "架空 統制"))
        async with shown(screen, size) as pilot:
            await settle(pilot, lambda: following.is_caught_up and following.view.revision > 0)
            screen.draw()
            await pilot.pause()
            screen.go_to(NodeId("n1-2"))
            await pilot.pause(0.05)
            compare(pilot, "run", language)
            for key, name in _WINDOWS:
                await pilot.press(key)
                await settle(pilot, lambda: not in_front(pilot, "RunScreen"))
                await pilot.pause(0.1)
                compare(pilot, name, language)
                await pilot.press("escape")
                await settle(pilot, lambda: in_front(pilot, "RunScreen"))
            await pilot.press("t")
            await settle(pilot, lambda: in_front(pilot, "TrayScreen"))
            await pilot.press("enter")
            await settle(pilot, lambda: in_front(pilot, "Choose"))
            await pilot.pause(0.05)
            compare(pilot, "tray-credit", language)
            await pilot.press("escape", "escape")
            await settle(pilot, lambda: in_front(pilot, "RunScreen"))
            answers = (e for e in screen.view.stream.events if isinstance(e, ev.Acknowledged))
            screen.show_happening(next(answers))
            await settle(pilot, lambda: in_front(pilot, "MailScreen"))
            await settle(pilot, lambda: bool(pilot.app.screen.query(Pane)) and "@" in pane(pilot))
            await pilot.pause(0.05)
            compare(pilot, "mail", language)
            await pilot.press("s")
            await pilot.pause(0.05)
            compare(pilot, "mail-source", language)
        following.close()


_WINDOWS = (
    ("b", "book"),
    ("c", "calls"),
    ("t", "tray"),
    ("m", "node"),
    ("a", "handling"),
    ("n", "note"),
    ("exclamation_mark", "stop"),
    ("slash", "find"),
    ("question_mark", "help"),
    ("ctrl+p", "palette"),
    ("i", "inject"),
    ("e", "end"),
)


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_of_a_live_drill(
    tmp_path: Path, recording: Recording, language: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "a.drill"
    with begin(path, recording, mode="live", way="mail") as journal:
        events = recording.until(AT)
        journal.write([*writings(recording, events), clock(AT, paused=False, speed=1)])
        following = Following(path)
        screen = RunScreen(following, Orders(path, "架空 統制"))
        async with shown(screen, size) as pilot:
            await settle(pilot, lambda: following.is_caught_up and following.view.revision > 0)
            # A clock that runs, and stands at this moment.
            following.clock = DrillClock(speed=1, is_paused=False, at=AT)
            screen.draw()
            await pilot.pause()
            screen.go_to(NodeId("n1-2"))
            await pilot.pause(0.05)
            compare(pilot, "live", language)
            await pilot.press("exclamation_mark")
            await settle(pilot, lambda: not in_front(pilot, "RunScreen"))
            await pilot.pause(0.1)
            compare(pilot, "live-stop", language)
        following.close()


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_of_a_drill_that_is_over(
    tmp_path: Path, recording: Recording, language: str, size: tuple[int, int]
) -> None:
    following = Following(sealed_journal(tmp_path / "a.drill", recording))
    async with shown(ReviewScreen(following), size) as pilot:
        lanes = pilot.app.screen.query_one(Lanes)
        await settle(pilot, lambda: lanes.review is not None)
        pilot.app.screen._go_to(AT)  # type: ignore[attr-defined]
        await pilot.pause(0.05)
        compare(pilot, "review", language)
        await pilot.press("s")
        await settle(pilot, lambda: in_front(pilot, "ScoreScreen"))
        await pilot.press("down")
        await pilot.pause(0.05)
        compare(pilot, "score", language)
    following.close()


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_screen(
    tmp_path: Path,
    recording: Recording,
    language: str,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "shipped_files", lambda _folder: [])
    for folder, name in (("scenarios", "scenario.yaml"), ("contacts", "t.yaml")):
        (tmp_path / folder).mkdir()
        content = recording.loaded.files["scenario.yaml" if name != "t.yaml" else "contacts.yaml"]
        (tmp_path / folder / name).write_bytes(content)
    (tmp_path / "drills").mkdir()
    sealed_journal(tmp_path / "drills" / "a.drill", recording)
    async with shown(FirstScreen(tmp_path), size) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, FirstScreen)
        await settle(pilot, lambda: len(screen._shelf.entries) > 1)
        await settle(pilot, lambda: all(e.card is not None for e in screen._shelf.entries))
        await settle(pilot, lambda: "T+" in screen.query_one(Preview).text)
        await pilot.pause(0.05)
        compare(pilot, "first", language)
        await pilot.press("o")
        await settle(pilot, lambda: in_front(pilot, "Options"))
        await pilot.pause(0.05)
        compare(pilot, "options", language)


_SEAT_WINDOWS = (
    ("a", "seat-answer"),
    ("r", "seat-report"),
    ("p", "seat-pass-on"),
    ("w", "seat-write"),
    ("question_mark", "seat-help"),
)


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_of_a_seat(
    tmp_path: Path, recording: Recording, language: str, size: tuple[int, int]
) -> None:
    path, node = tmp_path / "a.drill", NodeId("n1")
    taken = ev.SeatTaken(at=AT, node=node, by="架空 練習")
    events = [*recording.until(AT), taken]
    with begin(path, recording) as journal:
        journal.write([*writings(recording, events), clock(AT)])
        following = Following(path)
        await following.catch_up_fully()
        screen = SeatScreen(following, Orders(path, "架空 練習"), node)
        # A clock that runs, and stands at this moment.
        following.clock = DrillClock(speed=60, is_paused=False, at=AT)
        async with shown(screen, size) as pilot:
            await settle(pilot, lambda: "受信しました" in screen.query_one(Pane).plain)
            screen.draw()
            await pilot.pause(0.05)
            compare(pilot, "seat", language)
            for key, name in _SEAT_WINDOWS:
                await pilot.press(key)
                await settle(pilot, lambda: not in_front(pilot, "SeatScreen"))
                await pilot.pause(0.1)
                compare(pilot, name, language)
                await pilot.press("escape")
                await settle(pilot, lambda: in_front(pilot, "SeatScreen"))
        following.close()


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_of_a_contact_list_gone_through_body_by_body(
    tmp_path: Path, language: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = files_of(examples.scenario(), TREE)["contacts.yaml"]
    changed_data = data.replace(b"000-000-0001", b"000-000-0009")
    (tmp_path / "before.yaml").write_bytes(data)
    (tmp_path / "after.yaml").write_bytes(changed_data)
    before, after = load_tree(Path("before.yaml")), load_tree(Path("after.yaml"))
    async with shown(TelephoneCheck(before, after, date(2026, 11, 24)), size) as pilot:
        await settle(pilot, lambda: "000-000-0009" in pane(pilot))
        await pilot.press("space")
        await pilot.pause(0.05)
        compare(pilot, "contacts-diff", language)
        await pilot.press("escape")
        await settle(pilot, lambda: in_front(pilot, "Confirm"))
        await pilot.pause(0.05)
        compare(pilot, "contacts-unwritten", language)
    document = ContactDocument.parse(data, "before.yaml")
    node = NodeId("n1-2")
    (body,) = compare_trees(before.tree, after.tree).bodies
    edited = ContactDocument.parse(changed_data, "after.yaml")
    changed = edited.entries[edited.place_of(node)].data
    found = [
        Proposal(
            node,
            "さざなみ町 住民課",
            "changed",
            Answer(node, True, True, "架空 一郎"),
            changed,
            body,
        ),
        Proposal(NodeId("n1-3"), "架空の町", "silent", Answer(NodeId("n1-3"), False, False)),
    ]
    screen = ConfirmScreen("R8", document, found, Path("copy.yaml"), is_copy=True)
    async with shown(screen, size) as pilot:
        await settle(pilot, lambda: "000-000-0009" in pane(pilot))
        await pilot.pause(0.05)
        compare(pilot, "contacts-confirm", language)


_EDITOR_WINDOWS = (("ctrl+f", "editor-find"), ("ctrl+l", "editor-findings"))


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_of_the_editor(
    tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "contacts.yaml"
    path.write_bytes(files_of(examples.scenario(), TREE)["contacts.yaml"])
    opened = read_file(path, path.name)
    place = opened.document.place_of("n1-2")
    screen = EditorScreen(opened, at=(place, 0), today=date(2026, 11, 24))
    async with shown(screen, size) as pilot:
        await settle(pilot, lambda: screen.inspection.total()[1] > 0)
        await pilot.press("down", "down", "x")
        await pilot.press("down", "@")
        await pilot.press("escape")
        await settle(pilot, lambda: not screen.history.is_saved)
        await pilot.pause(1.0)
        compare(pilot, "editor", language)
        for key, name in _EDITOR_WINDOWS:
            await pilot.press(key)
            await settle(pilot, lambda: not in_front(pilot, "EditorScreen"))
            await pilot.pause(0.1)
            compare(pilot, name, language)
            await pilot.press("escape")
            await settle(pilot, lambda: in_front(pilot, "EditorScreen"))
        await pilot.press("ctrl+s")
        await settle(pilot, lambda: in_front(pilot, "DiffWindow"))
        await pilot.pause(0.1)
        compare(pilot, "editor-diff", language)


def test_every_picture_belongs_to_a_test() -> None:
    names = {
        "run",
        "live",
        "live-stop",
        "todo",
        "todo-when",
        "todo-paste",
        "todo-run",
        "editor",
        "editor-diff",
        *(name for _key, name in _EDITOR_WINDOWS),
        "review",
        "score",
        "first",
        "options",
        "seat",
        "tray-credit",
        "mail",
        "mail-source",
        "contacts-diff",
        "contacts-unwritten",
        "contacts-confirm",
    }
    names |= {name for _key, name in (*_WINDOWS, *_SEAT_WINDOWS)}
    for picture in PICTURES.glob("*.txt"):
        assert picture.name.rsplit("-", 2)[0] in names
