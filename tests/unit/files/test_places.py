from pathlib import Path

import pytest

from drillsim.drill.model import Unfit
from drillsim.filenames import is_device
from drillsim.files.places import find, linked_file, relative_name
from drillsim.shipped import shipped_dir


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    ["r5-virus-suspicion", "r5-virus-suspicion.yaml", "scenarios/r5-virus-suspicion.yaml"],
)
@pytest.mark.usefixtures("empty")
def test_a_shipped_scenario_is_found_from_an_empty_folder(name: str) -> None:
    assert find(name, "scenarios") == shipped_dir("scenarios") / "r5-virus-suspicion.yaml"


def test_a_file_of_the_workspace_goes_before_a_shipped_one(empty: Path) -> None:
    own = empty / "scenarios" / "r5-virus-suspicion.yaml"
    own.parent.mkdir()
    own.write_text("a: 1\n")
    for name in ("r5-virus-suspicion", "scenarios/r5-virus-suspicion.yaml"):
        assert find(name, "scenarios").resolve() == own


@pytest.mark.parametrize("name", ["none", "none.yaml", "a/b.yaml", "/none.yaml", "a\0b"])
@pytest.mark.usefixtures("empty")
def test_what_is_nowhere_stays_as_it_was_written(name: str) -> None:
    assert find(name, "scenarios") == Path(name)


@pytest.mark.usefixtures("empty")
def test_a_shipped_contact_tree_is_found_by_its_bare_name() -> None:
    assert find("yamaguchi", "contacts") == shipped_dir("contacts") / "yamaguchi.yaml"


def test_a_name_is_shown_without_a_way_back(empty: Path) -> None:
    (empty / "a").mkdir()
    (empty / "t.yaml").write_text("")
    assert relative_name(Path("a") / ".." / "t.yaml") == "t.yaml"


def test_a_link_to_a_folder_elsewhere_keeps_its_way_back(empty: Path) -> None:
    (empty / "far" / "deep").mkdir(parents=True)
    (empty / "far" / "t.yaml").write_text("")
    (empty / "near").symlink_to(empty / "far" / "deep")
    assert relative_name(Path("near") / ".." / "t.yaml") == "near/../t.yaml"


@pytest.mark.parametrize(
    "contacts",
    [
        "/etc/tree.yaml",
        "C:tree.yaml",
        "C:/tree.yaml",
        "//server/share/tree.yaml",
        "..\\contacts\\tree.yaml",
        "file:///tree.yaml",
        "a\0.yaml",
        "a\x1b[31m.yaml",
        "nul.yaml",
        "../com1.yaml",
        "x" * 300 + ".yaml",
        "あ" * 100 + ".yaml",
        "tree.xlsx",
        "..",
        "a" * 5000 + "/t.yaml",
    ],
)
def test_contacts_must_be_a_path_that_works_on_every_machine(contacts: str) -> None:
    with pytest.raises(Unfit):
        linked_file(Path("scenarios") / "s.yaml", contacts)


def test_contacts_are_looked_for_from_the_scenarios_folder() -> None:
    found = linked_file(Path("scenarios") / "s.yaml", "../contacts/t.yaml")
    assert found == Path("scenarios") / ".." / "contacts" / "t.yaml"


def test_devices_of_windows_are_known_with_any_ending() -> None:
    assert all(is_device(name) for name in ("nul", "CON.yaml", "Lpt9.tar.gz", "com¹", "aux "))
    assert not any(is_device(name) for name in ("null", "com10", "console.yaml", "com0"))
