"""The yearly round from the first mail to the contact file, over real SMTP."""

import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.drill import events as ev
from drillsim.drill.events import decode
from drillsim.drill.tree import NodeId
from drillsim.files.contacts.comparison import compare
from drillsim.files.contacts.confirming import proposals
from drillsim.files.contacts.document import ContactDocument
from drillsim.files.tree_file import load_tree
from drillsim.journal import JournalReader
from drillsim.reports.confirmations import read_round
from drillsim.sheets import read_workbook
from drillsim.sheets import text_of as text_of_cell
from drillsim.shipped import shipped_dir
from drillsim.tui.screens.bodies import ConfirmScreen
from tests.simulation.rehearsing import loaded, rehearse
from tests.tui.driving import on_screen, pane, said, shown

TREE = shipped_dir("contacts") / "yamaguchi.yaml"


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsal of the round in Yamaguchi, in which 6 of 19 bodies report changes."""
    path = tmp_path_factory.mktemp("round") / "round.drill"
    rehearse(loaded("annual-contact-confirmation"), 7, path)
    return path


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tree in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "own.yaml"
    path.write_bytes(TREE.read_bytes())
    return path


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def sent(path: Path) -> Iterator[tuple[NodeId, str]]:
    """Yield the node and the whole text of every mail of the drill, that of its workbook too."""
    with JournalReader(path) as reader:
        for record in reader.events():
            event = decode(record.data)
            if not isinstance(event, ev.Submitted) or not event.raw:
                continue
            texts = []
            for part in message_from_bytes(reader.mail(event.raw)).walk():
                payload = part.get_payload(decode=True)
                if not isinstance(payload, bytes):
                    continue
                if part.get_content_type() == "text/plain":
                    texts.append(payload.decode())
                else:
                    (sheet,) = read_workbook(payload)
                    texts += [text_of_cell(cell) for row in sheet.rows for cell in row]
            yield event.notice[1], "\n".join(texts)


def test_each_body_is_sent_its_own_entry_and_no_other(drill: Path) -> None:
    bodies = load_tree(TREE).tree
    numbers = {n.id: [o.phone for o in n.officers] for n in bodies.nodes}
    senders = set(numbers[NodeId("350001")])
    asked = [(node, text) for node, text in sent(drill) if "【貴団体の登録内容】" in text]
    assert len({node for node, _text in asked}) == 19
    for node, text in asked:
        assert all(text.count(number) == 2 for number in numbers[node])  # In text and workbook.
        others = {number for other in numbers if other != node for number in numbers[other]}
        assert not [number for number in others - senders if number in text]


def test_the_answers_are_shown_as_changes_and_a_rehearsal_changes_no_real_file(
    drill: Path, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "confirm", "own.yaml", "--from", str(drill), "--list"]) == 1
    shown_text = capsys.readouterr().out
    assert "(rehearsal: made up)" in shown_text
    assert "- 長島 うみ  (セキュリティ担当者（総務課 主任）)" in shown_text
    assert "+ 新任 四葉  (システム管理者（デジタル推進課長）)" in shown_text
    assert "Ask by telephone: 下関市 市民課" in shown_text
    words = ["contacts", "confirm", "own.yaml", "--from", str(drill), "--accept", "all"]
    assert main(words) == 2
    assert "write them to a copy: -o COPY" in capsys.readouterr().err
    assert tree.read_bytes() == TREE.read_bytes()


def test_what_is_accepted_is_written_with_the_day_of_the_answer(
    drill: Path, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["contacts", "confirm", "own.yaml", "--from", str(drill), "-o", "copy.yaml"]
    assert main([*words, "--accept", "unchanged", "--accept", "352080"]) == 1
    assert "12 bodies accepted" in capsys.readouterr().err
    old, new = load_tree(tree).tree, load_tree("copy.yaml").tree
    changed = {body.node.id: body for body in compare(old, new).bodies}
    assert len(changed) == 12
    newcomer = changed.pop(NodeId("352080"))
    assert [entry.officer.name for entry in newcomer.came] == ["新任 四葉"]
    pairs = [pair for body in changed.values() for pair in body.changed]
    assert {change.name for pair in pairs for change in pair.changes} == {"verified"}
    assert {str(officer.verified)[:7] for officer in newcomer.node.officers} == {"2027-04"}
    assert main([*words, "--accept", "352012"]) == 2
    assert "cannot be accepted" in capsys.readouterr().err


def test_the_answers_as_json_name_who_is_to_be_called(
    drill: Path, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["contacts", "confirm", "own.yaml", "--from", str(drill), "--json"])
    data = json.loads(capsys.readouterr().out)
    assert data["rehearsal"] is True
    states = [body["state"] for body in data["bodies"]]
    assert (states.count("changed"), states.count("pending")) == (6, 2)
    assert [body["node"] for body in data["bodies"] if not body["acceptable"]] == [
        "352012",
        "352152",
    ]


def test_copies_for_outsiders_hold_no_entry_and_nothing_that_was_answered(
    drill: Path, tree: Path
) -> None:
    words = _entries(tree) | _answers(drill)
    assert {"新任 四葉", "083-000-0101"} <= words
    names = ["events.jsonl", "report.md", "report.json", "report.html"]
    assert main(["export", str(drill), "--events", "jsonl", "-o", names[0], "--redact"]) == 0
    outputs = [word for name in names[1:] for word in ("-o", name)]
    assert main(["report", str(drill), "--redact", *outputs]) == 0
    for name in names:
        text = text_of(Path(name))
        assert not [word for word in words if word in text], name
        assert not re.search(r"[\w.+-]@\w", text), name


def _entries(path: Path) -> set[str]:
    """Return the names, addresses and numbers of a tree."""
    words: set[str] = set()
    for node in load_tree(path).tree.nodes:
        words |= {node.mailbox, node.duty_desk.phone if node.duty_desk else ""}
        for officer in node.officers:
            words |= {officer.name, officer.name.replace(" ", ""), officer.kana, officer.phone}
            words |= {officer.off_hours.phone, *officer.email, *officer.off_hours.email}
    return words - {""}


def _answers(drill: Path) -> set[str]:
    """Return the lines that bodies answered, but for the choices that the form offers."""
    lines: set[str] = set()
    with JournalReader(drill) as reader:
        for record in reader.events():
            event = decode(record.data)
            if isinstance(event, ev.Reported):
                for _name, answer in event.answers:
                    lines |= {line.strip() for line in answer.splitlines()}
    return {line for line in lines if len(line) > 4 or "新任" in line}


def test_another_drill_is_no_round(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rehearse(loaded("off-hours-contact-check"), 1, Path("other.drill"))
    assert main(["contacts", "confirm", "own.yaml", "--from", "other.drill"]) == 2
    assert "is no round of confirmation" in capsys.readouterr().err


def somebody_else_writes(path: Path) -> None:
    path.write_text(text_of(path) + "# changed\n", "utf-8")


def confirm_screen(drill: Path, tree: Path) -> ConfirmScreen:
    with JournalReader(drill) as reader:
        found = read_round(reader)
    document = ContactDocument.parse(tree.read_bytes(), "own.yaml")
    offered = proposals(document, found.form, found.answers)
    return ConfirmScreen("round", document, offered, tree, is_copy=False)


async def test_one_key_accepts_and_one_writes(drill: Path, tree: Path) -> None:
    async with shown(confirm_screen(drill, tree), (80, 24)) as pilot:
        assert "下関市 市民課" in on_screen(pilot)
        assert "Ask by telephone:" in pane(pilot)
        await pilot.press("a", "down")  # Nothing to accept at the first: it is being checked.
        await pilot.press("a")
        await pilot.press("n")
        await pilot.press("A")
        assert "11 accepted, not written" in on_screen(pilot)
        await pilot.press("ctrl+s")
        assert "written: " in said(pilot)
        assert "accepted, not written" not in on_screen(pilot)
    assert text_of(tree).count("verified: 2027-04") == 23


async def test_a_file_that_somebody_else_changed_is_not_overwritten(
    drill: Path, tree: Path
) -> None:
    async with shown(confirm_screen(drill, tree)) as pilot:
        await pilot.press("A")
        somebody_else_writes(tree)
        await pilot.press("ctrl+s")
        assert "was changed by somebody else" in said(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "not written yet" in on_screen(pilot)
    assert text_of(tree).endswith("# changed\n")
    assert "verified: 2027" not in text_of(tree)
