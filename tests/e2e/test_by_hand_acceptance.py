"""The same drill by hand, with 20 .eml and 3 .msg files, and with the same answers by SMTP.

Both are cut in the middle: twelve answer at once, the others after 40 minutes, late, when they have
been reminded and their stand-ins were written to. By hand the computer fails meanwhile, so what
fell due is made up for when the drill goes on.
"""

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml

from drillsim.conduct.rehearsal import reopen
from drillsim.drill import events as ev
from drillsim.drill.board import Board, fold
from drillsim.drill.events import AnyEvent
from drillsim.files.scenario_file import LoadedScenario, load_scenario
from tests import examples
from tests.e2e.outside import Running, running
from tests.e2e.test_by_hand import NOW, Hand, begin, by_hand, drafts
from tests.msg_files import msg_file

MINUTE = timedelta(minutes=1)
COUNT, EML, EARLY = 23, 20, 12
LATER = 40
TOWNS = [f"t{number:02}" for number in range(COUNT)]
FIELDS = "影響端末数：{count}\n回線の切断：無\n"


@pytest.fixture
def given(tmp_path: Path) -> LoadedScenario:
    def office(node: str, kind: str, parent: str | None) -> dict[str, Any]:
        return {
            "id": node,
            "name": f"架空{node}",
            "kind": kind,
            "parent": parent,
            "officers": examples.officers(node),
        }

    nodes = [
        {**office("pref", "prefecture", None), "mailbox": "juki@pref.example"},
        *(office(town, "municipality", "pref") for town in TOWNS),
    ]
    tree = {"format": "drillsim-contacts/1", "title": "架空の連絡網", "nodes": nodes}
    inject = {
        "id": "alert",
        "from": "pref",
        "to": "children",
        "subject": "架空の障害（第一報）",
        "body": "架空の障害です。",
        "acknowledge": {"within": "15m", "remind": ["10m"], "stand-in-after": "25m"},
        "report": {"within": "60m", "form": "status"},
    }
    notice = {"level": 2, "send": ["alert"], "next": [{"when": {"elapsed": "3h"}, "to": "ended"}]}
    scenario = {
        "format": "drillsim-scenario/1",
        "id": "twice",
        "title": "架空の訓練",
        "incident": {"kind": "fault"},
        "contacts": "contacts.yaml",
        "start": examples.START,
        "window": "4h",
        "injects": [inject],
        "forms": {"status": examples.FORM},
        "phases": {"initial": "notice", "states": {"notice": notice, "ended": {"final": True}}},
        "people": examples.CALM,
    }
    (tmp_path / "contacts.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    lines = {name: value for name, value in scenario.items() if name != "start"}
    text = yaml.safe_dump(lines, allow_unicode=True) + f"start: {examples.START}\n"
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    return load_scenario(tmp_path / "s.yaml")


def words(number: int) -> str:
    """Return what a body writes: every second one reports at once."""
    form = f"\n{FIELDS.format(count=number)}" if number % 2 else ""
    return f"受信しました。\n{form}"


def answer(number: int, mail: EmailMessage, to: str) -> EmailMessage:
    """Return the answer of a body: in the thread, by its number, or by its sender alone."""
    message = EmailMessage()
    message["From"] = f"o1@{TOWNS[number]}.example"
    message["To"] = to
    message["Message-ID"] = f"<answer-{number}@{TOWNS[number]}.example>"
    way = number % 3
    message["Subject"] = "Re: 【訓練】" if way == 2 else f"Re: {mail['Subject']}"
    if way < 2:
        message["In-Reply-To"] = mail["Message-ID"] if way == 0 else "<sent-anew@outlook.example>"
    message.set_content(words(number))
    return message


def saved(number: int, mail: EmailMessage) -> bytes:
    """Return the same as a .msg; every second one has no header, as inside an Exchange server."""
    message = answer(number, mail, "juki@pref.example")
    header = "".join(f"{name}: {value}\r\n" for name, value in message.items())
    return msg_file(
        sender=message["From"],
        subject=message["Subject"],
        body=words(number).replace("\n", "\r\n"),
        header=header if number % 2 else "",
    )


def answered(number: int) -> Any:
    """Return what finds the answer of a body in the events."""
    kind = ev.Reported if number % 2 else ev.Acknowledged

    def holds(events: list[AnyEvent]) -> bool:
        return any(isinstance(e, kind) and e.notice[1] == TOWNS[number] for e in events)

    return holds


def all_called(events: list[AnyEvent]) -> bool:
    return sum(isinstance(event, ev.StandInCalled) for event in events) == COUNT - EARLY


def made_up(events: list[AnyEvent]) -> list[AnyEvent]:
    """Return what fell due, in the order in which it was done."""
    return [event for event in events if isinstance(event, ev.Reminded | ev.StandInCalled)]


def outcome(board: Board) -> object:
    records = {
        key: (
            record.state,
            record.acknowledged_by,
            record.acknowledged_officer,
            record.channel,
            record.is_late,
            record.officer,
            record.reminders,
            record.reports,
            record.answers,
        )
        for key, record in board.notices.items()
    }
    return records, board.tallies, board.reached, board.mails_received, board.tray


async def on_by_hand(given: LoadedScenario, tmp_path: Path) -> tuple[Board, list[AnyEvent]]:
    async def drop(hand: Hand, numbers: range) -> None:
        mails = drafts(hand)
        for number in numbers:
            mail = mails[TOWNS[number]]
            if number < EML:
                hand.drop(f"{number}.eml", answer(number, mail, "juki@pref.example").as_bytes())
            else:
                hand.drop(f"{number}.msg", saved(number, mail))
            await hand.until(answered(number))

    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand"), speed=1) as hand:
        await hand.until(lambda _events: len(drafts(hand)) == COUNT)
        hand.order("sent", mail="all")
        await hand.about(ev.Notified, notice=("alert", TOWNS[-1]))
        await drop(hand, range(EARLY))
    journal, loaded = reopen(hand.path)
    wall = NOW + LATER * MINUTE
    async with by_hand(journal, loaded, speed=1, wall=wall) as again:
        await again.until(all_called)
        await drop(again, range(EARLY, COUNT))
        assert not list((again.folder.inbox / "unread").iterdir())
    return again.board(), again.events


async def on_by_smtp(given: LoadedScenario, tmp_path: Path) -> Board:
    async def send(drill: Running, number: int) -> None:
        first = await drill.about(ev.Submitted, notice=("alert", TOWNS[number]), attempt=0)
        mail = drill.mail(first)
        to = "kunren@drillsim.test" if number % 3 == 2 else str(mail["Reply-To"])
        message = answer(number, mail, to)
        await drill.send(message, str(message["From"]), [to])
        await drill.until(answered(number))

    async with running(given, tmp_path / "b.drill", speed=10, seats=TOWNS) as drill:
        for town in TOWNS:
            await drill.about(ev.Notified, notice=("alert", town))
        for number in range(EARLY):
            await send(drill, number)
        drill.order("speed", speed=600)
        await drill.until(all_called)
        drill.order("speed", speed=10)
        for number in range(EARLY, COUNT):
            await send(drill, number)
    return fold(load_scenario(tmp_path / "s.yaml").exercise, drill.events)


async def test_twenty_eml_and_three_msg_give_the_board_that_the_same_answers_give_by_smtp(
    given: LoadedScenario, tmp_path: Path
) -> None:
    board, events = await on_by_hand(given, tmp_path)
    assert outcome(board) == outcome(await on_by_smtp(given, tmp_path))
    (tally,) = board.tallies.values()
    assert (tally.in_time, tally.late, tally.reported) == (EARLY, COUNT - EARLY, COUNT // 2)
    # What fell due while the computer was off was done once, and in order.
    done = made_up(events)
    assert [type(e) for e in done] == [ev.Reminded] * 11 + [ev.StandInCalled] * 11
    assert [e.notice[1] for e in done if isinstance(e, ev.Reminded | ev.StandInCalled)] == (
        TOWNS[EARLY:] * 2
    )
    names = sorted(path.name for path in (tmp_path / "hand" / "outbox").glob("*.eml"))
    assert len(names) == COUNT + 22
    assert [name.partition("-")[0] for name in names] == [f"{n:03}" for n in range(1, COUNT + 23)]


async def test_what_was_overdue_is_not_done_again_at_the_next_start(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with by_hand(*begin(given, tmp_path / "a.drill", tmp_path / "hand"), speed=1) as hand:
        await hand.until(lambda _events: len(drafts(hand)) == COUNT)
        hand.order("sent", mail="all")
        await hand.about(ev.Notified, notice=("alert", TOWNS[-1]))
    for minutes, count in ((15, 1), (16, 1), (40, 2), (41, 2)):
        journal, loaded = reopen(hand.path)
        wall = NOW + minutes * MINUTE
        async with by_hand(journal, loaded, speed=1, wall=wall) as again:
            await again.until(lambda events: len(made_up(events)) == COUNT * count)  # noqa: B023
            again.order("note", text=str(minutes))
            noted = await again.about(ev.Noted, text=str(minutes))
            assert noted.at >= minutes * MINUTE
            assert len(made_up(again.events)) == COUNT * count
    outbox = tmp_path / "hand" / "outbox"
    assert len(list(outbox.glob("*.eml"))) == COUNT * 3
