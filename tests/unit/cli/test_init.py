from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.shipped import shipped_dir


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shipped() -> dict[str, bytes]:
    return {
        f"{shelf}/{path.name}": path.read_bytes()
        for shelf in ("scenarios", "contacts", "schemas")
        for path in shipped_dir(shelf).iterdir()
        if path.is_file()
    }


def test_a_workspace_holds_the_shipped_files_and_passes_check(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["init", "new/place"]) == 0
    place = folder / "new" / "place"
    found = {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }
    assert found == shipped()
    assert f"{len(found)} files written" in capsys.readouterr().out
    monkeypatch.chdir(place)
    assert main(["check"]) == 0


def test_what_is_there_is_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = folder / "scenarios" / "r5-virus-suspicion.yaml"
    mine.parent.mkdir()
    mine.write_text("mine")
    assert main(["init", "."]) == 0
    said = capsys.readouterr()
    assert mine.read_text() == "mine"
    assert "r5-virus-suspicion.yaml, which is there already" in said.err
    assert f"{len(shipped()) - 1} files written to ., 1 kept" in said.out


def test_a_link_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "target"
    (folder / "contacts").mkdir()
    (folder / "contacts" / "yamaguchi.yaml").symlink_to(elsewhere)
    assert main(["init", "."]) == 0
    assert not elsewhere.exists()


def test_a_file_is_no_place_for_a_workspace(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "f").write_text("")
    assert main(["init", "f"]) == 2
    assert "f is a file; name a folder" in capsys.readouterr().err
