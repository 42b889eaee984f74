"""The control room says which server of a live drill is away, since when and why."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from drillsim.tui.views.servers import Server, ServerState, servers_warning
from drillsim.tui.views.tone import EMPTY
from tests.tui.driving import on_screen, settle
from tests.tui.test_run_screen import opened

TOKYO = ZoneInfo("Asia/Tokyo")
AT = "2026-10-14T01:05:00+00:00"
LATER = "2026-10-14T01:06:30+00:00"


def state(*records: dict[str, object]) -> ServerState:
    found = ServerState()
    for each in records:
        found = found.after({"wall": AT, **each})
    return found


def test_nothing_is_said_while_all_is_well() -> None:
    assert servers_warning({}, TOKYO) == EMPTY
    well: dict[Server, ServerState] = {"mailbox": state({"away": "x"}, {"away": ""})}
    assert servers_warning(well, TOKYO) == EMPTY


def test_a_server_is_away_since_it_was_first_missed() -> None:
    away = state({"away": "refused"}, {"away": "no answer", "wall": LATER})
    assert (away.since, away.away) == (datetime(2026, 10, 14, 1, 5, tzinfo=UTC), "no answer")
    said = servers_warning({"mailbox": away}, TOKYO)
    assert (said.text, said.tone) == ("answers are not read since 10:05:00: no answer", "alarm")


def test_both_servers_are_named_with_that_for_the_mails_first() -> None:
    both: dict[Server, ServerState] = {
        "mailbox": state({"away": "gone"}),
        "mail-server": state({"away": "closed\x1b[31m"}),
    }
    said = servers_warning(both, TOKYO).text
    assert said.startswith("mails do not go out since 10:05:00: closed")
    assert said.endswith("answers are not read since 10:05:00: gone")
    assert "\x1b" not in said


def test_mails_that_cannot_be_fetched_are_told() -> None:
    said = servers_warning({"mailbox": state({"away": "", "unreadable": 2})}, TOKYO)
    assert said.text.startswith("2 mails in the mailbox cannot be fetched")
    assert said.tone == "late"


async def test_the_control_room_warns_and_takes_it_back(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, journal):
        journal.note_conduct("mailbox", {"away": "the mailbox broke off"})
        await settle(pilot, lambda: "mailbox" in screen.following.servers)
        screen.draw()
        await pilot.pause()
        assert "the mailbox broke off" in on_screen(pilot)
        journal.note_conduct("mailbox", {"away": ""})
        await settle(pilot, lambda: not screen.following.servers["mailbox"].away)
        screen.draw()
        await pilot.pause()
        assert "the mailbox broke off" not in on_screen(pilot)
