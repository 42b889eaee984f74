"""A live drill of twenty bodies over Postfix and Dovecot: every body ends where it should.

Its real director writes to them; real programs answer, robots do, and reports come back. Servers
are stopped and started, and the director is killed: nothing is lost, and nothing counts twice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drillsim.conduct.live_start import mail_director
from drillsim.conduct.rehearsal import reopen
from drillsim.drill import events as ev
from drillsim.journal import post_command
from drillsim.journal.writer import AsyncJournal
from tests.e2e.clients import needs
from tests.e2e.live_process import BACK_OFF
from tests.e2e.twenty import BODIES, Town, town, until
from tests.e2e.twenty_drill import (
    PATIENCE,
    Process,
    Seen,
    assert_all_is_where_it_should_be,
    has_been_told,
    lay_out,
)

pytestmark = [needs("swaks"), needs("s-nail"), needs("mutt")]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Town]:
    (tmp_path / "programs").mkdir()
    with town(tmp_path / "programs") as servers:
        yield servers


@pytest.fixture
def drill(servers: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRILL_PASSWORD", servers.office.password)
    return lay_out(servers, tmp_path)


@asynccontextmanager
async def directed(path: Path) -> AsyncIterator["asyncio.Task[Any]"]:
    """Run the director in the test's own loop."""
    journal, loaded = reopen(path)
    written = AsyncJournal(journal)
    director = mail_director(written, loaded.exercise, loaded.files, back_off=BACK_OFF)
    task = asyncio.create_task(director.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await written.close()


async def test_every_body_ends_where_it_should_and_nothing_comes_twice(
    drill: Path, servers: Town
) -> None:
    village = servers.office.elsewhere["village.example"]
    village.stop()
    async with directed(drill) as task:
        await asyncio.gather(*map(servers.answers, BODIES[:11]), *map(servers.answers, BODIES[13:]))
        village.start()
        await asyncio.gather(*map(servers.answers, BODIES))
        await until(has_been_told(drill), PATIENCE)
        post_command(drill, kind="end", payload={}, author="県 太郎")
        outcome = await asyncio.wait_for(task, PATIENCE)
    assert outcome.seal is not None
    assert_all_is_where_it_should_be(drill)
    for body in BODIES:
        assert len(servers.mails_of(body)) == (not body.dead), body
    seen = Seen(drill)
    assert not any(note["maybe_twice"] for note in seen.noted("handed-over"))
    assert [n["to"] for n in seen.noted("handed-over") if n["outcome"] == "deferred"] == [
        "waits@city.example"
    ]


async def test_answers_may_be_handed_on_to_the_drill_which_is_away_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drill as a mail exchanger: the office's server keeps what comes while it is down."""
    bodies = BODIES[:7]
    (tmp_path / "programs").mkdir()
    with town(tmp_path / "programs", bodies, has_exchanger=True) as servers:
        monkeypatch.setenv("DRILL_PASSWORD", servers.office.password)
        drill = lay_out(servers, tmp_path)
        async with directed(drill):
            await until(lambda: all(map(servers.mails_of, bodies)), PATIENCE)
        await asyncio.gather(*(servers.answers(body, PATIENCE) for body in bodies))
        await until(lambda: servers.office.postfix.queued("deferred") == len(bodies), PATIENCE)
        async with directed(drill) as task:
            await until(has_been_told(drill, bodies), PATIENCE)
            post_command(drill, kind="end", payload={}, author="県 太郎")
            await asyncio.wait_for(task, PATIENCE)
        assert servers.office.postfix.queued() == 0
    assert_all_is_where_it_should_be(drill, bodies)


async def test_kills_of_the_director_and_restarts_of_the_servers_lose_nothing(
    drill: Path, servers: Town
) -> None:
    office = servers.office

    def handed_over(count: int) -> Callable[[], bool]:
        return lambda: len(Seen(drill).noted("handing-over")) >= count

    kills = 0
    for count in (2, 9):
        process = Process(drill)
        await until(handed_over(count), PATIENCE)
        process.kill()
        kills += 1
    # Both servers are away when it goes on, and come back.
    office.postfix.stop()
    office.dovecot.stop()
    process = Process(drill)
    await until(lambda: any(n["away"] for n in Seen(drill).noted("mailbox")), PATIENCE)
    await until(lambda: any(n["away"] for n in Seen(drill).noted("mail-server")), PATIENCE)
    office.dovecot.start()
    office.postfix.start()
    answering = [asyncio.create_task(servers.answers(body, PATIENCE)) for body in BODIES]
    await until(lambda: len(Seen(drill).count(ev.Acknowledged)) >= 5, PATIENCE)
    process.kill()
    kills += 1
    # The connection breaks while answers come in.
    process = Process(drill)
    office.dovecot.stop()
    office.dovecot.start()
    await asyncio.gather(*answering)
    await until(has_been_told(drill), PATIENCE)
    post_command(drill, kind="end", payload={}, author="県 太郎")
    code, said = await process.ended()
    assert code == 0, said
    assert_all_is_where_it_should_be(drill)
    copies = sum(max(0, servers.times_submitted(body) - 1) for body in BODIES)
    marked = sum(note["maybe_twice"] for note in Seen(drill).noted("handed-over"))
    assert copies <= marked <= kills
    for body in BODIES:
        ids = {mail["Message-ID"] for mail in servers.mails_of(body)}
        assert len(ids) == (not body.dead), body
