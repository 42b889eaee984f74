"""Recognition stands any bytes: mutated mails, and mails made to exhaust it.

The suite runs a part of the mutations; `DRILLSIM_MUTATIONS=10000` runs as many as asked for.
"""

import os
import random
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillsim.mail.replies import recognise

MAILS = sorted((Path(__file__).parents[1] / "data" / "mail").glob("*/*.eml"))
MUTATIONS = int(os.environ.get("DRILLSIM_MUTATIONS", "1500"))
CHARSETS = (b"utf-8", b"iso-2022-jp", b"shift_jis", b"euc-jp", b"utf-7", b"utf-16", b"x-none", b"")
ENCODINGS = (b"base64", b"quoted-printable", b"8bit", b"x-uuencode", b"")
SECONDS_MAX = 1.0
BOMB_SECONDS_MAX = 2.0
BYTES_MAX = 200_000_000


def flip_bits(mail: bytes, chance: random.Random) -> bytes:
    data = bytearray(mail)
    for _ in range(chance.randint(1, 40)):
        at = chance.randrange(len(data))
        data[at] ^= 1 << chance.randrange(8)
    return bytes(data)


def cut(mail: bytes, chance: random.Random) -> bytes:
    start = chance.choice((0, chance.randrange(len(mail))))
    return mail[start : chance.randrange(start, len(mail))]


def swap_lines(mail: bytes, chance: random.Random) -> bytes:
    lines = mail.split(b"\n")
    for _ in range(chance.randint(1, 12)):
        a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def swap_charset(mail: bytes, chance: random.Random) -> bytes:
    for charset in (b"utf-8", b"UTF-8", b"iso-2022-jp", b"ISO-2022-JP", b"Shift_JIS"):
        mail = mail.replace(charset, chance.choice(CHARSETS))
    return mail.replace(b"8bit", chance.choice(ENCODINGS))


def swap_headers(mail: bytes, chance: random.Random) -> bytes:
    other = chance.choice(MAILS).read_bytes()
    head, _, _ = other.partition(b"\n\n")
    _, _, body = mail.partition(b"\n\n")
    return head + b"\n\n" + body


def double_a_piece(mail: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(mail))
    end = min(len(mail), start + chance.randrange(1, 400))
    return mail[:end] + mail[start:end] * chance.randint(1, 30) + mail[end:]


def drop_bytes(mail: bytes, chance: random.Random) -> bytes:
    lost = chance.choice((b"\n", b"\r", b" ", b"-", b"=", b"<", b">", b":", b'"', b"\x1b"))
    return mail.replace(lost, b"", chance.randint(1, 200))


def insert_noise(mail: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(mail))
    return mail[:at] + chance.randbytes(chance.randint(1, 60)) + mail[at:]


MUTATORS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip_bits,
    cut,
    swap_lines,
    swap_charset,
    swap_headers,
    double_a_piece,
    drop_bytes,
    insert_noise,
)


def mutated(seed: int) -> bytes:
    chance = random.Random(seed)
    mail = chance.choice(MAILS).read_bytes() or b"x"
    for _ in range(chance.randint(1, 3)):
        mail = chance.choice(MUTATORS)(mail, chance) or b"x"
    return mail


def test_no_mutation_is_an_error_or_slow() -> None:
    slowest = 0.0
    for seed in range(MUTATIONS):
        mail = mutated(seed)
        start = time.process_time()
        found = recognise(mail)
        took = time.process_time() - start
        assert found.error is None, f"seed {seed}: {found.error}"
        slowest = max(slowest, took)
        assert took < SECONDS_MAX, f"seed {seed}: {took:.2f} s"
    assert slowest > 0


def test_mutations_stay_small() -> None:
    tracemalloc.start()
    try:
        for seed in range(min(MUTATIONS, 200)):
            recognise(mutated(seed))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < BYTES_MAX


@given(mail=st.binary(max_size=400))
def test_any_bytes_are_some_mail(mail: bytes) -> None:
    assert recognise(mail).error is None


@given(text=st.text(max_size=300))
def test_any_text_may_stand_in_a_mail(text: str) -> None:
    mail = b"From: a@b.example\nSubject: Re: x\n\n" + text.encode("utf-8", "surrogatepass")
    found = recognise(mail)
    assert found.error is None
    assert found.kind != "malformed"


HEAD = b"From: a@b.example\nTo: kunren@pref-akitsu.example\nSubject: Re: x\nIn-Reply-To: <a@b>\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
HTML = HEAD + b"Content-Type: text/html\n\n"
DAEMON = b"From: MAILER-DAEMON@b.example\nSubject: Undelivered Mail\n\n"
STATUS = (
    b"From: MAILER-DAEMON@b.example\nContent-Type: multipart/report; boundary=b;"
    b" report-type=delivery-status\n\n--b\nContent-Type: message/delivery-status\n\n"
)


