"""The journal: one drill, one SQLite file. All SQL of the program is in here.

Nothing in it can be altered unnoticed. The director writes with `Journal`, everybody else reads
with `JournalReader`, and whoever wants something of the director uses `post_command`. For event
loops there is `drillsim.journal.writer.AsyncJournal`, which alone loads asyncio.
"""

from drillsim.journal.annex import Addition, add_to_annex
from drillsim.journal.chain import Entry, Record, Stream, canonical, event_entry
from drillsim.journal.errors import (
    JournalBusyError,
    JournalError,
    JournalWriteError,
    NeverBegunError,
    SealedError,
    UnreadableJournalError,
)
from drillsim.journal.export import export_copy
from drillsim.journal.folder import created, drills_in, find_drill
from drillsim.journal.inbox import Command, post_command
from drillsim.journal.inspection import verify
from drillsim.journal.journal import Batch, Journal, conduct_entry
from drillsim.journal.lock import is_held
from drillsim.journal.mails import Envelope, Mail, mail_hash
from drillsim.journal.opening import Opening
from drillsim.journal.reader import JournalReader
from drillsim.journal.schema import FORMAT_VERSION
from drillsim.journal.seal import Seal
from drillsim.journal.verdict import Fault, Verdict

__all__ = [
    "FORMAT_VERSION",
    "Addition",
    "Batch",
    "Command",
    "Entry",
    "Envelope",
    "Fault",
    "Journal",
    "JournalBusyError",
    "JournalError",
    "JournalReader",
    "JournalWriteError",
    "Mail",
    "NeverBegunError",
    "Opening",
    "Record",
    "Seal",
    "SealedError",
    "Stream",
    "UnreadableJournalError",
    "Verdict",
    "add_to_annex",
    "canonical",
    "conduct_entry",
    "created",
    "drills_in",
    "event_entry",
    "export_copy",
    "find_drill",
    "is_held",
    "mail_hash",
    "post_command",
    "verify",
]
