"""The opening: record 0 of a journal says what drill it is and what files it was run from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from drillsim.journal.chain import OPENING, ChainFaultError, Record, canonical


@dataclass(frozen=True, slots=True)
class Opening:
    """What is fixed before a drill starts."""

    format: int
    meta: Mapping[str, str]
    """Drill id, scenario id, seed, mode, zone and the like, as the caller named them."""
    files: Mapping[str, str]
    """Name and SHA-256 of each kept file."""
    durable: bool
    """Whether each commit is on the disk before it counts, as in real-time drills."""

    @property
    def json(self) -> str:
        """The opening as its record holds it."""
        return canonical(
            {
                "format": self.format,
                "meta": dict(self.meta),
                "files": dict(self.files),
                "durable": self.durable,
            }
        )


def opening_of(record: Record | None) -> Opening:
    """Return the opening that the first record of a chain holds.

    Raises:
        ChainFaultError: there is no record, or it is no opening.
    """
    if record is None:
        raise ChainFaultError(0, "missing")
    match record.data:
        case {"format": int(number), "meta": dict(meta), "files": dict(files), "durable": durable}:
            if record.stream == OPENING and _is_texts(meta) and _is_texts(files):
                return Opening(number, meta, files, durable is True)
    raise ChainFaultError(0, "altered")


def _is_texts(values: dict[object, object]) -> bool:
    return all(isinstance(text, str) for text in values.values())


def file_hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file, by name."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
