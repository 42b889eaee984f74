"""A live drill over a mail server: mails go out, answers come in, nothing is lost or unmarked."""

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli.main import main
from drillsim.conduct.intake import FromOutside
from drillsim.conduct.live import wall_now
from drillsim.conduct.mail_director import MailDirector, failure_of
from drillsim.conduct.rehearsal import reopen
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.injects import InjectId
from drillsim.drill.tree import NodeId
from drillsim.files.live_profile import PROFILE, load_profile
from drillsim.journal import Journal, JournalReader
from drillsim.mail.sink import Reply
from drillsim.problem import StoppedError, UsageError
from tests.e2e.live_drill import (
    NOW,
    SCENARIO,
    VARIABLE,
    Given,
    answer,
    answer_to,
    board_of,
    conduct_of,
    contacts,
    events_of,
    given,
    hand_in,
    run,
)
from tests.e2e.office import PASSWORD, Kept, Office, is_stop, office

NOTICE = (InjectId("alert"), NodeId("m0"))


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)


async def test_everybody_is_mailed_answers_and_the_drill_ends(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server)
        async with run(drill) as running:
            for mail in await server.took(3):
                await answer(drill, mail)
            outcome = await running.task
    assert outcome.reason == "final-phase"
    assert outcome.seal is not None
    board = board_of(drill.path)
    assert sorted(board.reached) == ["m0", "m1", "m2"]
    assert (board.mails_sent, board.mails_received) == (3, 3)
    kept = {mail.envelope_to[0]: mail for mail in server.mails}
    assert sorted(kept) == [f"tanto{n}@city.example" for n in range(3)]
    # Plus-addresses: the number stands in the return path and in Reply-To.
    assert all(mail.envelope_from.startswith("kunren+") for mail in server.mails)
    assert all(b"Reply-To: kunren+" in mail.raw for mail in server.mails)
    handed = conduct_of(drill.path, "handed-over")
    assert [each["outcome"] for each in handed] == ["accepted"] * 3
    assert not any(each["maybe_twice"] for each in handed)
    assert len({mail.raw for mail in server.mails}) == 3


# A server in a bad way ------------------------------------------------------------------------


async def test_a_deferred_mail_is_tried_again_and_each_try_is_on_record(tmp_path: Path) -> None:
    said = {"tanto1@city.example": ["451 4.7.1 greylisted", "450 4.2.0 busy"]}
    async with office() as server:
        server.rcpt = lambda to: said[to].pop(0) if said.get(to) else None
        drill = given(tmp_path, server)
        async with run(drill, speed=1.0) as running:
            for mail in await server.took(3):
                await answer(drill, mail)
            await running.task
    about = [
        each for each in events_of(drill.path) if getattr(each, "notice", "") == ("alert", "m1")
    ]
    assert [(each.kind, getattr(each, "tries", None)) for each in about] == [
        ("submitted", None), ("deferred", 1), ("retried", 2), ("deferred", 2), ("retried", 3),
        ("notified", None), ("acknowledged", None),
    ]  # fmt: skip
    deferred = [each for each in about if isinstance(each, ev.Deferred)]
    assert [each.reply_code for each in deferred] == [451, 450]
    assert all(each.retry_at > each.at for each in deferred)
    assert Counter(mail.envelope_to for mail in server.mails).most_common(1)[0][1] == 1
    replies = [each["reply"] for each in conduct_of(drill.path, "handed-over")]
    assert "451 4.7.1 greylisted" in replies


async def test_a_refused_officer_is_followed_by_the_stand_in(tmp_path: Path) -> None:
    stand_in = "{name: 代理, email: dairi@city.example, phone: 000-000-0000}"
    head, tail = contacts(1).rsplit("}]}", 1)
    tree = f"{head}}}, {stand_in}]}}{tail}"
    async with office() as server:
        server.rcpt = lambda to: "550 5.1.1 User unknown" if to.startswith("tanto") else None
        drill = given(tmp_path, server, tree=tree)
        async with run(drill) as running:
            (mail,) = await server.took(1)
            assert mail.envelope_to == ("dairi@city.example",)
            await answer(drill, mail)
            await running.task
    refused = [each for each in events_of(drill.path) if isinstance(each, ev.Refused)]
    assert [(each.reply_code, each.failure) for each in refused] == [(550, "unknown-address")]


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (Reply(550, "5.1.1 <x>: User unknown"), "unknown-address"),
        (Reply(552, "5.2.2 Mailbox full"), "mailbox-full"),
        (Reply(554, "5.7.1 blocked by policy"), "refused"),
        (Reply(550, "x@y.example is outside the allow-list; nothing was sent"), "refused"),
        (None, "refused"),
    ],
)
def test_why_an_officer_cannot_be_mailed_is_read_from_the_reply(
    reply: Reply | None, failure: str
) -> None:
    assert failure_of(reply) == failure


