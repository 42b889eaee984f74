"""Mails of a drill go through an office's servers, and real programs' answers come back and match.

The director is not in it: it is composing, submission, delivery, answering, IMAP and recognition.
"""

import asyncio
import ssl
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosmtplib

from drillsim.mail.compose import Letter, Mailbox, compose
from drillsim.mail.forms import mailto_link
from drillsim.mail.imap_mailbox import ImapMailbox, MailboxAccess
from drillsim.mail.matching import NoticeIndex, match
from drillsim.mail.replies import Recognised, recognise
from drillsim.mail.secret import Secret
from drillsim.mail.tokens import format_token, plus_address
from tests.e2e.clients import needs
from tests.e2e.servers.office import Office
from tests.e2e.servers.processes import SECONDS_MAX
from tests.e2e.twenty import BODIES, Body, Town, town, until

pytestmark = [needs("swaks"), needs("s-nail"), needs("mutt")]


async def submit(office: Office, letters: dict[Body, Letter]) -> set[Body]:
    """Hand all letters to the office's server; return those whom it refused."""
    refused: set[Body] = set()
    client = aiosmtplib.SMTP(
        hostname=office.host,
        port=office.postfix.submission,
        start_tls=True,
        tls_context=ssl.create_default_context(cafile=office.ca_file),
        username=office.user,
        password=office.password,
    )
    async with client:
        for body, letter in letters.items():
            for _attempt in range(2):
                try:
                    await client.sendmail(
                        plus_address(office.user, letter.token), [body.address], compose(letter)
                    )
                    break
                except aiosmtplib.SMTPRecipientsRefused as refusal:
                    if refusal.recipients[0].code == 550:
                        refused.add(body)
                        break
    return refused


async def read(servers: Town, since: datetime, count: int) -> list[Recognised]:
    """Return what comes into the drill's mailbox."""
    office = servers.office
    access = MailboxAccess(
        host=office.host,
        port=office.dovecot.imaps,
        user=office.user,
        password=lambda: Secret(office.password),
        ca_file=office.ca_file,
        after="seen",
    )
    found: list[Recognised] = []
    async with ImapMailbox(access, since=since) as box, asyncio.timeout(2 * SECONDS_MAX):
        async for mail in box:
            found.append(recognise(mail.raw))
            box.recorded(mail)
            if len(found) == count:
                break
    return found


async def test_answers_of_twenty_bodies_come_back_and_match(tmp_path: Path) -> None:
    index = NoticeIndex()
    letters: dict[Body, Letter] = {}
    since = datetime.now(UTC) - timedelta(minutes=1)
    with town(tmp_path) as servers:
        office = servers.office
        for number, body in enumerate(BODIES):
            token = format_token(1_000_003 * (number + 1))
            reply_to = plus_address(office.user, token)
            letters[body] = Letter(
                kind="drill",
                sender=Mailbox(office.user, "架空県 訓練事務局"),
                to=(Mailbox(body.address, f"架空{body.id} 担当"),),
                reply_to=Mailbox(reply_to),
                subject="架空の障害（第一報）",
                body="架空の障害です。受信を確認した旨を返信してください。",
                message_id=f"{body.id}@pref.example",
                date=datetime.now(UTC),
                token=token,
                html=True,
                reply_link=mailto_link(reply_to, subject="Re: 架空の障害（第一報）"),
            )
            index.add_officer(body.id, 1, [body.address])
            index.add_mail(
                message_id=f"{body.id}@pref.example",
                notices=[("alert", body.id)],
                token=token,
                recipients=[body.address],
            )
            index.set_open(("alert", body.id), True)
        office.elsewhere["village.example"].stop()
        refused = await submit(office, letters)
        assert {body.id for body in refused} == {"b08"}
        await until(lambda: office.postfix.queued("deferred") >= 2)
        reading = asyncio.create_task(read(servers, since, 19))
        await asyncio.gather(*map(servers.answers, BODIES[:11]), *map(servers.answers, BODIES[13:]))
        office.elsewhere["village.example"].start()
        await asyncio.gather(*map(servers.answers, BODIES))
        found = await reading
    got = [(match(mail, index).notice, mail.kind) for mail in found]
    expected = [(("alert", body.id), "human_reply") for body in BODIES if body.client]
    expected += [(("alert", body.id), "auto_reply") for body in BODIES if body.absent]
    expected += [(("alert", "b09"), "bounce_hard")]
    assert Counter(got) == Counter(expected)
