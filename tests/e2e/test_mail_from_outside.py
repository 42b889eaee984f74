"""Mail from outside: read and credited while a drill runs, whoever handed it to the sink."""

import asyncio
import smtplib
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from drillsim.drill import events as ev
from drillsim.files.scenario_file import LoadedScenario
from tests.e2e.outside import Running, first_mail, reply_to, running
from tests.simulation.rehearsing import cut, digest_of, loaded, resume

PREFECTURE = "350001"
TOWNS = ("352012", "352021")


@pytest.fixture
def given() -> LoadedScenario:
    return loaded("r5-virus-suspicion")


def address(given: LoadedScenario, node: str) -> str:
    return given.exercise.address(given.exercise.node(node).id, 1)  # type: ignore[arg-type]


async def prefecture_mail(drill: Running) -> EmailMessage:
    return drill.mail(await drill.until(first_mail(PREFECTURE)))


async def test_an_answer_from_outside_is_credited_at_once(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with running(given, tmp_path / "a.drill") as drill:
        mail = await prefecture_mail(drill)
        sender = address(given, PREFECTURE)
        await drill.send(reply_to(mail, sender, "受信しました。"), sender, [mail["Reply-To"]])
        got = await drill.about(ev.Acknowledged)
    assert (got.notice[1], got.matched_by, got.officer) == (PREFECTURE, "thread", 1)
    assert got.sender == sender
    assert not got.foreign
    assert got.at.total_seconds() < 20


async def test_a_right_number_from_a_stranger_is_credited_and_shown_as_such(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with running(given, tmp_path / "a.drill") as drill:
        mail = await prefecture_mail(drill)
        answer = reply_to(mail, "someone@elsewhere.example", "確認しました。", threaded=False)
        await drill.send(answer, "someone@elsewhere.example", [mail["Reply-To"]])
        got = await drill.about(ev.Acknowledged)
    assert got.foreign
    assert got.matched_by == "plus-address"
    assert got.officer == 0


async def test_what_matches_nothing_waits_in_the_tray_until_it_is_booked_or_put_aside(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with running(given, tmp_path / "a.drill") as drill:
        await prefecture_mail(drill)
        domain = address(given, PREFECTURE).partition("@")[2]
        for number in (1, 2):
            mail = EmailMessage()
            mail["From"] = f"庶務係 <shomu{number}@{domain}>"
            mail["To"] = "kunren@drillsim.test"
            mail["Subject"] = "訓練の件"
            mail["Message-ID"] = f"<{number}@{domain}>"
            mail.set_content("訓練のメールを受信しました。")
            await drill.send(mail, f"shomu{number}@{domain}", ["kunren@drillsim.test"])
        lying = await drill.about(ev.SetAside, mail=f"2@{domain}")
        assert lying.tray
        assert (lying.suggested[0][1], lying.suggested_by[0]) == (PREFECTURE, "domain")
        inject = lying.suggested[0][0]
        drill.order("credit", mail=f"1@{domain}", inject=inject, node=PREFECTURE)
        booked = await drill.about(ev.Acknowledged)
        assert (booked.matched_by, booked.mail) == ("operator", f"1@{domain}")
        drill.order("dismiss", mail=f"2@{domain}")
        away = await drill.about(ev.SetAside, why="operator")
        assert away.mail == f"2@{domain}"
        assert not away.tray


async def test_a_copy_of_the_drills_own_mail_is_no_answer(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with running(given, tmp_path / "a.drill") as drill:
        event = await drill.until(first_mail(PREFECTURE))
        raw = b"Received: by gateway.example\r\n" + drill.reader.mail(event.raw)
        await drill.send(raw, "relay@gateway.example", ["kunren@drillsim.test"])
        got = await drill.about(ev.SetAside)
    assert (got.mail_kind, got.tray) == ("not_a_reply", False)


async def test_what_a_node_passes_on_itself_begins_the_notices_below_it(
    given: LoadedScenario, tmp_path: Path
) -> None:
    path = tmp_path / "a.drill"
    async with running(given, path) as drill:
        await prefecture_mail(drill)
        sender = address(given, PREFECTURE)
        to = [address(given, node) for node in TOWNS]
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = ", ".join(to)
        mail["Subject"] = "ウイルス疑義の発生について（第一報）"
        mail["Message-ID"] = "<own-words@pref.example>"
        mail.set_content(
            "各市町担当者様\n\n都道府県サーバ集約センターの業務サブシステムで、"
            "９時50分にウイルス疑義を検知したとのことです。至急、返信してください。\n"
        )
        await drill.send(mail, sender, to)
        passed = await drill.about(ev.PassedOn)
        assert passed.notice[1] == PREFECTURE
        assert passed.to == TOWNS
        assert passed.unmarked
        assert passed.one_mail
        assert {name: fate for name, fate, _found in passed.facts} == {
            "place": "kept",
            "system": "kept",
            "event": "kept",
            "since": "changed",
        }
        assert [found for name, _fate, found in passed.facts if name == "since"] == ["９時50分"]
        below = [await drill.about(ev.Submitted, notice=(passed.notice[0], n)) for n in TOWNS]
        assert {event.mail for event in below} == {"own-words@pref.example"}
        assert {event.raw for event in below} == {passed.raw}
        events = await drill.finish()
    answered = {
        event.notice[1]: event.matched_by
        for event in events
        if isinstance(event, ev.Acknowledged) and event.notice[1] in TOWNS
    }
    assert set(answered) == set(TOWNS)
    assert set(answered.values()) <= {"thread", "thread-and-sender"}
    for share in (0.3, 0.8):
        again = cut(path, tmp_path / f"{share}.drill", share)
        await asyncio.to_thread(resume, again)
        assert digest_of(again) == digest_of(path)


async def test_a_mail_that_came_just_before_a_crash_is_credited_when_the_drill_goes_on(
    given: LoadedScenario, tmp_path: Path
) -> None:
    path = tmp_path / "a.drill"
    async with running(given, path) as drill:
        mail = await prefecture_mail(drill)
        drill.order("pause")
        await drill.until(lambda _events: drill.is_paused)
        sender = address(given, PREFECTURE)
        await drill.send(reply_to(mail, sender, "受信しました。"), sender, [mail["Reply-To"]])
    outcome = await asyncio.to_thread(resume, path)
    assert outcome.board.notices[(given.scenario.injects[0].id, PREFECTURE)].acknowledged_at  # type: ignore[index]


async def test_the_scenario_says_how_large_a_mail_the_drill_takes(
    given: LoadedScenario, tmp_path: Path
) -> None:
    style = given.scenario.mail.model_copy(update={"size_max": 3_000_000})
    wide = replace(given, scenario=given.scenario.model_copy(update={"mail": style}))
    async with running(wide, tmp_path / "a.drill") as drill:
        mail = await prefecture_mail(drill)
        sender = address(given, PREFECTURE)
        answer = reply_to(mail, sender, "受信しました。写真を添付します。")
        answer.add_attachment(b"x" * 2_500_000, maintype="image", subtype="jpeg", filename="a.jpg")
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            await drill.send(answer, sender, [mail["Reply-To"]])
        assert refused.value.smtp_code == 552  # In base64 it is larger than 3 MB.
        fits = reply_to(mail, sender, "受信しました。写真を添付します。")
        fits.add_attachment(b"x" * 2_000_000, maintype="image", subtype="jpeg", filename="a.jpg")
        await drill.send(fits, sender, [mail["Reply-To"]])
        got = await drill.about(ev.Acknowledged)
    assert got.notice[1] == PREFECTURE
