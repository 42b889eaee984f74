"""One rehearsal as a whole: its journal laid out, its director run, or gone on with."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drillsim import __version__
from drillsim.conduct.clocks import Speed
from drillsim.conduct.director import Director, Outcome
from drillsim.conduct.seating import require_pace, seated_in
from drillsim.drill.board import Board
from drillsim.drill.tree import NodeId
from drillsim.evaluation.foreseen import FORESEEN
from drillsim.files.scenario_file import LoadedScenario, load_stored
from drillsim.i18n import _, language
from drillsim.journal.disk import make_folder
from drillsim.journal.journal import Journal
from drillsim.journal.writer import AsyncJournal
from drillsim.problem import UsageError
from drillsim.world.references import files_digest

FOLDER = Path("drills")
SEED_MAX = 2**63 - 1

Progress = Callable[[Board, timedelta], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rehearsal as it is asked for."""

    loaded: LoadedScenario
    seed: int
    speed: Speed
    path: Path
    seats: tuple[NodeId, ...] = ()
    """Nodes at which a person sits from the beginning; `speed` is not `max` then."""
    seated_by: str = ""
    foreseen: str = ""
    """The forecast to be kept with the files (`Foreseen.as_text`), or none."""


def drill_path(scenario: str, folder: Path = FOLDER, now: datetime | None = None) -> Path:
    """Return where a new drill is kept: a name that no drill in `folder` has yet."""
    moment = (now or datetime.now(UTC)).astimezone()
    stem = f"{scenario}-{moment:%Y%m%d-%H%M%S}"
    path, number = folder / f"{stem}.drill", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.drill"
    return path


def lay_out(wanted: Wanted) -> Journal:
    """Begin the journal of a new rehearsal.

    Raises:
        UsageError: the file is there already, or cannot be made.
    """
    loaded = wanted.loaded
    meta = {
        "id": wanted.path.stem,
        "scenario": loaded.scenario.id,
        "seed": str(wanted.seed),
        "mode": "rehearsal",
        "speed": str(wanted.speed),
        "zone": loaded.tree.zone,
        "lang": language(),
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if wanted.seats:
        require_pace(wanted.speed)
        # Ids of nodes hold no blanks. A drill that was cut off before StartEx needs them again.
        meta |= {"seats": " ".join(wanted.seats), "seated-by": wanted.seated_by}
    make_folder(wanted.path.parent)
    # In real time each mail waits for the disk before its 250; faster rehearsals can be run again.
    durable = wanted.speed == 1
    files = dict(loaded.files)
    if wanted.foreseen:
        files[FORESEEN] = wanted.foreseen.encode()
    return Journal.create(wanted.path, meta=meta, files=files, durable=durable)


@contextmanager
def _set_aside() -> Iterator[None]:
    """Keep what is there when a drill begins (its files, its tree) out of garbage collection.

    None of it goes before the drill has ended, and a large tree takes long to look through.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def conduct(
    journal: Journal, loaded: LoadedScenario, speed: Speed, progress: Progress | None = None
) -> Outcome:
    """Run the drill of `journal` to its end; the journal is closed in any case.

    Raises:
        StoppedError: it was stopped by a fault, and can be resumed.
        UsageError: another version began it.
    """
    from drillsim.conduct.by_hand_start import by_hand_director, is_by_hand
    from drillsim.drill.ways import way_of

    written = AsyncJournal(journal)
    try:
        if is_by_hand(journal.opening.meta):
            by_hand = by_hand_director(
                written, loaded.exercise, loaded.files, speed, progress=progress
            )
            return await by_hand.run()
        if way_of(journal.opening.meta) == "mail":
            from drillsim.conduct.live_start import mail_director

            live = mail_director(written, loaded.exercise, loaded.files, speed, progress=progress)
            return await live.run()
        director = Director(
            loaded.exercise,
            written,
            seed=int(journal.opening.meta["seed"]),
            digest=files_digest(loaded.files),
            speed=speed,
            seats=[NodeId(node) for node in journal.opening.meta.get("seats", "").split()],
            seated_by=journal.opening.meta.get("seated-by", ""),
            progress=progress,
        )
        with _set_aside():
            return await director.run()
    finally:
        await written.close()


def pace_of(path: Path, speed: Speed | None) -> Speed:
    """Return how fast a drill that was cut off goes on: as asked, else as fast as it may.

    Where a person sits in it, that is as fast as it went before.

    Raises:
        UsageError: a person sits in it, and it is to go as fast as it can.
        JournalError: it cannot be read.
    """
    from drillsim.drill.ways import is_live, way_of
    from drillsim.journal.reader import JournalReader

    with JournalReader(path) as reader:
        if is_live(way_of(reader.opening.meta)):
            if speed not in (None, 1.0):
                raise UsageError(_("a live drill goes by the clock on the wall; leave out --speed"))
            return 1.0
        seats, usual = seated_in(reader)
    if not seats:
        return speed if speed is not None else "max"
    require_pace(speed)
    return speed if speed is not None else usual


def reopen(path: Path) -> tuple[Journal, LoadedScenario]:
    """Open a drill that was cut off, to go on with it.

    Raises:
        UsageError: it has ended, another director runs it, it is no drill of drillsim, or a
            password of its profile is not at hand.
    """
    from drillsim.conduct.by_hand_start import is_by_hand
    from drillsim.drill.ways import way_of
    from drillsim.journal.reader import JournalReader

    with JournalReader(path) as reader:
        if reader.is_sealed:
            raise UsageError(
                _("{path}: this drill has ended; look at it with drillsim status").format(path=path)
            )
        meta, files = reader.opening.meta, reader.files
    is_over_mail = way_of(meta) == "mail" and meta.get("way") == "mail"
    if (
        not (meta.get("mode") == "rehearsal" or is_by_hand(meta) or is_over_mail)
        or not meta.get("seed", "").isdecimal()
    ):
        raise UsageError(_("{path}: this kind of drill cannot be resumed").format(path=path))
    if is_over_mail:
        from drillsim.conduct.live_start import require_ready

        require_ready(path)
    return Journal.open(path), load_stored(files)
