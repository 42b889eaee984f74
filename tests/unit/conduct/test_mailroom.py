"""Who answered, and what: mails written by hand, read by the mailroom of a rehearsal."""

from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any

import pytest

from drillsim.conduct.drill_address import DRILL_MAILBOX
from drillsim.conduct.mailroom import Mailroom
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.crediting import Received
from drillsim.drill.events import NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.mail.forms import fill_form, render_form
from drillsim.mail.headers import Mailbox
from drillsim.mail.tokens import plus_address
from drillsim.world.course import Course
from drillsim.world.drafts import COLLEAGUE
from tests import examples

FIRST = InjectId("first")
PREFECTURE: NoticeKey = (FIRST, NodeId("n1"))
TOWNS: tuple[NoticeKey, ...] = tuple((FIRST, NodeId(f"n1-{n}")) for n in (1, 2, 3))
MINUTE = timedelta(minutes=1)
OFFICE = "office@n1.example"


class Nothing:
    """A sink at which nothing arrives but what a test puts there."""

    def __init__(self) -> None:
        self.mails: dict[str, bytes] = {}

    def arrived(self, name: str, mail: str) -> bytes:
        raise AssertionError(f"{mail} is fetched from the sink")

    def stored(self, name: str) -> bytes:
        return self.mails[name]


