"""The mail servers that the tests of live drills talk to do what such servers do."""

import base64
import shutil
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.servers.office import Office
from tests.e2e.servers.processes import listens, require_servers, wait_for


@contextmanager
def session(office: Office) -> Iterator[smtplib.SMTP]:
    """Log in for submission."""
    with smtplib.SMTP(office.host, office.postfix.submission, timeout=20) as client:
        client.starttls(context=ssl.create_default_context(cafile=office.ca_file))
        client.ehlo()
        said = base64.b64encode(f"\0{office.user}\0{office.password}".encode()).decode()
        assert client.docmd("AUTH", f"PLAIN {said}")[0] == 235
        yield client


def mail(to: str) -> bytes:
    return f"From: <kunren@pref.example>\r\nTo: <{to}>\r\nSubject: x\r\n\r\nx\r\n".encode()


def test_a_mail_comes_to_its_mailbox_after_submission(office: Office) -> None:
    to = office.new_mailbox("suo")
    with session(office) as client:
        assert client.sendmail(office.user, [to], mail(to)) == {}
    wait_for(lambda: len(office.dovecot.received(to)) == 1, "the mail is there")


def test_nobody_sends_without_logging_in(office: Office) -> None:
    with smtplib.SMTP(office.host, office.postfix.submission, timeout=20) as client:
        client.ehlo()
        assert client.docmd("MAIL FROM:<kunren@pref.example>")[0] == 530


@pytest.mark.parametrize("to", ["suo@elsewhere.example", "suo@gmail.test", "nobody@pref.example"])
def test_mail_for_strangers_is_refused(office: Office, to: str) -> None:
    with session(office) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail(office.user, [to], mail(to))


def test_a_greylisted_recipient_is_taken_at_the_second_try(office: Office) -> None:
    to = office.new_mailbox("irie")
    office.greylist.waits[to] = 1
    with session(office) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
            client.sendmail(office.user, [to], mail(to))
        assert refusal.value.recipients[to][0] == 450
        assert client.sendmail(office.user, [to], mail(to)) == {}


def test_mail_waits_for_a_server_that_is_stopped_and_a_report_comes_for_unknown_people(
    office: Office,
) -> None:
    town = office.elsewhere["town.example"]
    sender = office.new_mailbox("kunren")
    town.unknown = frozenset({"gone@town.example"})
    town.stop()
    with session(office) as client:
        for to in ("irie@town.example", "gone@town.example"):
            client.sendmail(sender.replace("@", "+7kq2m4xd@"), [to], mail(to))
    wait_for(lambda: office.postfix.queued("deferred") == 2, "both wait")
    town.start()
    wait_for(lambda: len(office.dovecot.received("irie@town.example")) == 1, "delivered")
    wait_for(lambda: len(office.dovecot.received(sender)) == 1, "the report has come")
    (report,) = office.dovecot.received(sender)
    assert report.get_content_type() == "multipart/report"


def test_who_is_away_answers_by_itself(office: Office) -> None:
    to, sender = office.new_mailbox("suo"), office.new_mailbox("kunren")
    office.dovecot.is_away(to, "出張中のため不在です。")
    with session(office) as client:
        client.sendmail(sender, [to], mail(to))
    wait_for(lambda: len(office.dovecot.received(sender)) == 1, "the robot has answered")
    (answer,) = office.dovecot.received(sender)
    assert answer["Auto-Submitted"].startswith("auto-replied")
    assert "出張中" in answer.get_content()


def test_the_servers_end_with_a_test_that_is_killed() -> None:
    words = (
        "import os\n"
        "from tests.e2e.servers.office import office_servers\n"
        "with office_servers() as office:\n"
        "    print(office.folder, office.postfix.mx, office.dovecot.imap, flush=True)\n"
        "    os._exit(9)\n"
    )
    require_servers()
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", words], cwd=root, capture_output=True, text=True)
    folder, *ports = done.stdout.split()
    try:
        for port in ports:
            wait_for(lambda port=port: not listens(int(port)), "the server has ended")  # type: ignore[misc]
    finally:
        shutil.rmtree(folder)
