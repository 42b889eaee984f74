"""One connection to an IMAP mailbox (RFC 9051): encrypted, authenticated, and asked what is new.

Every call blocks, so it is used in a thread (`drillsim.mail.imap_mailbox`). Mails are fetched with
BODY.PEEK, which marks nothing; where nothing is to be marked afterwards either, the folder is
opened for reading alone (EXAMINE), and the server itself sees to it.
"""

import hashlib
import imaplib
import logging
import re
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from drillsim.i18n import _
from drillsim.mail.secret import Secret
from drillsim.mail.secured import client_context
from drillsim.problem import CommandError
from drillsim.text import clean_line

AfterRecord: TypeAlias = Literal["leave", "seen", "move"]
"""What becomes of a mail in the mailbox once the journal has it."""

PORTS: Final = {"tls": 993, "starttls": 143}
SIZE_MAX_BYTES: Final = 2_000_000
CONNECT_SECONDS: Final = 15.0
REPLY_SECONDS: Final = 30.0
IDLE_SECONDS: Final = 60.0
"""After so long IDLE is begun anew; a connection that a firewall has dropped is noticed then."""
POLL_SECONDS: Final = 10.0
_BATCH: Final = 50
_BATCH_BYTES: Final = 4_000_000
_SIZES_BATCH: Final = 500
_CUT_BY: Final = "b'", 'b"'

# A refusal that may pass (RFC 5530): the server cannot ask who we are, or has too much to do.
_PASSING: Final = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]", re.IGNORECASE)


