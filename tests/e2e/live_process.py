"""Goes on with a live drill in a process of its own, as `drillsim resume` does: to be killed.

What differs is how long it waits for a server that is away; a test has no minutes.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from drillsim.conduct.live_start import mail_director
from drillsim.conduct.rehearsal import reopen
from drillsim.journal.writer import AsyncJournal

BACK_OFF = (timedelta(milliseconds=200),)


async def main(path: Path) -> None:
    """Run the director to the end of the drill."""
    journal, loaded = reopen(path)
    written = AsyncJournal(journal)
    try:
        await mail_director(written, loaded.exercise, loaded.files, back_off=BACK_OFF).run()
    finally:
        await written.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
