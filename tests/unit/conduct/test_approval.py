"""The approval of a live drill: a second person, a code, and nothing left behind."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drillsim.conduct import approval_request as module
from drillsim.conduct.approval_request import (
    TRIES_MAX,
    Answer,
    Asking,
    Verdict,
    approve,
    ask_for_approval,
    find_request,
    new_code,
    read_request,
    request_path,
    same_person,
)
from drillsim.journal import Journal, JournalReader, post_command
from drillsim.journal.approval import Approval, approval_of, require_approved
from drillsim.problem import UsageError

NOW = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
FILES = {"scenario.yaml": b"id: x", "contacts.yaml": b"nodes: []", "live-profile.toml": b"a = 1"}


def soon(_seconds: float) -> None:
    time.sleep(0.005)


class Operator:
    """The operator's terminal, which waits in a thread of its own."""

    def __init__(self, path: Path) -> None:
        self.code = ""
        self.now = NOW
        self.told: list[tuple[Verdict, str, int]] = []
        self.approval: Approval | None = None
        self.error: Exception | None = None
        self.asking = Asking(
            path=path,
            scenario="r5",
            recipients=20,
            asked_by="架空　太郎",
            zone="Asia/Tokyo",
            files=FILES,
        )
        self._shown = threading.Event()
        self.thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        try:
            self.approval = ask_for_approval(
                self.asking,
                show=self._show,
                tell=lambda *said: self.told.append(said),
                now=lambda: self.now,
                pause=soon,
            )
        except Exception as error:  # noqa: BLE001 - looked at by the test
            self.error = error
            self._shown.set()

    def _show(self, code: str, _path: Path) -> None:
        self.code = code
        self._shown.set()

    def wait_until_shown(self) -> None:
        assert self._shown.wait(30)

    def wait(self) -> None:
        self.thread.join(30)
        assert not self.thread.is_alive()

    def try_(self, name: str, code: str) -> Answer:
        asked = read_request(request_path(self.asking.path), NOW)
        return approve(asked, name, code, pause=soon)


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    monkeypatch.setattr(module, "_ROUNDS", 10)
    # Here it stays until it was read, however slow the machine is.
    monkeypatch.setattr(module, "_STAY_LOOKS", 100_000)
    waiting = Operator(tmp_path / "drills" / "r5-1.drill")
    waiting.thread.start()
    waiting.wait_until_shown()
    yield waiting
    waiting.now = NOW + timedelta(days=1)
    waiting.wait()


def failed(operator: Operator) -> str:
    operator.wait()
    assert isinstance(operator.error, UsageError)
    assert operator.approval is None
    assert list(operator.asking.path.parent.glob("*.request*")) == []
    return str(operator.error)


def test_a_second_person_with_the_code_approves_and_the_request_is_gone(
    operator: Operator,
) -> None:
    answer = operator.try_("架空 花子", operator.code.lower().replace("-", " "))
    assert answer == Answer("approved", TRIES_MAX)
    operator.wait()
    found = operator.approval
    assert found is not None
    assert (found.asked_by, found.approved_by) == ("架空　太郎", "架空 花子")
    assert (found.scenario, found.recipients) == ("r5", 20)
    assert list(operator.asking.path.parent.iterdir()) == []


def test_what_is_to_be_approved_can_be_read_byte_for_byte(operator: Operator) -> None:
    asked = read_request(find_request(None, operator.asking.path.parent), NOW)
    assert asked.files == FILES
    assert (asked.scenario, asked.recipients, asked.asked_by) == ("r5", 20, "架空　太郎")


@pytest.mark.parametrize("name", ["架空 太郎", "架空太郎", "　架空　太郎 "])
def test_the_same_name_approves_nothing_and_costs_no_try(operator: Operator, name: str) -> None:
    assert operator.try_(name, operator.code) == Answer("same-person", TRIES_MAX)
    assert operator.try_(" ", operator.code) == Answer("no-name", TRIES_MAX)
    assert operator.approval is None


def test_three_wrong_codes_end_it_even_if_the_right_one_follows(operator: Operator) -> None:
    wrong = "2222-2222" if operator.code != "2222-2222" else "3333-3333"
    tries = [operator.try_("架空 花子", wrong) for _ in range(TRIES_MAX)]
    assert [each.verdict for each in tries] == ["wrong", "wrong", "void"]
    assert [each.left for each in tries] == [2, 1, 0]
    assert "3 times" in failed(operator)
    assert [verdict for verdict, _name, _left in operator.told] == ["wrong", "wrong", "void"]


