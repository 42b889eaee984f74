"""The first screen: from the first launch to a running drill, and to a past one."""

from functools import cache
from pathlib import Path

import pytest

from drillsim.files.places import shipped_files
from drillsim.files.scenario_file import load_scenario
from drillsim.problem import UsageError
from drillsim.tui.screens.first import FirstScreen, Preview
from drillsim.tui.starting import Wish
from drillsim.tui.views import preview
from drillsim.tui.views.cards import DrillCard, ScenarioCard
from drillsim.tui.views.reading import drill_card, scenario_card, scenario_paths
from drillsim.tui.widgets.key_bar import KeyBar
from tests.tui.driving import in_front, said, settle, shown
from tests.tui.recorded import Recording, journal_until, record, sealed_journal


@cache
def recording() -> Recording:
    return record()


def starter(wish: Wish, workspace: Path) -> Path:
    (workspace / "drills").mkdir(exist_ok=True)
    path = workspace / "drills" / f"{wish.scenario.stem}-{wish.seed}.drill"
    return sealed_journal(path, recording())


async def test_enter_starts_the_usual_drill_on_the_first_launch(tmp_path: Path) -> None:
    async with shown(FirstScreen(tmp_path, starter=starter)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, FirstScreen)
        await settle(pilot, lambda: isinstance(screen.entry and screen.entry.card, ScenarioCard))
        assert screen.entry is not None
        assert screen.entry.path.stem == "r5-virus-suspicion"
        await pilot.press("enter")
        await settle(pilot, lambda: in_front(pilot, "RunScreen"))
        await pilot.press("q")
        await settle(pilot, lambda: in_front(pilot, "FirstScreen"))
        await settle(pilot, lambda: any(e.is_drill for e in screen._shelf.entries))


async def test_the_preview_tells_purpose_tiers_phases_and_what_to_expect(tmp_path: Path) -> None:
    async with shown(FirstScreen(tmp_path, starter=starter), (160, 48)) as pilot:
        preview = pilot.app.screen.query_one(Preview)
        await settle(pilot, lambda: "What to expect" in preview.text)
        assert "緊急連絡先の確認" in preview.text
        assert "prefecture 1  municipality 19" in preview.text
        assert "(1) 第一報と状況の把握  level 2" in preview.text
        assert "├─ 第一報 reported by 100 % prefecture  -> (2)" in preview.text
        assert "medians of 21 rehearsals" in preview.text
        assert "T+ 3:32:14  end of the drill" in preview.text
        assert "answers to “第一報”" in preview.text
        assert "Enter start rehearsal" in pilot.app.screen.query_one(KeyBar).text


async def test_the_preview_is_read_on_page_by_page_and_begins_anew(tmp_path: Path) -> None:
    async with shown(FirstScreen(tmp_path, starter=starter), (80, 24)) as pilot:
        screen = pilot.app.screen
        preview = screen.query_one(Preview)
        area = screen.query_one("#preview-area")
        await settle(pilot, lambda: "What to expect" in preview.text)
        await settle(pilot, lambda: "read on" in screen.query_one(KeyBar).text)
        seen = [area.scroll_offset.y]
        while not seen[1:] or seen[-1]:
            await pilot.press("space")
            await pilot.pause()
            seen.append(area.scroll_offset.y)
            assert len(seen) < 20
        assert max(seen) == area.max_scroll_y


async def test_own_and_shipped_scenarios_are_told_apart_and_drills_have_their_figures(
    tmp_path: Path,
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "contacts").mkdir()
    files = recording().loaded.files
    (tmp_path / "scenarios" / "own.yaml").write_bytes(files["scenario.yaml"])
    (tmp_path / "contacts" / "yamaguchi.yaml").write_bytes(files["contacts.yaml"])
    (tmp_path / "drills").mkdir()
    sealed_journal(tmp_path / "drills" / "a.drill", recording())
    async with shown(FirstScreen(tmp_path, starter=starter), (120, 36)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, FirstScreen)
        await settle(pilot, lambda: len(screen._shelf.entries) > 8)
        await settle(pilot, lambda: all(e.card is not None for e in screen._shelf.entries))
        rows = [
            "".join(cell.text for cell in screen._shelf.row(place, 70))
            for place in range(screen._shelf.count())
        ]
        own = [e.path.stem for e in screen._shelf.entries if not e.is_drill and e.is_own]
        assert own == ["own"]
        assert sum("shipped" in row for row in rows) == len(shipped_files("scenarios"))
        assert "20/20" in rows[-1]
        assert "ended" in rows[-1]
        screen._shelf.move_to(len(rows) - 1)
        preview = screen.query_one(Preview)
        await settle(pilot, lambda: "lay at 山口県 市町課" in preview.text)


