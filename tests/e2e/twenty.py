"""Twenty bodies of a live drill, what their servers do, and with what their officers answer."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, TypeAlias

from tests.e2e.clients import Client, answer
from tests.e2e.servers.elsewhere import Elsewhere
from tests.e2e.servers.office import DRILL, Office, office_servers
from tests.e2e.servers.processes import SECONDS_MAX, free_ports
from tests.gateways import INWARD, OUTWARD

Fate: TypeAlias = Literal["completed", "unreachable", "cancelled"]

ABSENT = "出張中のため、不在にしております。"


@dataclass(frozen=True)
class Body:
    """One body with one officer.

    Attributes:
        id: in the contact tree.
        address: of its officer.
        client: with which the officer answers; None for nobody.
        fate: where its notice ends.
        absent: whether a robot answers before.
        dead: whether there is no such mailbox.
    """

    id: str
    address: str
    client: Client | None
    fate: Fate = "completed"
    absent: bool = False
    dead: bool = False


BODIES: Sequence[Body] = (
    Body("b01", "o01@city.example", "swaks"),
    Body("b02", "o02@city.example", "s-nail"),
    Body("b03", "o03@city.example", "mutt"),
    Body("b04", "o04@city.example", "swaks"),
    Body("b05", "o05@city.example", "s-nail"),
    Body("b06", "o06@city.example", "mutt"),
    # The office's own server lets it wait, so that the drill has to come again.
    Body("b07", "waits@city.example", "swaks"),
    # The office's own server knows nobody of that name.
    Body("b08", "nobody@pref.example", None, "unreachable", dead=True),
    # It took the mail, and reports later that the other one did not.
    Body("b09", "gone@town.example", None, "unreachable", dead=True),
    # The other server lets the office's own wait.
    Body("b10", "slow@town.example", "mutt"),
    Body("b11", "o11@town.example", "swaks"),
    # The other server is stopped for a while.
    Body("b12", "o12@village.example", "s-nail"),
    Body("b13", "o13@village.example", "swaks"),
    # A robot answers, and nobody else; and a robot before a person.
    Body("b14", "away@city.example", None, "unreachable", absent=True),
    Body("b15", "back@city.example", "swaks", absent=True),
    # Behind gateways that change what they can, both ways.
    Body("b16", "o16@old.example", "swaks"),
    Body("b17", "o17@old.example", "s-nail"),
    Body("b18", "o18@old.example", "mutt"),
    Body("b19", "o19@old.example", "mutt"),
    Body("b20", "silent@city.example", None, "cancelled"),
)

CONTACTS = """\
format: drillsim-contacts/1
title: 架空の連絡網
zone: Asia/Tokyo
nodes:
  - {{id: pref, name: 架空県, kind: prefecture, mailbox: kunren@pref.example,
     officers: [{{name: 県 太郎, email: kunren@pref.example, phone: 000-000-0000}}]}}
{bodies}
"""
SCENARIO = """\
format: drillsim-scenario/1
id: twenty
title: 二十団体の訓練
purpose: 確認
incident: {{kind: fault}}
announcement: full
contacts: contacts.yaml
start: {start}
window: 8h
mail: {{html: true}}
injects:
  - id: alert
    from: pref
    to: {{kind: municipality}}
    subject: 架空の障害（第一報）
    body: 架空の障害です。受信を確認した旨を返信してください。
    acknowledge: {{within: 60m}}
phases:
  initial: notice
  states:
    notice: {{level: 2, send: [alert], next: [{{when: {{elapsed: 7h}}, to: ended}}]}}
    ended: {{level: 1, final: true}}
"""
PROFILE = """\
format = "drillsim-live/1"
title = "架空県の訓練用アカウント"
from = {{ address = "{user}", name = "架空県 訓練事務局" }}
plus-addresses = true

[submission]
host = "{host}"
port = {submission}
security = "starttls"
user = "{user}"
password = "env:DRILL_PASSWORD"
ca-file = "{ca_file}"
mails-per-minute = {pace}