def test_a_code_expires(operator: Operator) -> None:
    request = request_path(operator.asking.path)
    asked = read_request(request, NOW)
    with pytest.raises(UsageError, match="expired"):
        read_request(request, NOW + module.EXPIRES_AFTER)
    operator.now = NOW + module.EXPIRES_AFTER
    assert approve(asked, "架空 花子", operator.code, pause=soon).verdict in ("expired", "gone")
    assert "within 10 minutes" in failed(operator)


@pytest.mark.parametrize("proof", ["", "zz", "00" * 32, None, 7])
def test_what_no_terminal_of_ours_posted_is_a_wrong_code(operator: Operator, proof: object) -> None:
    post_command(
        request_path(operator.asking.path),
        kind="approve",
        payload={"proof": proof},
        author="架空 花子",
    )
    for _ in range(2):
        operator.try_("架空 花子", "2222-2222")
    assert "3 times" in failed(operator)


def test_a_code_approves_only_the_files_that_were_looked_at(operator: Operator) -> None:
    asked = read_request(request_path(operator.asking.path), NOW)
    other = module.Asked(
        path=asked.path,
        scenario=asked.scenario,
        recipients=asked.recipients,
        asked_by=asked.asked_by,
        expires_at=asked.expires_at,
        files={**FILES, "contacts.yaml": b"nodes: [x]"},
        salt=asked.salt,
    )
    assert approve(other, "架空 花子", operator.code, pause=soon).verdict == "wrong"


def test_neither_request_nor_journal_hold_the_code(operator: Operator, tmp_path: Path) -> None:
    plain = operator.code.replace("-", "")
    request = request_path(operator.asking.path)
    operator.try_("架空 花子", "2222-2222")
    held = b"".join(path.read_bytes() for path in request.parent.glob("*.request*"))
    operator.try_("架空 花子", operator.code)
    operator.wait()
    assert operator.approval is not None
    with laid_out(tmp_path / "a.drill", operator.approval.note) as path:
        held += b"".join(each.read_bytes() for each in tmp_path.glob("a.drill*"))
        assert require_approved(path) == operator.approval
    for spelt in (operator.code, plain, plain.lower(), operator.code.lower()):
        assert spelt.encode() not in held


def test_who_killed_the_operators_terminal_left_nothing_for_long(tmp_path: Path) -> None:
    left = tmp_path / "old.request"
    left.write_bytes(b"left behind")
    with pytest.raises(UsageError, match="no drill waits"):
        find_request(None, tmp_path)
    with pytest.raises(UsageError, match="waits for no approval"):
        find_request("old", tmp_path)
    waiting = Operator(tmp_path / "r5.drill")
    waiting.thread.start()
    waiting.wait_until_shown()
    assert not left.exists()
    waiting.now = NOW + timedelta(days=1)
    waiting.wait()


def test_which_of_two_is_meant_must_be_said(tmp_path: Path) -> None:
    two = [Operator(tmp_path / f"{name}.drill") for name in ("one", "two")]
    for each in two:
        each.thread.start()
        each.wait_until_shown()
    with pytest.raises(UsageError, match="one, two"):
        find_request(None, tmp_path)
    for name in ("two", str(tmp_path / "two.drill"), str(tmp_path / "two.request")):
        assert find_request(name, tmp_path) == tmp_path / "two.request"
    for each in two:
        each.now = NOW + timedelta(days=1)
        each.wait()


def test_a_drill_that_nobody_approved_must_not_begin(tmp_path: Path) -> None:
    with (
        laid_out(tmp_path / "a.drill", lambda _journal: None) as path,
        pytest.raises(UsageError, match="nobody approved"),
    ):
        require_approved(path)


def test_an_approval_that_is_not_whole_is_none(tmp_path: Path) -> None:
    def note(journal: Journal) -> None:
        journal.note_conduct("approval", {"approved_by": "架空 花子"})

    with laid_out(tmp_path / "a.drill", note) as path, JournalReader(path) as reader:
        assert approval_of(reader) is None


def test_codes_differ_and_hold_no_letters_that_are_confused() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == 9 and not set(code) & set("01OI") for code in codes)


def test_names_are_the_same_but_for_spaces_width_and_capitals() -> None:
    assert same_person("Kakuu Tarou", "ＫＡＫＵＵ　tarou")
    assert not same_person("架空 太郎", "架空 次郎")


@contextmanager
def laid_out(path: Path, note: Callable[[Journal], None]) -> Iterator[Path]:
    """Lay out a journal, as a director holds it."""
    with Journal.create(path, meta={"id": "a", "mode": "live"}, files=FILES, durable=True) as held:
        note(held)
        yield path
