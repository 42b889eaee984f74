"""Which mails of a live drill were under way when its director was cut off, as its journal tells.

Two records surround every try: `handing-over` before the server can take the mail, `handed-over`
with what it said. A mail with the first and not the second may have been taken.
"""

from dataclasses import dataclass, field
from pathlib import Path

from drillsim.drill.events import MailId
from drillsim.drill.tree import NodeId
from drillsim.journal.reader import JournalReader


def key_of(mail: MailId, node: NodeId) -> str:
    """Return what tells a mail to one body from all others; one mail may go to many bodies."""
    return f"{mail} {node}"


@dataclass(slots=True)
class Doubts:
    """What is known of the tries.

    Attributes:
        begun: mails that were handed over at least once.
        unanswered: those that a server may have taken without saying so.
        done: those that a server took, or refused for good.
    """

    begun: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)


def doubts_in(path: Path) -> Doubts:
    """Return what the journal at `path` tells of the tries.

    Raises:
        JournalError: it cannot be read.
    """
    found = Doubts()
    under_way: set[str] = set()
    with JournalReader(path) as reader:
        for record in reader.records():
            if record.stream != "conduct" or record.kind not in ("handing-over", "handed-over"):
                continue
            data = record.data
            key = key_of(str(data["mail"]), NodeId(str(data["node"])))
            if record.kind == "handing-over":
                found.begun.add(key)
                under_way.add(key)
                continue
            under_way.discard(key)
            if data["outcome"] != "deferred":
                found.done.add(key)
            elif not data["reply"]:
                found.unanswered.add(key)
    found.unanswered |= under_way
    return found
