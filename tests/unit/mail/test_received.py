"""When a mail came: what the last server on its way says, and nobody else."""

from datetime import UTC, datetime

import pytest

from drillsim.mail.outlook import mail_of_msg
from drillsim.mail.received import came_at
from tests.msg_files import msg_file

OWN = "Received: from mx.a.example by mx.pref.example;\r\n\tWed, 14 Oct 2026 10:31:20 +0900\r\n"
FURTHER = "Received: from pc by mx.a.example; Wed, 14 Oct 2026 09:00:00 +0900\r\n"
CAME = datetime(2026, 10, 14, 1, 31, 20, tzinfo=UTC)


def test_the_topmost_field_is_that_of_the_own_server() -> None:
    head = f"Return-Path: <ko@a.example>\r\n{OWN}{FURTHER}Date: Thu, 1 Jan 2026 00:00:00 +0900\r\n"
    assert came_at(f"{head}\r\nHello\r\n".encode()) == CAME


@pytest.mark.parametrize(
    "head",
    [
        "",
        "Date: Wed, 14 Oct 2026 10:31:20 +0900\r\n",
        "Received: by mx.pref.example\r\n",
        f"Received: by mx.pref.example; soon\r\n{OWN}",
        "Received: by x; Wed, 14 Oct 99999999 10:31:20 +0900\r\n",
        "Received: by x; Wed, 14 Oct 2026 10:31:20 +99999999999999999999999\r\n",
        "Received: =?utf-8?q?=00?=; \x00\r\n",
    ],
)
def test_without_its_time_there_is_none(head: str) -> None:
    assert came_at(f"{head}\r\nHello\r\n".encode()) is None


def test_a_time_without_a_zone_is_that_of_the_servers_of_the_internet() -> None:
    assert came_at(b"Received: by x; Wed, 14 Oct 2026 01:31:20 -0000\r\n\r\n") == CAME


def test_outlook_keeps_the_header_in_its_order() -> None:
    header = f"From: ko@a.example\r\n{OWN}{FURTHER}"
    mail = mail_of_msg(msg_file(sender="ko@a.example", subject="x", body="y", header=header))
    assert came_at(mail) == CAME


def test_within_one_exchange_server_the_mailbox_says_when_it_came() -> None:
    mail = mail_of_msg(msg_file(sender="ko@a.example", subject="x", body="y", came=CAME))
    assert came_at(mail) == CAME
    header = f"From: ko@a.example\r\n{OWN}"
    late = CAME.replace(hour=5)
    both = msg_file(sender="ko@a.example", subject="x", body="y", header=header, came=late)
    assert came_at(mail_of_msg(both)) == CAME