class Desk:
    """A drill whose first mail has been written, and its mailroom."""

    def __init__(self, changes: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self.exercise: Exercise = examples.exercise(contacts=examples.tree(changes=changes))
        self.rooms: list[Mailroom] = []
        self.sink = Nothing()
        self.count = 0
        self.course = Course(self.exercise, 7, self._room)
        self.sent = {e.notice: e for e in self.course.start() if isinstance(e, ev.Submitted)}

    def _room(self, board: Board) -> Mailroom:
        self.rooms.append(Mailroom(self.exercise, 7, "digest", board, self.sink))
        return self.rooms[0]

    @property
    def room(self) -> Mailroom:
        return self.rooms[0]

    def pass_on(self, *, one_mail: bool) -> None:
        hops = tuple(node for _inject, node in TOWNS)
        events = self.course.command(
            MINUTE, lambda rules: rules.pass_on(PREFECTURE, 1, hops, MINUTE, one_mail)
        )
        self.sent |= {e.notice: e for e in events if isinstance(e, ev.Submitted)}

    def posted(self, notice: NoticeKey) -> EmailMessage:
        raw = self.room.posted[self.sent[notice].mail].raw
        return BytesParser(EmailMessage, policy=SMTP).parsebytes(raw)

    def reply_to(self, notice: NoticeKey) -> str:
        """Return the address that answers to the mail of `notice` go to."""
        return parseaddr(str(self.posted(notice)["Reply-To"]))[1]

    def own_address(self, notice: NoticeKey) -> str:
        """Return the drill's address with the token of `notice`."""
        return plus_address(DRILL_MAILBOX, self.room.token(notice))

    def read(self, raw: bytes) -> Received:
        return self.room.reader.read(raw, "hash")

    def answer(
        self,
        notice: NoticeKey,
        sender: str,
        words: str = "受信しました。",
        *,
        threaded: bool = True,
        plus: bool = True,
        **headers: str,
    ) -> Received:
        """Return what is made of an answer to the mail of `notice`."""
        message = EmailMessage(policy=SMTP)
        message["From"] = sender
        message["To"] = self.own_address(notice) if plus else DRILL_MAILBOX
        message["Subject"] = "Re: 【訓練】架空の障害（第一報）"
        message["Date"] = "Wed, 14 Oct 2026 10:05:00 +0900"
        self.count += 1
        message["Message-ID"] = f"<{self.count}@n1.example>"
        if threaded:
            message["In-Reply-To"] = f"<{self.sent[notice].mail}>"
        for name, value in headers.items():
            del message[name.replace("_", "-")]
            message[name.replace("_", "-")] = value
        message.set_content(words)
        return self.read(message.as_bytes())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def shared() -> Desk:
    """A prefecture whose two officers read one mailbox."""
    officers = [
        {"name": "架空 花子", "email": OFFICE, "phone": "000-000-0001"},
        {"name": "架空 次郎", "email": OFFICE, "phone": "000-000-0002"},
    ]
    return Desk({"n1": {"mailbox": OFFICE, "officers": officers}})


# Who ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("officer", [1, 2])
def test_an_officer_is_known_by_their_own_address(desk: Desk, officer: int) -> None:
    got = desk.answer(PREFECTURE, f"o{officer}@n1.example")
    assert got.kind == "human_reply"
    assert got.notice == PREFECTURE
    assert (got.officer, got.by) == (officer, f"n1 担当{officer}")


def test_the_case_of_an_address_does_not_matter(desk: Desk) -> None:
    assert desk.answer(PREFECTURE, "O2@N1.EXAMPLE").officer == 2


@pytest.mark.parametrize(("name", "officer"), [("架空 花子", 1), ("架空n1 架空 次郎", 2)])
def test_of_those_who_share_a_mailbox_the_name_that_is_shown_tells_who_wrote(
    shared: Desk, name: str, officer: int
) -> None:
    got = shared.answer(PREFECTURE, f"{name} <{OFFICE}>")
    assert got.officer == officer
    assert got.by in name


def test_a_colleague_in_the_shared_mailbox_is_nobody_on_the_list(shared: Desk) -> None:
    got = shared.answer(PREFECTURE, f"架空県 住民課 <{OFFICE}>")
    assert got.notice == PREFECTURE
    assert (got.officer, got.by) == (0, "架空県 住民課")


def test_a_colleague_without_a_name_is_called_a_colleague(shared: Desk) -> None:
    assert shared.answer(PREFECTURE, f"架空n1 {COLLEAGUE} <{OFFICE}>").by == COLLEAGUE


def test_a_shared_mailbox_without_a_name_counts_for_the_first_officer(shared: Desk) -> None:
    got = shared.answer(PREFECTURE, OFFICE)
    assert (got.officer, got.by) == (1, "架空 花子")


def test_an_unlisted_address_of_the_same_office_answers_by_the_token(desk: Desk) -> None:
    got = desk.answer(PREFECTURE, "架空 三郎 <saburo@n1.example>")
    assert got.notice == PREFECTURE
    assert (got.officer, got.by) == (0, "架空 三郎")


def test_a_stranger_without_thread_and_token_is_not_credited(desk: Desk) -> None:
    got = desk.answer(PREFECTURE, "someone@elsewhere.example", threaded=False, plus=False)
    assert got.notice is None


# One mail to many ---------------------------------------------------------------------------------


def test_one_mail_to_many_is_one_mail_and_has_no_token_of_one_of_them(desk: Desk) -> None:
    desk.pass_on(one_mail=True)
    assert len({desk.sent[town].mail for town in TOWNS}) == 1
    to = str(desk.posted(TOWNS[0])["To"])
    for _inject, node in TOWNS:
        assert f"o1@{node}.example" in to
    assert desk.reply_to(TOWNS[0]) == DRILL_MAILBOX


@pytest.mark.parametrize("town", TOWNS)
def test_who_answers_one_mail_to_many_is_told_by_thread_and_sender(
    desk: Desk, town: NoticeKey
) -> None:
    desk.pass_on(one_mail=True)
    got = desk.answer(town, f"o1@{town[1]}.example", plus=False)
    assert got.notice == town
    assert got.officer == 1


def test_an_unknown_sender_in_a_thread_of_many_is_credited_to_none(desk: Desk) -> None:
    desk.pass_on(one_mail=True)
    got = desk.answer(TOWNS[0], "someone@elsewhere.example", plus=False)
    assert got.notice is None


def test_separate_mails_carry_the_token_of_each(desk: Desk) -> None:
    desk.pass_on(one_mail=False)
    assert len({desk.sent[town].mail for town in TOWNS}) == 3
    for town in TOWNS:
        assert desk.reply_to(town) == desk.own_address(town)
        body = desk.posted(town).get_body(("plain",))
        assert body is not None
        assert desk.room.token(town) in body.get_content()


def test_what_is_passed_on_is_threaded_on_what_was_received(desk: Desk) -> None:
    desk.pass_on(one_mail=False)
    above = desk.sent[PREFECTURE].mail
    assert str(desk.posted(TOWNS[0])["In-Reply-To"]) == f"<{above}>"


# What ---------------------------------------------------------------------------------------------


def blank(desk: Desk, notice: NoticeKey) -> str:
    """Return the form as it was sent, out of the mail that asked for it."""
    return render_form(desk.exercise.scenario.forms[desk_form(desk, notice)])


def desk_form(desk: Desk, notice: NoticeKey) -> Any:
    report = desk.exercise.inject(notice[0]).report
    assert report is not None
    assert report.form is not None
    return report.form


def filled(desk: Desk, notice: NoticeKey) -> str:
    fields = desk.exercise.scenario.forms[desk_form(desk, notice)]
    return fill_form(fields, {"terminals": "2", "line-cut": "有"})


def test_a_form_that_is_filled_in_is_a_report(desk: Desk) -> None:
    got = desk.answer(PREFECTURE, "o1@n1.example", f"報告します。\n\n{filled(desk, PREFECTURE)}")
    assert got.is_report
    assert dict(got.answers) == {"terminals": "2", "line-cut": "有"}


def test_a_form_filled_in_inside_the_quote_is_a_report(desk: Desk) -> None:
    quoted = "".join(f"> {line}\n" for line in filled(desk, PREFECTURE).splitlines())
    got = desk.answer(
        PREFECTURE, "o1@n1.example", f"下記のとおりです。\n\n2026/10/14 10:00 架空n:\n{quoted}"
    )
    assert got.is_report
    assert dict(got.answers) == {"terminals": "2", "line-cut": "有"}


def test_the_blank_form_in_the_quote_is_no_report(desk: Desk) -> None:
    quoted = "".join(f"> {line}\n" for line in blank(desk, PREFECTURE).splitlines())
    got = desk.answer(
        PREFECTURE, "o1@n1.example", f"受信しました。\n\n2026/10/14 10:00 架空n:\n{quoted}"
    )
    assert not got.is_report
    assert got.answers == ()


def test_an_acknowledgement_is_no_report(desk: Desk) -> None:
    got = desk.answer(PREFECTURE, "o1@n1.example")
    assert not got.is_report
    assert not got.is_refusal


def test_who_cannot_act_has_declined(desk: Desk) -> None:
    got = desk.answer(PREFECTURE, "o1@n1.example", "本件には対応できません。")
    assert got.is_refusal


def test_the_same_words_again_are_a_duplicate_and_others_are_not(desk: Desk) -> None:
    first = desk.answer(PREFECTURE, "o1@n1.example", "受信しました。担当は架空です。")
    again = desk.answer(PREFECTURE, "o1@n1.example", "受信しました。担当は架空です。")
    other = desk.answer(PREFECTURE, "o1@n1.example", "追って報告する予定です。")
    assert [each.is_identical for each in (first, again, other)] == [False, True, False]


def test_an_automatic_reply_is_nobodys_answer(desk: Desk) -> None:
    got = desk.answer(
        PREFECTURE,
        "o2@n1.example",
        "ただいま不在にしております。",
        Auto_Submitted="auto-replied",
    )
    assert got.kind == "auto_reply"
    assert got.notice == PREFECTURE
    assert got.officer == 2
    assert got.answers == ()


@pytest.mark.parametrize(
    "raw",
    [b"", b"\r\n", b"\x00\xff\xfe", b"Subject: =?utf-8?b?////?=\r\n\r\n\x1b$B", b"From: \r\n"],
)
def test_what_is_no_mail_is_no_answer(desk: Desk, raw: bytes) -> None:
    got = desk.read(raw)
    assert got.notice is None
    assert not got.is_report
    assert got.raw == "hash"


def test_tokens_follow_from_seed_and_files_and_differ_by_notice(desk: Desk) -> None:
    tokens = {desk.room.token(notice) for notice in (PREFECTURE, *TOWNS)}
    assert len(tokens) == 4
    assert desk.room.token(PREFECTURE) == Desk().room.token(PREFECTURE)
    other = Mailroom(desk.exercise, 8, "digest", desk.course.board, Nothing())
    assert other.token(PREFECTURE) != desk.room.token(PREFECTURE)


def test_the_same_rehearsal_writes_the_same_bytes() -> None:
    written = []
    for _ in range(2):
        desk = Desk()
        desk.pass_on(one_mail=False)
        written.append({mail: post.raw for mail, post in desk.room.posted.items()})
    assert written[0] == written[1]


@pytest.mark.parametrize(
    "date", ["Thu, 1 Jan 1970 00:00:00 +0000", "Sat, 31 Dec 2099 23:59:59 -1200", "昨日", ""]
)
def test_the_date_that_a_mail_claims_changes_nothing(desk: Desk, date: str) -> None:
    expected = desk.answer(PREFECTURE, "o1@n1.example")
    other = Desk().answer(PREFECTURE, "o1@n1.example", Date=date)
    assert other == expected
    credited = [
        list(each.course.rules.credit(got, 5 * MINUTE))
        for each, got in ((desk, expected), (Desk(), other))
    ]
    assert credited[0] == credited[1]
    assert all(event.at == 5 * MINUTE for event in credited[1])


def stop_from(desk: Mailbox | None) -> EmailMessage:
    """Return the stop mail to a municipality, of a rehearsal or of a live drill of a prefecture."""
    exercise = examples.exercise()
    room = Mailroom(exercise, 7, "digest", Board(exercise), Nothing(), desk)
    mail = ev.StopSubmitted(
        at=MINUTE, node=NodeId("n1-1"), officer=1, mail="stop@drillsim.test", recipient=OFFICE
    )
    room.stop(mail)
    return BytesParser(EmailMessage, policy=SMTP).parsebytes(room.posted[mail.mail].raw)


def test_a_stop_is_signed_by_the_body_whose_drill_it_is() -> None:
    tree = examples.exercise().tree
    prefecture, first = tree.by_id[NodeId("n1")], tree.root
    lines = stop_from(Mailbox(OFFICE, prefecture.name)).get_content().splitlines()
    assert prefecture.name in lines
    assert first.name not in lines
    assert first.name in stop_from(None).get_content().splitlines()
