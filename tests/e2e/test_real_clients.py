"""Real mail programs answer a mail that was exported from a running drill, and are credited."""

from pathlib import Path

import pytest

from drillsim.drill import events as ev
from drillsim.files.scenario_file import LoadedScenario
from drillsim.journal import JournalReader
from drillsim.reports.export import write_mails
from tests.e2e.clients import Client, answer, needs
from tests.e2e.outside import Running, first_mail, running
from tests.simulation.rehearsing import loaded

PREFECTURE = "350001"


@pytest.fixture
def given() -> LoadedScenario:
    return loaded("r5-virus-suspicion")


@pytest.fixture
def officer(given: LoadedScenario) -> str:
    node = next(node for node in given.exercise.tree.nodes if node.id == PREFECTURE)
    return given.exercise.address(node.id, 1)


async def exported(drill: Running, folder: Path) -> bytes:
    """Export the mails of the running drill; return the first one."""
    event = await drill.until(first_mail(PREFECTURE))
    return export(drill, folder, event.raw)


def export(drill: Running, folder: Path, name: str) -> bytes:
    folder.mkdir()
    with JournalReader(drill.path) as reader:
        write_mails(reader, folder)
    (path,) = folder.glob(f"*-out-{name[:8]}.eml")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("client", "words", "matched_by"),
    [
        pytest.param(
            "s-nail", "　受信しました。対応者は周防です。", "thread", marks=needs("s-nail")
        ),
        pytest.param("mutt", "受信を確認しました。", "thread", marks=needs("mutt")),
        pytest.param("swaks", "受信しました。", "subject-token", marks=needs("swaks")),
    ],
)
async def test_a_mail_program_answers(
    client: Client,
    words: str,
    matched_by: str,
    given: LoadedScenario,
    officer: str,
    tmp_path: Path,
) -> None:
    async with running(given, tmp_path / "a.drill") as drill:
        raw = await exported(drill, tmp_path / "mails")
        await answer(client, raw, officer, words, port=drill.port, folder=tmp_path / client)
        got = await drill.about(ev.Acknowledged)
    assert (got.notice[1], got.matched_by, got.officer) == (PREFECTURE, matched_by, 1)
