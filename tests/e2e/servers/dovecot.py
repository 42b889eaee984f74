"""Dovecot: mailboxes by IMAP, delivery by LMTP, absence notices by Sieve, and who may send.

An address has a mailbox as soon as somebody writes to it; one password is that of all.
kunren+7kq2m4xd@… lies in the mailbox of kunren@… (RFC 5233).
"""

import shutil
import smtplib
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from tests.e2e.servers.certificates import Certificates
from tests.e2e.servers.processes import DOVECOT, HOST, Daemon, free_ports

PASSWORD = "aikotoba #7% ん"
"""Of every mailbox; what is in it must pass every way of saying it."""

_CONFIG = """
base_dir = {run}
state_dir = {run}
log_path = {log}
protocols = imap lmtp
listen = {host}
ssl = required
ssl_cert = <{chain}
ssl_key = <{key}
auth_mechanisms = plain login
disable_plaintext_auth = yes
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
mail_location = maildir:~/Maildir
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
mail_fsync = never
login_trusted_networks =
shutdown_clients = yes
imap_capability = {capability}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%Lu {folder}/passwords
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=@%Ld {folder}/passwords
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={mails}/%Ld/%Ln allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drill {{
    auto = create
  }}
}}
service imap-login {{
  # A process serves many connections, and is there at once.
  service_count = 0
  process_min_avail = 1
  chroot =
  inet_listener imap {{
    address = {host}
    port = {imap}
  }}
  inet_listener imaps {{
    address = {host}
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener {lmtp} {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener {auth} {{
    mode = 0666
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
  postmaster_address = postmaster@{domain}
}}
submission_host = {host}:{mx}
plugin {{
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_vacation_send_from_recipient = yes
}}
"""


class Dovecot:
    """One Dovecot.

    Attributes:
        imap: port on which a client says STARTTLS.
        imaps: port on which TLS comes first.
        lmtp: socket on which it takes mail.
        certificates: what it shows.
        password: of every mailbox.
    """

    def __init__(
        self,
        folder: Path,
        certificates: Certificates,
        *,
        domain: str,
        lmtp: Path | None = None,
        auth: Path | None = None,
        mx: int = 0,
        idle: bool = True,
    ) -> None:
        """Prepare.

        Args:
            folder: its own.
            certificates: what it shows.
            domain: of the postmaster.
            lmtp: socket on which it takes mail.
            auth: socket on which it says who may send.
            mx: port at which absence notices are handed over.
            idle: whether it offers IDLE.
        """
        self.imap, self.imaps = free_ports(2)
        self.folder = folder
        self.log = folder / "dovecot.log"
        self.mails = folder / "mails"
        self.lmtp = lmtp or folder / "lmtp"
        self.certificates = certificates
        self.password = PASSWORD
        folder.mkdir()
        (folder / "run").mkdir()
        self.mails.mkdir()
        shutil.chown(self.mails, "mail", "mail")
        capability = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE LITERAL+ UIDPLUS MOVE NAMESPACE"
        config = folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                run=folder / "run",
                folder=folder,
                log=self.log,
                host=HOST,
                chain=certificates.chain,
                key=certificates.key,
                capability="" if idle else capability,
                mails=self.mails,
                imap=self.imap,
                imaps=self.imaps,
                lmtp=self.lmtp,
                auth=auth or folder / "auth",
                mx=mx,
                domain=domain,
            ).replace("imap_capability = \n", "")
        )
        self._daemon = Daemon(
            [str(DOVECOT), "-F", "-c", str(config)], (self.imap, self.imaps), self.log
        )

    def let_in(self, addresses: Sequence[str]) -> None:
        """Say who has a password; any time."""
        lines = [f"{address.lower()}:{{PLAIN}}{PASSWORD}\n" for address in addresses]
        (self.folder / "passwords").write_text("".join(lines), encoding="utf-8")

    def start(self) -> None:
        """Start it, and return when it listens."""
        self._daemon.start()

    def stop(self) -> None:
        """End it, with all connections."""
        self._daemon.stop()

    def deliver(self, raw: bytes, to: str, sender: str = "") -> None:
        """Put a mail into a mailbox, past all other servers."""
        with smtplib.LMTP(str(self.lmtp)) as client:
            assert client.sendmail(sender, [to], raw) == {}

    def home(self, address: str) -> Path:
        """Return where all of a mailbox lies."""
        local, _at, domain = address.lower().partition("@")
        return self.mails / domain / local

    def received(self, address: str) -> list[EmailMessage]:
        """Return what lies in a mailbox, oldest first, read off the disk."""
        folder = self.home(address) / "Maildir"
        paths = sorted(path for part in ("new", "cur") for path in folder.glob(f"{part}/*"))
        parser = BytesParser(policy=policy.default)
        return [parser.parsebytes(path.read_bytes()) for path in paths]

    def is_away(self, address: str, words: str) -> None:
        """Have a mailbox answer every mail that it is away (Sieve's vacation, RFC 5230)."""
        home = self.home(address)
        home.mkdir(parents=True, exist_ok=True)
        script = home / ".dovecot.sieve"
        script.write_text(
            'require ["vacation"];\n'
            f'vacation :days 1 :subject "不在連絡" :addresses ["{address}"] text:\n{words}\n.\n;\n',
            encoding="utf-8",
        )
        for path in (home.parent, home, script):
            shutil.chown(path, "mail", "mail")

    def gives_new_uids(self, address: str) -> None:
        """Give all mails of a mailbox other UIDs and another UIDVALIDITY, as a restored one has."""
        folder = self.home(address) / "Maildir"
        for path in folder.glob("dovecot.index*"):
            path.unlink()
        path = folder / "dovecot-uidlist"
        head, *lines = path.read_text("utf-8").splitlines()
        version, validity, _following, *others = head.split(" ")
        head = " ".join((version, f"V{int(validity[1:]) + 1}", "N1001", *others))
        moved = [f"{900 + int(uid)} {rest}" for uid, rest in (line.split(" ", 1) for line in lines)]
        path.write_text("\n".join((head, *moved, "")), "utf-8")
