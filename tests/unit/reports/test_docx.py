"""The report as a Word document, the five rows for a council, and the sheets of the bodies."""

import inspect
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import docx
import pytest
from docx.document import Document

from drillsim.cli.main import main
from drillsim.cli.report import usual_file
from drillsim.drill.tree import NodeId
from drillsim.evaluation.body_marks import body_marks
from drillsim.evaluation.wording import rating_word
from drillsim.i18n import LANGUAGES, set_language
from drillsim.reports import improvements
from drillsim.reports.cells import cell_text
from drillsim.reports.council import council_view
from drillsim.reports.docx import as_docx
from drillsim.reports.feedback import MEDIAN_OF_MIN, Feedback, advice, file_names
from drillsim.reports.plain import as_json, as_markdown
from drillsim.reports.report import report_view
from drillsim.reports.view import Column, Heading, ReportView, Section, Table, Text
from drillsim.world.course import Course
from tests import examples
from tests.tui import recorded
from tests.unit.reports.drills import record_of, shipped
from tests.unit.reports.views import CELLS, small_view


@cache
def report(lang: str) -> bytes:
    """Return the report of a shipped drill; its pictures are what takes time."""
    set_language(lang)
    return as_docx(report_view(shipped()))


def opened(data: bytes) -> Document:
    return docx.Document(io.BytesIO(data))


def rows(document: Document) -> list[tuple[str, ...]]:
    """Return the rows of all tables, without python-docx's slow look at each cell."""
    found = []
    for table in document.tables:
        for row in table._tbl.iter("{*}tr"):
            cells = ("".join(t.text or "" for t in c.iter("{*}t")) for c in row.iter("{*}tc"))
            found.append(tuple(cells))
    return found


