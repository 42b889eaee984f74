"""The manual of the file formats: it explains every key, and its examples run."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drillsim.drill.preset import Preset
from drillsim.drill.scenario import Scenario
from drillsim.drill.texts import FILTERS, OWN, TEXT_NAMES
from drillsim.drill.tree import ContactTree
from drillsim.evaluation.criteria import CRITERIA
from drillsim.evaluation.rubric import THRESHOLDS
from drillsim.files.preset_file import read_preset
from drillsim.files.scenario_file import load_scenario
from drillsim.world.course import Course
from drillsim.world.habits import PRESETS

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCENARIOS = DOCS.parent / "scenarios"
MANUALS = ["scenario-format.md", "scenario-format.ja.md"]


@pytest.fixture(params=MANUALS)
def manual(request: pytest.FixtureRequest) -> str:
    path: Path = DOCS / request.param
    return path.read_text(encoding="utf-8")


def examples(manual: str, format_name: str) -> list[str]:
    found = re.findall(r"^```yaml\n(.*?)^```$", manual, re.MULTILINE | re.DOTALL)
    return [text for text in found if text.startswith(f"format: {format_name}/1\n")]


def explained(manual: str) -> set[str]:
    """Return the words of every piece of code in running text: `key`, `{median: 10m, sigma: 1}`."""
    prose = re.sub(r"^```.*?^```$", "", manual, flags=re.MULTILINE | re.DOTALL)
    pieces = re.findall(r"`([^`\n]+)`", prose)
    return {word for piece in pieces for word in re.findall(r"[a-zA-Z][\w/-]*", piece)}


def keys_and_choices(schema: Any) -> Iterator[str]:
    """Yield every key, and every word that a value may be, of a JSON schema."""
    match schema:
        case dict():
            yield from schema.get("properties", {})
            yield from (word for word in schema.get("enum", []) if isinstance(word, str))
            if isinstance(schema.get("const"), str):
                yield schema["const"]
            for part in schema.values():
                yield from keys_and_choices(part)
        case list():
            for part in schema:
                yield from keys_and_choices(part)


@pytest.mark.parametrize("model", [Scenario, ContactTree, Preset])
def test_every_key_and_every_choice_is_explained(
    manual: str, model: type[Scenario] | type[ContactTree] | type[Preset]
) -> None:
    wanted = set(keys_and_choices(model.model_json_schema(by_alias=True)))
    assert len(wanted) >= 20
    assert sorted(wanted - explained(manual)) == []


def test_every_name_and_filter_of_the_texts_is_explained(manual: str) -> None:
    assert sorted({*TEXT_NAMES, *FILTERS} - explained(manual)) == []
    own = next(line for line in re.split(r"\n\n", manual) if line.startswith("**`values`**"))
    assert [name for name in sorted(OWN) if f"`{name}`" not in own] == []


def test_every_preset_has_its_share_of_silence(manual: str) -> None:
    for name, habits in PRESETS.items():
        row = next(line for line in manual.splitlines() if line.startswith(f"| `{name}` |"))
        figure = re.split(r"\|", row)[3].translate(str.maketrans("％", "%"))
        assert figure.replace(" ", "") == f"{float(habits.no_answer * 100):g}%", name


def test_the_usual_rates_are_those_of_the_program(manual: str) -> None:
    habits = PRESETS["announced-office-hours"]
    for field in ("away", "absence_notice", "dead_address", "reply_all", "unsure", "unexpected"):
        key = field.replace("_", "-")
        row = next(line for line in manual.splitlines() if line.startswith(f"| `{key}` |"))
        figure = row.rstrip("| ").rpartition("|")[2].translate(str.maketrans("％", "%"))
        rate = getattr(habits, field)
        assert figure.replace(" ", "") == f"{float(rate * 100):g}%", key


def test_the_usual_weights_and_thresholds_are_those_of_the_program(manual: str) -> None:
    weights = next(line for line in manual.splitlines() if line.startswith("| `weights` |"))
    for criterion in CRITERIA:
        assert re.search(rf"`{criterion.name}`\D*{criterion.weight}(?!\d)", weights), criterion.name
    shown = ", ".join(f"{rating}: {limit}" for rating, limit in THRESHOLDS.items())
    assert f"`{{{shown}}}`" in manual


def test_every_shipped_scenario_is_named(manual: str) -> None:
    for path in SCENARIOS.glob("*.yaml"):
        assert f"| `{path.stem}` |" in manual


def test_the_two_languages_show_the_same_examples() -> None:
    english, japanese = ((DOCS / name).read_text(encoding="utf-8") for name in MANUALS)
    for format_name in ("drillsim-scenario", "drillsim-contacts", "drillsim-people"):
        assert examples(english, format_name) == examples(japanese, format_name)
    assert english.count("\n| ") == japanese.count("\n| ")
    assert english.count("\n#") == japanese.count("\n#")


def test_the_example_of_a_preset_file_is_one(manual: str) -> None:
    (example,) = examples(manual, "drillsim-people")
    assert read_preset(example.encode(), "example.yaml").kinds


def test_the_example_passes_the_check_and_runs(manual: str, tmp_path: Path) -> None:
    (scenario,) = examples(manual, "drillsim-scenario")
    (contacts,) = examples(manual, "drillsim-contacts")
    for folder, text in (("scenarios", scenario), ("contacts", contacts)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "smallest.yaml").write_text(text, encoding="utf-8")
    given = load_scenario(tmp_path / "scenarios" / "smallest.yaml")
    assert given.problems == ()
    course = Course(given.exercise, 7)
    for _ in course.run():
        pass
    assert course.board.reached == {"sazanami"}
    assert course.board.phase == "ended"
