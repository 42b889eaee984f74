from pathlib import Path

import click
from babel.messages.extract import extract_from_dir

from drillsim.cli.click_messages import MESSAGES, PLURALS


def test_click_still_says_what_the_catalogue_translates() -> None:
    keywords = {"_": None, "ngettext": (1, 2)}
    source = Path(click.__file__).parent
    said = {
        found[2] for found in extract_from_dir(source, [("**.py", "python")], keywords=keywords)
    }
    assert set(MESSAGES) | set(PLURALS) <= said
