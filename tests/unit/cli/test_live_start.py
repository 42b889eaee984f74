"""How a live drill is begun: what is typed, who approves, and what refuses it."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from drillsim.cli import approve as approving
from drillsim.cli.live_start import begin_live, confirmed, show_code
from drillsim.cli.main import main
from drillsim.conduct import approval_request
from drillsim.conduct.approval_request import Answer
from drillsim.conduct.live_gate import require_leave
from drillsim.files.live_profile import PROFILE, load_profile
from drillsim.files.scenario_file import LoadedScenario, load_scenario
from drillsim.i18n import set_language
from drillsim.journal import Journal
from drillsim.journal.approval import Approval
from drillsim.journal.writer import AsyncJournal
from drillsim.problem import UsageError
from tests import live

TYPED = ("架空 太郎", "example", "4")


def typing(*texts: str) -> Any:
    left = list(texts)
    return lambda _prompt: left.pop(0)


def test_scenario_and_number_are_typed_and_the_name_goes_on_record() -> None:
    assert confirmed("r5", 20, typing(" 架空 太郎 ", "r5", "２０")) == "架空 太郎"


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (("", "r5", "20"), "operator's name"),
        (("a", "r6", "20"), "scenario's name"),
        (("a", "", "20"), "scenario's name"),
        (("a", "r5", "19"), "number of recipients"),
        (("a", "r5", "020"), "number of recipients"),
        (("a", "r5", ""), "number of recipients"),
    ],
)
def test_what_is_typed_wrongly_begins_nothing(texts: tuple[str, ...], why: str) -> None:
    with pytest.raises(UsageError, match=f"{why}.*nothing was begun"):
        confirmed("r5", 20, typing(*texts))


class Room:
    """Two terminals: that of the operator, which waits, and that of a second person."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scenario, self.profile = live.workspace(folder)
        self.path = folder / "drills" / "example-1.drill"
        self.now = live.NOW
        self.code = ""
        self.found: Approval | Exception | None = None
        self.typed: dict[str, list[str]] = {"operator": list(TYPED), "second": []}
        self._shown = threading.Event()
        monkeypatch.chdir(folder)
        monkeypatch.setattr(approval_request, "_ROUNDS", 10)
        monkeypatch.setattr(approval_request, "_STAY_LOOKS", 100_000)
        monkeypatch.setattr(approval_request, "_LOOK_SECONDS", 0.005)
        monkeypatch.setattr("drillsim.conduct.live.wall_now", lambda: self.now)
        monkeypatch.setattr(
            approval_request, "datetime", SimpleNamespace(now=self._now, fromisoformat=_iso)
        )
        terminal = SimpleNamespace(isatty=lambda: True)
        for name in ("live_start", "approve"):
            monkeypatch.setattr(
                f"drillsim.cli.{name}.sys",
                SimpleNamespace(stdin=terminal, stdout=terminal, stderr=terminal),
            )
        monkeypatch.setattr(click, "prompt", self._prompt)
        monkeypatch.setattr("drillsim.cli.live_start.show_code", self._show)
        self.operator = threading.Thread(target=self._begin)

    def _now(self, _zone: object) -> datetime:
        return self.now

    def _prompt(self, _text: str, **options: Any) -> str:
        return self.typed["operator" if options.get("err") else "second"].pop(0)

    def _show(self, code: str, request: Path) -> None:
        show_code(code, request)
        self.code = code
        self._shown.set()

    @property
    def loaded(self) -> LoadedScenario:
        return load_scenario(self.scenario)

    def _begin(self) -> None:
        try:
            self.found = begin_live(self.loaded, load_profile(self.profile), self.path)
        except Exception as error:  # noqa: BLE001 - looked at by the test
            self.found = error
            self._shown.set()

    def begin(self) -> None:
        self.operator.start()
        assert self._shown.wait(30)

    def wait(self) -> Any:
        self.operator.join(30)
        return self.found

    def approve(self, *typed: str) -> int:
        self.typed["second"] = list(typed)
        return main(["--lang", "en", "approve"])


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    found = Room(tmp_path, monkeypatch)
    yield found
    if found.operator.is_alive():
        found.now = live.NOW + timedelta(days=1)
        found.operator.join(30)


