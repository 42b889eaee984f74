"""Several processes on one journal: followers, operators, and a director that is killed."""

import json
from contextlib import ExitStack, closing
from pathlib import Path

from drillsim.journal import Journal, JournalReader, post_command, verify
from tests.unit.journal.sample import RAW, event, new, sealed_drill, start, store

FOLLOW = """
import sys, time, hashlib
from drillsim.journal import JournalReader
reader = JournalReader(sys.argv[1])
print("ready", flush=True)
seen = []
end = time.monotonic() + 30
while time.monotonic() < end:
    for record in reader.follow(limit=50):
        if record.stream == "seal":
            print(seen == list(range(1, len(seen) + 1)), len(seen), reader.head, flush=True)
            sys.exit()
        seen.append(record.seq)
"""

ORDER = """
import sys
from drillsim.journal import post_command
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    post_command(sys.argv[1], kind="note", payload={"n": number}, author=sys.argv[3])
"""

WRITE_ON = """
import sys
from pathlib import Path
from drillsim.journal import Batch, Journal, Mail, event_entry
with Journal.open(Path(sys.argv[1])) as journal:
    at = journal.count
    while True:
        at += 1
        mail = Mail(b"mail %d" % at, "in", "", [])
        data = {"kind": "acknowledged", "at": at, "raw": mail.hash}
        entries = tuple(event_entry({**data, "n": n}) for n in range(3))
        journal.write([mail, Batch(entries, f"{at}/1")])
"""

SEAL_OFTEN = """
import sys
from pathlib import Path
from drillsim.journal import Journal, event_entry
for number in range(int(sys.argv[2])):
    with Journal.create(
        Path(sys.argv[1]) / f"{number}.drill", meta={}, files={}, durable=False
    ) as journal:
        print(number, flush=True)
        for at in range(40):
            journal.append([event_entry({"kind": "x", "at": at})])
        seal = journal.seal()
        assert seal.whole
print("done", flush=True)
"""


def test_followers_and_operators_work_while_the_director_writes(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    commands = 60
    with ExitStack() as stack, new(path) as journal:
        followers = [stack.enter_context(start(FOLLOW, path)) for _ in range(2)]
        operators = [
            stack.enter_context(start(ORDER, path, commands // 2, name)) for name in ("防府", "萩")
        ]
        for process in (*followers, *operators):
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        at = taken = 0
        while taken < commands:
            at += 1
            raw = RAW + b"%d" % at
            journal.append([event(at, raw=store(journal, raw)), event(at)], key=f"{at}/1")
            for command in journal.take_commands(journal.last_command):
                journal.append([command.entry(at)])
                taken += 1
        seal = journal.seal()
        for process in operators:
            assert process.wait(30) == 0
        for process in followers:
            out, _err = process.communicate(timeout=30)
            assert out.split() == ["True", str(seal.count - 1), seal.head]
    assert seal.whole
    notes = [json.loads(r.json) for r in JournalReader(path).records() if r.stream == "command"]
    for author in ("防府", "萩"):
        mine = [note["payload"]["n"] for note in notes if note["author"] == author]
        assert mine == list(range(commands // 2))
    verdict = verify(path, expect_head=seal.head)
    assert verdict.ok, verdict.faults
    assert (verdict.commands, verdict.mails) == (commands, at)


def test_a_killed_director_leaves_whole_batches_and_the_drill_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    new(path).close()
    heads: list[tuple[int, str]] = []
    for round_number in range(1, 5):
        with start(WRITE_ON, path) as writer:
            reader = JournalReader(path)
            enough = reader.count + 20 * round_number
            while reader.count < enough:
                assert writer.poll() is None
            writer.kill()
            writer.wait(10)
        verdict = verify(path)
        assert verdict.ok, verdict.faults
        assert verdict.count % 3 == 0
        for seq, head in heads:
            assert chain_at(path, seq) == head
        heads.append((verdict.count, verdict.head))
        with Journal.open(path) as journal:
            assert (journal.count, journal.head) == heads[-1]
            assert journal.last_key == f"{[*JournalReader(path).events()][-1].at_ms}/1"
    with Journal.open(path) as journal:
        seal = journal.seal()
    assert seal.whole
    assert list(tmp_path.iterdir()) == [path]
    assert verify(path, expect_head=seal.head).ok


def chain_at(path: Path, seq: int) -> str:
    from drillsim.journal.chain import Chain
    from drillsim.journal.records import walk
    from drillsim.journal.schema import connect

    chain = Chain()
    with closing(connect(path, "ro")) as connection:
        for record in walk(connection, chain):
            if record.seq == seq:
                return chain.head.hex()
    raise AssertionError(f"no record {seq}")


def test_readers_never_stumble_over_a_journal_that_is_made_and_sealed(tmp_path: Path) -> None:
    with start(SEAL_OFTEN, tmp_path, 15) as director:
        assert director.stdout is not None
        for line in director.stdout:
            if line == "done\n":
                break
            reader = JournalReader(tmp_path / f"{int(line)}.drill")
            seen = []
            while not reader.is_sealed:
                seen += reader.follow()
            seen += reader.follow()
            assert [record.seq for record in seen] == list(range(1, 42))
            assert reader.envelopes() == []
            assert reader.commands() == []
        assert director.wait(30) == 0


def test_a_command_for_a_killed_drill_waits_for_its_resume(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    new(path).close()
    with start(WRITE_ON, path) as writer:
        reader = JournalReader(path)
        while reader.count < 9:
            assert writer.poll() is None
        writer.kill()
        writer.wait(10)
    assert post_command(path, kind="continue", payload={"speed": 60}, author="萩 三郎") == 1
    with Journal.open(path) as journal:
        (command,) = journal.take_commands(journal.last_command)
        assert (command.kind, command.author, command.payload) == (
            "continue",
            "萩 三郎",
            {"speed": 60},
        )


ADD_AND_DIE = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
for number in range(1, 200):
    connection.execute(
        "INSERT INTO annex VALUES (?, 'annex', NULL, 'k', ?, 1, '', x'00')", (number, "x" * 4000)
    )
os._exit(0)
"""


def test_an_addition_that_was_cut_off_is_cleared_away_by_whoever_comes_next(
    tmp_path: Path,
) -> None:
    path = tmp_path / "r5.drill"
    seal = sealed_drill(path, 6)
    size = path.stat().st_size
    with start(ADD_AND_DIE, path) as process:
        assert process.wait(30) == 0
    assert path.with_name("r5.drill-journal").exists()
    assert path.stat().st_size > size
    verdict = verify(path, expect_head=seal.head)
    assert verdict.ok, verdict.faults
    assert list(tmp_path.iterdir()) == [path]
    assert JournalReader(path).annex() == []
