"""A judgement on a fact: into the annex of a drill that is over, or to its director."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.drill.rehearsal import PersonNode
from drillsim.drill.tree import NodeId
from tests.simulation.rehearsing import loaded, rehearse

PREFECTURE = NodeId("350001")


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drill whose prefecture tells another time."""
    given = loaded("r5-virus-suspicion")
    people = given.scenario.people
    slip = PersonNode(tells={"since": "9時50分", "place": ""})
    people = people.model_copy(update={"nodes": {**people.nodes, PREFECTURE: slip}})
    scenario = given.scenario.model_copy(update={"people": people})
    path = tmp_path_factory.mktemp("drill") / "a.drill"
    rehearse(replace(given, scenario=scenario), 7, path)
    return path


def fidelity(drill: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(["status", str(drill), "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)["fidelity"]
    return found


def test_a_judgement_after_the_end_goes_into_the_annex_and_counts(
    drill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fidelity(drill, capsys)
    losses = {
        each["fact"]: each
        for each in before["first_losses"]  # type: ignore[attr-defined]
        if each["inject"] == "first-report"
    }
    assert losses["since"]["node"] == PREFECTURE
    assert (losses["since"]["fate"], losses["since"]["found"]) == ("changed", "9時50分")
    assert losses["place"]["fate"] == "lost"
    words = ["judge", str(drill), PREFECTURE, "since", "kept", "--as", "評価員"]
    assert main(words) == 2
    assert "name one with --inject: all-clear, first-report" in capsys.readouterr().err
    assert main([*words, "--inject", "first-report"]) == 0
    assert "annex" in capsys.readouterr().out
    after = fidelity(drill, capsys)
    still = [(each["inject"], each["fact"]) for each in after["first_losses"]]  # type: ignore[attr-defined]
    assert ("first-report", "since") not in still
    assert ("first-report", "place") in still
    assert int(after["kept"]) > int(before["kept"])  # type: ignore[call-overload]
    assert main(["verify", str(drill)]) == 0


def test_what_was_not_passed_on_cannot_be_judged(
    drill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["judge", str(drill), PREFECTURE, "weather", "kept"]) == 2
    assert "has not passed on a fact weather; it passed on: " in capsys.readouterr().err


def test_score_summary_and_report_follow_a_judgement_after_the_end(
    tmp_path: Path, drill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "b.drill"
    copy.write_bytes(drill.read_bytes())
    report = tmp_path / "report.json"

    def shown() -> tuple[list[dict[str, object]], list[str]]:
        """Return what score, status and report say as data, and the lines of score and status."""
        found, lines = [], []
        for name in ("score", "status"):
            assert main([name, str(copy), "--json"]) == 0
            found.append(json.loads(capsys.readouterr().out)["fidelity"])
            assert main(["--lang", "en", name, str(copy)]) == 0
            out = capsys.readouterr().out.splitlines()
            lines += [line for line in out if line.startswith("Facts that arrived as said")]
        assert main(["report", str(copy), "-o", str(report)]) == 0
        capsys.readouterr()
        found.append(json.loads(report.read_text(encoding="utf-8"))["fidelity"])
        return found, lines

    (before, *same), said = shown()
    assert same == [before, before]
    assert len(said) == 2
    words = ["judge", str(copy), PREFECTURE, "place", "kept", "--inject", "first-report"]
    assert main(words) == 0
    capsys.readouterr()
    (after, *same), now_said = shown()
    assert same == [after, after]
    assert int(after["kept"]) > int(before["kept"])  # type: ignore[call-overload]
    assert after["arrived"] != before["arrived"]
    assert now_said[0] == now_said[1] != said[0]
