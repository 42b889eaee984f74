"""The test round over real servers on this machine: one mail out, its answer back."""

import json
import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli.main import main
from tests.e2e.servers.office import DRILL, Office
from tests.e2e.servers.processes import free_ports

SECONDS_MAX = 60.0


def profile(office: Office, folder: Path, **changes: Any) -> str:
    """Write a profile of the office's servers; return its path."""
    values = {
        "port": office.postfix.submission,
        "security": "starttls",
        "box": office.dovecot.imaps,
        "plus": "true",
        "allow": "anybody.example",
        **changes,
    }
    text = f"""\
format = "drillsim-live/1"
title = "架空県"
from = {{address = "{DRILL}", name = "架空県 市町課"}}
plus_addresses = {values["plus"]}
[submission]
host = "{office.host}"
port = {values["port"]}
security = "{values["security"]}"
user = "{office.user}"
password = "env:DRILL_PASSWORD"
ca_file = "{office.ca_file}"
[mailbox]
host = "{office.host}"
port = {values["box"]}
security = "tls"
user = "{DRILL}"
password = "env:DRILL_PASSWORD"
ca_file = "{office.ca_file}"
[allow]
domains = ["{values["allow"]}"]
"""
    path = folder / "live.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture(autouse=True)
def password(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_PASSWORD", office.password)


def checked(
    capsys: pytest.CaptureFixture[str], *words: str, code: int = 0, wait: str = "1"
) -> tuple[str, str]:
    assert main(["--lang", "en", "live", "check", *words, "--wait", wait]) == code
    out, err = capsys.readouterr()
    return out, err


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_round_to_the_drills_own_mailbox_comes_back_whole(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str], security: str
) -> None:
    ports = {"starttls": office.postfix.submission, "tls": office.postfix.submissions}
    path = profile(office, tmp_path, port=ports[security], security=security)
    found = json.loads(checked(capsys, path, "--json")[0])
    assert found["good"] is True
    assert found["tls"].startswith("TLSv1.")
    assert found["login"]
    assert found["answer"]["by_thread"] is True
    assert found["answer"]["by_number"] is True
    assert found["answer"]["by_plus_address"] is True
    assert found["arrived_seconds"] <= found["answer"]["after_seconds"] < SECONDS_MAX
    assert abs(found["clock_seconds"]) <= 1
    assert [each for each in found["changes"] if each["matters"]] == []


def test_in_words_it_names_servers_and_login_and_no_password(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = checked(capsys, profile(office, tmp_path))
    assert "A drill can go this way." in out
    assert "Plus-address: yes" in out
    assert "TLSv1." in out
    assert office.password not in out + err
    assert main(["--lang", "ja", "live", "check", profile(office, tmp_path)]) == 0
    assert "この経路で訓練を実施できます" in capsys.readouterr().out


@contextmanager
def answering(office: Office, address: str, *, attached: bool) -> Iterator[None]:
    """Answer the first mail that comes to a mailbox, as a person with a mail program does."""

    def answer() -> None:
        until = time.monotonic() + SECONDS_MAX
        while not (mails := office.dovecot.received(address)):
            assert time.monotonic() < until
            time.sleep(0.02)
        mail = mails[0]
        reply = EmailMessage()
        reply["From"], reply["To"] = address, mail["Reply-To"]
        reply["Subject"] = f"Re: {mail['Subject']}"
        reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
        reply["Message-ID"] = "<answer@anybody.example>"
        reply.set_content("受信しました。\n")
        if attached:
            reply.add_attachment(mail)
        with smtplib.SMTP(office.host, office.postfix.mx, timeout=SECONDS_MAX) as client:
            client.send_message(reply)

    thread = threading.Thread(target=answer)
    thread.start()
    yield
    thread.join(SECONDS_MAX)
    assert not thread.is_alive()


@pytest.mark.parametrize("attached", [False, True])
def test_a_person_answers_from_their_own_address(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str], attached: bool
) -> None:
    address = office.new_mailbox("operator")
    path = profile(office, tmp_path)
    with answering(office, address, attached=attached):
        found = json.loads(checked(capsys, path, "--to", address, "--json")[0])
    assert found["good"] is True
    assert found["answer"]["kind"] == "human_reply"
    assert found["answer"]["by_plus_address"] is True
    assert (found["changes"] is not None) is attached
    assert [each for each in found["changes"] or () if each["matters"]] == []


def test_without_an_answer_it_ends_when_its_time_is_up(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (profile(office, tmp_path), "--to", office.new_mailbox("silent"))
    out, _err = checked(capsys, *words, code=1, wait="0.02")
    assert "✕ No answer has come." in out


def test_a_robot_is_no_person(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = office.new_mailbox("away")
    office.dovecot.is_away(address, "本日は休暇のため不在です。")
    words = (profile(office, tmp_path), "--to", address)
    out, _err = checked(capsys, *words, code=1, wait="0.1")
    assert "✕ A machine has answered (auto_reply), no person." in out


def test_a_mail_that_bounces_says_why(
    office: Office,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = office.elsewhere["town.example"]
    monkeypatch.setattr(town, "unknown", frozenset({"gone@town.example"}))
    words = (profile(office, tmp_path, allow="town.example"), "--to", "gone@town.example")
    out, _err = checked(capsys, *words, code=1)
    assert "✕ The test mail came back:" in out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    out, err = checked(capsys, *words, code=2)
    assert out == ""
    assert len(err.splitlines()) == 1, err
    return err


def test_who_is_not_allowed_is_not_written_to(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = profile(office, tmp_path, port=free_ports(1)[0], box=free_ports(1)[0])
    said = refused(capsys, path, "--to", "somebody@town.example")
    assert "somebody@town.example is neither" in said
    assert "no mail address" in refused(capsys, path, "--to", "somebody")


def test_a_server_that_is_not_there_is_one_line(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for changes in ({"port": free_ports(1)[0]}, {"box": free_ports(1)[0]}):
        assert "cannot be reached" in refused(capsys, profile(office, tmp_path, **changes))


def test_a_server_without_encryption_and_a_wrong_password_are_one_line_each(
    office: Office,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = office.elsewhere["town.example"]
    path = profile(office, tmp_path, port=town.port)
    assert "offers no encryption (STARTTLS)" in refused(capsys, path)
    monkeypatch.setenv("DRILL_PASSWORD", "wrong-password-7")
    said = refused(capsys, profile(office, tmp_path))
    assert "wrong-password-7" not in said
