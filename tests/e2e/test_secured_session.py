"""A mail server of the office is spoken to encrypted and authenticated, or not at all."""

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from drillsim.mail.allowed import AllowedSession
from drillsim.mail.secret import Secret
from drillsim.mail.secured import Account, SecuredSession, client_context
from drillsim.mail.sessions import SubmitFailedError, SubmitResult
from drillsim.problem import UsageError
from tests.e2e.office import PASSWORD, Kept, Office, Security, office, server_context

MAIL = b"From: a@pref.example\r\nSubject: x\r\n\r\n.y\r\n"


async def hand_over(
    account: Account, to: str = "b@city.example", sender: str = "a@pref.example"
) -> SubmitResult:
    session = SecuredSession(account, client_context(account.ca_file), timeout=5.0)
    try:
        await session.open()
        assert session.is_open
        result = await session.send(sender, (to,), MAIL)
        assert await session.is_alive()
        await session.close()
    finally:
        session.abort()
    assert not session.is_open
    return result


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_is_handed_over_encrypted_and_by_a_known_user(
    tmp_path: Path, security: Security
) -> None:
    assert security != "none"
    async with office(security) as server:
        result = await hand_over(server.account(tmp_path, security))
    assert (result.code, result.accepted) == (250, True)
    (kept,) = server.mails
    assert (kept.envelope_from, kept.envelope_to, kept.user) == (
        "a@pref.example",
        ("b@city.example",),
        "kunren",
    )
    assert kept.raw == MAIL
    in_the_clear = [each for each in server.said if each.startswith("*")]
    expected = ["*EHLO director.pref.example", "*STARTTLS"] if security == "starttls" else []
    assert in_the_clear == expected


async def test_a_server_without_starttls_hears_a_greeting_and_no_more(tmp_path: Path) -> None:
    async with office("none") as server:
        with pytest.raises(SubmitFailedError) as caught:
            await hand_over(server.account(tmp_path))
    assert str(caught.value) == (
        f"127.0.0.1:{server.port} offers no encryption (STARTTLS); nothing was sent"
    )
    assert caught.value.is_lasting
    assert not caught.value.may_be_taken
    assert server.said == ["*EHLO director.pref.example"]
    assert server.mails == []


async def test_a_server_that_takes_starttls_back_hears_no_more_either(tmp_path: Path) -> None:
    heard: list[bytes] = []
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        answers = [b"250-mail.test\r\n250 STARTTLS\r\n", b"454 4.7.0 not now\r\n"]
        while line := await reader.readline():
            heard.append(line)
            writer.write(answers.pop(0) if answers else b"250 OK\r\n")
        writer.close()
        closed.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        place = Office(port=server.sockets[0].getsockname()[1])
        with pytest.raises(SubmitFailedError, match=r"cannot be reached: .*454.*not now"):
            await hand_over(place.account(tmp_path))
        await closed.wait()
        await asyncio.sleep(0)
    assert heard == [b"EHLO director.pref.example\r\n", b"STARTTLS\r\n"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("context", "reason"),
    [
        (lambda: server_context(of_another=True), "unable to get local issuer certificate"),
        (lambda: server_context("mail.other.example"), "IP address mismatch"),
    ],
)
async def test_a_server_that_is_not_the_one_it_should_be_hears_nothing(
    tmp_path: Path, security: Security, context: object, reason: str
) -> None:
    assert callable(context)
    assert security != "none"
    async with office(security, context=context()) as server:
        with pytest.raises(SubmitFailedError) as caught:
            await hand_over(server.account(tmp_path, security))
    assert str(caught.value).startswith(
        f"the certificate of 127.0.0.1:{server.port} cannot be trusted: "
    )
    assert reason in str(caught.value)
    assert [each for each in server.said if not each.startswith("*")] == []
    assert not any("AUTH" in each or "MAIL" in each for each in server.said)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_tls_where_none_is_spoken_is_one_line(tmp_path: Path, security: Security) -> None:
    assert security != "none"
    async with office("tls" if security == "starttls" else "none") as server:
        account = server.account(tmp_path, security)
        session = SecuredSession(account, client_context(account.ca_file), timeout=0.5)
        with pytest.raises(SubmitFailedError) as caught:
            await session.open()
    assert "\n" not in str(caught.value)
    assert server.said == []


