"""The wall clock, for what the drill's own time does not cover."""

from datetime import UTC, datetime


def wall_now() -> str:
    """Return this moment in UTC, as in `2026-10-14T01:05:12.345Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
