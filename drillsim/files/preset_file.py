"""Preset files (people of a rehearsal, learnt from past drills)."""

from pathlib import Path

from pydantic import ValidationError

from drillsim.drill.preset import Preset
from drillsim.files.model_faults import model_problems
from drillsim.files.yaml_nodes import plain
from drillsim.files.yaml_reader import read_bytes, read_document
from drillsim.problem import ProblemsError


def load_preset(path: Path, name: str) -> tuple[Preset, bytes]:
    """Return the preset file at `path` and its bytes; problems call it `name`.

    Raises:
        UnreadableError: the file cannot be had.
        ProblemsError: it has errors; all are listed, in file order.
    """
    data = read_bytes(path, name)
    return read_preset(data, name), data


def read_preset(data: bytes, name: str) -> Preset:
    """Return the preset in `data`.

    Raises:
        UnreadableError: `data` is not UTF-8.
        ProblemsError: it is no preset.
    """
    document = read_document(data, name)
    try:
        return Preset.model_validate(plain(document.root), by_alias=True, by_name=False)
    except ValidationError as error:
        raise ProblemsError(model_problems(error, document, Preset)) from None
