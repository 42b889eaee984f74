"""Starting a drill from the screen: a director in a process of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

SPEEDS: Final[tuple[float | None, ...]] = (1, 10, 60, 600, None)
"""What the form offers; None is as fast as possible."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A rehearsal that is to be started."""

    scenario: Path
    contacts: Path | None
    """None for the tree that the scenario names."""
    seed: int
    speed: float | None
    """Drill seconds per second; None for as fast as possible."""
    seat: str = ""
    """Where a person practises, by id or name; "" for nowhere."""
    seated_by: str = ""


def start(wish: Wish, workspace: Path) -> Path:
    """Start the director of a rehearsal and return the path of its journal, which is there by then.

    Raises:
        CommandError: it could not be started.
    """
    from drillsim.conduct.process import start_director
    from drillsim.files.scenario_file import load_scenario
    from drillsim.forecast.kept import foreseen
    from drillsim.journal.folder import FOLDER

    exercise = load_scenario(wish.scenario, wish.contacts).exercise
    return start_director(
        wish.scenario,
        contacts=wish.contacts,
        seed=wish.seed,
        speed="max" if wish.speed is None else wish.speed,
        folder=workspace / FOLDER,
        seats=(wish.seat,) if wish.seat else (),
        seated_by=wish.seated_by,
        foreseen=foreseen(exercise).as_text(),
    )
