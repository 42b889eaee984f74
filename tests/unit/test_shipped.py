"""The files that users edit are found in a checkout, and travel in the wheel."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from drillsim.shipped import Shelf, shipped_dir

ROOT = Path(__file__).parents[2]
SHELVES: list[Shelf] = ["scenarios", "contacts", "schemas"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built and unpacked as an installer would."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")))
    unpacked = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(unpacked)
    return unpacked


@pytest.mark.parametrize("shelf", SHELVES)
def test_a_checkout_has_them_at_its_top(shelf: Shelf) -> None:
    assert shipped_dir(shelf) == ROOT / shelf


@pytest.mark.parametrize("shelf", SHELVES)
def test_the_wheel_has_every_one_of_them(wheel: Path, shelf: Shelf) -> None:
    def files(directory: Path) -> dict[str, bytes]:
        return {
            path.relative_to(directory).as_posix(): path.read_bytes()
            for path in directory.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }

    there = files(wheel / "drillsim" / "shipped" / shelf)
    assert there
    assert there == files(ROOT / shelf)


def test_the_wheel_has_what_the_program_reads(wheel: Path) -> None:
    for name in "data/bodies.csv", "locale/ja/LC_MESSAGES/drillsim.mo", "py.typed":
        assert (wheel / "drillsim" / name).read_bytes() == (ROOT / "drillsim" / name).read_bytes()
    (licenses,) = wheel.glob("*.dist-info/licenses")
    assert {path.name for path in licenses.iterdir()} == {"LICENSE", "NOTICE"}
    assert not list(wheel.glob("tests*"))


def test_an_installed_program_finds_its_own(wheel: Path, tmp_path: Path) -> None:
    code = (
        "import drillsim, drillsim.shipped as s; print(drillsim.__file__);"
        f"[print(s.shipped_dir(shelf)) for shelf in {SHELVES!r}]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(wheel), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=True,
    )
    program, *found = done.stdout.splitlines()
    assert Path(program) == wheel / "drillsim" / "__init__.py"
    assert [Path(line) for line in found] == [
        wheel / "drillsim" / "shipped" / shelf for shelf in SHELVES
    ]


def test_what_is_not_there_is_said_with_the_places_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("drillsim.shipped.resources.files", lambda _package: tmp_path / "drillsim")
    with pytest.raises(FileNotFoundError, match="contacts"):
        shipped_dir("contacts")
