"""A drill by hand: mails go out as files, answers come in as files, and nothing is sent.

The clock is sped up, and the inbox is looked into more often; all else is as on the day.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from drillsim.conduct.by_hand_start import (
    ByHand,
    by_hand_director,
    desk_of,
    lay_out_by_hand,
    require_the_day,
    to_itself,
)
from drillsim.conduct.hand_folder import HandFolder
from drillsim.conduct.rehearsal import reopen
from drillsim.drill import events as ev
from drillsim.drill.board import Board, fold
from drillsim.drill.tree import NodeId
from drillsim.files.scenario_file import LoadedScenario, load_scenario, load_stored
from drillsim.journal import Journal, JournalReader, post_command
from drillsim.journal.mails import mail_hash
from drillsim.journal.writer import AsyncJournal
from drillsim.problem import UsageError
from tests.e2e.outside import Running
from tests.msg_files import msg_file

CONTACTS = """\
format: drillsim-contacts/1
title: 架空の連絡網
zone: Asia/Tokyo
nodes:
  - {id: jlis, name: 架空センター, kind: national-center, mailbox: alert@center.example,
     officers: [{name: 当番, email: alert@center.example, phone: 000-000-0000}]}
  - {id: pref, name: 架空県, kind: prefecture, parent: jlis, mailbox: juki@pref.example,
     officers: [{name: 県太郎, email: ken@pref.example, phone: 000-000-0000}]}
  - {id: a, name: 甲市, kind: municipality, parent: pref,
     officers: [{name: 甲太郎, email: ko@a.example, phone: 000-000-0000}]}
  - {id: b, name: 乙市, kind: municipality, parent: pref,
     officers: [{name: 乙太郎, email: otsu@b.example, phone: 000-000-0000}]}
  - {id: c, name: 丙市, kind: municipality, parent: pref,
     officers: [{name: 丙太郎, email: hei@c.example, phone: 000-000-0000}]}
"""
SCENARIO = """\
format: drillsim-scenario/1
id: by-hand
title: 手動の訓練
purpose: 確認
incident: {kind: misuse}
announcement: full
contacts: contacts.yaml
start: 2026-10-14T10:00+09:00
window: 4h
injects:
  - id: alert
    from: jlis
    to: {kind: prefecture}
    source: external
    subject: 架空の障害（第一報）
    body: 架空の障害です。
    acknowledge: {within: 15m}
    pass-on: {to: children, within: 30m}
    report: {within: 60m, form: status}
forms:
  status:
    - {id: terminals, label: 影響端末数, type: integer}
phases:
  initial: notice
  states:
    notice: {level: 2, send: [alert], next: [{when: {elapsed: 3h}, to: ended}]}
    ended: {level: 1, final: true}
