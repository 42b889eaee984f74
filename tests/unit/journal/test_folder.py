"""Which drill is meant by no name, or by `latest`."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drillsim.journal import Journal, JournalError, created, find_drill

NOON = datetime(2026, 10, 14, 12, tzinfo=UTC)


def drill(folder: Path, name: str, begun: datetime | None, changed: datetime = NOON) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.drill"
    meta = {} if begun is None else {"created": begun.isoformat(timespec="seconds")}
    Journal.create(path, meta=meta, files={}, durable=False).close()
    os.utime(path, (changed.timestamp(), changed.timestamp()))
    return path


def test_the_newest_drill_is_the_one_begun_last_whatever_was_changed_since(tmp_path: Path) -> None:
    hour = timedelta(hours=1)
    drill(tmp_path, "a-old-one-with-a-later-annex", NOON - 3 * hour, NOON + hour)
    newest = drill(tmp_path, "newest", NOON - hour, NOON)
    drill(tmp_path, "z-older", NOON - 2 * hour, NOON - hour)
    for name in ("latest", None):
        assert find_drill(name, tmp_path) == newest


def test_a_drill_without_a_date_is_as_old_as_its_file(tmp_path: Path) -> None:
    dated = drill(tmp_path, "dated", NOON)
    undated = drill(tmp_path, "undated", None, NOON + timedelta(seconds=1))
    assert find_drill(None, tmp_path) == undated
    os.utime(undated, (NOON.timestamp() - 1,) * 2)
    assert find_drill(None, tmp_path) == dated


def test_what_is_no_journal_is_never_the_newest(tmp_path: Path) -> None:
    newest = drill(tmp_path, "drill", NOON)
    (tmp_path / "later.drill").write_text("years of work")
    assert find_drill("latest", tmp_path) == newest


def test_a_drill_that_is_called_latest_is_meant_by_its_name(tmp_path: Path) -> None:
    own = drill(tmp_path, "latest", NOON - timedelta(days=9))
    drill(tmp_path, "newer", NOON)
    assert find_drill("latest", tmp_path) == own


@pytest.mark.parametrize("name", ["latest", None])
def test_without_any_drill_the_newest_is_told_to_be_missing(
    name: str | None, tmp_path: Path
) -> None:
    with pytest.raises(JournalError, match=r"gone: no drill here yet; begin one with"):
        find_drill(name, tmp_path / "gone")


@pytest.mark.parametrize("text", ["2026-10-14T12:00:00+00:00", "2026-10-14T12:00:00"])
def test_a_kept_time_without_a_zone_is_taken_for_utc(text: str, tmp_path: Path) -> None:
    assert created(text, tmp_path / "gone") == NOON