def nested(depth: int) -> bytes:
    parts = [
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
        for level in range(depth)
    ]
    return HEAD + b"".join(parts) + b"Content-Type: text/plain\n\nx\n"


BOMBS: dict[str, Callable[[], bytes]] = {
    "5,000 nested parts": partial(nested, 5000),
    "5,000 nested mails": lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 5000,
    "100,000 headers": lambda: HEAD + b"X-A: b\n" * 100_000 + b"\nOK\n",
    "100,000 recipients": lambda: HEAD + b"To: a@b.example\n" * 100_000 + b"\nOK\n",
    "a 10 MB header": lambda: HEAD + b"X-A: " + b"a" * 10_000_000 + b"\n\nOK\n",
    "a 10 MB header in folds": lambda: HEAD + b"X-A: " + b"a\n " * 3_300_000 + b"\n\nOK\n",
    "a 10 MB subject": lambda: b"Subject: " + b"=?utf-8?b?44GC?= " * 600_000 + b"\n\nOK\n",
    "a 10 MB sender": lambda: b'From: "' + b'\\"' * 5_000_000 + b"\n\nOK\n",
    "10,000 parts": lambda: MIXED + b"--b\nContent-Type: text/html\n\n<p>x\n" * 10_000,
    "no boundary": lambda: HEAD + b"Content-Type: multipart/mixed\n\n" + b"--x\n\n" * 200_000,
    "1 MB of open tags": lambda: HTML + b"<a " * 350_000,
    "1 MB of open blocks": lambda: HTML + b"<blockquote>" * 90_000,
    "1 MB of paragraphs": lambda: HTML + b"<p>a" * 250_000,
    "1 MB of comments": lambda: HTML + b"<!--" * 250_000,
    "1 MB of less-thans": lambda: HTML + b"<" * 1_000_000,
    "2 MB of one letter": lambda: HEAD + b"\n" + b"a" * 2_000_000,
    "2 MB of blanks": lambda: HEAD + b"\n" + b" " * 2_000_000 + b"x",
    "2 MB of dashes": lambda: HEAD + b"\n" + b"-" * 2_000_000,
    "2 MB of quotes": lambda: HEAD + b"\n" + b"> a\n" * 500_000,
    "2 MB of attributions": lambda: HEAD + b"\n" + b"On 2026 12:00 a wrote\n" * 90_000,
    "2 MB of headers quoted": lambda: HEAD + b"\n" + b"From: a@b\nx\n" * 160_000,
    "2 MB of tokens": lambda: HEAD + b"\n" + b"7KQ2-" * 400_000,
    "2 MB of at signs": lambda: HEAD + b"\n" + b"a@" * 1_000_000,
    "2 MB of absences": lambda: HEAD + b"\n" + b"I am out " * 200_000,
    "a bounce of 2 MB of users": lambda: DAEMON + b"user " * 400_000,
    "a bounce of 2 MB of accounts": lambda: DAEMON + b"the mailbox is your account " * 70_000,
    "a bounce of 2 MB of figures": lambda: DAEMON + b"5.1." * 500_000,
    "40,000 failed recipients": lambda: (
        STATUS + b"Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * 40_000
    ),
    "2 MB of diagnostics": lambda: (
        STATUS + b"Action: failed\nDiagnostic-Code: " + b"user is " * 250_000
    ),
    "2 MB of escapes": lambda: (
        HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B" * 600_000
    ),
    "2 MB of lost escapes": lambda: (
        HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b'$B$"' * 400_000
    ),
    "2 MB of flowing lines": lambda: (
        HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 600_000
    ),
    "100,000 pieces of a name": lambda: (
        HEAD
        + b"Content-Disposition: attachment; "
        + b"".join(b"filename*%d*=a;" % number for number in range(100_000))
        + b"\n\nx"
    ),
    "2 MB of nothing": lambda: b"\0" * 2_000_000,
    "2 MB of carriage returns": lambda: b"\r" * 2_000_000,
}


@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_bomb_costs_little_time(make: Callable[[], bytes]) -> None:
    mail = make()
    start = time.process_time()
    found = recognise(mail)
    took = time.process_time() - start
    assert found.error is None
    assert took < BOMB_SECONDS_MAX


@pytest.mark.parametrize(
    "name",
    ["5,000 nested parts", "a 10 MB header in folds", "10,000 parts", "2 MB of dashes"],
)
def test_a_bomb_costs_little_memory(name: str) -> None:
    mail = BOMBS[name]()
    tracemalloc.start()
    try:
        recognise(mail)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < BYTES_MAX
