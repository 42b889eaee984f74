"""The mail servers of an office, and of other bodies, as a live drill meets them."""

import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.servers.certificates import Certificates
from tests.e2e.servers.dovecot import PASSWORD, Dovecot
from tests.e2e.servers.elsewhere import Elsewhere, Greylist, greylisting
from tests.e2e.servers.postfix import Postfix
from tests.e2e.servers.processes import HOST, require_servers

_LOGGER = logging.getLogger(__name__)

DOMAIN = "pref.example"
DRILL = f"kunren@{DOMAIN}"
"""The mailbox of the drill, which may send too."""
ANYBODY = "anybody.example"
"""Every address of this domain has a mailbox, and can log in."""


@dataclass
class Office:
    """All servers of one office; the address of each is `host`.

    Attributes:
        ca_file: whom a client must trust.
        user: who may send, and reads the drill's mailbox.
        password: of every mailbox.
        greylist: lets recipients wait when they are named to the office's own server.
        elsewhere: the servers of other bodies, by domain.
    """

    folder: Path
    certificates: Certificates
    postfix: Postfix
    dovecot: Dovecot
    greylist: Greylist
    elsewhere: dict[str, Elsewhere]
    host: str = HOST
    user: str = DRILL
    password: str = PASSWORD
    _count: int = 0

    def new_mailbox(self, name: str = "kunren") -> str:
        """Return an address that nobody has used; its mailbox is empty."""
        self._count += 1
        return f"{name}{self._count}@{ANYBODY}"

    @property
    def ca_file(self) -> Path:
        """Return the certificate that a client must trust."""
        return self.certificates.authority


@contextmanager
def office_servers(
    mailboxes: Sequence[str] = (),
    elsewhere: Sequence[str] = (),
    *,
    handed_on: Mapping[str, int] | None = None,
    idle: bool = True,
) -> Iterator[Office]:
    """Run the servers of an office.

    Args:
        mailboxes: addresses that it delivers to itself, beside `DRILL`; `@domain` means everybody
            there. Others in these domains are unknown.
        elsewhere: domains of other servers, one for each; they know everybody.
        handed_on: addresses whose mail goes on to a port of this machine.
        idle: whether IMAP offers IDLE.
    """
    require_servers()
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        certificates = _certificates(folder)
        postfix = Postfix(folder / "postfix", certificates, domain=DOMAIN)
        dovecot = Dovecot(
            folder / "dovecot",
            certificates,
            lmtp=postfix.lmtp,
            auth=postfix.auth,
            mx=postfix.mx,
            domain=DOMAIN,
            idle=idle,
        )
        servers = {domain: Elsewhere(dovecot.deliver) for domain in elsewhere}
        greylist = stack.enter_context(greylisting())
        everybody = [DRILL, f"@{ANYBODY}", *mailboxes]
        postfix.configure(
            mailboxes=everybody,
            elsewhere={
                **{domain: server.port for domain, server in servers.items()},
                **(handed_on or {}),
            },
            greylist=greylist.port,
        )
        dovecot.let_in(everybody)
        started: list[Dovecot | Postfix | Elsewhere] = [dovecot, postfix, *servers.values()]
        for server in started:
            stack.callback(server.stop)
            server.start()
        try:
            yield Office(folder, certificates, postfix, dovecot, greylist, servers)
        except BaseException:
            # Its folder goes with the servers: pytest shows what is logged beside the failure.
            _LOGGER.error("%s", postfix.log.read_text("utf-8", "replace"))
            raise


@contextmanager
def dovecot_alone(*, idle: bool = True) -> Iterator[Dovecot]:
    """Run nothing but a Dovecot, for tests that stop it; with `idle` or without."""
    require_servers()
    with _folder() as folder:
        dovecot = Dovecot(folder / "dovecot", _certificates(folder), domain=DOMAIN, idle=idle)
        dovecot.let_in([DRILL])
        try:
            dovecot.start()
            yield dovecot
        finally:
            dovecot.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    # Short, since a socket's path has at most 107 bytes; and the servers' users must read it.
    folder = Path(tempfile.mkdtemp(prefix="drillsim-office-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _certificates(folder: Path) -> Certificates:
    return Certificates.write(folder / "tls", "localhost", HOST, f"mail.{DOMAIN}")
