"""A mail as it is kept: its envelope is JSON of one form only, whatever stands in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from drillsim.journal.chain import canonical
from drillsim.journal.journal import Journal
from drillsim.journal.mails import Mail, mail_hash

ODD = ("", "haru@city.example", 'a"b\\c@city.example', "春@city.example", "\udce3@\n.example")


@pytest.mark.parametrize("sender", ODD)
def test_an_envelope_is_canonical_json(tmp_path: Path, sender: str) -> None:
    path = tmp_path / "a.drill"
    with closing(Journal.create(path, meta={}, files={}, durable=False)) as journal:
        journal.store_mail(b"x", direction="in", sender=sender, recipients=ODD)
        journal.seal()
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT sender, recipients FROM envelopes").fetchall()
    assert kept == [(canonical(sender), canonical(list(ODD)))]


def test_a_hash_at_hand_is_the_one_that_would_be_made() -> None:
    made = Mail(b"x", "in", "", ())
    assert Mail(b"x", "in", "", (), made.wall, hash=mail_hash(b"x")) == made