async def test_a_server_that_is_away_for_a_while_costs_nobody_a_try(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        server = Office()
        async with office(given=server):
            drill = given(tmp_path, server)
        # Away when the drill begins; it comes back at the same port.
        async with run(drill) as running:
            await running.noted("mail-server")
            assert server.mails == []
            await stack.enter_async_context(office(given=server, port=server.port))
            for mail in await server.took(3):
                await answer(drill, mail)
            await running.task
    away = [each["away"] for each in conduct_of(drill.path, "mail-server")]
    assert "cannot be reached" in away[0]
    assert away[-1] == ""
    kinds = Counter(each.kind for each in events_of(drill.path))
    assert (kinds["notified"], kinds["deferred"], kinds["retried"]) == (3, 0, 0)


async def test_a_broken_off_mail_comes_again_with_the_same_bytes_and_marked(tmp_path: Path) -> None:
    broken = ["tanto1@city.example"]

    def data(mail: Kept) -> str | None:
        if mail.envelope_to[0] in broken:
            broken.clear()
            return None
        return "250 2.0.0 OK"

    async with office() as server:
        server.data = data
        drill = given(tmp_path, server)
        async with run(drill) as running:
            await server.took(4)
            for mail in {mail.envelope_to: mail for mail in server.mails}.values():
                await answer(drill, mail)
            await running.task
    twice = [mail for mail in server.mails if mail.envelope_to == ("tanto1@city.example",)]
    assert len(twice) == 2
    assert twice[0].raw == twice[1].raw
    marked = [each for each in conduct_of(drill.path, "handing-over") if each["maybe_twice"]]
    assert [(each["node"], each["tries"]) for each in marked] == [("m1", 2)]


# Cut off, and gone on with --------------------------------------------------------------------


KILLS = """
import os, signal, sys
from drillsim.conduct.mail_director import MailDirector

hear = MailDirector._hear

async def killed(self, attempt):
    if attempt.mail.envelope_to.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)  # The server has said 250; nothing is on record yet.
    await hear(self, attempt)

MailDirector._hear = killed
from tests.e2e import live_drill
live_drill.main()
"""


async def killed(drill: Given, between: str) -> None:
    """Run the drill in a process of its own, which is killed between a 250 and its record."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLS, str(drill.path), between,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), VARIABLE: PASSWORD},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    if sys.platform != "win32":
        assert process.returncode == -signal.SIGKILL, (out, err)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
async def test_of_a_director_killed_between_250_and_record_one_mail_is_marked_and_none_lost(
    tmp_path: Path,
) -> None:
    async with office() as server:
        drill = given(tmp_path, server, bodies=6)
        begin_now(drill)
        await killed(drill, "tanto3@")
        assert [mail.envelope_to[0] for mail in server.mails] == [
            f"tanto{n}@city.example" for n in range(4)
        ]
        async with run(drill, wall=wall_now()) as running:
            await server.took(7)
            for mail in {mail.envelope_to: mail for mail in server.mails}.values():
                await answer(drill, mail)
            outcome = await running.task
    assert outcome.reason == "final-phase"
    counts = Counter(mail.envelope_to[0] for mail in server.mails)
    assert counts == Counter([f"tanto{n}@city.example" for n in (0, 1, 2, 3, 3, 4, 5)])
    first, second = (mail for mail in server.mails if mail.envelope_to[0].startswith("tanto3"))
    assert first.raw == second.raw
    handing = conduct_of(drill.path, "handing-over")
    marked = [each["node"] for each in handing if each["maybe_twice"]]
    assert marked == ["m3"]
    assert sorted(board_of(drill.path).reached) == [f"m{n}" for n in range(6)]
    with JournalReader(drill.path) as reader:
        assert reader.is_sealed


def begin_now(drill: Given) -> None:
    """Lay the journal out as it would be today: the process has the clock on the wall."""
    journal, _loaded = drill.begin(wall_now())
    journal.close()


async def test_what_was_on_record_and_never_begun_goes_out_unmarked(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server, submission="mails-per-minute = 1")
        async with run(drill) as running:
            await running.recorded(ev.Notified)
        assert len(server.mails) == 1
        async with run(drill, wall=NOW + timedelta(minutes=3)) as running:
            await server.took(2)
            assert running.director.course.board.mails_sent == 3
    assert len({mail.envelope_to for mail in server.mails}) == len(server.mails)
    assert not any(each["maybe_twice"] for each in conduct_of(drill.path, "handing-over"))
    (again,) = [each["mails_again"] for each in conduct_of(drill.path, "resumed")]
    assert len(again) == 2


async def test_past_its_window_a_drill_only_ends_and_mails_nobody(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server, submission="mails-per-minute = 1")
        async with run(drill):
            await server.took(1)
        async with run(drill, wall=NOW + timedelta(hours=5)) as running:
            outcome = await running.task
        assert outcome.reason == "window"
    assert len(server.mails) == 1


async def test_an_overdue_reminder_goes_out_once(tmp_path: Path) -> None:
    scenario = SCENARIO.replace("{within: 15m}", "{within: 15m, remind: [10m, 20m]}")
    async with office() as server:
        drill = given(tmp_path, server, bodies=1, scenario=scenario)
        async with run(drill) as running:
            await running.recorded(ev.Notified)
        async with run(drill, wall=NOW + timedelta(minutes=30)) as running:
            await server.took(3)
            await running.until(lambda board: board.notices[NOTICE].reminders == 2)
            await running.noted("handed-over", 3)
        async with run(drill, wall=NOW + timedelta(minutes=31)) as running:
            await running.until(lambda board: board.mails_sent == 3)
            await answer(drill, server.mails[0])
            await running.task
    reminded = [each.at for each in events_of(drill.path) if isinstance(each, ev.Reminded)]
    assert reminded == [timedelta(minutes=10), timedelta(minutes=20)]
    assert len(server.mails) == 3


async def test_answers_that_came_while_nobody_was_there_are_credited_once(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server, bodies=2)
        async with run(drill) as running:
            first, second = await server.took(2)
            await answer(drill, first)
            await running.until(lambda board: len(board.reached) == 1)
        async with run(drill, wall=NOW + timedelta(minutes=1)) as running:
            await answer(drill, first)  # The office's server hands it on once more.
            await answer(drill, second)
            await running.task
    kinds = Counter(each.kind for each in events_of(drill.path))
    assert (kinds["acknowledged"], kinds["repeated"]) == (2, 0)


@pytest.mark.parametrize(
    ("came", "happened"),
    [
        (timedelta(minutes=2), timedelta(minutes=2)),
        (timedelta(minutes=-3), None),  # The server's clock is wrong: not before it was sent.
        (timedelta(minutes=9, seconds=30), None),  # So little may be the clocks.
    ],
)
async def test_an_answer_that_waited_while_nobody_was_there_counts_from_when_it_came(
    tmp_path: Path, came: timedelta, happened: timedelta | None
) -> None:
    async with office() as server:
        drill = given(tmp_path, server, bodies=1)
        async with run(drill) as running:
            await running.recorded(ev.Notified)
        raw = answer_to(server.mails[0])
        async with run(drill, wall=NOW + timedelta(minutes=10)) as running:
            director = running.director
            await running.noted("resumed")
            name = await director.journal.store_mail(
                raw, direction="in", sender="tanto0@city.example", recipients=()
            )
            director.take_in(FromOutside(name, raw, "tanto0@city.example", (), came_at=NOW + came))
            await running.task
    (acknowledged,) = [e for e in events_of(drill.path) if isinstance(e, ev.Acknowledged)]
    assert acknowledged.at >= timedelta(minutes=10)
    if came < timedelta(0):
        (submitted,) = [e for e in events_of(drill.path) if isinstance(e, ev.Submitted)]
        assert acknowledged.happened_at == submitted.at
    else:
        assert acknowledged.happened_at == happened


# Who may be written to ------------------------------------------------------------------------


async def test_nobody_outside_the_allow_list_is_written_to_nor_connected_for(
    tmp_path: Path,
) -> None:
    async with office() as server:
        drill = given(tmp_path, server, allow="other.example")
        async with run(drill) as running:
            with pytest.raises(UsageError, match=r"tanto0@city\.example"):
                await running.task
        assert server.said == []
        assert events_of(drill.path) == []


async def test_a_drill_that_nobody_approved_does_not_begin(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server)
        journal, loaded = drill.begin()
        with JournalReader(drill.path) as reader:
            meta, files = dict(reader.opening.meta), dict(reader.files)
        journal.close()
        drill.path.unlink()
        bare = Journal.create(drill.path, meta=meta, files=files, durable=True)
        async with run(drill, bare, loaded) as running:
            with pytest.raises(UsageError, match="nobody approved this live drill"):
                await running.task
        assert server.said == []


async def test_a_copy_of_the_drills_own_mail_answers_nothing(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server, bodies=1)
        async with run(drill) as running:
            (mail,) = await server.took(1)
            await hand_in(
                drill, b"Received: by x\r\n" + mail.raw, mail.envelope_from, "kunren@pref.example"
            )
            await running.until(lambda board: board.mails_received == 1)
            board = board_of(drill.path)
            assert board.reached == set()
            assert board.tray == {}


async def test_what_is_left_of_a_test_round_is_no_answer_and_lies_in_no_tray(
    tmp_path: Path,
) -> None:
    async with office() as server:
        drill = given(tmp_path, server, bodies=1)
        async with run(drill) as running:
            await server.took(1)
            test, own = "<check.7kq2m4xd@pref.example>", "kunren@pref.example"
            for sender, fields in (
                (own, f"Message-ID: {test}"),
                (own, f"Message-ID: <answer.{test[1:]}\r\nIn-Reply-To: {test}"),
                ("tanto1@city.example", f"Message-ID: <x@city.example>\r\nIn-Reply-To: {test}"),
            ):
                raw = f"From: {sender}\r\nSubject: Re: 7KQ2-M4XD\r\n{fields}\r\n\r\nreceived\r\n"
                await hand_in(drill, raw.encode(), sender, own)
            await running.until(lambda board: board.mails_received == 3)
            board = board_of(drill.path)
            assert board.reached == set()
            assert board.tray == {}


# The real-incident stop -----------------------------------------------------------------------


async def test_the_stop_goes_before_all_else_and_to_nobody_who_got_nothing(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server, bodies=5, submission="mails-per-minute = 60")
        async with run(drill) as running:
            await server.took(2)
            running.order("stop", reason="実際の障害")
            stops = await stopped(server, 2)
            assert {mail.envelope_to for mail in stops} == {
                mail.envelope_to for mail in server.mails if mail not in stops
            }
            for mail in stops:
                await answer(drill, mail, "中止を確認しました。")
            outcome = await running.task
    assert outcome.reason == "real-incident"
    assert len(server.mails) == 4
    events = events_of(drill.path)
    assert len([each for each in events if isinstance(each, ev.StopSubmitted)]) == 2
    assert len([each for each in events if isinstance(each, ev.StopConfirmed)]) == 2
    noted = [each for each in events if isinstance(each, ev.Noted)]
    assert sorted(each.because.split()[0] for each in noted) == ["sent", "sent"]


async def stopped(server: Office, count: int) -> list[Kept]:
    """Return the stop mails when there are so many."""
    while True:
        found = [mail for mail in server.mails if is_stop(mail)]
        if len(found) >= count:
            return found
        server.came.clear()
        await server.came.wait()


def everybody_has_it(board: Board) -> bool:
    notices = board.notices.values()
    return bool(notices) and all(each.notified_at is not None for each in notices)


async def test_a_stop_that_was_cut_off_goes_on_and_who_got_it_gets_it_once(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(
            tmp_path, server, bodies=4,
            submission="stop-mails-per-minute = 30\nsessions = 1",
        )  # fmt: skip
        async with run(drill) as running:
            await running.until(everybody_has_it)
            running.order("stop", reason="実際の障害")
            await stopped(server, 1)
            await running.recorded(ev.Noted)
        async with run(drill, wall=NOW + timedelta(minutes=1)) as running:
            stops = await stopped(server, 3)
    counts = Counter(mail.envelope_to for mail in stops)
    assert set(counts.values()) == {1}
    assert len(server.mails) == 4 + len(stops)


async def test_a_refused_stop_mail_is_told_and_the_body_stays_to_be_called(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server, bodies=1)
        async with run(drill) as running:
            await running.until(everybody_has_it)
            server.rcpt = lambda _to: "550 5.1.1 gone"
            running.order("stop", reason="x")
            board = await running.until(lambda board: board.end is not None)
            await running.recorded(ev.Noted)
            assert board.stop_open == {"m0"}
    (noted,) = [each for each in events_of(drill.path) if isinstance(each, ev.Noted)]
    assert noted.because.startswith("refused ")


# The password ---------------------------------------------------------------------------------


async def test_the_password_is_nowhere_in_the_drill(tmp_path: Path) -> None:
    async with office() as server:
        drill = given(tmp_path, server)
        async with run(drill) as running:
            for mail in await server.took(3):
                await answer(drill, mail)
            await running.task
    with JournalReader(drill.path) as reader:
        assert f"env:{VARIABLE}".encode() in reader.files[PROFILE]
        assert Path(reader.opening.meta["profile"]) == tmp_path / "live.toml"
    assert found_in(tmp_path, PASSWORD) == []


def found_in(folder: Path, text: str) -> list[Path]:
    """Return the files that hold a text."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if text.encode() in path.read_bytes()]


async def test_without_the_password_a_drill_does_not_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office() as server:
        drill = given(tmp_path, server)
        async with run(drill):
            await server.took(3)
        monkeypatch.delenv(VARIABLE)
        with pytest.raises(UsageError, match=f"the variable {VARIABLE} holds no password"):
            reopen(drill.path)
        monkeypatch.setenv(VARIABLE, PASSWORD)
        journal, _loaded = reopen(drill.path)
        journal.close()


async def test_an_outbox_that_fails_stops_the_drill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: MailDirector, *_given: Any) -> None:
        raise StoppedError("the disk is full")

    monkeypatch.setattr(MailDirector, "_begins", broken)
    async with office() as server:
        drill = given(tmp_path, server)
        async with run(drill) as running:
            with pytest.raises(StoppedError, match="disk is full"):
                await running.task
        assert server.mails == []


