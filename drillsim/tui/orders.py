"""What the operator orders: one command each into the journal's inbox, for the director."""

import asyncio
import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drillsim.journal.inbox import post_command


class Orders:
    """Posts commands to the director of one drill, each in the name of its author."""

    def __init__(self, path: Path, author: str | None = None) -> None:
        self.path = path
        self.author = author or this_person()

    async def post(self, kind: str, payload: Mapping[str, Any] | None = None) -> int:
        """Put a command into the inbox, off the event loop; return its number.

        Raises:
            SealedError: the drill has ended.
            JournalError: the inbox could not be written.
            JournalWriteError: the disk did not take it.
        """
        return await asyncio.to_thread(
            post_command, self.path, kind=kind, payload=dict(payload or {}), author=self.author
        )


def this_person() -> str:
    """Return the login name of whoever runs this program."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "operator"  # No login name: a service account, or Windows without USERNAME.
