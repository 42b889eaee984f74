"""A notice goes out by SMTP, an officer answers by SMTP, and the answer is read as meant."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from drillsim.drill.marks import SENTENCE
from drillsim.drill.scenario import FormField
from drillsim.mail.compose import Charset, Letter, Mailbox, compose, final_body
from drillsim.mail.correspondence import (
    absence_notice,
    delivery_report,
    read_letter,
    reply,
    report_words,
    thread,
)
from drillsim.mail.forms import fill_form, parse_answers, render_form
from drillsim.mail.quote_styles import QUOTE_STYLES, QuoteStyle
from drillsim.mail.replies import Recognised, recognise
from drillsim.mail.sink import Delivery, KnownRecipients, Sink
from drillsim.mail.submit import Submitter
from drillsim.mail.tokens import plus_address

AT = datetime(2026, 10, 14, 10, 5, tzinfo=timezone(timedelta(hours=9)))
LATER = AT + timedelta(minutes=12)
TOKEN = "7KQ2-M4XD"
DRILL = Mailbox("kunren@pref.example", "山口県 市町課")
SUO = Mailbox("suo@city.example", "周防 太郎")
IRIE = Mailbox("irie@town.example", "入江 なぎさ")
FORM = [
    FormField(id="responder", label="対応者（職・氏名）"),
    FormField(
        id="detected", label="ウイルス検知の有無", type="choice", options=("無", "有", "確認中")
    ),
    FormField(id="terminals", label="影響端末数", type="integer"),
    FormField(id="since", label="検知日時", type="datetime"),
    FormField(id="remarks", label="特記事項", required=False),
]
ANSWERS = {
    "responder": "市民課 主査　周防 太郎（代理）",
    "detected": "有",
    "terminals": "3",
    "since": "2026-10-14T09:40",
    "remarks": "一号機を隔離した。\n二号機は確認後に報告する。",
}
NOTICE = Letter(
    kind="drill",
    sender=DRILL,
    to=(SUO,),
    reply_to=Mailbox(plus_address(DRILL.address, TOKEN)),
    subject="ウイルス疑義の発生について（第一報）",
    body=f"山口市　御担当者　様\n\n影響端末数は、次により報告してください。\n\n{render_form(FORM)}",
    message_id="first@drillsim.test",
    date=AT,
    token=TOKEN,
)


class Office:
    """A sink with everybody's mailboxes, and the way to it."""

    def __init__(self) -> None:
        self.inbox: list[Delivery] = []
        known = KnownRecipients([SUO.address, IRIE.address], with_detail=[DRILL.address])
        self.sink = Sink(self._keep, known_recipient=known)

    async def _keep(self, delivery: Delivery) -> None:
        self.inbox.append(delivery)

    async def post(self, letter: Letter) -> Delivery:
        """Send a letter; return it as it arrived."""
        async with Submitter(self.sink.host, self.sink.port, sink=self.sink) as submitter:
            await submitter.submit(letter.envelope_from, letter.envelope_to, compose(letter))
        return self.inbox[-1]

    async def __aenter__(self) -> "Office":
        await self.sink.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.sink.close()


def seen(delivery: Delivery) -> Recognised:
    return recognise(
        delivery.raw, envelope_from=delivery.envelope_from, envelope_to=delivery.envelope_to
    )


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp"])
@pytest.mark.parametrize("style", QUOTE_STYLES)
async def test_a_report_comes_back_as_it_was_filled_in(style: QuoteStyle, charset: Charset) -> None:
    async with Office() as office:
        read = read_letter((await office.post(replace(NOTICE, charset=charset))).raw)
        words = report_words(form=fill_form(FORM, ANSWERS), body="山口市 市民課", by="周防 太郎")
        answer = reply(
            read, writer=SUO, words=words, message_id="a@city.test", date=LATER, style=style,
            charset=charset,
        )  # fmt: skip
        mail = seen(await office.post(answer))
    assert mail.kind == "human_reply"
    assert (mail.token, mail.thread[:1]) == (TOKEN, ("first@drillsim.test",))
    said = parse_answers(FORM, mail.reply_text, whole=mail.text, today=AT.date())
    assert said.values == ANSWERS
    assert said.is_complete


@pytest.mark.parametrize("style", [style for style in QUOTE_STYLES if style != "none"])
async def test_a_form_filled_in_inside_the_quote_is_read(style: QuoteStyle) -> None:
    async with Office() as office:
        read = read_letter((await office.post(NOTICE)).raw)
        filled = read.body.replace(render_form(FORM), fill_form(FORM, ANSWERS))
        answer = reply(
            replace(read, body=filled), writer=SUO, words="下のとおりです。", date=LATER,
            message_id="a@city.test", style=style,
        )  # fmt: skip
        mail = seen(await office.post(answer))
    said = parse_answers(FORM, mail.reply_text, whole=mail.text, today=AT.date())
    one_line = {**ANSWERS, "remarks": said.values["remarks"]}
    assert said.values == one_line
    assert said.values["remarks"].startswith("一号機を隔離した。")


@pytest.mark.parametrize("style", QUOTE_STYLES)
async def test_an_acknowledgement_above_the_blank_form_is_no_report(style: QuoteStyle) -> None:
    async with Office() as office:
        read = read_letter((await office.post(NOTICE)).raw)
        answer = reply(
            read, writer=SUO, words="受信しました。", message_id="a@city.test", date=LATER,
            style=style,
        )  # fmt: skip
        mail = seen(await office.post(answer))
    assert mail.reply_text.split() == [SENTENCE, "受信しました。", SENTENCE]
    assert not parse_answers(FORM, mail.reply_text, whole=mail.text, today=AT.date()).is_report


async def test_one_mail_to_many_is_passed_on_in_the_thread_of_what_came() -> None:
    async with Office() as office:
        read = read_letter((await office.post(NOTICE)).raw)
        in_reply_to, references = thread(read)
        onward = Letter(
            kind="passed-on",
            sender=SUO,
            to=(IRIE, DRILL),
            subject="（市伝達）ウイルス疑義の発生について（第一報）",
            body="別添のとおり連絡がありました。",
            message_id="second@drillsim.test",
            date=LATER,
            in_reply_to=in_reply_to,
            references=references,
        )
        delivery = await office.post(onward)
    assert delivery.envelope_to == (IRIE.address, DRILL.address)
    mail = seen(delivery)
    assert mail.is_drill_marked
    assert mail.thread[0] == "first@drillsim.test"
    assert read_letter(delivery.raw).body.strip() == final_body(onward)


async def test_machines_answer_without_a_return_path_and_are_known_for_machines() -> None:
    async with Office() as office:
        raw = (await office.post(NOTICE)).raw
        read = read_letter(raw)
        absent = seen(
            await office.post(
                absence_notice(read, owner=SUO, message_id="b@city.test", date=LATER, headers=False)
            )
        )
        dead = seen(
            await office.post(
                delivery_report(
                    read,
                    raw,
                    recipient=SUO.address,
                    message_id="c@city.test",
                    date=LATER,
                    plain=True,
                )
            )
        )
        assert [delivery.envelope_from for delivery in office.inbox[1:]] == ["<>", "<>"]
    assert (absent.kind, dead.kind) == ("auto_reply", "bounce_hard")
    assert absent.token == TOKEN