def words(document: Document) -> str:
    return "\n".join(t.text or "" for t in document.element.body.iter("{*}t"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figures_are_those_of_the_json_report(lang: str) -> None:
    set_language(lang)
    view = report_view(shipped())
    document = opened(report(lang))
    written, text = rows(document), words(document)
    data = json.loads(as_json(view))
    for table in view.tables:
        if not table.rows:
            continue
        head = tuple(column.name for column in table.columns)
        assert head in written
        for row in table.rows:
            cells = (cell_text(c, k) for c, k in zip(row, table.columns, strict=True))
            assert tuple(cell.replace("\n", "") for cell in cells) in written
    for sentence in view.headline:
        assert sentence in text
    reached = data["rates"]["reached"]
    assert f"{reached['count']}/{reached['of']}" in text
    # Each figure of the summary's tiers stands in the row of its tier.
    tiers = view.table("tiers")
    assert tiers is not None
    asked = [tier for tier in data["tiers"] if tier["acknowledged"]["of"]]
    by_tier = [row for row in written if row[:2] in {r[:2] for r in map(_texts(tiers), tiers.rows)}]
    for tier in asked:
        done = tier["acknowledged"]
        figures = {str(done[key]) for key in ("done", "in_time", "late")}
        assert any(figures <= set(row) for row in by_tier)


def _texts(table: Table):  # type: ignore[no-untyped-def]
    return lambda row: tuple(cell_text(c, k) for c, k in zip(row, table.columns, strict=True))


def test_headings_are_those_of_official_reports_and_real_ones() -> None:
    document = opened(report("ja"))
    heads = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert heads == [
        f"{number}　{text}"
        for number, text in (
            ("１", "目的"),
            ("２", "実施日時"),
            ("３", "対象"),
            ("４", "想定"),
            ("５", "方法"),
            ("６", "結果"),
            ("７", "評価"),
            ("８", "課題"),
            ("９", "改善計画"),
            ("10", "添付"),
        )
    ]
    text = words(document)
    assert "おおむね達成" in text or "達成" in text
    assert not re.search(r"\b[PSMU] \(", text)


def unpictured(name: str) -> ReportView:
    """Return a view without pictures, whose texts have to be clean already."""
    view = small_view(name, *CELLS)
    kept = (Text, Heading, Table)
    sections = (
        replace(each, blocks=tuple(b for b in each.blocks if isinstance(b, kept)))
        for each in view.sections
    )
    return replace(view, sections=tuple(sections))


def test_hostile_texts_are_text_and_control_characters_do_not_stop_it() -> None:
    hostile = "<w:p/>]]>&amp;\x00\x1b[31m=1+1\ud800\x0b\ufffe{{ 7*7 }}"
    data, plain = as_docx(unpictured(hostile)), as_docx(unpictured("plain"))
    with zipfile.ZipFile(io.BytesIO(data)) as one, zipfile.ZipFile(io.BytesIO(plain)) as other:
        tags = [re.findall(rb"<(w:\w+)", f.read("word/document.xml")) for f in (one, other)]
    assert [t for t in tags[0] if t in (b"w:tbl", b"w:tc")] == [
        t for t in tags[1] if t in (b"w:tbl", b"w:tc")
    ]
    assert "<w:p/>]]>&amp;␀=1+1" in words(opened(data))


def test_wide_tables_stand_across_at_the_end_and_are_named_where_they_belong() -> None:
    document = opened(report("en"))
    sizes = [(s.page_width, s.page_height) for s in document.sections]
    assert len(sizes) == 2
    assert sizes[0] == sizes[1][::-1]
    text = words(document)
    assert re.search(r"See Table 1: .* at the end\.", text)


def test_of_a_very_long_table_the_first_rows_are_printed_and_the_rest_counted() -> None:
    table = Table(
        id="long",
        title="long",
        columns=(Column("n", "count"),),
        rows=tuple((n,) for n in range(301)),
        groups=(("a", 60), ("b", 241)),
    )
    view = replace(unpictured("x"), sections=(Section("results", "x", (table,)),))
    document = opened(as_docx(view))
    numbers = [row[0] for row in rows(document) if row[0].isdecimal()]
    assert numbers == [str(n) for n in range(100)]
    assert "201 further rows are in the spreadsheet." in words(document)


# For the council ----------------------------------------------------------------------------------


def test_the_council_gets_five_rows_in_the_reports_own_sentences() -> None:
    set_language("ja")
    record = shipped()
    view = report_view(record)
    found = rows(opened(as_docx(council_view(view, record.exercise))))
    assert [row[0] for row in found] == ["項目", "実施時期", "対象", "目的", "概要", "結果"]
    assert "****" not in as_markdown(council_view(view, record.exercise)).decode()
    purpose = record.exercise.scenario.purpose
    assert found[3][1] == purpose
    sentences = view.section("results").sentences
    assert sentences[0] in found[5][1]


@pytest.mark.parametrize("seed", [1, 2, 7, 11])
def test_no_municipality_is_named_to_the_council(seed: int) -> None:
    record = shipped(seed=seed)
    text = words(opened(as_docx(council_view(report_view(record), record.exercise))))
    municipalities = [n.name for n in record.exercise.tree.nodes if n.kind == "municipality"]
    assert len(municipalities) == 19
    assert [name for name in municipalities if name in text] == []


# A sheet for each body ----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("seed", [3, 7])
def test_a_sheet_names_its_own_body_and_no_other(seed: int, lang: str) -> None:
    set_language(lang)
    record = shipped(seed=seed)
    feedback = Feedback(record)
    nodes = record.exercise.tree.nodes
    assert len(feedback.nodes) == 20
    for node in feedback.nodes:
        view = feedback.sheet(node)
        text = "\n".join(_all_texts(view))
        own = record.exercise.node(node).name
        assert own in text
        # "山口市 市民課" would be found in a longer name that holds it: such are taken out first.
        rest = text.replace(own, "")
        assert [n.name for n in nodes if n.id != node and n.name in rest] == []
        assert [n.id for n in nodes if n.id != node and len(n.id) > 4 and n.id in rest] == []


def _all_texts(view) -> Iterator[str]:  # type: ignore[no-untyped-def]
    yield from (view.title, view.kind, view.foot, *view.headline)
    for section in view.sections:
        yield section.heading
        yield from section.sentences
        for table in section.tables:
            yield table.title
            for row in table.rows:
                yield from _texts(table)(row)


def test_the_times_of_a_sheet_are_those_of_the_report_and_medians_are_of_three_or_more() -> None:
    record = shipped()
    node = NodeId("352039")
    sheet = Feedback(record).sheet(node)
    own = sheet.table("acknowledged")
    bodies = report_view(record).table("bodies")
    assert own is not None
    assert bodies is not None
    report_rows = [row for row in bodies.rows if getattr(row[1], "node", "") == node]
    assert [row[2] for row in own.rows] == [row[4] for row in report_rows]
    timeline = record.evaluation.timeline
    for row, inject in zip(own.rows, list(timeline.by_inject), strict=False):
        delays = sorted(h.delay for h in timeline.by_inject[inject] if h.delay is not None)
        middle = len(delays) // 2
        expected = delays[middle] if len(delays) % 2 else (delays[middle - 1] + delays[middle]) / 2
        assert row[5] == expected
    # Only one body passes on: its median would be its own.
    onward = Feedback(record).sheet(NodeId("350001")).table("passed-on")
    assert onward is not None
    assert MEDIAN_OF_MIN == 3
    assert {row[3] for row in onward.rows} == {None}


def test_the_rating_of_a_body_is_made_of_its_own_points() -> None:
    record = shipped()
    score = record.evaluation.score
    marks = body_marks(score)
    # Where everybody is one body, its marks are those of the drill.
    alone = examples.exercise(examples.tree((1, 0)), examples.scenario(window="2h"))
    one = record_of(alone, list(Course(alone, 7).run()))
    (only,) = body_marks(one.evaluation.score).values()
    assert only.contact == one.evaluation.score.contact
    for node, mark in marks.items():
        points = [
            p for r in score.criteria for p in r.points if p.hop.node == node and p.is_counted
        ]
        assert points
        is_perfect = all(p.gained == 1 for p in points)
        shares = [m.share for m in (mark.contact, mark.handling) if m.share is not None]
        assert is_perfect == all(share == 1 for share in shares)
    text = "\n".join(_all_texts(Feedback(record).sheet(NodeId("352039"))))
    rating = marks[NodeId("352039")].contact.rating
    assert rating is not None
    assert rating_word(rating) in text


def test_every_finding_has_its_advice() -> None:
    kinds = set(re.findall(r'kind="([a-z-]+)"', inspect.getsource(improvements)))
    assert kinds
    of_the_office = {"tray", "slow-sending", "not-sent"}
    assert {kind for kind in kinds if not advice(kind)} == of_the_office


def test_files_of_sheets_have_names_that_every_machine_holds() -> None:
    nodes = [NodeId(n) for n in ("350001", "a/b", "a:b", "CON", "..", "A_B", "山口", "x" * 99)]
    names = file_names(nodes)
    assert names[NodeId("350001")] == "350001"
    assert len({name.casefold() for name in names.values()}) == len(nodes)
    assert all(re.fullmatch(r"[\w-]{1,64}", name) for name in names.values())
    assert names[NodeId("CON")] == "_CON"


# The command --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recording = recorded.record()
    return recorded.sealed_journal(tmp_path_factory.mktemp("drills") / "r5.drill", recording)


def test_word_is_the_usual_format_in_japanese_and_is_never_written_over(
    drill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = drill.with_name("r5-council.docx")
    assert main(["--lang", "ja", "report", str(drill), "--council"]) == 0
    before = target.read_bytes()
    assert opened(before).core_properties.language == "ja-JP"
    capsys.readouterr()
    assert main(["--lang", "en", "report", str(drill), "-o", str(target)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert usual_file(drill, "ja") == drill.with_suffix(".docx")
    assert usual_file(drill, "en") == drill.with_suffix(".html")


def test_council_and_feedback_are_written(
    drill: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target, folder = tmp_path / "council.docx", tmp_path / "sheets"
    words = ["--lang", "en", "report", str(drill)]
    assert main([*words, "--council", "-o", str(target), "--feedback", str(folder)]) == 0
    assert len(rows(opened(target.read_bytes()))) == 6
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 20
    assert names[0] == "350001.docx"
    capsys.readouterr()
    assert main([*words, "--feedback", str(folder)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert main([*words, "--feedback", str(target)]) == 2
    assert "no folder" in capsys.readouterr().err
    assert main([*words, "--mapping", "x.yaml", "-o", str(tmp_path / "x.md")]) == 2
    assert "--before" in capsys.readouterr().err