class MailboxError(Exception):
    """The mailbox cannot be read now, in one line for people.

    Attributes:
        is_refusal: the server does not want us; trying again at once may lock the account.
    """

    def __init__(self, message: str, *, is_refusal: bool = False) -> None:
        super().__init__(message)
        self.is_refusal = is_refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxAccess:
    """How a mailbox is reached.

    Attributes:
        host: the server's name, as its certificate has it.
        user: whom it knows.
        password: gives the password at the moment when it is needed.
        security: TLS from the first byte, or STARTTLS.
        port: where it listens; 0 for the usual one.
        folder: where answers come to.
        ca_file: certificates that are trusted beside those of the system.
        after: what becomes of a mail that is on record.
        move_to: the folder for `move`.
        size_max_bytes: of a larger mail only so much is fetched, from its beginning.
        idle_seconds: after so long IDLE is begun anew.
        poll_seconds: how often a server without IDLE is asked.
        connect_seconds: how long a connection may take to come about.
        reply_seconds: how long the server may take for a reply.
    """

    host: str
    user: str
    password: Callable[[], Secret]
    security: Literal["tls", "starttls"] = "tls"
    port: int = 0
    folder: str = "INBOX"
    ca_file: Path | None = None
    after: AfterRecord = "leave"
    move_to: str = ""
    size_max_bytes: int = SIZE_MAX_BYTES
    idle_seconds: float = IDLE_SECONDS
    poll_seconds: float = POLL_SECONDS
    connect_seconds: float = CONNECT_SECONDS
    reply_seconds: float = REPLY_SECONDS

    @property
    def server(self) -> str:
        """Return host and port."""
        return f"{self.host}:{self.port or PORTS[self.security]}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail lies: its UID, which holds as long as the folder's UIDVALIDITY."""

    uid_validity: int
    uid: int


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A mail as the mailbox has it.

    Attributes:
        raw: its bytes, or only their beginning.
        hash: SHA-256 of `raw`, in hex: how a journal names it.
        internal_date: when the server took it (INTERNALDATE), with a zone.
        size_bytes: of the whole mail.
        place: where it lies.
    """

    raw: bytes
    hash: str
    internal_date: datetime
    size_bytes: int
    place: Place

    @property
    def is_cut(self) -> bool:
        """Whether the end is missing, since it was too large."""
        return len(self.raw) < self.size_bytes


class ImapSession:
    """A connection that is open from `open` to `close`; for one thread, but for `abort`.

    Attributes:
        uid_validity: of the folder; when it changes, all UIDs are others.
        unreadable: UIDs of mails that the server would not hand out.
    """

    def __init__(self, access: MailboxAccess, since: datetime, unreadable: set[int]) -> None:
        """Prepare.

        Args:
            access: the mailbox.
            since: mails that came in earlier are left alone.
            unreadable: UIDs of mails that an earlier connection did not get.
        """
        self._access, self._since = access, since
        self._client: Any = None
        self._secret = Secret("")
        self.uid_validity = 0
        self.unreadable = unreadable

    # Opening and closing ------------------------------------------------------------------------

    def open(self) -> None:
        """Connect, encrypt, log in, and open the folder.

        Raises:
            MailboxError: that was not possible.
        """
        try:
            self._connect()
            self._log_in()
            self._select()
        except CommandError as error:
            # The file of certificates or the password is not to be had, now: a drill that runs
            # must not end by it.
            self.close()
            raise MailboxError(str(error), is_refusal=True) from None
        except BaseException:
            self.close()
            raise

    def _connect(self) -> None:
        access = self._access
        context = client_context(access.ca_file)
        timeout = _library().SocketTimeout(access.connect_seconds, access.reply_seconds)
        port = access.port or PORTS[access.security]
        is_tls = access.security == "tls"
        with self._speaking(_("the mailbox {server} cannot be reached")):
            self._client = _client_class()(
                access.host,
                port,
                ssl=is_tls,
                ssl_context=context if is_tls else None,
                timeout=timeout,
            )
            self._client.normalise_times = False
            if is_tls:
                return
            if not self._client.has_capability("STARTTLS"):
                raise MailboxError(
                    _("{server} offers no encryption (STARTTLS); nothing was sent").format(
                        server=access.server
                    ),
                    is_refusal=True,
                )
            self._client.starttls(context)

    def _log_in(self) -> None:
        access, library = self._access, _library()
        self._secret = access.password()
        with self._speaking(_("the mailbox {server} broke off")):
            try:
                # PLAIN takes every letter; LOGIN only ASCII.
                if self._client.has_capability("AUTH=PLAIN"):
                    self._client.plain_login(access.user, self._secret.reveal())
                else:
                    self._client.login(access.user, self._secret.reveal())
            except UnicodeEncodeError:
                raise MailboxError(
                    _(
                        "{server} takes only letters of ASCII in user and password; have them "
                        "changed"
                    ).format(server=access.server),
                    is_refusal=True,
                ) from None
            except library.exceptions.LoginError as error:
                if isinstance(error.__context__, imaplib.IMAP4.abort):
                    raise error.__context__ from None
                raise self._refused(error) from None

    def _refused(self, error: Exception) -> MailboxError:
        said = self._said(error)
        if _PASSING.search(said):
            return MailboxError(
                _("{server} lets nobody log in now: {reason}").format(
                    server=self._access.server, reason=said
                )
            )
        return MailboxError(
            _("{server} does not accept user {user} with this password: {reason}").format(
                server=self._access.server, user=self._access.user, reason=said
            ),
            is_refusal=True,
        )

    def _select(self) -> None:
        access, library = self._access, _library()
        is_read_only = access.after == "leave"
        with self._speaking(_("the mailbox {server} broke off")):
            try:
                found = self._client.select_folder(access.folder, readonly=is_read_only)
            except library.exceptions.IMAPClientReadOnlyError:
                raise MailboxError(
                    _("in folder {folder} nothing may be marked; write leave").format(
                        folder=access.folder
                    ),
                    is_refusal=True,
                ) from None
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise MailboxError(
                    _("there is no folder {folder} in this mailbox: {reason}").format(
                        folder=access.folder, reason=self._said(error)
                    ),
                    is_refusal=True,
                ) from None
            self.uid_validity = int(found.get(b"UIDVALIDITY", 0))
            if access.after == "move":
                self._require_a_move()

    def _require_a_move(self) -> None:
        can_move = self._client.has_capability("MOVE") or self._client.has_capability("UIDPLUS")
        if not can_move:
            raise MailboxError(
                _("{server} cannot move a mail by itself; write seen or leave").format(
                    server=self._access.server
                ),
                is_refusal=True,
            )
        if not self._client.folder_exists(self._access.move_to):
            raise MailboxError(
                _("there is no folder {folder} to move mails to; make it first").format(
                    folder=self._access.move_to
                ),
                is_refusal=True,
            )

    def close(self) -> None:
        """Say good-bye if the server still listens, and close; more than once does nothing."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.logout()
        except (imaplib.IMAP4.error, OSError):
            with suppress(OSError):
                client.shutdown()  # It is gone already, which is what was wanted.

    def abort(self) -> None:
        """Break the connection off, from any thread; whoever uses it is told by an error."""
        client = self._client
        if client is not None:
            with suppress(OSError):
                client.socket().shutdown(socket.SHUT_RDWR)

    # What is new --------------------------------------------------------------------------------

    def news(self, after: int | None) -> Iterator[IncomingMail]:
        """Yield the mails with a UID above `after`, or all since the time that was given.

        Raises:
            MailboxError: the connection broke; what was yielded is good.
        """
        with self._speaking(_("the mailbox {server} broke off")):
            if after is None:
                # SINCE knows days alone, of whatever zone the server lives in.
                day = (self._since.astimezone(UTC) - timedelta(days=1)).date()
                uids = self._client.search(["SINCE", day])
            else:
                # "7:*" always has the last mail too, be its UID below 7.
                uids = [uid for uid in self._client.search(f"UID {after + 1}:*") if uid > after]
        found = sorted(uids)
        for start in range(0, len(found), _SIZES_BATCH):
            yield from self._those_in_time(found[start : start + _SIZES_BATCH])

    def _those_in_time(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        with self._speaking(_("the mailbox {server} broke off")):
            about = self._client.fetch(uids, ["INTERNALDATE", "RFC822.SIZE"])
        wanted: dict[int, tuple[datetime, int]] = {}
        for uid in uids:
            if uid not in about:
                continue  # Somebody has deleted it meanwhile.
            internal_date = about[uid].get(b"INTERNALDATE") or self._since
            if internal_date >= self._since:
                wanted[uid] = internal_date, int(about[uid].get(b"RFC822.SIZE") or 0)
        for batch in _batches(wanted, self._access.size_max_bytes):
            with self._speaking(_("the mailbox {server} broke off")):
                bodies = self._bodies(batch, wanted)
            for uid in batch:
                raw = bodies.get(uid)
                if raw is None:
                    continue
                internal_date, size = wanted[uid]
                is_whole = size <= self._access.size_max_bytes
                yield IncomingMail(
                    raw=raw,
                    hash=hashlib.sha256(raw).hexdigest(),
                    internal_date=internal_date,
                    size_bytes=len(raw) if is_whole else size,
                    place=Place(self.uid_validity, uid),
                )

    def _bodies(
        self, batch: Sequence[int], about: dict[int, tuple[datetime, int]]
    ) -> dict[int, bytes]:
        """Return the bytes of mails; those that are not to be had are noted as unreadable."""
        limit = self._access.size_max_bytes
        is_large = about[batch[0]][1] > limit
        item = f"BODY.PEEK[]<0.{limit}>" if is_large else "BODY.PEEK[]"
        try:
            found = self._client.fetch(batch, [item])
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            # One mail that the server cannot read keeps it from handing out the others.
            if len(batch) > 1:
                return {
                    uid: raw for each in batch for uid, raw in self._bodies([each], about).items()
                }
            self.unreadable.add(batch[0])
            return {}
        key = b"BODY[]<0>" if is_large else b"BODY[]"
        bodies: dict[int, bytes] = {}
        for uid in batch:
            raw = found[uid].get(key) if uid in found else None
            if isinstance(raw, bytes):
                bodies[uid] = raw
            elif uid in found:
                self.unreadable.add(uid)
        return bodies

    # What is done afterwards --------------------------------------------------------------------

    def settle(self, uids: Sequence[int]) -> None:
        """Mark or move mails that are on record, as it is wanted.

        Raises:
            MailboxError: the connection broke, or the server refused.
        """
        if self._access.after == "leave" or not uids:
            return
        with self._speaking(_("the mailbox {server} would not mark a mail")):
            for start in range(0, len(uids), _SIZES_BATCH):
                some = list(uids[start : start + _SIZES_BATCH])
                if self._access.after == "seen":
                    self._client.add_flags(some, [rb"\Seen"], silent=True)
                elif self._client.has_capability("MOVE"):
                    self._client.move(some, self._access.move_to)
                else:
                    self._client.copy(some, self._access.move_to)
                    self._client.add_flags(some, [rb"\Deleted"], silent=True)
                    self._client.uid_expunge(some)  # These alone, not what others have deleted.

    def wait(self, wake: socket.socket) -> None:
        """Return when there may be something new, or when anything comes at `wake`.

        Raises:
            MailboxError: the connection broke.
        """
        with self._speaking(_("the mailbox {server} broke off")):
            if self._client.has_capability("IDLE"):
                self._idle(wake)
            else:
                _readable([wake], self._access.poll_seconds)
                self._client.noop()

    def _idle(self, wake: socket.socket) -> None:
        until = time.monotonic() + self._access.idle_seconds
        self._client.idle()
        said = self._client.idle_check(0)
        while not any(map(_is_news, said)):
            left = until - time.monotonic()
            ready = _readable([wake, self._client.socket()], left) if left > 0 else ()
            if not ready or wake in ready:
                break
            said = self._client.idle_check(0)
            if not said:
                break  # Perhaps it has hung up: the next command tells.
        self._client.idle_done()

    # Errors -------------------------------------------------------------------------------------

    @contextmanager
    def _speaking(self, what: str) -> Iterator[None]:
        """Turn what goes wrong on the wire into one line."""
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise MailboxError(
                _("the certificate of {server} cannot be trusted: {reason}").format(
                    server=self._access.server, reason=clean_line(error.verify_message, limit=200)
                ),
                is_refusal=True,
            ) from None
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            # A ValueError: the library could not read what the server said.
            reason = self._said(error)
            raise MailboxError(f"{what.format(server=self._access.server)}: {reason}") from None

    def _said(self, error: BaseException) -> str:
        """Return what a server said, in one line, and never the password."""
        text = str(error) or type(error).__name__
        if isinstance(error, TimeoutError):
            text = _("no answer in time")
        for cut in _CUT_BY:
            if text.startswith(cut):  # imaplib hands on bytes as they print.
                text = text.removeprefix(cut)[:-1]
        return self._secret.scrubbed(clean_line(text, limit=200))


def _batches(wanted: dict[int, tuple[datetime, int]], size_max_bytes: int) -> Iterator[list[int]]:
    """Yield UIDs to fetch together; each mail that is too large by itself."""
    batch: list[int] = []
    size = 0
    for uid, (_internal_date, each) in wanted.items():
        is_large = each > size_max_bytes
        if batch and (is_large or len(batch) == _BATCH or size + each > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(uid)
        size += each
        if is_large:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_news(said: Any) -> bool:
    """Whether what comes during IDLE tells of a mail, or of the end of the connection."""
    return isinstance(said, tuple) and (b"EXISTS" in said or b"BYE" in said)


def _readable(sockets: Sequence[socket.socket], seconds: float) -> list[socket.socket]:
    """Return those that something has come at, waiting for so long."""
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        return [key.fileobj for key, _events in selector.select(seconds)]  # type: ignore[misc]


@cache
def _library() -> Any:
    """Return imapclient, which is to log nothing."""
    import imapclient

    # It logs every command (without passwords), and warnings that would be printed over a screen.
    for name in ("imapclient", "imapclient.imapclient", "imapclient.imaplib"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return imapclient


@cache
def _client_class() -> Any:
    class Client(_library().IMAPClient):  # type: ignore[misc]
        """imapclient's client, which reads all that has come during IDLE.

        As it is, it looks at the socket first, and not at what was read together with the answer
        to IDLE: a mail that came just before would wait until IDLE is begun anew.
        """

        def _poll_socket(self, sock: Any, timeout: float | None = None) -> bool:
            return True

        _select_poll_socket = _poll_socket

    return Client
