"""Two trees compared on a screen: what was checked by telephone is confirmed in the second."""

from datetime import date
from pathlib import Path

from drillsim.drill.tree import NodeId
from drillsim.files.tree_file import load_tree
from drillsim.shipped import shipped_dir
from drillsim.tui.screens.bodies import TelephoneCheck
from tests.tui.driving import on_screen, pane, said, shown

SHIPPED = shipped_dir("contacts") / "yamaguchi.yaml"


async def test_who_is_checked_gets_the_day(tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    text = SHIPPED.read_text("utf-8").replace("083-000-1201", "083-000-1209")
    new.write_text(text.replace("name: 焼野 夕", "name: 新任 渚"), "utf-8")
    screen = TelephoneCheck(load_tree(SHIPPED), load_tree(new), date(2027, 4, 20))
    async with shown(screen, (80, 24)) as pilot:
        assert "2 bodies" in on_screen(pilot)
        assert "phone: 083-000-1201 → 083-000-1209" in pane(pilot)
        assert "1 海峡 渡  セキュリティ責任者（市民課長）  083-000-1209" in pane(pilot)
        await pilot.press("space")
        assert "name: 焼野 夕 → 新任 渚" in pane(pilot)
        await pilot.press("up", "u", "a", "ctrl+s")
        assert "verified: 2027-04-20 written for 1 bodies" in said(pilot)
        await pilot.press("escape")
    after = load_tree(new).tree
    assert {o.verified for o in after.by_id[NodeId("352012")].officers} == {date(2027, 4, 20)}
    assert date(2027, 4, 20) not in {o.verified for o in after.by_id[NodeId("352161")].officers}
