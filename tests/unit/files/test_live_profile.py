"""The profile of a live drill: what it may say, and how its faults are told."""

import re
from pathlib import Path
from typing import Final

import pytest

from drillsim.files.live_profile import FORMAT, load_profile, parse_profile
from drillsim.files.yaml_reader import UnreadableError
from drillsim.problem import ProblemsError

DOCS: Final = Path(__file__).parents[3] / "docs"

GOOD: Final = f"""\
format = "{FORMAT}"
title = "A test"
from = {{ address = "kunren@pref.example", name = "Drill desk" }}
plus-addresses = true

[submission]
host = "mail.pref.example"
port = 587
security = "starttls"
user = "kunren"
password = "env:DRILL_PASSWORD"
mails-per-minute = 60

[mailbox]
host = "imap.pref.example"
port = 993
security = "tls"
user = "kunren"
password = "keyring:drillsim"

[allow]
domains = ["pref.example", "City.example"]
addresses = ["one@other.example"]
"""


def faults(text: str) -> list[str]:
    with pytest.raises(ProblemsError) as caught:
        parse_profile(text.encode(), "p.toml")
    return str(caught.value).splitlines()


def test_a_profile_says_what_it_says() -> None:
    profile = parse_profile(GOOD.encode(), "p.toml").profile
    assert (profile.sender.address, profile.sender.name) == ("kunren@pref.example", "Drill desk")
    assert profile.plus_addresses
    sub = profile.submission
    assert (sub.host, sub.port, sub.security, sub.user) == (
        "mail.pref.example",
        587,
        "starttls",
        "kunren",
    )
    assert str(sub.password) == "env:DRILL_PASSWORD"
    assert (sub.mails_per_minute, sub.stop_mails_per_minute, sub.sessions) == (60, None, 2)
    assert profile.mailbox is not None
    assert (profile.mailbox.folder, str(profile.mailbox.password)) == ("INBOX", "keyring:drillsim")
    assert profile.exchanger is None


@pytest.mark.parametrize("name", ["live.md", "live.ja.md"])
def test_the_profile_in_the_docs_may_be_used(name: str) -> None:
    (found,) = re.findall(r"```toml\n(.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL)
    assert parse_profile(found.encode(), name).profile.mailbox is not None


def test_the_sender_may_be_an_address_alone() -> None:
    text = re.sub(r"from = .*", 'from = "kunren@pref.example"', GOOD)
    assert parse_profile(text.encode(), "p.toml").profile.sender.name == ""


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("a@pref.example", True),
        ("A@PREF.EXAMPLE", True),
        ("a@city.example", True),
        ("ONE@other.example", True),
        ("two@other.example", False),
        ("a@sub.pref.example", False),
        ("a@evilpref.example", False),
        ("pref.example", False),
        ("", False),
    ],
)
def test_only_those_on_the_list_may_be_written_to(address: str, may: bool) -> None:
    profile = parse_profile(GOOD.encode(), "p.toml").profile
    assert profile.allows(address) is may
    assert profile.outside([address, address]) == ([] if may else [address])


PASSWORD = "correct-horse:battery"


@pytest.mark.parametrize(
    "value",
    [
        f'"{PASSWORD}"',
        f'"env:{PASSWORD}"',
        f'["{PASSWORD}"]',
        f'{{ value = "{PASSWORD}" }}',
        '"env:"',
        "12345678",
    ],
)
def test_a_password_in_the_file_is_refused_without_repeating_it(value: str) -> None:
    text = GOOD.replace('"env:DRILL_PASSWORD"', value)
    (line,) = faults(text)
    assert line == (
        "p.toml:11:1: password names no place from which a password is read; no password may "
        'stand in this file; write "env:NAME" (a variable) or "keyring:SERVICE" (the key store)'
    )


