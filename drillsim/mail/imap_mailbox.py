"""The mailbox that answers come to, as a stream of mails that goes on while servers come and go.

A thread of its own holds the connection, so that no wait for a server stops the event loop. The
mailbox is only a source: a mail counts when the journal has it. Until the reader says so by
`recorded`, nothing in the mailbox is marked or moved, and after a crash the same mail comes again;
what is on record already is known by its hash and does not come twice, whatever became of the UIDs.
"""

import asyncio
import queue
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from drillsim.mail.imap_session import (
    AfterRecord,
    ImapSession,
    IncomingMail,
    MailboxAccess,
    MailboxError,
    Place,
)

__all__ = [
    "AfterRecord",
    "ImapMailbox",
    "IncomingMail",
    "MailboxAccess",
    "MailboxError",
    "MailboxState",
    "Place",
]

BACK_OFF_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""How long to wait after the first break, the second, and so on; the last one for all more."""
REFUSED_SECONDS: Final = 60.0
"""How long at least after a refusal, since accounts are locked after some of them."""
WAITING_MAX: Final = 32
"""Mails that are fetched ahead of the reader."""
_CLOSE_SECONDS: Final = 1.0
_STEP_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class MailboxState:
    """Whether the mailbox is being read.

    Attributes:
        is_connected: whether it is.
        since: since when.
        why: what broke the connection; "" while there is one.
        unreadable: how many mails the server would not hand out.
    """

    is_connected: bool
    since: datetime
    why: str = ""
    unreadable: int = 0


class ImapMailbox:
    """Yields the mails of one mailbox; an async context manager and an async iterator.

    Attributes:
        state: whether it is being read; changes in the running loop alone.
    """

    def __init__(
        self,
        access: MailboxAccess,
        *,
        since: datetime,
        known: Iterable[str] = (),
        on_state: Callable[[MailboxState], None] | None = None,
        patient: bool = False,
        back_off_seconds: Sequence[float] = BACK_OFF_SECONDS,
        refused_seconds: float = REFUSED_SECONDS,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            access: the mailbox.
            since: mails that came in earlier are left alone; with a zone.
            known: hashes of mails that are on record already.
            on_state: told of every change of `state`, in the running loop.
            patient: go on trying where the first connection fails, too, as a drill that goes on.
            back_off_seconds: how long to wait before each new try.
            refused_seconds: how long at least after the server has refused the account.
        """
        if since.tzinfo is None:
            raise ValueError("since needs a zone")
        self._access, self._since = access, since
        self._on_record = set(known)
        self._on_state, self._patient = on_state, patient
        self._back_off, self._refused_seconds = back_off_seconds, refused_seconds
        self.state = MailboxState(is_connected=False, since=datetime.now(UTC))
        self._mails: asyncio.Queue[IncomingMail | BaseException | None] = asyncio.Queue()
        self._ahead = threading.Semaphore(WAITING_MAX)
        self._recorded: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._handed_over: dict[str, Place] = {}
        self._unsettled: dict[Place, None] = {}
        self._place: Place | None = None
        self._has_read = False
        self._stopping = threading.Event()
        self._session: ImapSession | None = None
        self._is_over = False

    # In the loop --------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Connect; a patient one begins to, and `state` tells.

        Raises:
            MailboxError: that was not possible. Later on, a break only shows in `state`.
        """
        self._loop = asyncio.get_running_loop()
        self._wake, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(
            target=self._run, args=(opened,), name="imap-mailbox", daemon=True
        )
        self._thread.start()
        if self._patient:
            opened.cancel()
            return self
        try:
            await opened
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let the mailbox go; the iterator ends. What was recorded until now is marked first."""
        if self._is_over:
            return
        self._is_over = True
        self._stopping.set()
        self._rouse()
        await asyncio.to_thread(self._thread.join, _CLOSE_SECONDS)
        if self._thread.is_alive() and self._session is not None:
            self._session.abort()
            await asyncio.to_thread(self._thread.join, _CLOSE_SECONDS)
        # A thread that waits for a connection cannot be ended; it does no more when it has one.
        self._wake.close()
        self._mails.put_nowait(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> IncomingMail:
        found = await self._mails.get()
        if isinstance(found, IncomingMail):
            self._ahead.release()
            return found
        self._mails.put_nowait(found)  # Whoever asks again is told the same.
        if found is None:
            raise StopAsyncIteration
        raise found

    def recorded(self, mail: IncomingMail) -> None:
        """Say that the journal has a mail; now it may be marked or moved."""
        self._recorded.put(mail.hash)
        if self._access.after != "leave":
            self._rouse()

    def _rouse(self) -> None:
        with suppress(OSError):  # Full: it is awake already. Closed: it is over.
            self._wake.send(b"!")

    def _take_state(self, state: MailboxState) -> None:
        if state.is_connected == self.state.is_connected:
            state = replace(state, since=self.state.since)
        if state != self.state:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)

    # In the thread ------------------------------------------------------------------------------

    def _run(self, opened: "asyncio.Future[None]") -> None:
        """Read the mailbox until it is closed."""
        try:
            self._read_on(opened)
        except BaseException as error:  # noqa: BLE001 - told to whoever reads; nothing is hidden
            self._tell(self._fail, opened, error)
        finally:
            self._woken.close()

    def _fail(self, opened: "asyncio.Future[None]", error: BaseException) -> None:
        if not opened.done():
            opened.set_exception(error)
        else:
            self._mails.put_nowait(error)

    def _read_on(self, opened: "asyncio.Future[None]") -> None:
        breaks, is_first = 0, not self._patient
        unreadable: set[int] = set()
        while not self._stopping.is_set():
            session = self._session = ImapSession(self._access, self._since, unreadable)
            self._has_read = False
            pause = 0.0
            try:
                session.open()
                if is_first:
                    is_first = False
                    self._tell(self._succeed, opened)
                self._follow(session)
            except MailboxError as error:
                if is_first:
                    raise
                self._tell_state(False, str(error), len(unreadable))
                breaks = 0 if self._has_read else breaks + 1
                pause = self._back_off[min(breaks, len(self._back_off) - 1)]
                if error.is_refusal:
                    pause = max(pause, self._refused_seconds)
            finally:
                session.close()
            self._stopping.wait(pause)

    @staticmethod
    def _succeed(opened: "asyncio.Future[None]") -> None:
        if not opened.done():
            opened.set_result(None)

    def _follow(self, session: ImapSession) -> None:
        """Hand over what is new, again and again, while the connection holds."""
        place = self._place
        if place is not None and place.uid_validity != session.uid_validity:
            self._place = None  # All UIDs are others now: what is known is known by its hash.
            session.unreadable.clear()
        while not self._stopping.is_set():
            for mail in session.news(self._place.uid if self._place else None):
                self._tell_state(True, "", len(session.unreadable))
                if not self._take(mail):
                    return
                self._place = mail.place
            self._has_read = True
            self._tell_state(True, "", len(session.unreadable))
            self._settle(session)
            if not self._stopping.is_set():
                session.wait(self._woken)
                self._sleep_again()
        self._settle(session)

    def _take(self, mail: IncomingMail) -> bool:
        """Give a mail to the reader, when there is room; False if the mailbox is closed."""
        self._note_recorded()
        if mail.hash in self._on_record:
            self._unsettled[mail.place] = None
            return True
        if mail.hash not in self._handed_over:
            while not self._ahead.acquire(timeout=_STEP_SECONDS):
                if self._stopping.is_set():
                    return False
            self._tell(self._mails.put_nowait, mail)
        self._handed_over[mail.hash] = mail.place
        return True

    def _note_recorded(self) -> None:
        with suppress(queue.Empty):
            while True:
                name = self._recorded.get_nowait()
                self._on_record.add(name)
                if (place := self._handed_over.pop(name, None)) is not None:
                    self._unsettled[place] = None

    def _settle(self, session: ImapSession) -> None:
        """Mark or move what is on record; of a folder that was begun anew, when it comes again."""
        self._note_recorded()
        some = [each for each in self._unsettled if each.uid_validity == session.uid_validity]
        session.settle([each.uid for each in some])
        self._unsettled.clear()

    def _sleep_again(self) -> None:
        with suppress(BlockingIOError):
            while self._woken.recv(4096):
                pass

    def _tell_state(self, is_connected: bool, why: str, unreadable: int) -> None:
        state = MailboxState(is_connected, datetime.now(UTC), why, unreadable)
        self._tell(self._take_state, state)

    def _tell(self, call: Callable[..., None], *args: object) -> None:
        """Have the loop do something; when it is closed, nobody listens any more."""
        try:
            self._loop.call_soon_threadsafe(call, *args)
        except RuntimeError:
            if not self._stopping.is_set():
                raise
