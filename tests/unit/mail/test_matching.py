"""Whose notice a mail belongs to. Nodes and people are fictional."""

import pytest
from typing_extensions import override

from drillsim.mail.matching import Match, MatchedBy, NoticeIndex, NoticeKey, match, same_answer
from drillsim.mail.replies import Attachment, FailedRecipient, Recognised

NAGI = ("first-report", "nagi")
SAZANAMI = ("first-report", "sazanami")
SECOND = ("second-report", "nagi")
TOKEN = "7KQ2-M4XD"


@pytest.fixture
def index() -> NoticeIndex:
    index = NoticeIndex()
    index.add_officer("nagi", 1, ["suo@city-nagi.example", "juki@city-nagi.example"])
    index.add_officer("nagi", 2, ["irie@city-nagi.example"])
    index.add_officer("sazanami", 1, ["umi@town-sazanami.example"])
    index.add_mail(
        message_id="n1@pref.example",
        notices=[NAGI],
        token=TOKEN,
        recipients=["suo@city-nagi.example"],
    )
    index.add_mail(
        message_id="s1@pref.example",
        notices=[SAZANAMI],
        token="ABC2-DEF3",
        recipients=["umi@town-sazanami.example"],
    )
    index.set_open(NAGI, True)
    index.set_open(SAZANAMI, True)
    return index


def answer(**fields: object) -> Recognised:
    given = {
        "kind": "human_reply",
        "sender": "suo@city-nagi.example",
        "reply_text": "受信しました。",
    }
    return Recognised(**{**given, **fields})  # type: ignore[arg-type]


def test_threading_headers_come_first(index: NoticeIndex) -> None:
    mail = answer(thread=("unknown@x.example", "n1@pref.example"), subject="整理番号：ABC2-DEF3")
    found = match(mail, index)
    assert (found.notice, found.matched_by) == (NAGI, MatchedBy.thread)
    assert (found.officer, found.listed, found.foreign_sender) == (1, True, False)
    assert found.reasons


def test_the_plus_address_comes_before_the_subject(index: NoticeIndex) -> None:
    mail = answer(
        recipients=("kunren+7kq2m4xd@pref.example",), subject="Re: 訓練（整理番号：ABC2-DEF3）"
    )
    assert match(mail, index).matched_by is MatchedBy.plus_address
    assert match(mail, index).notice == NAGI


def test_a_token_in_the_subject_comes_before_one_in_the_body(index: NoticeIndex) -> None:
    mail = answer(subject="Ｒｅ：（整理番号：７ＫＱ２－Ｍ４ＸＤ）", text="整理番号 ABC2-DEF3")
    assert (match(mail, index).notice, match(mail, index).matched_by) == (
        NAGI,
        MatchedBy.subject_token,
    )


def test_a_token_in_the_body_is_followed(index: NoticeIndex) -> None:
    mail = answer(subject="受信しました", text="電話の番号は 2222-3333、整理番号は7kq2-m4xdです")
    assert (match(mail, index).notice, match(mail, index).matched_by) == (
        NAGI,
        MatchedBy.body_token,
    )


def test_the_only_open_notice_of_a_sender_is_meant(index: NoticeIndex) -> None:
    found = match(answer(sender="IRIE@City-Nagi.example"), index)
    assert (found.notice, found.matched_by, found.officer) == (NAGI, MatchedBy.only_open, 2)


def test_with_two_open_notices_the_operator_chooses(index: NoticeIndex) -> None:
    index.set_open(SECOND, True)
    found = match(answer(), index)
    assert found.notice is None
    assert {each.notice for each in found.suggestions} == {NAGI, SECOND}


def test_a_new_mail_is_not_taken_for_an_answer_by_its_sender_alone(index: NoticeIndex) -> None:
    found = match(answer(kind="not_a_reply"), index)
    assert found.notice is None
    assert [each.notice for each in found.suggestions] == [NAGI]


def test_an_unlisted_colleague_is_credited_by_thread_and_named(index: NoticeIndex) -> None:
    found = match(answer(sender="new@city-nagi.example", thread=("n1@pref.example",)), index)
    assert found.notice == NAGI
    assert (found.officer, found.listed, found.foreign_sender) == (None, False, False)
    assert any("new@city-nagi.example" in reason for reason in found.reasons)


def test_a_right_token_from_a_foreign_sender_is_shown_as_such(index: NoticeIndex) -> None:
    found = match(answer(sender="x@elsewhere.example", subject=f"整理番号：{TOKEN}"), index)
    assert found.notice == NAGI
    assert found.foreign_sender


def test_a_mailbox_provider_makes_no_colleagues(index: NoticeIndex) -> None:
    index.add_officer("nagi", 3, ["suo.taro@gmail.com"])
    assert match(answer(sender="x@gmail.com"), index).suggestions == ()
    assert match(answer(sender="x@gmail.com", thread=("n1@pref.example",)), index).foreign_sender


def test_a_colleague_without_any_thread_is_only_suggested(index: NoticeIndex) -> None:
    found = match(answer(sender="new@city-nagi.example"), index)
    assert found.notice is None
    assert [each.notice for each in found.suggestions] == [NAGI]
    assert "new@city-nagi.example" in found.suggestions[0].why