async def test_a_password_that_is_not_taken_is_one_line_and_not_in_it(tmp_path: Path) -> None:
    wrong = "wrong-horse-battery"
    async with office() as server:
        with pytest.raises(SubmitFailedError) as caught:
            await hand_over(server.account(tmp_path, password=wrong))
    assert str(caught.value) == (
        "127.0.0.1 does not accept the user kunren and the password (535 5.7.8 no, ••••)"
    )
    assert caught.value.is_lasting
    error: BaseException | None = caught.value
    while error is not None:
        assert wrong not in f"{error} {error!r} {vars(error)}"
        error = error.__cause__ or error.__context__
    # Each failure may count towards a lock-out: one way, once.
    assert len([each for each in server.said if each.startswith("AUTH")]) == 1
    assert not any(each.startswith("MAIL") for each in server.said)


async def test_a_password_that_is_not_there_is_told_before_it_is_wanted(tmp_path: Path) -> None:
    def missing() -> Secret:
        raise UsageError("the variable X holds no password")

    async with office() as server:
        account = replace(server.account(tmp_path), password=missing)
        with pytest.raises(SubmitFailedError, match="the variable X holds no password"):
            await hand_over(account)
    assert not any("AUTH" in each for each in server.said)


async def test_a_server_that_knows_no_accounts_is_told(tmp_path: Path) -> None:
    async with office(authenticates=False) as server:
        with pytest.raises(SubmitFailedError, match="offers no authentication"):
            await hand_over(server.account(tmp_path))
    assert server.mails == []


async def test_where_the_server_asks_nobody_no_password_is_needed(tmp_path: Path) -> None:
    async with office(authenticates=False) as server:
        account = Account(
            "127.0.0.1", server.port, "starttls", ca_file=server.account(tmp_path).ca_file
        )
        assert (await hand_over(account)).accepted


async def test_nobody_there_is_told(tmp_path: Path) -> None:
    async with office() as server:
        account = server.account(tmp_path)
    with pytest.raises(SubmitFailedError, match=r"the mail server .* cannot be reached"):
        await hand_over(account)


@pytest.mark.parametrize(
    ("reply", "code"),
    [("550 5.1.1 no such user", 550), ("451 4.7.1 greylisted", 451), ("452 4.2.2 full", 452)],
)
async def test_what_is_said_of_a_recipient_is_a_result(
    tmp_path: Path, reply: str, code: int
) -> None:
    async with office() as server:
        server.rcpt = lambda _to: reply
        result = await hand_over(server.account(tmp_path))
    assert (result.code, result.accepted) == (code, False)
    assert result.text == reply[4:]


async def test_what_is_said_of_a_mail_is_a_result(tmp_path: Path) -> None:
    async with office() as server:
        server.data = lambda _mail: "554 5.7.1 looks like spam"
        result = await hand_over(server.account(tmp_path))
    assert (result.code, result.accepted) == (554, False)


@pytest.mark.parametrize("reply", ["450 4.7.1 greylisted", "554 5.5.1 Data command rejected"])
async def test_who_says_no_to_data_takes_the_next_mail_all_the_same(
    tmp_path: Path, reply: str
) -> None:
    said = [reply]
    async with office() as server:
        server.before_data = lambda: said.pop() if said else None
        account = server.account(tmp_path)
        session = SecuredSession(account, client_context(account.ca_file), timeout=5.0)
        await session.open()
        first = await session.send("a@pref.example", ("b@city.example",), MAIL)
        second = await session.send("a@pref.example", ("c@city.example",), MAIL)
        await session.close()
    assert (first.code, first.accepted) == (int(reply[:3]), False)
    assert (second.code, second.accepted) == (250, True)
    assert [each.envelope_to for each in server.mails] == [("c@city.example",)]