"""
NOW = datetime(2026, 10, 14, 1, 3, tzinfo=UTC)


@pytest.fixture
def given(tmp_path: Path) -> LoadedScenario:
    (tmp_path / "contacts.yaml").write_text(CONTACTS, encoding="utf-8")
    (tmp_path / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    return load_scenario(tmp_path / "s.yaml")


class Hand(Running):
    """A drill by hand that runs."""

    folder: HandFolder

    def order(self, kind: str, **payload: Any) -> None:
        post_command(self.path, kind=kind, payload=payload, author="県")

    def drop(self, name: str, data: bytes) -> None:
        (self.folder.inbox / name).write_bytes(data)

    def board(self) -> Board:
        self.look()
        with JournalReader(self.path) as reader:
            return fold(load_stored(reader.files).exercise, self.events)


def begin(given: LoadedScenario, path: Path, folder: Path) -> tuple[Journal, LoadedScenario]:
    desk = desk_of(given.exercise, None)
    return lay_out_by_hand(ByHand(given, 7, path, HandFolder(folder), desk), NOW)


@asynccontextmanager
async def by_hand(
    journal: Journal, loaded: LoadedScenario, speed: float = 60.0, wall: datetime = NOW
) -> AsyncIterator[Hand]:
    written = AsyncJournal(journal)
    director = by_hand_director(
        written, loaded.exercise, loaded.files, speed, look_seconds=0.02, wall=lambda: wall
    )
    task = asyncio.create_task(director.run())
    try:
        with JournalReader(journal.path) as reader:
            hand = Hand(journal.path, reader, task)
            hand.folder = HandFolder(Path(journal.opening.meta["folder"]))
            await hand.about(ev.PhaseEntered)
            yield hand
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await written.close()


def drafts(hand: Hand) -> dict[str, EmailMessage]:
    """Return the mails in the outbox by the node that they go to."""
    return {
        path.stem.partition("-")[2]: message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in hand.folder.outbox.glob("*.eml")
    }


def answer(sender: str, subject: str, text: str, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = "juki@pref.example"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<answer-{sender}>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes(policy=policy.SMTP)


async def passed_on(hand: Hand) -> dict[str, EmailMessage]:
    hand.order("arrived", inject="alert")
    await hand.about(ev.Notified)
    hand.order("pass-on", inject="alert", node="pref")
    await hand.until(lambda _events: len(drafts(hand)) == 3)
    return drafts(hand)


def outcome(board: Board) -> dict[tuple[str, str], tuple[object, ...]]:
    return {
        key: (each.state, each.is_acknowledged, each.reports, dict(each.answers))
        for key, each in board.notices.items()
    }


async def test_answers_as_files_give_the_board_that_the_same_answers_give_by_telephone(
    given: LoadedScenario, tmp_path: Path
) -> None:
    text = "受信しました。\n\n影響端末数：3\n"
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        mails = await passed_on(hand)
        for mail in mails.values():
            assert mail["X-Unsent"] == "1"
            assert "juki@pref.example" in mail["From"]
            assert b"drillsim.test" not in mail.as_bytes()
            assert mail["Reply-To"] is None
        assert (hand.folder.outbox / "001-a.txt").read_text("utf-8-sig").startswith("To: ")
        hand.order("sent", mail="all")
        await hand.about(ev.Notified, notice=("alert", "c"))
        hand.drop(
            "a.eml",
            answer(
                "ko@a.example",
                f"Re: {mails['a']['Subject']}",
                text,
                In_Reply_To=mails["a"]["Message-ID"],
            ),
        )
        # Outlook has sent the draft under a Message-ID of its own.
        hand.drop(
            "b.eml",
            answer(
                "otsu@b.example",
                f"RE: {mails['b']['Subject']}",
                text,
                In_Reply_To="<AAA@outlook.example>",
            ),
        )
        subject = f"RE: {mails['c']['Subject']}"
        hand.drop("c.msg", msg_file(sender="hei@c.example", subject=subject, body=text))
        hand.drop("d.eml", b"\x00\x01 nothing")
        hand.drop("e.docx", b"PK")
        for node in "abc":
            got = await hand.about(ev.Reported, notice=("alert", node))
            assert got.answers == (("terminals", "3"),)
            assert got.matched_by
        await hand.until(lambda _: (hand.folder.inbox / "unread" / "e.docx").exists())
        hand.drop("a-again.eml", (hand.folder.inbox / "done" / "a.eml").read_bytes())
        await hand.until(lambda _: (hand.folder.inbox / "done" / "a-again.eml").exists())
        by_files = outcome(hand.board())
    assert hand.board().mails_received == 3
    why = (hand.folder.inbox / "unread" / "why.txt").read_text("utf-8").splitlines()
    assert [line.partition(":")[0] for line in why] == ["d.eml", "e.docx"]

    async with by_hand(*begin(given, tmp_path / "b.drill", tmp_path / "phone")) as hand:
        await passed_on(hand)
        hand.order("sent", mail="all")
        for node in "abc":
            hand.order(
                "book",
                inject="alert",
                node=node,
                channel="telephone",
                result="talked",
                report={"terminals": "3"},
            )
            await hand.about(ev.Reported, notice=("alert", node))
        assert outcome(hand.board()) == by_files


async def test_a_mail_from_outside_that_is_dropped_in_begins_its_inject(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        assert not hand.board().released
        raw = answer("alert@center.example", "【訓練】架空の障害（第一報）", "架空の障害です。")
        hand.drop("alert.eml", raw)
        got = await hand.about(ev.Notified)
        assert (got.notice, got.mail) == (("alert", "pref"), "answer-alert@center.example")
        assert not drafts(hand)
    journal, loaded = reopen(hand.path)
    async with by_hand(journal, loaded) as again:
        again.order("pass-on", inject="alert", node="pref", one_mail=True)
        passed = await again.about(ev.PassedOn)
        assert passed.to == ("a", "b", "c")
        await again.until(lambda _: drafts(again))
        (mail,) = drafts(again).values()
        assert mail["To"].count("@") == 3
        assert "answer-alert@center.example" in mail["References"]


def received(at: datetime) -> dict[str, str]:
    """Return the fields of a mail that the office's server took at `at`; its sender is wrong."""
    by = f"from mx.a.example by mx.pref.example; {format_datetime(at)}"
    return {"Received": by, "Date": format_datetime(NOW - timedelta(days=1))}


