"""A small live drill for tests: its files, and a profile that names servers that do not exist."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tests import examples

NOW = datetime(2026, 10, 14, 1, 3, tzinfo=UTC)
"""The day of the scenario, 10:03 in Tokyo."""
DOMAINS = ("n1.example", "n1-1.example", "n1-2.example", "n1-3.example")
PROFILE = """\
format = "drillsim-live/1"
title = "架空県"
from = "kunren@n1.example"

[submission]
host = "mail.n1.example"
port = 587
security = "starttls"
user = "kunren"
password = "env:DRILL_PASSWORD"

[mailbox]
host = "imap.n1.example"
port = 993
security = "tls"
user = "kunren"
password = "env:DRILL_PASSWORD"

[allow]
domains = [{domains}]
"""


def profile(domains: tuple[str, ...] = DOMAINS) -> str:
    """Return a profile that allows these domains."""
    return PROFILE.format(domains=", ".join(f'"{each}"' for each in domains))


def workspace(
    folder: Path,
    *,
    domains: tuple[str, ...] = DOMAINS,
    changes: dict[str, Any] | None = None,
    **story: Any,
) -> tuple[str, str]:
    """Write a scenario, its tree and a profile; return the paths of scenario and profile."""
    for name, model in (
        ("tree.yaml", examples.tree(changes=changes)),
        ("story.yaml", examples.scenario(**story)),
    ):
        raw = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
        (folder / name).write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    (folder / "live.toml").write_text(profile(domains), encoding="utf-8")
    return str(folder / "story.yaml"), str(folder / "live.toml")
