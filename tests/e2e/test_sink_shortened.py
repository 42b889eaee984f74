"""The shortened server says and keeps what the shipped one does, however the bytes arrive."""

import asyncio
from itertools import pairwise
from unittest.mock import patch

import aiosmtpd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drillsim.mail.sink import Delivery, Sink
from drillsim.mail.sink_server import AIOSMTPD_VERSION, ShippedServer, ShortServer, server_class
from tests.e2e.wire import KNOWN, Shelf, talk

HELLO = b"EHLO client.example\r\n"
ENVELOPE = b"RSET\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<suo@city.example>\r\n"
COMMANDS = [
    HELLO, b"HELO client.example\r\n", b"EHLO\r\n", b"NOOP\r\n", b"RSET\r\n", b"RSET x\r\n",
    b"HELP\r\n", b"HELP MAIL\r\n", b"HELP DATA\r\n", b"VRFY suo@city.example\r\n", b"VRFY\r\n",
    b"EXPN x\r\n", b"STARTTLS\r\n", b"AUTH PLAIN AAAA\r\n", b"\r\n", b"\n",
    b"mail from:<a@b.example>\r\n", b"MAIL FROM:<>\r\n", b"MAIL FROM: <a@b.example>\r\n",
    b"MAIL FROM:<a@b.example> SIZE=100\r\n", b"MAIL FROM:<a@b.example> SIZE=9999999\r\n",
    b"MAIL FROM:<a@b.example> BODY=8BITMIME SMTPUTF8\r\n", b"MAIL FROM:<a@b.example> X=1\r\n",
    b"MAIL FROM:<a@b.example>  SIZE=1\r\n", b"MAIL FROM:<a@b.example>SIZE=1\r\n",
    b"MAIL FROM:a@b.example\r\n", b"MAIL FROM:<a b@c.example>\r\n", b"MAIL FROM:<a@b\r\n",
    b"MAIL FROM:<a..b@c.example>\r\n", b'MAIL FROM:<"a b"@c.example>\r\n', b"MAIL FROM\r\n",
    b"MAIL FROM:<a@[127.0.0.1]>\r\n", b"MAIL FROM:<@r.example:a@b.example>\r\n",
    b"MAIL FROM:<a@b.example> \xe3\x81\x82\r\n", b"MAIL FROM:<\xff@b.example>\r\n",
    b"RCPT TO:<suo@city.example>\r\n", b"RCPT TO:<irie@town.example>\r\n", b"RCPT TO:<>\r\n",
    b"RCPT TO:<nobody@city.example>\r\n", b"RCPT TO:suo@city.example\r\n", b"RCPT\r\n",
    b"RCPT TO:<suo@city.example> NOTIFY=NEVER\r\n", b"RCPT TO:<kunren+x@pref.example>\r\n",
    b"DATA x\r\n", b"\xff\r\n", b"NOOP " + b"n" * 3_000 + b"\r\n", ENVELOPE,
]  # fmt: skip
MAILS = [
    ENVELOPE + b"DATA\r\n" + content + b".\r\n"
    for content in (
        b"", b"Subject: x\r\n\r\nbody\r\n", b"..\r\n.x\r\n...\r\n",
        b"a\nb\rc\n.\nd\r.\re\r\n.\nf\r\n", b"\xff\x00\xe3\x81\x82\r\n", b"x" * 3_000 + b"\r\n",
        b"line\r\n" * 1_000, b"." * 500 + b"\r\n", b"y" * 1_998 + b"\r\n", b"z" * 1_999 + b"\r\n",
        b"w" * 4_998 + b"\r\n", b"\r\n" * 2_500, b"\r\n" * 2_501,
    )
]  # fmt: skip
SIZE_MAX_BYTES = 5_000
LINE_MAX = 2_000
QUIT = b"QUIT\r\n"


def conversation(chunks: list[bytes], *, shipped: bool) -> tuple[bytes, list[Delivery]]:
    async def scenario() -> tuple[bytes, list[Delivery]]:
        shelf = Shelf()
        sink = Sink(shelf, known_recipient=KNOWN, shipped=shipped, size_max_bytes=SIZE_MAX_BYTES)
        async with sink:
            return await talk(sink, chunks), shelf.deliveries

    with patch.object(ShippedServer, "line_length_limit", LINE_MAX):
        return asyncio.run(scenario())


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


@settings(max_examples=60)
@given(
    commands=st.lists(st.sampled_from([*COMMANDS, *MAILS]), max_size=12),
    cuts=st.lists(st.integers(0, 20_000), max_size=6),
)
@example(commands=MAILS, cuts=[])
@example(commands=MAILS, cuts=[5_000])
@example(commands=COMMANDS, cuts=[])
def test_short_and_shipped_server_give_the_same_replies_and_keep_the_same_bytes(
    commands: list[bytes], cuts: list[int]
) -> None:
    assert_same([HELLO, *commands, QUIT], cuts)


@settings(max_examples=20)
@given(
    commands=st.lists(st.sampled_from(COMMANDS), max_size=8),
    cuts=st.lists(st.integers(0, 2_000), max_size=3),
)
def test_so_do_they_where_nobody_greeted_them(commands: list[bytes], cuts: list[int]) -> None:
    assert_same([*commands, QUIT], cuts)


def test_so_do_they_to_a_client_that_talks_nonsense() -> None:
    assert_same([HELLO, *[b"HACK\r\n"] * 5], [])  # The fifth ends the connection.
    assert_same([HELLO, b"BDAT 3 LAST\r\n", b"HACK\r\n", b".\r\n", QUIT], [9, 30])


def assert_same(commands: list[bytes], cuts: list[int]) -> None:
    chunks = in_pieces(b"".join(commands), cuts)
    said, kept = conversation(chunks, shipped=False)
    said_by_shipped, kept_by_shipped = conversation(chunks, shipped=True)
    assert said.split(b"\r\n") == said_by_shipped.split(b"\r\n")
    assert [(d.envelope_from, d.envelope_to, d.raw) for d in kept] == [
        (d.envelope_from, d.envelope_to, d.raw) for d in kept_by_shipped
    ]


def test_with_another_version_of_aiosmtpd_the_shipped_server_serves() -> None:
    assert aiosmtpd.__version__ == AIOSMTPD_VERSION
    assert server_class() is ShortServer
    assert server_class(shipped=True) is ShippedServer
    with patch.object(aiosmtpd, "__version__", "1.4.7"):
        assert server_class() is ShippedServer
