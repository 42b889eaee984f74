"""The pre-flight page: what one must have seen before real people are mailed."""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli.live_preflight import preflight_lines
from drillsim.cli.main import main
from drillsim.files.live_profile import parse_profile
from drillsim.files.scenario_file import load_scenario
from drillsim.i18n import set_language
from drillsim.reports.preflight import Preflight
from tests import examples, live

SHARED = {"n1-2": {"mailbox": "desk@n1-2.example", "officers": [{"name": "a"}, {"name": "b"}]}}
NO_MAIL = {"n1-3": {"officers": [{"name": "c", "phone": "000-000-0000"}]}}


def page(folder: Path, now: datetime = live.NOW, **wanted: Any) -> Preflight:
    scenario, profile = live.workspace(folder, **wanted)
    found = parse_profile(Path(profile).read_bytes(), profile).profile
    return Preflight(load_scenario(scenario), now, found, runs=2)


def concerns(found: Preflight) -> dict[str, bool]:
    return {each.kind: each.blocks for each in found.concerns if each.kind != "zone"}


def test_on_its_day_with_everybody_allowed_nothing_keeps_it_from_beginning(tmp_path: Path) -> None:
    found = page(tmp_path)
    assert concerns(found) == {}
    assert not found.is_blocked
    assert (found.recipients.bodies, len(found.recipients.addresses)) == (4, 8)


@pytest.mark.parametrize(
    ("after", "kind", "blocks"),
    [
        (timedelta(days=1), "another-day", True),
        (timedelta(hours=5), "window-closed", True),
        (timedelta(hours=2), "other-hour", False),
        (timedelta(hours=-2), "other-hour", False),
    ],
)
def test_the_clock_is_held_against_day_window_and_hour(
    tmp_path: Path, after: timedelta, kind: str, blocks: bool
) -> None:
    assert concerns(page(tmp_path, live.NOW + after)) == {kind: blocks}


@pytest.mark.parametrize(("hours", "kinds"), [(0, ["zone"]), (9, [])])
def test_another_zone_of_the_machine_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int, kinds: list[str]
) -> None:
    local = live.NOW.astimezone(timezone(timedelta(hours=hours)))
    monkeypatch.setattr(Preflight, "machine_time", local)
    assert [each.kind for each in page(tmp_path).concerns] == kinds


def test_who_is_outside_is_counted_by_domain_and_blocks(tmp_path: Path) -> None:
    found = page(tmp_path, domains=live.DOMAINS[:2])
    assert concerns(found) == {"outside": True}
    assert {each.domain: each.outside for each in found.domains} == {
        "n1.example": 0,
        "n1-1.example": 0,
        "n1-2.example": 2,
        "n1-3.example": 2,
    }
    assert any("Not allowed: o1@n1-2.example" in line for line in preflight_lines(found))


def test_missing_addresses_and_shared_mailboxes_are_named(tmp_path: Path) -> None:
    found = page(tmp_path, changes={**SHARED, **NO_MAIL})
    assert concerns(found) == {"no-mail": False, "sharing": False}
    lines = list(preflight_lines(found))
    assert "No mail address: 架空n1-3" in lines
    assert "Stand-in at the same mailbox: 架空n1-2" in lines
    assert lines[-1] == "Recipients: 3 bodies (5 addresses)"


def test_every_text_stands_there_as_it_will_be_sent_with_the_stop_mail(tmp_path: Path) -> None:
    found = page(tmp_path)
    assert [text.kind for text in found.texts] == [
        "notice",
        "passed-on",
        "reminder",
        "report-reminder",
        "stop",
    ]
    lines = "\n".join(preflight_lines(found))
    for text in found.texts:
        assert f"Subject: {text.subject}" in lines
        for line in text.body.splitlines():
            assert line.strip() in lines
    assert "訓練中止" in found.texts[-1].subject


def test_the_servers_are_named_and_no_password(tmp_path: Path) -> None:
    lines = "\n".join(preflight_lines(page(tmp_path)))
    assert "mail.n1.example:587 (STARTTLS), as kunren" in lines
    assert "imap.n1.example:993 (TLS)" in lines
    assert "DRILL_PASSWORD" not in lines


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_decides_stands_last(tmp_path: Path, lang: str) -> None:
    set_language(lang)
    lines = list(preflight_lines(page(tmp_path, domains=live.DOMAINS[:1])))
    assert "4" in lines[-1]
    assert any(line.startswith("✕") for line in lines[-4:])


def test_the_command_gives_lines_or_data_and_1_where_it_would_not_begin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, profile = live.workspace(tmp_path)
    words = ["--lang", "en", "live", "preflight", scenario, "--live", profile]
    monkeypatch.setattr("drillsim.conduct.live.wall_now", lambda: live.NOW)
    assert main(words) == 0
    assert "Recipients: 4 bodies" in capsys.readouterr().out
    monkeypatch.setattr("drillsim.conduct.live.wall_now", lambda: live.NOW + timedelta(days=30))
    assert main([*words, "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["blocked"] is True
    assert data["recipients"] == 4
    assert data["server"]["from"] == "kunren@n1.example"
    assert [text["kind"] for text in data["texts"]][-1] == "stop"
    assert data["clock"]["start"] == "2026-10-14T10:00:00+09:00"


def test_without_a_profile_it_is_the_page_of_a_drill_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario, _profile = live.workspace(tmp_path)
    assert main(["--lang", "en", "live", "preflight", scenario]) == 1  # Another day.
    assert "By hand: drillsim sends nothing itself." in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["html", "docx", "md", "json"])
def test_the_page_can_be_kept_as_a_document_for_its_owner_alone(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
) -> None:
    monkeypatch.setattr("drillsim.conduct.live.wall_now", lambda: live.NOW)
    scenario, profile = live.workspace(tmp_path, domains=live.DOMAINS[:1])
    path = tmp_path / f"page.{suffix}"
    words = ["--lang", "en", "live", "preflight", scenario, "--live", profile, "-o", str(path)]
    assert main(words) == 1
    assert capsys.readouterr().out == ""
    assert path.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    data = path.read_bytes()
    if suffix in ("html", "md"):
        text = data.decode()
        assert "o1@n1-2.example" in text
        assert "訓練中止" in text
        assert "6 addresses are not in the profile" in text
    assert main(words) == 2
    assert "is there already" in capsys.readouterr().err


def test_what_stands_in_a_scenario_is_text_in_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drillsim.conduct.live.wall_now", lambda: live.NOW)
    inject = {**examples.INJECT, "body": "<script>alert(1)</script> {{ ref }}"}
    scenario, profile = live.workspace(tmp_path, injects=[inject])
    path = tmp_path / "page.html"
    words = ["live", "preflight", scenario, "--live", profile, "-o", str(path)]
    assert main(words) == 0
    text = path.read_text("utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
