"""Seeds run twice, each time in a process with another hash seed, zone and language.

The events and the report must be the same to the byte, whatever machine the drill ran on.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

SURROUNDINGS = (
    {"PYTHONHASHSEED": "0", "TZ": "Asia/Tokyo", "LANG": "ja_JP.UTF-8", "LC_ALL": ""},
    {"PYTHONHASHSEED": "4711", "TZ": "America/St_Johns", "LANG": "C", "LC_ALL": "C"},
)


def digest_of(seed: int, surroundings: dict[str, str], folder: Path) -> dict[str, str]:
    """Run troubled drill `seed` in a process of its own; return hashes of what it left."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation.twice", "--one", str(seed), str(folder)],
        env={**os.environ, **surroundings},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    hashes: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return hashes


def one(seed: int, folder: Path) -> dict[str, str]:
    """Run the drill of a seed with its troubles, and return the hashes of what it left."""
    from drillsim.journal import JournalReader
    from tests.simulation.drills import NAMES
    from tests.simulation.troubled import live
    from tests.simulation.troubles import plan_of

    path = folder / f"{seed}-{os.environ['PYTHONHASHSEED']}.drill"
    life = live(plan_of(seed, NAMES), path)
    assert life.broken == [], life.broken
    with JournalReader(path) as reader:
        events = "\n".join(record.json for record in reader.events())
        mails = sorted({envelope.hash for envelope in reader.envelopes()})
    hashes = {"events": _sha(events), "mails": _sha(" ".join(mails))}
    for language in ("ja", "en"):
        hashes[f"report {language}"] = _sha(_report(path, language))
    return hashes


def _report(path: Path, language: str) -> str:
    """Return the drill's report, without what tells of the run and not of the drill."""
    from drillsim.cli.main import main
    from drillsim.journal import JournalReader

    output = path.with_suffix(".md")
    output.unlink(missing_ok=True)
    code = main(["--lang", language, "report", str(path), "-o", str(output)])
    assert code == 0, code
    text = output.read_text("utf-8")
    with JournalReader(path) as reader:
        own = (reader.head, reader.opening.meta["id"], str(reader.count))
    return "\n".join(line for line in text.splitlines() if not any(word in line for word in own))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def main(words: list[str] | None = None) -> int:
    """Run each seed in both surroundings, and print where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.twice", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--one", nargs=2, metavar=("SEED", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.one:
        hashes = one(int(given.one[0]), Path(given.one[1]))
        sys.stdout.write(json.dumps(hashes))
        return 0
    differing = 0
    for seed in range(given.seeds):
        with TemporaryDirectory() as place:
            first, second = (digest_of(seed, each, Path(place)) for each in SURROUNDINGS)
        names = [name for name in first if first[name] != second[name]]
        differing += bool(names)
        sys.stdout.writelines(f"seed {seed}: {name} differs\n" for name in names)
    sys.stdout.write(f"{given.seeds} seeds twice, {differing} differing\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
