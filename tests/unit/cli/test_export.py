"""`drillsim export`: copies, events and mails of a drill, for other programs."""

import hashlib
import json
import os
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli.main import main
from drillsim.drill.events import EVENT_TYPES
from drillsim.drill.tree import ContactTree
from drillsim.journal import JournalReader, verify
from tests.tui import recorded
from tests.tui.recorded import Recording

DOCS = Path(__file__).parents[3] / "docs"
OF_ALL = {"at", "because", "happened_at", "by_hand"}
"""Fields that the manual tells of once, before the kinds."""


@pytest.fixture(scope="module")
def recording() -> Recording:
    return recorded.record()


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory, recording: Recording) -> Path:
    return recorded.sealed_journal(tmp_path_factory.mktemp("drills") / "r5.drill", recording)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def exported(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    assert main(["--lang", "en", "export", *map(str, words)]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    assert main(["--lang", "en", "export", *map(str, words)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_every_event_is_a_line_with_its_number_and_time(
    drill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = lines(exported(capsys, drill, "--events", "jsonl"))
    with JournalReader(drill) as reader:
        kept = [record.data for record in reader.events()]
        digest = reader.digest
    assert [line["event"] for line in found] == list(range(1, len(kept) + 1))
    for line, data in zip(found, kept, strict=True):
        assert line.items() >= data.items()
    assert found[0]["time"] == "2026-10-14T10:00:00.000+09:00"
    # What is exported is all there is: the digest can be computed from it.
    sha = hashlib.sha256()
    for line in found:
        data = {k: v for k, v in line.items() if k not in ("event", "record", "time")}
        text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        sha.update(f"{text}\n".encode())
    assert sha.hexdigest() == digest


def test_events_go_to_a_file_too(
    drill: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "events.jsonl"
    assert exported(capsys, drill, "--events", "jsonl", "-o", target) == ""
    assert target.read_text("utf-8") == exported(capsys, drill, "--events", "jsonl")


def test_every_mail_is_a_file_and_every_envelope_a_line(
    drill: Path, recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mails"
    events = lines(exported(capsys, drill, "--mails", folder, "--events", "jsonl"))
    index = lines((folder / "mails.jsonl").read_text("utf-8"))
    files = {path.name: path.read_bytes() for path in folder.glob("*.eml")}
    assert {hashlib.sha256(raw).hexdigest() for raw in files.values()} == recording.mails.keys()
    assert {line["file"] for line in index} == files.keys()
    named = {line["hash"]: line["events"] for line in index}
    for event in events:
        if event.get("raw"):
            assert event["event"] in named[event["raw"]]


def test_a_folder_that_holds_something_is_left_alone(
    drill: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.eml").write_text("mine")
    assert "not empty; name a new folder" in refused(capsys, drill, "--mails", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.eml"]


def test_a_running_drill_is_copied_whole(
    recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded.begin(tmp_path / "r5.drill", recording) as journal:
        journal.write(list(recorded.writings(recording, recording.events)))
        copy = tmp_path / "copy.drill"
        exported(capsys, tmp_path / "r5.drill", "-o", copy)
        words = ("--events", "jsonl", "--mails", tmp_path / "mails")
        found = lines(exported(capsys, tmp_path / "r5.drill", *words))
        assert len(found) == len(recording.events)
        assert len(list((tmp_path / "mails").glob("*.eml"))) == len(recording.mails)
    assert verify(copy).ok
    assert "exists already" in refused(capsys, tmp_path / "r5.drill", "-o", copy)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights otherwise")
def test_what_names_people_is_for_its_owner_alone(
    drill: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, masked, mails = tmp_path / "e.jsonl", tmp_path / "m.jsonl", tmp_path / "mails"
    exported(capsys, drill, "--events", "jsonl", "-o", events, "--mails", mails)
    exported(capsys, drill, "--events", "jsonl", "-o", masked, "--redact")
    assert events.stat().st_mode & 0o077 == 0
    assert mails.stat().st_mode & 0o077 == 0
    assert masked.stat().st_mode & 0o400


def test_wrong_use_is_told(drill: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "say what to export" in refused(capsys, drill)
    assert "say what to export" in refused(capsys, drill, "-o", tmp_path / "x.jsonl")
    copy = ("-o", tmp_path / "x.drill", "--redact")
    assert "can be redacted" in refused(capsys, drill, *copy)
    assert "can be redacted" in refused(capsys, drill, "--mails", tmp_path / "m", "--redact")


def personal(tree: ContactTree) -> set[str]:
    found: set[str] = set()
    for node in tree.nodes:
        found.add(node.mailbox)
        for officer in node.officers:
            found |= {officer.name, officer.kana, officer.phone, officer.off_hours.phone}
            found |= {*officer.email, *officer.off_hours.email}
    return found - {""}


def test_a_redacted_export_holds_nothing_personal(
    drill: Path, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    words = personal(recording.loaded.tree)
    plain = exported(capsys, drill, "--events", "jsonl")
    assert any(word in plain for word in words)
    masked = exported(capsys, drill, "--events", "jsonl", "--redact")
    assert not [word for word in words if word in masked]
    assert "@" not in masked
    assert len(lines(masked)) == len(lines(plain))
    answers = [a for line in lines(masked) for a in line.get("answers", ())]
    assert ["terminals", "0"] in answers
    assert "responder" not in {name for name, _value in answers}


@pytest.mark.parametrize("name", ["export.md", "export.ja.md"])
def test_every_kind_and_field_is_in_the_manual(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    rows = {
        found[1]: set(re.findall(r"`([a-z_-]+)`", found[2]))
        for found in re.finditer(r"^\| `([a-z-]+)` \|[^|]*\|(.*)\|$", text, re.MULTILINE)
    }
    for kind, event in EVENT_TYPES.items():
        own = {field.name for field in fields(event)} - OF_ALL
        assert own <= rows[kind], kind
