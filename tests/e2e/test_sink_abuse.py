"""Nothing is smuggled into the sink, and nothing is relayed by it."""

import pytest

from drillsim.mail.sink import Sink
from tests.e2e.wire import KNOWN, Shelf, Wire, talk

FALSE_ENDS = {
    "LF.LF": b"\n.\n",
    "LF.CRLF": b"\n.\r\n",
    "CR.CR": b"\r.\r",
    "CR.LF": b"\r.\n",
    "CR.CRLF": b"\r.\r\n",
    "CRLF.LF": b"\r\n.\n",
    "CRLF.CR": b"\r\n.\r",
    "LF.CR": b"\n.\r",
    "CRLF NUL.CRLF": b"\r\n\x00.\r\n",
    "CRLF..CRLF": b"\r\n..\r\n",
    "CRLF. CRLF": b"\r\n. \r\n",
}
SMUGGLED = (
    b"MAIL FROM:<evil@evil.example>\r\nRCPT TO:<suo@city.example>\r\nDATA\r\n"
    b"Subject: smuggled\r\n\r\nx"
)
RELAYS = [
    "victim@evil.example", "victim%evil.example@city.example", "evil.example!victim@city.example",
    '"victim@evil.example"@city.example', "victim@evil.example@city.example",
    "victim%evil.example@pref.example", "suo@city.example@evil.example", "victim@[127.0.0.1]",
    "victim@127.0.0.1", "victim@localhost", '"suo@city.example"@evil.example', "suo@city.example.",
    "suo@evil.example", "victim@evil.example%city.example", "suo%city.example@evil.example",
    "city.example!suo@evil.example", "kunren@evil.example", "kunren+x@evil.example", "postmaster",
    "@city.example", "suo", "@evil.example:victim@evil.example",
    "victim@evil.example\x00@city.example",
]  # fmt: skip


@pytest.mark.parametrize("name", FALSE_ENDS)
@pytest.mark.parametrize("shipped", [False, True])
async def test_only_crlf_dot_crlf_ends_a_mail(name: str, shipped: bool) -> None:
    shelf = Shelf()
    false_end = FALSE_ENDS[name]
    content = b"Subject: x\r\n\r\nbody" + false_end + SMUGGLED
    async with Sink(shelf, known_recipient=KNOWN, shipped=shipped) as server, Wire(server) as wire:
        await wire.greet()
        assert (await wire.send(content + b"\r\n.\r\n")).startswith("250")
        assert (await wire.say("QUIT")).startswith("221")
    (mail,) = shelf.mails
    assert mail == content.replace(b"\r\n.", b"\r\n") + b"\r\n"


@pytest.mark.parametrize("shipped", [False, True])
async def test_an_end_that_comes_in_pieces_ends_the_mail_where_it_should(shipped: bool) -> None:
    shelf = Shelf()
    head = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<suo@city.example>\r\nDATA\r\n"
    body = b"one\r\n.two\r\n..\r\n"
    sent = body.replace(b"\r\n.", b"\r\n..") + b".\r\n" + b"QUIT\r\n"
    async with Sink(shelf, known_recipient=KNOWN, shipped=shipped) as server:
        for cut in range(len(sent)):
            await talk(server, [head, sent[:cut], sent[cut:]])
        await talk(server, [head, *(sent[at : at + 1] for at in range(len(sent)))])
    assert shelf.mails == [body] * (len(sent) + 1)


@pytest.mark.parametrize("shipped", [False, True])
async def test_an_empty_mail_and_one_of_dots_are_mails(shipped: bool) -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN, shipped=shipped) as server, Wire(server) as wire:
        await wire.greet()
        assert (await wire.send(b".\r\n")).startswith("250")
        assert (await wire.send(b"..\r\n.\r\n")).startswith("250")
    assert shelf.mails == [b"", b".\r\n"]


@pytest.mark.parametrize("shipped", [False, True])
async def test_what_follows_a_mail_in_one_group_is_the_next_command(shipped: bool) -> None:
    shelf = Shelf()
    one = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<suo@city.example>\r\nDATA\r\nSubject: %d\r\n.\r\n"
    group = b"EHLO x\r\n" + b"".join(one % number for number in range(30)) + b"QUIT\r\n"
    async with Sink(shelf, known_recipient=KNOWN, shipped=shipped) as server:
        replies = await talk(server, [group])
    assert shelf.mails == [b"Subject: %d\r\n" % number for number in range(30)]
    assert replies.count(b"\r\n354 ") == 30
    assert replies.endswith(b"221 Bye\r\n")


@pytest.mark.parametrize("shipped", [False, True])
async def test_starttls_is_not_offered_and_begins_nothing(shipped: bool) -> None:
    shelf = Shelf()
    group = b"EHLO x\r\nSTARTTLS\r\nMAIL FROM:<a@b.example>\r\nNOOP\r\nAUTH PLAIN AAAA\r\nQUIT\r\n"
    async with Sink(shelf, known_recipient=KNOWN, shipped=shipped) as server:
        replies = await talk(server, [group])
    lines = replies.decode().split("\r\n")
    after = lines[lines.index("250 HELP") + 1 :]
    assert [line[:3] for line in after] == ["454", "250", "250", "538", "221", ""]


@pytest.mark.parametrize("recipient", RELAYS)
async def test_no_form_of_address_makes_the_sink_relay(recipient: str) -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN) as server, Wire(server) as wire:
        await wire.greet()
        await wire.say("MAIL FROM:<evil@evil.example>")
        assert (await wire.say(f"RCPT TO:<{recipient}>"))[:3] in ("550", "553", "501", "555")
        assert (await wire.say("DATA")).startswith("503")
    assert shelf.mails == []


async def test_a_source_route_leads_to_its_last_mailbox_alone() -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN) as server, Wire(server) as wire:
        await wire.greet()
        await wire.send(b"x\r\n.\r\n", recipient="@relay.example,@other.example:suo@city.example")
    assert shelf.deliveries[0].envelope_to == ("suo@city.example",)


@pytest.mark.parametrize("shipped", [False, True])
async def test_hostile_commands_are_answered_and_harm_nobody(shipped: bool) -> None:
    shelf = Shelf()
    async with Sink(shelf, known_recipient=KNOWN, shipped=shipped) as server:
        for command in (
            b"MAIL FROM:<" + b"a" * 200_000 + b"@b.example>\r\n",
            b"\x00\xff\xfe\r\n",
            b"VRFY \xff\r\n",
            b"MAIL FROM:<\xff\xfe@b.example>\r\n",
            "MAIL FROM:<山口@city.example> SMTPUTF8\r\n".encode(),
            b"RCPT TO:<>\r\n",
            b"DATA\r\nDATA x\r\n",
            b"HELO\r\nEHLO\r\nHELP DATA\r\nEXPN x\r\n",
            b"\r\n" * 100,
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        ):
            replies = await talk(server, [b"EHLO x\r\n", command, b"QUIT\r\n"])
            assert b"Traceback" not in replies
            assert b"Error)" not in replies
        assert (await talk(server, [b"EHLO x\r\nNOOP\r\nQUIT\r\n"])).endswith(b"221 Bye\r\n")
    assert shelf.mails == []