async def test_an_answer_counts_from_when_it_came_where_it_is_dropped_among_the_earlier_ones(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        mails = await passed_on(hand)
        hand.order("sent", mail="all")
        sent = (await hand.about(ev.Notified, notice=("alert", "c"))).at
        start = hand.board().exercise.start_ex
        came = timedelta(seconds=sent // timedelta(seconds=1) + 1)
        earlier = hand.folder.earlier
        for node, who, fields in (
            ("a", "ko@a.example", received(start + came)),
            ("b", "otsu@b.example", {"Date": format_datetime(start + came)}),
            ("c", "hei@c.example", received(start - timedelta(minutes=1))),
        ):
            raw = answer(who, f"Re: {mails[node]['Subject']}", "受信しました。", **fields)
            (earlier / f"{node}.eml").write_bytes(raw)
        got = await hand.about(ev.Acknowledged, notice=("alert", "a"))
        assert got.happened_at == came
        assert got.at > came
        assert hand.board().notices[got.notice].acknowledged_at == came
        for node in "bc":  # Neither a Date nor a time before the drill changes anything.
            assert (await hand.about(ev.Acknowledged, notice=("alert", node))).happened_at is None
        done = hand.folder.inbox / "done"
        await hand.until(lambda _: len(list(done.glob("*.eml"))) == 3)
        remarks = (done / "why.txt").read_text("utf-8").splitlines()
        assert [line.partition(": no mail server says")[0] for line in remarks] == [
            "b.eml",
            "c.eml",
        ]


async def test_in_the_inbox_no_time_of_a_mail_counts(given: LoadedScenario, tmp_path: Path) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        mails = await passed_on(hand)
        hand.order("sent", mail="all")
        await hand.about(ev.Notified, notice=("alert", "c"))
        came = hand.board().exercise.start_ex + timedelta(seconds=1)
        subject = f"Re: {mails['a']['Subject']}"
        hand.drop("a.eml", answer("ko@a.example", subject, "受信しました。", **received(came)))
        assert (await hand.about(ev.Acknowledged)).happened_at is None


async def test_a_message_from_outside_that_came_earlier_began_its_inject_then(
    given: LoadedScenario, tmp_path: Path
) -> None:
    raw = answer(
        "alert@center.example",
        "【訓練】架空の障害（第一報）",
        "架空の障害です。",
        **received(NOW + timedelta(seconds=1)),
    )
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        await hand.until(lambda _: hand.folder.earlier.is_dir())
        (hand.folder.earlier / "alert.eml").write_bytes(raw)
        got = await hand.about(ev.Notified)
        assert (got.notice, got.happened_at) == (("alert", "pref"), timedelta(seconds=1))
        assert hand.board().released[got.notice[0]] == timedelta(seconds=1)


async def test_what_came_earlier_still_did_after_a_failure(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        mails = await passed_on(hand)
        hand.order("sent", mail="all")
        sent = (await hand.about(ev.Notified, notice=("alert", "c"))).at
    journal, loaded = reopen(hand.path)
    came = timedelta(seconds=sent // timedelta(seconds=1) + 1)
    raw = answer("ko@a.example", f"Re: {mails['a']['Subject']}", "受信しました。")
    at = (loaded.exercise.start_ex + came).isoformat()
    # As it lies there when the computer fails between the two.
    note = {"file": "a.eml", "mail": mail_hash(raw), "came": at}
    journal.note_conduct("earlier-file", note)
    journal.store_mail(raw, direction="in", sender="ko@a.example", recipients=())
    async with by_hand(journal, loaded, wall=NOW + timedelta(minutes=30)) as again:
        got = await again.about(ev.Acknowledged, notice=("alert", "a"))
        assert got.happened_at == came


async def test_a_pasted_text_is_an_answer_by_its_sender_or_its_number(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        mails = await passed_on(hand)
        hand.order("sent", mail="all")
        hand.order("paste", **{"from": "ko@a.example", "text": "受信しました。"})
        await hand.about(ev.Acknowledged, notice=("alert", "a"))
        number = mails["b"]["Subject"].rpartition("：")[2]
        text = f"受信しました。（整理番号：{number}"
        board = hand.board()
        time = board.exercise.when(board.at).strftime("%H:%M")
        hand.order("paste", **{"from": "x@else.example", "text": text, "at": time})
        got = await hand.about(ev.Acknowledged, notice=("alert", "b"))
        assert got.happened_at is not None
        record = hand.board().notices[got.notice]
        assert record.submitted_at is not None
        assert record.submitted_at <= got.happened_at <= got.at
        hand.order("paste", **{"from": "no address", "text": "受信しました。"})
        hand.order("paste", **{"from": "hei@c.example", "text": " "})
        hand.order("note", text="済み")
        await hand.about(ev.Noted)
        refused = [each for each in hand.reader.records() if each.kind == "order-refused"]
        assert len(refused) == 2
    journal, loaded = reopen(hand.path)
    async with by_hand(journal, loaded) as again:
        again.order("note", text="続き")
        await again.until(lambda events: sum(isinstance(e, ev.Noted) for e in events) == 2)
        assert again.board().mails_received == 2


async def test_what_was_cut_off_writes_what_is_missing_and_nothing_twice(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        await passed_on(hand)
        hand.order("sent", mail="2")
        await hand.about(ev.Notified, notice=("alert", "b"))
    kept = hand.folder.outbox / "001-a.eml"
    kept.write_bytes(b"touched")
    (hand.folder.outbox / "003-c.eml").unlink()
    journal, loaded = reopen(hand.path)
    async with by_hand(journal, loaded) as again:
        await again.until(lambda _: (again.folder.outbox / "003-c.eml").exists())
        assert kept.read_bytes() == b"touched"
        assert sorted(path.name for path in again.folder.outbox.glob("*.eml")) == [
            "001-a.eml",
            "002-b.eml",
            "003-c.eml",
        ]
        assert again.board().mails_sent == 4  # The one from outside, and three.


async def test_a_drill_past_its_window_only_ends(given: LoadedScenario, tmp_path: Path) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        await passed_on(hand)
    before = sorted(hand.folder.outbox.iterdir())
    journal, loaded = reopen(hand.path)
    written = AsyncJournal(journal)
    director = by_hand_director(
        written, loaded.exercise, loaded.files, wall=lambda: NOW + timedelta(days=3)
    )
    done = await director.run()
    await written.close()
    assert done.reason == "window"
    assert done.seal is not None
    assert sorted(hand.folder.outbox.iterdir()) == before


async def test_times_are_those_of_the_day_and_typed_ones_are_neither_early_nor_to_come(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        await passed_on(hand)
        board = hand.board()
        assert board.exercise.start_ex.isoformat() == "2026-10-14T10:03:00+09:00"
        for time in ("10:02", "13:59", "soon"):
            hand.order("sent", mail="1", at=time)
        hand.order("pause")
        hand.order("sent", mail="9")
        hand.order("sent", mail="1", at=board.exercise.when(board.at).strftime("%H:%M"))
        got = await hand.about(ev.Notified, notice=("alert", "a"))
        assert got.happened_at is not None
        assert got.happened_at == hand.board().notices[got.notice].notified_at
        refused = [each for each in hand.reader.records() if each.kind == "order-refused"]
        assert len(refused) == 5


def test_another_day_another_body_and_a_used_folder_are_refused(
    given: LoadedScenario, tmp_path: Path
) -> None:
    require_the_day(given.exercise, NOW)
    with pytest.raises(UsageError, match="--any-day"):
        require_the_day(given.exercise, NOW + timedelta(days=1))
    assert desk_of(given.exercise, None) == NodeId("pref")
    with pytest.raises(UsageError, match="no body"):
        desk_of(given.exercise, "x")
    (tmp_path / "hand" / "outbox").mkdir(parents=True)
    (tmp_path / "hand" / "outbox" / "001-a.eml").write_bytes(b"")
    with pytest.raises(UsageError, match="another drill"):
        begin(given, tmp_path / "a.drill", tmp_path / "hand")


async def test_a_stop_is_written_first_of_all_and_marked_as_sent(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        await passed_on(hand)
        hand.order("stop", reason="実災害")
        await hand.about(ev.StopSubmitted, node="c")
        await hand.until(lambda _: len(list(hand.folder.outbox.glob("*.eml"))) >= 6)
        stops = [m for m in drafts(hand).values() if "訓練中止" in m["Subject"]]
        assert stops
        hand.order("sent", mail="all")
        await hand.about(ev.Noted)
        assert not hand.task.done()  # It waits for those who confirm it.


@pytest.mark.parametrize("way", ["to", "bcc"])
async def test_one_mail_to_all_names_them_and_notifies_them_all(tmp_path: Path, way: str) -> None:
    (tmp_path / "contacts.yaml").write_text(CONTACTS, encoding="utf-8")
    own = SCENARIO.replace("from: jlis", "from: pref").replace("    source: external\n", "")
    own = own.replace("to: {kind: prefecture}", "to: children")
    own = own.replace("架空の障害です。", "宛先：{{ to_body }}様（{{ ref }}）。")
    own += f"mail: {{one-mail: {way}}}\n"
    (tmp_path / "s.yaml").write_text(own, encoding="utf-8")
    loaded = load_scenario(tmp_path / "s.yaml")
    async with by_hand(*begin(loaded, tmp_path / "a.drill", tmp_path / "hand")) as hand:
        await hand.until(lambda _events: bool(drafts(hand)))
    addresses = ["ko@a.example", "otsu@b.example", "hei@c.example"]
    journal, loaded = reopen(hand.path)
    async with by_hand(journal, loaded) as again:
        ((_node, mail),) = drafts(again).items()
        named = [each.addr_spec for each in mail[way].addresses]
        assert named == addresses
        assert (mail["To"].addresses[0].addr_spec == "juki@pref.example") is (way == "bcc")
        text = (again.folder.outbox / "001-a.txt").read_text("utf-8-sig")
        assert f"{way.capitalize()}: {'; '.join(addresses)}\n" in text
        assert "各団体様" in text
        assert "甲市" not in text
        again.order("sent", mail="1")
        for node in "abc":
            await again.about(ev.Notified, notice=("alert", node))
        subject = f"Re: {mail['Subject']}"
        thread = mail["Message-ID"]
        again.drop("a.eml", answer(addresses[0], subject, "受信しました。", In_Reply_To=thread))
        again.drop(
            "b.eml", answer(addresses[1], subject, "受信しました。", In_Reply_To="<z@o.test>")
        )
        for node in "ab":
            await again.about(ev.Acknowledged, notice=("alert", node))
    assert len(list(again.folder.outbox.glob("*.eml"))) == 1


def test_what_the_desk_would_send_to_itself_is_named(given: LoadedScenario, tmp_path: Path) -> None:
    assert to_itself(given.exercise, NodeId("pref")) == []
    own = SCENARIO.replace("    source: external\n", "    title: 第一報\n")
    (tmp_path / "s.yaml").write_text(own, encoding="utf-8")
    loaded = load_scenario(tmp_path / "s.yaml")
    assert to_itself(loaded.exercise, NodeId("pref")) == ["第一報"]
    assert to_itself(loaded.exercise, NodeId("jlis")) == []


@pytest.mark.parametrize(("said", "count"), [(None, 1), ("no", 3), ("to", 1)])
async def test_an_order_to_pass_on_may_differ_from_how_the_drill_writes(
    given: LoadedScenario, tmp_path: Path, said: str | None, count: int
) -> None:
    desk = desk_of(given.exercise, None)
    wanted = ByHand(given, 7, tmp_path / "a.drill", HandFolder(tmp_path / "hand"), desk, "bcc")
    async with by_hand(*lay_out_by_hand(wanted, NOW)) as hand:
        hand.order("arrived", inject="alert")
        await hand.about(ev.Notified)
        hand.order("pass-on", inject="alert", node="pref", **({"one_mail": said} if said else {}))
        passed = await hand.about(ev.PassedOn)
        assert (passed.one_mail, passed.bcc) == (count == 1, said is None)
        await hand.until(lambda _events: len(drafts(hand)) == count)
        assert [mail["Bcc"] is not None for mail in drafts(hand).values()] == (
            [said is None] * count
        )