def test_one_mail_to_many_is_matched_by_thread_and_sender(index: NoticeIndex) -> None:
    index.add_mail(
        message_id="to-all@pref.example",
        notices=[NAGI, SAZANAMI],
        token=None,
        recipients=["suo@city-nagi.example", "umi@town-sazanami.example"],
    )
    to_all = ("to-all@pref.example",)
    nagi = match(answer(thread=to_all), index)
    sazanami = match(answer(thread=to_all, sender="umi@town-sazanami.example"), index)
    colleague = match(answer(thread=to_all, sender="new@town-sazanami.example"), index)
    stranger = match(answer(thread=to_all, sender="x@elsewhere.example"), index)
    assert (nagi.notice, nagi.matched_by) == (NAGI, MatchedBy.thread_sender)
    assert (sazanami.notice, colleague.notice) == (SAZANAMI, SAZANAMI)
    assert not colleague.listed
    assert stranger.notice is None
    assert {each.notice for each in stranger.suggestions} == {NAGI, SAZANAMI}


def test_an_answer_in_an_old_thread_suggests_the_open_notice(index: NoticeIndex) -> None:
    index.set_open(NAGI, False)
    index.set_open(SECOND, True)
    found = match(answer(thread=("n1@pref.example",)), index)
    assert found.notice == NAGI
    assert [each.notice for each in found.suggestions] == [SECOND]


def test_the_nearest_mail_of_a_thread_counts(index: NoticeIndex) -> None:
    index.add_mail(message_id="n2@pref.example", notices=[SECOND], token=None, recipients=[])
    found = match(answer(thread=("n2@pref.example", "n1@pref.example")), index)
    assert found.notice == SECOND


def failed(address: str, message_id: str = "") -> Recognised:
    recipient = FailedRecipient(address=address, action="failed", message_id=message_id)
    return Recognised(
        kind="bounce_hard",
        sender="MAILER-DAEMON@mx.example",
        failed=(recipient,),
        thread=(message_id,) if message_id else (),
    )


def test_a_bounce_is_matched_by_the_mail_that_came_back(index: NoticeIndex) -> None:
    found = match(failed("suo@city-nagi.example", "n1@pref.example"), index)
    assert (found.notice, found.matched_by) == (NAGI, MatchedBy.thread)
    assert (found.officer, found.foreign_sender) == (1, False)


def test_a_bounce_without_headers_is_matched_by_the_failed_address(index: NoticeIndex) -> None:
    found = match(failed("irie@city-nagi.example"), index)
    assert (found.notice, found.matched_by, found.officer) == (NAGI, MatchedBy.only_open, 2)


def test_a_bounce_of_one_mail_to_many_is_matched_by_the_failed_address(index: NoticeIndex) -> None:
    index.add_mail(
        message_id="to-all@pref.example", notices=[NAGI, SAZANAMI], token=None, recipients=[]
    )
    found = match(failed("umi@town-sazanami.example", "to-all@pref.example"), index)
    assert found.notice == SAZANAMI


def test_nothing_known_gives_no_notice_and_no_suggestion(index: NoticeIndex) -> None:
    found = match(answer(sender="x@elsewhere.example", subject="こんにちは"), index)
    assert found == Match(reasons=found.reasons)
    assert found.reasons


def test_a_guessed_token_leads_nowhere(index: NoticeIndex) -> None:
    assert index.sent_under("7KQ2-M4XE") is None
    assert index.sent_under("\udcff") is None


class CountingIndex(NoticeIndex):
    looked_at = 0

    @override
    def open_at(self, node: str) -> tuple[NoticeKey, ...]:
        self.looked_at += 1
        return super().open_at(node)


def test_a_look_up_costs_the_same_in_a_large_tree() -> None:
    index = CountingIndex()
    for number in range(20_000):
        node = f"n{number}"
        # All in one domain, the worst case: a prefecture's own branch offices.
        index.add_officer(node, 1, [f"o{number}@pref.example"])
        index.add_mail(
            message_id=f"{number}@pref.example", notices=[("i", node)], token=None, recipients=[]
        )
        index.set_open(("i", node), True)
    found = match(answer(sender="new@pref.example", thread=("x@pref.example",)), index)
    assert found.notice is None
    assert len(found.suggestions) == 10
    assert index.looked_at <= 50


def test_only_identical_answers_are_the_same() -> None:
    first = answer(subject="Re: 【訓練】第一報", message_id="a@x.example")
    again = answer(subject="RE: Re: 【訓練】第一報", message_id="b@x.example")
    wide = answer(subject="Re: 【訓練】第一報", reply_text="受信しました。\n")
    corrected = answer(
        subject="Re: 【訓練】第一報", reply_text="受信しました。台数は2台に訂正します。"
    )
    colleague = answer(subject="Re: 【訓練】第一報", sender="irie@city-nagi.example")
    form = Attachment(name="様式.xlsx", content_type="x", size_bytes=3, data=b"abc")
    with_form = answer(subject="Re: 【訓練】第一報", attachments=(form,))
    assert same_answer(first, again)
    assert same_answer(first, wide)
    assert not same_answer(first, corrected)
    assert not same_answer(first, colleague)
    assert not same_answer(first, with_form)
