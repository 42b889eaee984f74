"""The approval packet: all that is asked of it stands in it, and nothing that is masked."""

import io
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from docx.document import Document

from drillsim.cli.main import main
from drillsim.conduct.mailroom import Mailroom
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.durations import ZERO
from drillsim.drill.scenario import InjectId, PhaseId
from drillsim.drill.tree import NodeId
from drillsim.files.scenario_file import load_scenario
from drillsim.i18n import LANGUAGES, set_language
from drillsim.mail.bodies import read_body
from drillsim.mail.parsing import parse_mail
from drillsim.reports.packet import packet
from drillsim.reports.plan import Plan
from drillsim.reports.planned_mails import NO_REFERENCE, PlannedMails
from drillsim.world.references import files_digest

SEED = 7


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(load_scenario("r5-virus-suspicion"), 3)


@pytest.fixture(scope="module")
def written(plan: Plan) -> bytes:
    set_language("en")
    return packet(plan)


def opened(data: bytes) -> Document:
    return docx.Document(io.BytesIO(data))


def words(data: bytes) -> str:
    """Return every text of a document, with headers and footers, a paragraph a line."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = [file.read(name).decode() for name in file.namelist() if name.startswith("word/")]
    paragraphs = (p for part in parts for p in re.findall(r"<w:p[ >].*?</w:p>", part, re.DOTALL))
    return "\n".join("".join(re.findall(r"<w:t[^>]*>([^<]*)", p)) for p in paragraphs)


def headings(document: Document, level: int) -> Iterator[str]:
    style = f"Heading {level}"
    return (p.text for p in document.paragraphs if p.style is not None and p.style.name == style)


def test_the_packet_has_the_headings_of_official_plans(plan: Plan) -> None:
    set_language("ja")
    data = packet(plan)
    assert list(headings(opened(data), 1)) == [
        "１　目的",
        "２　実施日時",
        "３　対象",
        "４　想定",
        "５　方法",
        "６　日程",
        "７　終了及び中止",
        "８　事前の注意",
        "別紙１　送信先一覧",
        "別紙２　送信文",
        "別紙３　FAX送信票",
        "別紙４　整理番号一覧",
        "別紙５　電話の言い方",
    ]
    text = words(data)
    assert "令和８年10月14日（水）10時00分から最長14時00分まで（日時予告）" in text
    assert "取扱注意" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_recipient_and_warning_stands_in_it(plan: Plan, lang: str) -> None:
    set_language(lang)
    text = words(packet(plan, seed=SEED))
    exercise = plan.exercise
    for mail in PlannedMails(plan, exercise, SEED).all():
        assert mail.subject in text
        assert all(line in text for line in mail.body.split("\n"))
    for node in plan.ladders:
        body = exercise.node(node)
        assert body.name in text
        for officer in body.officers:
            assert officer.name in text
    assert [remark.text for remark in plan.remarks if remark.text not in text] == []


class NoMail:
    """A sink at which nothing arrives."""

    def arrived(self, name: str, mail: str) -> bytes:
        raise AssertionError(mail)

    def stored(self, name: str) -> bytes:
        raise AssertionError(name)


def test_a_text_is_the_one_that_the_drill_sends(plan: Plan) -> None:
    exercise = plan.exercise
    board = Board(exercise)
    digest = files_digest(plan.loaded.files)
    room = Mailroom(exercise, SEED, digest, board, NoMail())
    planned = next(iter(PlannedMails(plan, exercise, SEED).all()))
    first = InjectId("first-report")
    board.apply(ev.PhaseEntered(at=ZERO, phase=PhaseId("notice"), level=2))
    board.apply(ev.InjectReleased(at=ZERO, inject=first))
    sent = ev.Submitted(
        at=board.at,
        notice=(first, NodeId("350001")),
        officer=1,
        attempt=0,
        mail="m@drillsim.test",
        purpose="notice",
        sender=NodeId("jlis"),
        recipient=exercise.address(NodeId("350001"), 1),
    )
    room.outgoing(sent)
    raw = room.posted["m@drillsim.test"].raw
    mail = parse_mail(raw)
    assert mail.fields.get("subject") == planned.subject
    assert read_body(mail).text.strip() == planned.body.strip()


def test_without_a_seed_references_are_left_to_be_written_in(written: bytes) -> None:
    text = words(written)
    assert re.findall(r"(?<![A-Z0-9-])[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", text) == []
    assert NO_REFERENCE in text


def test_a_reminder_tells_when_the_first_mail_was_sent(plan: Plan) -> None:
    # At StartEx itself: a time of zero is a time.
    mails = PlannedMails(plan, plan.exercise, SEED).all()
    reminder = next(mail for mail in mails if mail.kind == "reminder")
    assert "令和８年10月14日（水）10時00分にお送りした" in reminder.body
    assert "令和８年10月14日（水）10時10分現在" in reminder.body
    called = "返信がない場合は、令和８年10月14日（水）10時35分頃、連絡網の電話番号へお電話します（"
    assert called in reminder.body
    # Who has acknowledged is on no call list: it may be telephoned about its report, or not.
    report = next(mail for mail in mails if mail.kind == "report-reminder")
    assert "連絡網の電話番号へお電話することがあります（" in report.body


def test_a_redacted_packet_names_no_person_and_no_address(plan: Plan) -> None:
    text = words(packet(plan, seed=SEED, redact=True))
    personal: set[str] = set()
    for node in plan.exercise.tree.nodes:
        personal.add(node.mailbox)
        for officer in node.officers:
            personal |= {officer.name, officer.phone, officer.off_hours.phone, *officer.email}
            personal |= set(officer.off_hours.email)
        if node.duty_desk is not None:
            personal.add(node.duty_desk.phone)
    assert [word for word in personal if word and word in text] == []
    assert "下関市 市民課" in text


def test_a_redacted_packet_takes_persons_out_of_what_was_typed(plan: Plan) -> None:
    officer = plan.exercise.tree.nodes[1].officers[0]
    typed = f"{officer.name.replace(' ', '　')}（{officer.phone}、{officer.email[0]}）が受ける。"
    scenario = plan.loaded.scenario
    changes = {"title": f"訓練 {officer.name}", "purpose": typed, "story": typed}
    other = Plan(replace(plan.loaded, scenario=scenario.model_copy(update=changes)), 1)
    secrets = ["".join(officer.name.split()), officer.phone, officer.email[0]]
    for redact, expected in ((False, secrets), (True, [])):
        data = packet(other, redact=redact)
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            text = "".join(words(data).split()) + file.read("docProps/core.xml").decode()
        assert [word for word in secrets if word in text] == expected


def test_hostile_names_are_text(plan: Plan, written: bytes) -> None:
    hostile = "<w:p/>&\x00\x1b[31m=1+1\ud800"
    tree = plan.exercise.tree
    nodes = tuple(n.model_copy(update={"name": hostile}) for n in tree.nodes)
    changed = type(tree).model_construct(**{**dict(tree), "nodes": nodes})
    other = Plan(replace(plan.loaded, tree=changed), 1)
    data = packet(other)
    assert len(opened(data).tables) == len(opened(written).tables)
    assert "&lt;w:p/&gt;&amp;␀=1+1" in words(data)


def test_every_long_table_repeats_its_head_and_no_row_is_cut(written: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(written)) as file:
        body = file.read("word/document.xml").decode()
    for table in re.findall(r"<w:tbl>.*?</w:tbl>", body, re.DOTALL):
        rows = re.findall(r"<w:tr>.*?</w:tr>", table, re.DOTALL)
        assert all("<w:cantSplit/>" in row for row in rows)
        if len(rows) > 12:
            assert "<w:tblHeader/>" in rows[0]


def test_fonts_are_japanese_throughout(written: bytes) -> None:
    document = opened(written)
    used = {p.style.name for p in document.paragraphs if p.style is not None}
    for style in document.styles:
        fonts = style.element.findall(".//{*}rFonts")
        for each in fonts:
            names = {name.rpartition("}")[2]: font for name, font in each.attrib.items()}
            if style.name in used:  # A font of the theme would win over ours.
                assert names["eastAsia"] in ("ＭＳ 明朝", "ＭＳ ゴシック")
                assert not [name for name in names if name.endswith("Theme")]
    widths = [s.page_width for s in document.sections]
    assert [round(each.mm) for each in widths if each is not None] == [210]


def test_the_command_writes_a_new_file_alone_and_says_what_to_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "packet.docx"
    words = ["--lang", "en", "plan", "r5-virus-suspicion", "--runs", "1"]
    assert main([*words, "-o", str(target)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "12:00 to 13:00" in err
    if os.name != "nt":
        assert target.stat().st_mode & 0o077 == 0  # It names people.
    before = target.read_bytes()
    assert main([*words, "-o", str(target)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert main([*words, "-o", str(tmp_path / "packet.pdf")]) == 2
    assert "ends in .docx" in capsys.readouterr().err
    assert main([*words, "--seed", "7"]) == 2
    assert "are for the packet" in capsys.readouterr().err
