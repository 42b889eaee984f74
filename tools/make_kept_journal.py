"""Make the journal that is kept of a released version: `python tools/make_kept_journal.py VERSION`.

A small drill in which as much happens as can: people in a rough way, faults, telephone, orders. The
file goes to tests/data/journals, with the board that it shows beside it; both are never made anew.
"""

import asyncio
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from drillsim.conduct.rehearsal import Wanted, conduct, lay_out
from drillsim.files.scenario_file import load_scenario
from drillsim.journal import JournalReader, post_command
from tests.unit.journal.kept import STORY, TREE, shown

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "data" / "journals"
SEED = 10

ORDERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("note", {"text": "架空の覚え書き"}),
    ("pause", {}),
    ("continue", {}),
    ("speed", {"speed": 1_000_000}),
    ("speed", {"speed": "max"}),
)


def main(version: str) -> None:
    path = FOLDER / f"{version}.drill"
    if path.exists():
        sys.exit(f"{path.name} is there already, and is never made anew")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "kept-tree.yaml").write_text(TREE, "utf-8")
        (folder / "kept.yaml").write_text(STORY, "utf-8")
        loaded = load_scenario(folder / "kept.yaml")
        drill = folder / "kept.drill"
        journal = lay_out(Wanted(loaded, SEED, "max", drill))
        for kind, payload in ORDERS:
            post_command(drill, kind=kind, payload=payload, author="統制者")
        asyncio.run(conduct(journal, loaded, "max"))
        with closing(sqlite3.connect(drill)) as connection:
            connection.execute("VACUUM INTO ?", (str(path),))
    with JournalReader(path) as reader:
        text = json.dumps(shown(reader), ensure_ascii=False, indent=1, sort_keys=True)
    path.with_suffix(".json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