async def test_a_message_from_outside_is_booked_by_an_order_as_in_a_drill_by_hand(
    tmp_path: Path,
) -> None:
    tree = contacts(1).replace(
        "  - {id: pref,",
        "  - {id: jlis, name: 架空センター, kind: national-center, mailbox: alert@center.example,\n"
        "     officers: [{name: 当番, email: alert@center.example, phone: 000-000-0000}]}\n"
        "  - {id: pref, parent: jlis,",
    )
    scenario = SCENARIO
    for old, new in (
        ("    from: pref\n", "    from: jlis\n    source: external\n"),
        ("{kind: municipality}", "{kind: prefecture}"),
        ("{within: 15m}", "{within: 15m}\n    pass-on: {to: children, within: 30m}"),
    ):
        scenario = scenario.replace(old, new)
    async with office() as server:
        drill = given(tmp_path, server, tree=tree, scenario=scenario, allow="city.example")
        text = (tmp_path / "live.toml").read_text("utf-8")
        more = '[allow]\naddresses = ["ken@pref.example"]\n'
        (tmp_path / "live.toml").write_text(text.replace("[allow]\n", more), encoding="utf-8")
        drill.profile = load_profile(tmp_path / "live.toml")
        async with run(drill) as running:
            await running.recorded(ev.PhaseEntered)
            for words in (("arrived", "alert"), ("pass-on", "alert", "pref")):
                assert main(["order", str(drill.path), *words]) == 0
                await running.recorded(ev.Submitted, 1 if words[0] == "arrived" else 2)
            (mail,) = await server.took(1)
    assert mail.envelope_to == ("tanto0@city.example",)
    assert main(["order", str(drill.path), "sent", "all"]) == 2