def test_two_people_begin_a_live_drill(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    room.begin()
    said = capsys.readouterr().err
    assert "Recipients: 4 bodies (8 addresses)" in said
    assert f"Code: {room.code}" in said
    assert "drillsim approve" in said
    assert room.approve("架空 花子", room.code) == 0
    out = capsys.readouterr().out
    assert "架空 太郎 asks to begin the live drill example." in out
    assert "Subject: 【訓練】架空の障害（第一報）" in out
    found = room.wait()
    assert isinstance(found, Approval)
    assert (found.asked_by, found.approved_by, found.recipients) == ("架空 太郎", "架空 花子", 4)
    assert set(found.files) == {*room.loaded.files, PROFILE}
    assert list(room.path.parent.iterdir()) == []


def test_the_second_person_may_mistype_twice(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    room.begin()
    tries = ("架空太郎", room.code, "架空 花子", "2222-2222", "架空 花子", room.code)
    assert room.approve(*tries) == 0
    out, err = capsys.readouterr()
    assert "whoever asks cannot approve" in err
    assert "this is not the code; 2 tries are left" in err
    assert room.wait().approved_by == "架空 花子"
    assert "2222" not in out


def test_three_wrong_codes_begin_nothing(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    room.begin()
    assert room.approve(*("架空 花子", "2222-2222") * 3) == 2
    assert "the code is void" in capsys.readouterr().err
    assert "3 times" in str(room.wait())


def test_after_hours_others_would_be_mailed_so_nothing_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(tmp_path, monkeypatch)
    night = {"name": "a", "email": "o1@n1-1.example", "off-hours": {"email": "n@n1-1.example"}}
    live.workspace(
        tmp_path, changes={"n1-1": {"officers": [night]}}, start="2026-10-14T17:00+09:00"
    )
    room.now = datetime.fromisoformat("2026-10-14T17:12+09:00")
    room.begin()
    room.now += timedelta(minutes=5)
    assert room.approve("架空 花子", room.code) == 0
    assert "office hours have begun or ended" in str(room.wait())


@pytest.mark.parametrize(
    ("days", "domains", "why"),
    [
        (1, live.DOMAINS, "for 2026-10-14 alone"),
        (0, live.DOMAINS[:1], "not in the profile's"),
    ],
)
def test_the_day_and_the_allow_list_come_before_any_question(
    room: Room, days: int, domains: tuple[str, ...], why: str
) -> None:
    room.now += timedelta(days=days)
    Path(room.profile).write_text(live.profile(domains), encoding="utf-8")
    room.begin()
    assert why in str(room.wait())
    assert room.typed["operator"] == list(TYPED)
    assert not room.path.parent.exists()


@pytest.mark.parametrize("typed", [("a", "exampel", "4"), ("a", "example", "5")])
def test_who_types_wrongly_is_shown_no_code(room: Room, typed: tuple[str, ...]) -> None:
    room.typed["operator"] = list(typed)
    room.begin()
    assert isinstance(room.wait(), UsageError)
    assert room.code == ""
    assert not room.path.parent.exists()


def test_without_a_terminal_there_are_no_two_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, profile = live.workspace(tmp_path)
    monkeypatch.setattr("drillsim.conduct.live.wall_now", lambda: live.NOW)
    with pytest.raises(UsageError, match="at a terminal, by two people"):
        begin_live(load_scenario(scenario), load_profile(profile), tmp_path / "a.drill")
    assert main(["--lang", "en", "approve"]) == 2
    assert "at a terminal of their own" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_verdict_has_words_of_its_own(lang: str) -> None:
    set_language(lang)
    verdicts = ("same-person", "no-name", "wrong", "void", "expired", "gone")
    words = {approving.verdict_words(Answer(each, 1)) for each in verdicts}  # type: ignore[arg-type]
    assert len(words) == len(verdicts)


# The gate of the director -------------------------------------------------------------------------


@pytest.fixture
def approved(room: Room) -> Approval:
    room.begin()
    assert room.approve("架空 花子", room.code) == 0
    found = room.wait()
    assert isinstance(found, Approval)
    return found


async def gate(room: Room, approval: Approval | None, **changes: bytes) -> None:
    """Ask the gate for a journal with these files."""
    profile = load_profile(room.profile)
    files = {**room.loaded.files, PROFILE: profile.data, **changes}
    meta = {"id": "example-1", "mode": "live"}
    room.path.parent.mkdir(exist_ok=True)
    journal = Journal.create(room.path, meta=meta, files=files, durable=True)
    written = AsyncJournal(journal)
    try:
        if approval is not None:
            approval.note(journal)
        require_leave(written, room.loaded.exercise, profile.profile)
    finally:
        await written.close()


async def test_the_director_may_begin_what_was_approved(room: Room, approved: Approval) -> None:
    await gate(room, approved)


async def test_the_director_refuses_what_nobody_approved(room: Room) -> None:
    with pytest.raises(UsageError, match="nobody approved"):
        await gate(room, None)


async def test_the_director_refuses_other_files_than_were_approved(
    room: Room, approved: Approval
) -> None:
    other = live.profile().replace("mail.n1.example", "mail.n1-1.example").encode()
    with pytest.raises(UsageError, match="another drill than this one was approved"):
        await gate(room, approved, **{PROFILE: other})


async def test_the_director_refuses_other_recipients_than_were_approved(
    room: Room, approved: Approval
) -> None:
    called = {"officers": [{"name": "a", "phone": "000-000-0000"}]}
    live.workspace(Path(room.scenario).parent, changes={"n1-3": called})
    with pytest.raises(UsageError, match="another drill than this one was approved"):
        await gate(room, approved)