@pytest.mark.parametrize(
    ("step", "reply", "is_lasting"),
    [
        ("mail", "550 5.7.1 you may not", True),
        ("mail", "450 4.7.1 too many mails", False),
        ("rcpt", "553 5.7.1 <a@pref.example>: Sender address rejected: not owned by user", True),
        ("rcpt", "554 5.7.1 <b@city.example>: Relay access denied", True),
        ("rcpt", "421 4.3.2 shutting down", False),
        ("data", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", True),
    ],
)
async def test_what_is_said_of_the_sender_is_not_held_against_the_recipient(
    tmp_path: Path, step: str, reply: str, is_lasting: bool
) -> None:
    async with office() as server:
        setattr(server, step, lambda _what: reply)
        with pytest.raises(SubmitFailedError) as caught:
            await hand_over(server.account(tmp_path))
    assert caught.value.is_lasting is is_lasting
    assert not caught.value.may_be_taken
    assert str(caught.value).startswith("the mail server does not take mails from this sender: ")


async def test_who_breaks_off_after_the_mail_may_have_taken_it(tmp_path: Path) -> None:
    def broken(_mail: Kept) -> None:
        return None

    async with office() as server:
        server.data = broken
        with pytest.raises(SubmitFailedError) as caught:
            await hand_over(server.account(tmp_path))
    assert caught.value.may_be_taken
    assert len(server.mails) == 1


async def test_who_breaks_off_before_the_mail_has_not_taken_it(tmp_path: Path) -> None:
    async with office() as server:

        def gone(_to: str) -> str:
            server.hang_up()
            return "250 OK"

        server.rcpt = gone
        with pytest.raises(SubmitFailedError) as caught:
            await hand_over(server.account(tmp_path))
    assert not caught.value.may_be_taken


@pytest.mark.parametrize("content", [None, "no certificate at all"])
def test_certificates_that_cannot_be_read_are_one_line(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content, encoding="ascii")
    with pytest.raises(UsageError, match=r"ca\.pem holds no certificates"):
        client_context(path)


def test_old_tls_is_not_spoken() -> None:
    context = client_context(None)
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_an_account_does_not_show_its_password() -> None:
    account = Account("h", 1, "tls", "u", lambda: Secret(PASSWORD))
    assert PASSWORD not in repr(account)


async def test_who_is_not_on_the_list_is_refused_below_everything_else(tmp_path: Path) -> None:
    async with office() as server:
        account = server.account(tmp_path)
        session = AllowedSession(
            SecuredSession(account, client_context(account.ca_file)),
            lambda address: address.endswith("@city.example"),
        )
        await session.open()
        good = await session.send("a@pref.example", ("b@city.example",), MAIL)
        bad = await session.send("a@pref.example", ("b@city.example", "b@other.example"), MAIL)
        assert await session.is_alive()
        assert session.local[0] == "127.0.0.1"
        await session.close()
        assert not session.is_open
    assert good.accepted
    assert (bad.accepted, bad.code) == (False, 550)
    assert bad.text == "b@other.example is outside the allow-list; nothing was sent"
    assert len(server.mails) == 1
    assert len([each for each in server.said if each.startswith("MAIL")]) == 1


@pytest.mark.parametrize("lacks", [(), ("250-8BITMIME",)])
async def test_eight_bits_are_announced_where_the_server_knows_them(
    tmp_path: Path, lacks: tuple[str, ...]
) -> None:
    async with office() as server:
        server.lacks = lacks
        account = server.account(tmp_path)
        session = SecuredSession(account, client_context(account.ca_file))
        await session.open()
        raw = "Subject: x\r\n\r\n訓練\r\n".encode()
        assert (await session.send("a@pref.example", ("b@city.example",), raw)).accepted
        await session.close()
    (said,) = [each for each in server.said if each.startswith("MAIL")]
    assert said.endswith("BODY=8BITMIME") is (not lacks)
    assert server.mails[0].raw == raw


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("taro..yamada@mobile.example", '"taro..yamada"@mobile.example'),
        ("taro.@mobile.example", '"taro."@mobile.example'),
        ("taro@mobile.example", "taro@mobile.example"),
    ],
)
async def test_addresses_of_old_telephones_are_written_as_the_rfc_has_them(
    tmp_path: Path, address: str, said: str
) -> None:
    async with office() as server:
        assert (await hand_over(server.account(tmp_path), address)).accepted
    assert [each for each in server.said if each.startswith("RCPT")] == [f"RCPT TO:<{said}>"]


@pytest.mark.parametrize("address", ["b@city.example>\r\nRSET", "訓練@city.example", "nobody"])
async def test_what_is_no_address_is_refused_and_nothing_is_said(
    tmp_path: Path, address: str
) -> None:
    async with office() as server:
        result = await hand_over(server.account(tmp_path), address)
    assert (result.code, result.accepted) == (553, False)
    assert not any(each.startswith("MAIL") for each in server.said)
