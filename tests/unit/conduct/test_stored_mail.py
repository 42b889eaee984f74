"""What a journal says about a mail, after the drill."""

import asyncio
from pathlib import Path

from drillsim.conduct.rehearsal import Wanted, conduct, lay_out
from drillsim.conduct.stored_mail import StoredMail
from drillsim.journal import JournalReader
from drillsim.mail.replies import recognise
from tests.simulation.rehearsing import loaded


def test_mails_are_known_by_their_numbers_whether_a_forecast_is_kept_or_not(
    tmp_path: Path,
) -> None:
    given = loaded("r5-terminal-failure")
    for foreseen in ("", '{"a": "forecast"}'):
        path = tmp_path / f"{bool(foreseen)}.drill"
        wanted = Wanted(given, 3, "max", path, foreseen=foreseen)
        asyncio.run(conduct(lay_out(wanted), given, "max"))
        with JournalReader(path) as reader:
            stored = StoredMail(reader)
            first = next(e for e in reader.envelopes() if e.direction == "out")
            token = recognise(reader.mail(first.hash)).token
            assert token is not None
            assert stored.reader.index.sent_under(token) is not None, foreseen
