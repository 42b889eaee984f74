"""A contact file that is being edited: what it held, what it holds, and what was done to it."""

from dataclasses import dataclass, field
from pathlib import Path

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.history import History
from drillsim.files.saving import SaveError, write_whole
from drillsim.files.yaml_reader import read_bytes
from drillsim.i18n import _, system_reason
from drillsim.text import clean_line


@dataclass(slots=True)
class Opened:
    """A contact file that is being edited."""

    path: Path
    document: ContactDocument
    saved: bytes
    """What the file held when it was read, or last written."""
    history: History = field(init=False)

    def __post_init__(self) -> None:
        self.history = History(self.document)

    def on_disk(self) -> bytes | None:
        """Return what the file holds now; None where it cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError:
            return None


def read_file(path: Path, name: str) -> Opened:
    """Return the contact file at `path`, to be edited.

    Raises:
        UnreadableError: the file cannot be had.
        ProblemsError: it is no YAML, or no contact tree.
    """
    data = read_bytes(path, name)
    return Opened(path, ContactDocument.parse(data, name), data)


def copied(shipped: Path, folder: Path) -> Path:
    """Copy a shipped contact tree into a folder, which is made if need be; return the copy.

    Raises:
        SaveError: it is there already, or cannot be written.
    """
    path = folder / shipped.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(
            _("{path} cannot be made ({reason})").format(
                path=clean_line(str(folder)), reason=clean_line(system_reason(error))
            )
        ) from None
    write_whole(path, shipped.read_bytes(), replace=False)
    return path
