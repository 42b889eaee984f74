"""The lock pins everything, by hash, for every platform, and names no address."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def plain_name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~ ;\[]", requirement)[0]).lower()


def test_everything_asked_for_is_pinned_the_build_backend_too() -> None:
    asked = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    ]
    pinned = {plain_name(line) for line in LOCK.splitlines() if re.match(r"\S", line)}
    assert {plain_name(name) for name in asked} <= pinned


def test_every_pin_has_a_hash() -> None:
    for entry in re.split(r"\n(?=\S)", LOCK.strip()):
        assert re.match(r"[\w.-]+==[\w.+!]+( ; [^\\]+)? \\\n", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_windows_has_what_it_needs() -> None:
    assert re.search(r"^colorama==.* ; sys_platform == 'win32'", LOCK, re.MULTILINE)
    assert re.search(r"^tzdata==", LOCK, re.MULTILINE)


def test_no_address_stands_in_the_lock() -> None:
    assert "://" not in LOCK
    assert not re.search(r"(?m)^\s*(-i|--index|--extra|--find|--trusted)", LOCK)
