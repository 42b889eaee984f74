"""Orders from the shell: what is posted, what the director made of it, and what is refused."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from drillsim.cli import order as module
from drillsim.cli.main import main
from drillsim.cli.order import Order, order_of, split
from drillsim.journal import Journal, JournalReader, conduct_entry
from drillsim.problem import UsageError
from tests.tui import recorded
from tests.tui.recorded import Recording

AT = timedelta(minutes=30)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return recorded.record()


@pytest.fixture
def path(tmp_path: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drills").mkdir()
    return recorded.journal_until(tmp_path / "drills" / "r5.drill", recording, AT)


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    """Hold the drill as its director does."""
    with Journal.open(path) as held:
        yield held


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> tuple[str, str]:
    assert main(["--lang", "en", "order", *words]) == code
    out, err = capsys.readouterr()
    return out, err


def posted(path: Path) -> list[tuple[str, dict[str, object], str]]:
    return [(c.kind, c.payload, c.author) for c in JournalReader(path).commands()]


def directing(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> list[float]:
    """Let `act` be what a director does while the command waits; time passes by itself."""
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        act()

    clock = SimpleNamespace(monotonic=lambda: sum(waited), sleep=sleep)
    monkeypatch.setattr(module, "time", clock)
    return waited


@pytest.mark.parametrize(
    ("words", "kind", "payload"),
    [
        (["pause"], "pause", {}),
        (["continue"], "continue", {}),
        (["speed", "60"], "speed", {"speed": 60.0}),
        (["speed", "x0.5"], "speed", {"speed": 0.5}),
        (["speed", "max"], "speed", {"speed": "max"}),
        (["phase"], "phase", {}),
        (["end"], "end", {}),
        (["stop"], "stop", {"reason": ""}),
        (["stop", "--reason", "地震"], "stop", {"reason": "地震"}),
        (["stop", "地震", "のため"], "stop", {"reason": "地震 のため"}),
        (["inject", "rumour"], "inject", {"inject": "rumour"}),
        (["note", "宇部市は", "不在"], "note", {"text": "宇部市は 不在"}),
        (["note", "pause"], "note", {"text": "pause"}),
        (
            ["inject", "--subject", "照会", "--body", "回答を", "--to", "352039", "--to", "350001"],
            "inject",
            {"subject": "照会", "body": "回答を", "to": ["352039", "350001"]},
        ),
        (
            "inject --subject 報道 --body 本文 --to all --from 350001 --within none".split(),
            "inject",
            {"subject": "報道", "body": "本文", "to": ["all"], "from": "350001", "within": "none"},
        ),
    ],
)
def test_every_order_is_posted_as_the_director_reads_it(
    words: list[str],
    kind: str,
    payload: dict[str, object],
    path: Path,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(module, "require_inject", lambda _reader, _inject: None)
    out, err = said(capsys, "r5", *words, "--as", "防府 次郎")
    assert posted(path) == [(kind, payload, "防府 次郎")]
    assert out == f"drills/r5.drill: {kind}: given, as order 1\n"
    assert err == ""


def test_without_a_drill_the_newest_gets_the_order(
    path: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["pause"], ["latest", "pause"], ["r5", "pause"], [str(path), "pause"]):
        said(capsys, *words)
    assert [kind for kind, _payload, _author in posted(path)] == ["pause"] * 4


def test_an_order_is_given_in_the_name_of_whoever_is_logged_in(
    path: Path,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("drillsim.tui.orders.getpass.getuser", lambda: "suo")
    said(capsys, "end")
    assert posted(path) == [("end", {}, "suo")]


def test_a_drill_that_is_called_like_an_order_can_have_orders_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert split(["pause", "end"]) == (None, "pause", ["end"])
    Path("pause.drill").touch()
    assert split(["pause", "end"]) == ("pause", "end", [])
    assert split(["pause"]) == (None, "pause", [])


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["r5"], "r5: what is ordered? Write one of: pause, continue, speed, "),
        (["r5", "pauze"], "pauze is no order; write one of: pause, continue"),
        (["pause", "now"], "pause takes no value; leave out now"),
        (["speed"], "is no speed; write max, or a number such as 60"),
        (["speed", "0"], "0 is no speed; write max, or a number such as 60"),
        (["inject"], "inject needs the id of one message; write inject ID"),
        (["inject", "a", "b"], "inject needs the id of one message; write inject ID"),
        (["inject", "rumor"], "the scenario has no message rumor; it has: first-report, "),
        (["inject", "--subject", "x"], "a message that is typed needs --subject, --body and --to"),
        (["inject", "a", "--subject", "x"], "a message is typed, and a is named too"),
        (["pause", "--to", "all"], "--to belongs to inject; leave it out"),
        (
            ["inject", "--subject", "x", "--body", "y", "--to", "999999"],
            "there is no body 999999; write the id of one in the contact tree",
        ),
        (
            ["inject", "--subject", "x", "--body", "これは訓練ではありません。", "--to", "all"],
            "this says that the mail is no drill",
        ),
        (["note", " "], "the note is empty; write note TEXT"),
        (["pause", "--reason", "x"], "--reason belongs to stop; leave it out"),
        (["stop", "x", "--reason", "y"], "the reason is given twice; leave out one of them"),
        (["gone", "pause"], "gone: no such file; `drillsim drills` lists the drills"),
    ],
)
def test_wrong_use_is_one_line_and_posts_nothing(
    words: list[str], line: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = said(capsys, *words, code=2)
    assert out == ""
    assert err.startswith(f"Error: {line}")
    assert err.count("\n") == 1
    assert posted(path) == []


def test_a_drill_that_has_ended_takes_no_orders(
    tmp_path: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recorded.sealed_journal(tmp_path / "r5.drill", recording)
    before = path.read_bytes()
    out, err = said(capsys, str(path), "pause", "--wait", code=2)
    assert out == ""
    assert (
        err == f"Error: {path}: the drill has ended and its journal is sealed; begin a new drill\n"
    )
    assert path.read_bytes() == before


def test_an_order_to_a_drill_that_nobody_runs_says_when_it_will_be_carried_out(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = said(capsys, "continue", "--wait", code=1)
    assert out == "drills/r5.drill: continue: given, as order 1\n"
    assert err == "Nobody runs this drill now; the order is carried out by drillsim resume.\n"
    assert len(posted(path)) == 1


def test_waiting_ends_when_the_director_has_carried_it_out(
    path: Path,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    looks = 0

    def direct() -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            journal.append([command.entry(1_800_001) for command in journal.take_commands(0)])

    waited = directing(monkeypatch, direct)
    out, _err = said(capsys, "pause", "--wait", "--json")
    answer = json.loads(out)
    assert (answer["state"], answer["command"], answer["at_seconds"]) == (
        "carried-out",
        1,
        1800.001,
    )
    assert (answer["drill"], answer["file"], answer["order"]) == ("r5", "drills/r5.drill", "pause")
    assert len(waited) == 2


def test_waiting_tells_what_the_director_refused_and_why(
    path: Path,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse() -> None:
        entries = [command.entry(5) for command in journal.take_commands(0)]
        note = {"command": 1, "why": "first-report was\x1b[31m sent already"}
        journal.append([*entries, conduct_entry("order-refused", note, 5)])

    directing(monkeypatch, refuse)
    out, _err = said(capsys, "inject", "first-report", "--wait", code=1)
    said_to = "drills/r5.drill: inject: refused, as order 1: first-report was sent already\n"
    assert out == said_to


def test_waiting_does_not_take_another_order_for_its_own(
    path: Path,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said(capsys, "pause")

    def first_only() -> None:
        journal.append(
            [command.entry(5) for command in journal.take_commands(0) if command.id == 1]
        )

    waited = directing(monkeypatch, first_only)
    out, _err = said(capsys, "continue", "--wait", code=1)
    assert out == "drills/r5.drill: continue: given, as order 2, but not carried out yet\n"
    assert module.WAIT_SECONDS < sum(waited) < module.WAIT_SECONDS + 1


def test_waiting_ends_with_the_drill(
    path: Path,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:

    def seal() -> None:
        journal.seal()

    directing(monkeypatch, seal)
    out, _err = said(capsys, "pause", "--wait", code=1)
    assert out == "drills/r5.drill: pause: given, as order 1, but the drill ended before it\n"


def test_an_order_knows_what_a_stop_without_a_reason_is() -> None:
    assert order_of("stop", [], None) == Order("stop", {"reason": ""})
    with pytest.raises(UsageError):
        order_of("stop", ["x"], "y")


def test_the_text_of_a_typed_message_can_come_from_standard_input(
    path: Path,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = io.TextIOWrapper(io.BytesIO("照会します。\n回答を。\n".encode()), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", text)
    said(capsys, "inject", "--subject", "照会", "--body", "-", "--to", "municipality")
    ((_kind, payload, _author),) = posted(path)
    assert payload["body"] == "照会します。\n回答を。\n"