{way_in}
[allow]
domains = ["pref.example", "city.example", "town.example", "village.example", "old.example"]
"""
MAILBOX = """\
[mailbox]
host = "{host}"
port = {imap}
security = "starttls"
user = "{user}"
password = "env:DRILL_PASSWORD"
ca-file = "{ca_file}"
after = "seen"
"""


@dataclass
class Town:
    """The servers, and the people behind them."""

    office: Office
    gateway: Elsewhere
    """Takes the answers of those behind gateways."""
    folder: Path
    bodies: Sequence[Body] = BODIES
    exchanger: int = 0
    """The port at which the drill takes its answers itself; 0 if it reads a mailbox."""
    answered: Counter[str] = field(default_factory=Counter)

    def write(self, folder: Path, start: str, mails_per_minute: int) -> Path:
        """Write scenario, contact tree and profile; return the scenario."""
        bodies = "\n".join(
            f"  - {{id: {each.id}, name: 架空{each.id}, kind: municipality, parent: pref,\n"
            f"     officers: [{{name: 担当, email: {each.address}, phone: 000-000-0000}}]}}"
            for each in self.bodies
        )
        (folder / "contacts.yaml").write_text(CONTACTS.format(bodies=bodies), "utf-8")
        (folder / "scenario.yaml").write_text(SCENARIO.format(start=start), "utf-8")
        office = self.office
        values = {
            "user": office.user,
            "host": office.host,
            "submission": office.postfix.submission,
            "imap": office.dovecot.imap,
            "ca_file": office.ca_file,
            "pace": mails_per_minute,
        }
        way_in = f"[exchanger]\nport = {self.exchanger}\n"
        if not self.exchanger:
            way_in = MAILBOX.format(**values)
        profile = PROFILE.format(**values, way_in=way_in)
        (folder / "live.toml").write_text(profile, "utf-8")
        return folder / "scenario.yaml"

    def mails_of(self, body: Body) -> list[EmailMessage]:
        """Return what a body was sent."""
        return self.office.dovecot.received(body.address)

    def times_submitted(self, body: Body) -> int:
        """Return how often a body's mail was handed over to the office's server.

        By the number that the server gave it then. A server that is stopped while it delivers may
        deliver one mail twice (RFC 5321, 4.5.3.2.6), which is none of the drill's doing.
        """
        return len({mail.get_all("Received", [""])[-1] for mail in self.mails_of(body)})

    async def answers(self, body: Body, seconds: float = SECONDS_MAX) -> None:
        """Have the officer of a body answer, as soon as the mail is there; wait for so long."""
        if body.client is None or self.answered[body.id]:
            return
        await until(lambda: self.mails_of(body) != [], seconds)
        self.answered[body.id] += 1
        is_behind = body.address.endswith("@old.example")
        raw = self.raw(body)
        await answer(
            body.client,
            raw,
            body.address,
            "受信しました。対応者は担当です。",
            port=self.gateway.port if is_behind else self.office.postfix.mx,
            folder=self.folder / f"{body.id}-{self.answered[body.id]}",
        )

    def raw(self, body: Body) -> bytes:
        """Return the first mail that a body was sent."""
        folder = self.office.dovecot.home(body.address) / "Maildir"
        path = min(folder.glob("[nc][eu][wr]/*"))
        return path.read_bytes()


@contextmanager
def town(
    folder: Path, bodies: Sequence[Body] = BODIES, *, has_exchanger: bool = False
) -> Iterator[Town]:
    """Run the servers of the bodies; with an exchanger, answers are handed on to the drill."""
    exchanger = free_ports(1)[0] if has_exchanger else 0
    local = [each.address for each in bodies if each.address.endswith("@city.example")]
    elsewhere = ["town.example", "village.example", "old.example"]
    handed_on = {DRILL: exchanger} if exchanger else {}
    with office_servers(local, elsewhere, handed_on=handed_on) as office:
        office.greylist.waits["waits@city.example"] = 1
        servers = office.elsewhere
        servers["town.example"].unknown = frozenset({"gone@town.example"})
        servers["town.example"].greylist = {"slow@town.example": 1}
        deliver = office.dovecot.deliver
        servers["old.example"].took = lambda raw, to, sender: deliver(
            OUTWARD["everything"](raw), to, sender
        )
        for each in bodies:
            if each.absent:
                office.dovecot.is_away(each.address, ABSENT)
        gateway = Elsewhere(lambda raw, to, sender: deliver(INWARD["everything"](raw), to, sender))
        gateway.start()
        try:
            yield Town(office, gateway, folder, bodies, exchanger)
        finally:
            gateway.stop()


async def until(holds: Callable[[], bool], seconds: float = SECONDS_MAX) -> None:
    """Look again and again until `holds` does."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - of files, and of what threads do
            await asyncio.sleep(0.05)