def test_neither_the_error_nor_what_led_to_it_holds_the_password() -> None:
    with pytest.raises(ProblemsError) as caught:
        parse_profile(GOOD.replace("env:DRILL_PASSWORD", PASSWORD).encode(), "p.toml")
    error: BaseException | None = caught.value
    while error is not None:
        assert PASSWORD not in f"{error!r} {error}"
        assert error.__cause__ is None
        error = error.__context__


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            'security = "starttls"',
            'security = "none"',
            "p.toml:9:1: security none would not be encrypted for certain; write starttls or tls",
        ),
        (
            "port = 587",
            'port = "587"',
            "p.toml:8:1: port must be a number; write it without quotes",
        ),
        ("port = 587", "port = 0", "p.toml:8:1: port is too small; write 1 or more"),
        (
            "port = 587",
            "prot = 587",
            "p.toml:8:1: the key prot is not known here; did you mean port?",
        ),
        (
            "plus-addresses = true",
            'plus-addresses = "yes"',
            "p.toml:4:1: plus-addresses must be true or false; write it without quotes",
        ),
        ('user = "kunren"\npassword = "env', 'password = "env', "user is missing"),
        ('password = "env:DRILL_PASSWORD"\n', "", "p.toml:10:1: password is missing"),
        (
            '"City.example"',
            '"*.example"',
            "p.toml:22:1: domains *.example is no domain; write one such as city.example",
        ),
        (
            '"one@other.example"',
            '"other"',
            "p.toml:23:1: addresses other is no mail address; write one such as",
        ),
        (
            "drillsim-live/1",
            "drillsim-live/9",
            "p.toml:1:1: format is none that this version reads; write format =",
        ),
        ('title = "A test"', 'title = "', "p.toml:2:10: this is no TOML; write"),
        ("mails-per-minute = 60", "mails-per-minute = 0", "p.toml:12:1: mails-per-minute is too"),
        (
            "mail.pref.example",
            "mail.pref.example:587",
            "p.toml:7:1: host is no name of a server; write a name such as",
        ),
        ("[allow]", "[allowed]", "[allow] is missing; write the table [allow]"),
    ],
)
def test_each_fault_has_its_line(old: str, new: str, line: str) -> None:
    assert old in GOOD
    assert any(line in each for each in faults(GOOD.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (
            'after = "delete"',
            "p.toml:20:1: after is none of the words that may stand there; write ",
        ),
        ('after = "move"', "p.toml:20:1: mails are moved to a folder, and only then one is named"),
        ('move-to = "Drill"', "p.toml:20:1: mails are moved to a folder, and only then one is"),
    ],
)
def test_a_mailbox_is_told_plainly_what_becomes_of_its_mails(lines: str, line: str) -> None:
    text = GOOD.replace("\n\n[allow]", f"\n{lines}\n\n[allow]")
    assert line in faults(text)[0]


def test_mails_on_record_stay_as_they_are_unless_asked_for() -> None:
    mailbox = parse_profile(GOOD.encode(), "p.toml").profile.mailbox
    assert mailbox is not None
    assert (mailbox.after, mailbox.move_to) == ("leave", "")
    text = GOOD.replace("\n\n[allow]", '\nafter = "move"\nmove-to = "訓練"\n\n[allow]')
    mailbox = parse_profile(text.encode(), "p.toml").profile.mailbox
    assert mailbox is not None
    assert (mailbox.after, mailbox.move_to) == ("move", "訓練")


def test_answers_come_in_by_one_way() -> None:
    both = GOOD + "\n[exchanger]\nport = 2525\n"
    assert "p.toml:25:1: answers come in by a mailbox or by an exchanger" in faults(both)[0]
    head, tail = GOOD.split("[mailbox]")
    neither = head + "[allow]" + tail.split("[allow]")[1]
    assert "answers come in by a mailbox or by an exchanger" in faults(neither)[0]
    sink = head + "[exchanger]\nport = 2525\n\n[allow]" + tail.split("[allow]")[1]
    exchanger = parse_profile(sink.encode(), "p.toml").profile.exchanger
    assert exchanger is not None
    assert (exchanger.listen, exchanger.port) == ("127.0.0.1", 2525)


def test_nobody_allowed_is_a_fault() -> None:
    text = GOOD.split("[allow]")[0] + "[allow]\n"
    assert "p.toml:21:1: nobody may be written to" in faults(text)[0]


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a = " + b"[" * 50_000, b"a = " + b"9" * 50_000])
def test_what_is_no_profile_at_all_is_one_line(data: bytes) -> None:
    with pytest.raises(ProblemsError) as caught:
        parse_profile(data, "p.toml")
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="there is no such file"):
        load_profile(tmp_path / "no.toml")


def test_a_certificate_is_looked_for_beside_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(GOOD, encoding="utf-8")
    loaded = load_profile(path)
    assert loaded.beside("ca.pem") == tmp_path / "ca.pem"
    assert len(loaded.digest) == 64
