"""What mail costs: `python -m benchmarks.smtp`.

Handing mail over is compared with bare aiosmtplib → aiosmtpd in the same run and loop, writing and
reading it with the standard library's way. Machines are noisy: read the ratios.
"""

import asyncio
import email.policy
import logging
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.header import Header
from email.message import EmailMessage
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any

import aiosmtplib
import yaml
from aiosmtpd.smtp import SMTP

from benchmarks.figures import Figure
from drillsim.drill.scenario import FormField
from drillsim.mail.compose import Letter, Mailbox, compose, final_body, final_subject
from drillsim.mail.correspondence import acknowledgement_words, read_letter, reply
from drillsim.mail.forms import fill_form, parse_answers
from drillsim.mail.replies import recognise
from drillsim.mail.sink import Delivery, Sink
from drillsim.mail.submit import Submitter
from drillsim.mail.templates import Stencil, template
from drillsim.mail.tokens import format_token, plus_address

MAILS = 2_000
ROUNDS = 3
SCENARIO = Path(__file__).parents[1] / "scenarios" / "r5-virus-suspicion.yaml"
AT = datetime(2026, 10, 14, 10, 5, tzinfo=timezone(timedelta(hours=9)))
FROM, TO = "kunren@pref.example", "suo@city.example"
BARE = "bare aiosmtplib → aiosmtpd, 4"
POSTFIX = "Postfix smtp-source → smtp-sink, 4"
PREFECTURE = Mailbox(FROM, "山口県 市町課")


def best(measure: Callable[[], float]) -> float:
    """Return the shortest of several times."""
    return min(measure() for _round in range(ROUNDS))


# Handing over -------------------------------------------------------------------------------------


class Nothing:
    """A handler that accepts everything and keeps nothing."""

    # aiosmtpd finds it by this name.
    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: D102, N802
        return "250 OK"


async def bare(raw: bytes, connections: int) -> float:
    """Return how long aiosmtplib takes to hand mails to aiosmtpd, both as they are shipped."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Nothing(), hostname="x"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def session() -> None:
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=port, local_hostname="x", start_tls=False
        )
        await client.connect()
        for _mail in range(MAILS // connections):
            await client.sendmail(FROM, [TO], raw)
        await client.quit()

    begin = time.perf_counter()
    await asyncio.gather(*(session() for _session in range(connections)))
    seconds = time.perf_counter() - begin
    server.close()
    await server.wait_closed()
    return seconds


async def through_sink(
    raw: bytes, connections: int, *, shipped: bool = False, pipelined: bool = False
) -> float:
    """Return how long a `Submitter` takes to hand mails to a `Sink`."""

    async def store(delivery: Delivery) -> None:
        assert delivery.raw

    async with (
        Sink(store, known_recipient=lambda _address: True, shipped=shipped) as sink,
        Submitter(
            sink.host, sink.port, sink=sink, connections=connections, pipelined=pipelined
        ) as submitter,
    ):
        begin = time.perf_counter()
        await asyncio.gather(*(submitter.submit(FROM, [TO], raw) for _mail in range(MAILS)))
        return time.perf_counter() - begin


def handing_over(raw: bytes) -> Iterator[Figure]:
    """Print how many mails a second are handed over in one process and loop.

    The ways take turns, so that a busy machine is busy for all of them.
    """
    print(f"handing over a mail of {len(raw):,} bytes, sender and sink in one loop")
    coroutines: list[tuple[str, Callable[[], Coroutine[object, object, float]]]] = [
        (BARE, lambda: bare(raw, 4)),
        ("bare aiosmtplib → aiosmtpd, 1", lambda: bare(raw, 1)),
        ("aiosmtplib → sink as shipped, 4", lambda: through_sink(raw, 4, shipped=True)),
        ("aiosmtplib → sink, 4", lambda: through_sink(raw, 4)),
        (
            "pipelined → sink as shipped, 4",
            lambda: through_sink(raw, 4, shipped=True, pipelined=True),
        ),
        ("pipelined → sink, 1", lambda: through_sink(raw, 1, pipelined=True)),
        ("pipelined → sink, 4", lambda: through_sink(raw, 4, pipelined=True)),
    ]
    ways: list[tuple[str, Callable[[], float]]] = [
        (name, lambda way=way: asyncio.run(way()))  # type: ignore[misc]
        for name, way in coroutines
    ]
    ways += with_postfix(len(raw))
    seconds = {name: float("inf") for name, _way in ways}
    for _round in range(ROUNDS):
        for name, way in ways:
            seconds[name] = min(seconds[name], way())
    for name, each in seconds.items():
        rate, base = MAILS / each, MAILS / seconds[BARE]
        print(f"  {name:44} {rate:8,.0f} a second  {rate / base:5.2f} of bare")
        yield Figure("smtp", name, rate, "a second", BARE, base, more_is_better=True)


def with_postfix(size: int) -> Iterator[tuple[str, Callable[[], float]]]:
    """Yield the way over Postfix's own tools, two processes in C, where they are installed."""
    if sys.platform != "win32":
        from benchmarks import postfix

        if postfix.is_there():
            yield POSTFIX, lambda: postfix.handed_over(MAILS, size, 4, FROM, TO)[0]
            return
    print("  (without Postfix's smtp-source and smtp-sink: they are not installed)")
    yield from ()


# Writing and reading ------------------------------------------------------------------------------


