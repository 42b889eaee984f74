"""Postfix: takes mail for submission and from other servers, delivers, retries and reports.

Nothing leaves this machine: domains go to Dovecot or to a port of 127.0.0.1 by name; for all others
the transport is `error`, and there is no look-up in the DNS.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.e2e.servers.certificates import Certificates
from tests.e2e.servers.processes import HOST, POSTFIX, Daemon, free_ports

_MAIN = """
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
daemon_directory = {daemons}
command_directory = /usr/sbin
maillog_file = {log}
maillog_file_prefixes = {folder}
inet_interfaces = {host}
inet_protocols = ipv4
myhostname = mail.{domain}
myorigin = {domain}
mydestination =
mynetworks = {host}/32
smtp_dns_support_level = disabled
smtp_host_lookup = native
default_transport = error:5.4.4 nothing leaves this machine
relay_transport = error:5.4.4 nothing leaves this machine
transport_maps = texthash:{transports}
virtual_mailbox_domains = texthash:{domains}
virtual_mailbox_maps = texthash:{mailboxes}
virtual_transport = lmtp:unix:private/dovecot-lmtp
recipient_delimiter = +
alias_maps =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_chain_files = {key}, {chain}
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_recipient_limit = 2000
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
# A minute of the world in a second, so that a test need not wait for it.
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
transport_retry_time = 1s
smtp_connect_timeout = 3s
# Connections to servers that were stopped are not to be remembered.
smtp_connection_cache_on_demand = no
maximal_queue_lifetime = 1d
message_size_limit = 20000000
bounce_size_limit = 100000
# Two cores that others use too.
default_process_limit = 20
disable_vrfy_command = yes
"""

_MASTER = """
{mx} inet n - n - - smtpd
{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_auth_only=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions={restrictions}
{submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions={restrictions}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

_OWN_FOLDERS = "active bounce corrupt defer deferred flush hold incoming private saved trace"


class Postfix:
    """One Postfix.

    Attributes:
        submission: port for mail programs, STARTTLS and authentication required.
        submissions: the same with TLS first.
        mx: port for other servers, and for programs of the tests.
    """

    def __init__(self, folder: Path, certificates: Certificates, *, domain: str) -> None:
        """Prepare; `lmtp` and `auth` are where Dovecot is to listen."""
        self.submission, self.submissions, self.mx = free_ports(3)
        self.folder = folder
        self.log = folder / "mail.log"
        self.queue = folder / "queue"
        self.lmtp = self.queue / "private" / "dovecot-lmtp"
        self.auth = self.queue / "private" / "auth"
        self._domain, self._certificates = domain, certificates
        self._etc = folder / "etc"
        data = folder / "data"
        for each in (folder, self._etc, data, self.queue):
            each.mkdir()
        shutil.chown(data, "postfix")
        for name in _OWN_FOLDERS.split():
            (self.queue / name).mkdir(mode=0o700)
            shutil.chown(self.queue / name, "postfix")
        (self.queue / "pid").mkdir(mode=0o755)
        for name, mode in (("public", 0o710), ("maildrop", 0o730)):
            (self.queue / name).mkdir()
            shutil.chown(self.queue / name, "postfix", "postdrop")
            (self.queue / name).chmod(mode)
        main = _MAIN.format(
            queue=self.queue,
            data=data,
            daemons=POSTFIX.parent,
            log=self.log,
            folder=folder,
            host=HOST,
            domain=domain,
            transports=self._etc / "transports",
            domains=self._etc / "domains",
            mailboxes=self._etc / "mailboxes",
            key=certificates.key,
            chain=certificates.chain,
        )
        (self._etc / "main.cf").write_text(main)
        self._daemon = Daemon(
            [str(POSTFIX), "-c", str(self._etc)],
            (self.mx, self.submission, self.submissions),
            folder / "master.log",
        )

    def configure(
        self,
        *,
        mailboxes: Sequence[str],
        elsewhere: Mapping[str, int],
        greylist: int | None = None,
    ) -> None:
        """Say who is known; before `start`.

        Args:
            mailboxes: the addresses of whole domains; others in these domains are unknown.
            elsewhere: domains and addresses that lie on other servers, and the port of each.
            greylist: port of a policy server that is asked for each recipient of a submission.
        """
        restrictions = (
            "permit" if greylist is None else f"check_policy_service,inet:{HOST}:{greylist}"
        )
        domains = sorted({each.rpartition("@")[2].lower() for each in mailboxes})
        self._write("domains", [f"{each} x" for each in domains])
        self._write("mailboxes", [f"{each.lower()} x" for each in mailboxes])
        self._write(
            "transports", [f"{name} smtp:[{HOST}]:{port}" for name, port in elsewhere.items()]
        )
        master = _MASTER.format(
            mx=self.mx,
            submission=self.submission,
            submissions=self.submissions,
            restrictions=restrictions,
        )
        (self._etc / "master.cf").write_text(master)

    def _write(self, name: str, lines: Sequence[str]) -> None:
        (self._etc / name).write_text("".join(f"{line}\n" for line in lines))

    def start(self) -> None:
        """Start it, and return when it listens."""
        self._daemon.start()

    def stop(self) -> None:
        """End it; what is queued stays queued."""
        self._daemon.stop()

    def flush(self) -> None:
        """Try all queued mail again now."""
        subprocess.run(
            ["/usr/sbin/postqueue", "-c", str(self._etc), "-f"], check=True, capture_output=True
        )

    def queued(self, *folders: str) -> int:
        """Return how many mails are still under way, in all queues or in some."""
        folders = folders or ("maildrop", "incoming", "active", "deferred", "hold")
        return sum(each.is_file() for name in folders for each in (self.queue / name).rglob("*"))