async def test_the_form_gives_seed_and_speed_and_refuses_what_is_no_number(tmp_path: Path) -> None:
    wishes: list[Wish] = []

    def remember(wish: Wish, workspace: Path) -> Path:
        wishes.append(wish)
        return starter(wish, workspace)

    async with shown(FirstScreen(tmp_path, starter=remember)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, FirstScreen)
        await settle(pilot, lambda: isinstance(screen.entry and screen.entry.card, ScenarioCard))
        await pilot.press("o")
        await settle(pilot, lambda: in_front(pilot, "Options"))
        await pilot.press("backspace", "x", "enter")
        await pilot.pause()
        assert in_front(pilot, "Options")
        await pilot.press("backspace", "1", "2", "tab", "right", "right", "tab", "tab", *"山口市")
        await pilot.press("enter")
        await pilot.pause()
        assert in_front(pilot, "Options")  # Nobody at a seat can follow the highest speed.
        await pilot.press("shift+tab", "shift+tab", "left", "enter")
        await settle(pilot, lambda: in_front(pilot, "RunScreen"))
    (wish,) = wishes
    assert (wish.seed, wish.speed, wish.contacts) == (12, 600, None)
    assert wish.seat == "山口市"
    assert wish.seated_by


async def test_what_cannot_be_started_is_said_and_the_screen_stays(tmp_path: Path) -> None:
    def refuse(_wish: Wish, _workspace: Path) -> Path:
        raise UsageError("drills/: cannot be made; choose another folder")

    async with shown(FirstScreen(tmp_path, starter=refuse)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, FirstScreen)
        await settle(pilot, lambda: isinstance(screen.entry and screen.entry.card, ScenarioCard))
        await pilot.press("enter")
        await settle(pilot, lambda: "choose another folder" in said(pilot))
        assert in_front(pilot, "FirstScreen")


def test_own_scenarios_stand_in_for_shipped_ones_of_the_same_name(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    own = folder / "r5-virus-suspicion.yaml"
    own.write_text("format: drillsim-scenario/1\n", encoding="utf-8")
    paths = scenario_paths(tmp_path)
    assert own in paths
    assert [p.name for p in paths].count(own.name) == 1


def test_a_scenario_with_faults_tells_them_on_its_card(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("format: drillsim-scenario/1\nid: x\n", encoding="utf-8")
    card = scenario_card(path)
    assert not card.is_usable
    assert any("broken.yaml:" in cell.text for line in card.lines for cell in line)


def test_a_past_drill_shows_reach_and_score(tmp_path: Path) -> None:
    card = drill_card(sealed_journal(tmp_path / "a.drill", recording()))
    assert card.is_over
    assert card.reached == "20/20"
    assert card.score.split()[1] in "PSMU"


def test_a_drill_that_was_cut_off_says_so(tmp_path: Path) -> None:
    from datetime import timedelta

    card = drill_card(journal_until(tmp_path / "a.drill", recording(), timedelta(hours=1)))
    assert card.state.text == "cut off"


@pytest.mark.parametrize("content", [b"", b"no journal at all", b"SQLite format 3\0"])
def test_a_file_that_is_no_journal_says_so_on_its_card(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.drill"
    path.write_bytes(content)
    card = drill_card(path)
    assert isinstance(card, DrillCard)
    assert card.state.tone == "alarm"


def test_a_large_drill_is_foreseen_by_the_array_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    exercise = load_scenario("r5-virus-suspicion").exercise
    monkeypatch.setattr(preview, "_NOTICES_MAX", 1)
    card = preview.expected_card(exercise, "r5-virus-suspicion")
    text = ["".join(cell.text for cell in line) for line in card.lines]
    assert "medians of 400 rehearsals" in text[0]
    assert text[-1].endswith("drillsim forecast r5-virus-suspicion")
    assert card.curve is not None
    levels = card.curve.levels
    assert list(levels) == sorted(levels)
    assert 0.5 < levels[-1] <= 1


def test_what_the_array_kernel_cannot_foresee_is_not_worked_out_unasked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preview, "_NOTICES_MAX", 1)
    monkeypatch.setattr("drillsim.forecast.story.unfit_because", lambda _setting: "a rule")
    card = preview.expected_card(load_scenario("r5-virus-suspicion").exercise, "own")
    assert card.curve is None
    assert "drillsim forecast own" in card.lines[0][0].text