def each(act: Callable[[int], object]) -> float:
    """Return what one of many calls costs, in µs; each call gets another number."""

    def round_of() -> float:
        begin = time.perf_counter()
        for number in range(MAILS):
            act(number)
        return (time.perf_counter() - begin) / MAILS * 1e6

    return best(round_of)


def as_the_library_does(letter: Letter, *, simple: bool) -> bytes:
    """Write a mail with the standard library: `EmailMessage`, or the older `MIMEText`."""
    mail: EmailMessage | MIMEText
    if simple:
        mail = MIMEText(final_body(letter), "plain", "utf-8")
        mail["Subject"] = Header(final_subject(letter), "utf-8").encode()
    else:
        mail = EmailMessage()
        mail.set_content(final_body(letter))
        mail["Subject"] = final_subject(letter)
    mail["From"] = formataddr((letter.sender.name, letter.sender.address))
    mail["To"] = formataddr((letter.to[0].name, letter.to[0].address))
    mail["Message-ID"] = f"<{letter.message_id}>"
    mail["Date"] = format_datetime(letter.date)
    return mail.as_bytes()


def writing(stencil: Stencil, letters: list[Letter]) -> Iterator[Figure]:
    """Print what it costs to write a mail to one of many recipients."""
    library = each(lambda n: as_the_library_does(letters[n], simple=False))
    print("writing a mail to one of many, in µs")
    rows = [
        ("EmailMessage", library),
        ("MIMEText and Header", each(lambda n: as_the_library_does(letters[n], simple=True))),
        ("the text alone, filled in", each(lambda n: stencil.fill(slots(n)))),
        ("compose", each(lambda n: compose(letters[n]))),
        ("compose, with HTML", each(lambda n: compose(replace(letters[n], html=True)))),
        (
            "compose, in ISO-2022-JP",
            each(lambda n: compose(replace(letters[n], charset="iso-2022-jp"))),
        ),
    ]
    for name, cost in rows:
        print(f"  {name:44} {cost:8.1f}           1/{library / cost:.1f} of EmailMessage")
        yield Figure("smtp", f"writing a mail: {name}", cost, "µs", "EmailMessage", library)


def reading(letters: list[Letter]) -> Iterator[Figure]:
    """Print what it costs to read an answer."""
    answers = [
        compose(
            reply(
                letter,
                writer=letter.to[0],
                words=acknowledgement_words(body="山口市", by="周防", at=AT, variant=number),
                message_id=f"a{number}@city.test",
                date=AT,
            )
        )
        for number, letter in enumerate(letters)
    ]
    library = each(
        lambda n: [
            *message_from_bytes(answers[n], policy=email.policy.default).items(),
            message_from_bytes(answers[n], policy=email.policy.default).get_content(),
        ]
    )
    print("reading an answer, in µs")
    for name, cost in [
        ("policy.default, all fields and the text", library),
        ("recognise", each(lambda n: recognise(answers[n]))),
        ("read_letter", each(lambda n: read_letter(answers[n]))),
    ]:
        print(f"  {name:44} {cost:8.1f}           1/{library / cost:.1f} of policy.default")
        yield Figure("smtp", f"reading: {name}"[:43], cost, "µs", "policy.default", library)


def filling_in() -> None:
    """Print what a form costs."""
    form = [FormField.model_validate(row) for row in scenario()["forms"]["status"]]
    filled = fill_form(form, {row.id: row.expect or "確認中" for row in form})
    assert parse_answers(form, filled).is_complete
    print("a form of eight fields, in µs")
    print(f"  {'fill_form':44} {each(lambda _n: fill_form(form, {})):8.1f}")
    print(f"  {'parse_answers':44} {each(lambda _n: parse_answers(form, filled)):8.1f}")
    words = "受信しました。改めて報告します。"
    print(f"  {'parse_answers, no form':44} {each(lambda _n: parse_answers(form, words)):8.1f}")


def scenario() -> Any:
    """Return a shipped scenario as text and lists, unchecked: its texts are what is measured."""
    return yaml.load(SCENARIO.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506


def slots(number: int) -> dict[str, str]:
    """Return what differs from recipient to recipient."""
    return {
        "to_body": f"架空{number}市 市民課",
        "ref": format_token(number * 97_531_864 % (1 << 40)),
        "ack_by": f"10時{number % 60:02d}分",
        "report_by": f"11時{number % 60:02d}分",
    }


def prepared() -> tuple[Stencil, list[Letter]]:
    """Return a text of a shipped scenario, and a letter of it to each of many."""
    inject = scenario()["injects"][0]["pass-on"]
    source = template(inject["body"])
    stencil = source.stencil({name: f"（{name}）" for name in source.names}, set(slots(0)))
    letters = []
    for number in range(MAILS):
        values = slots(number)
        letters.append(
            Letter(
                kind="passed-on",
                sender=PREFECTURE,
                to=(Mailbox(f"o{number}@city.example", "周防 太郎"),),
                reply_to=Mailbox(plus_address(FROM, values["ref"])),
                subject=inject["subject"],
                body=stencil.fill(values),
                message_id=f"{number:016x}@drillsim.test",
                date=AT,
                token=values["ref"],
                in_reply_to="root@drillsim.test",
                references=("root@drillsim.test",),
            )
        )
    return stencil, letters


def main() -> list[Figure]:
    stencil, letters = prepared()
    figures = [*handing_over(compose(letters[0])), *writing(stencil, letters), *reading(letters)]
    filling_in()
    return figures


if __name__ == "__main__":
    main()
