"""Copies for outsiders: searched for everything that they may not hold."""

import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from drillsim.drill import events as ev
from drillsim.drill.durations import from_ms
from drillsim.drill.tree import ContactTree
from drillsim.i18n import set_language
from drillsim.reports.formats import FORMATS, writer
from drillsim.reports.redaction import people_mask, redacted
from drillsim.reports.report import report_view
from drillsim.reports.view import Body, Gantt, TreeNode, TreePicture
from tests import examples
from tests.unit.reports.drills import record_of, shipped


def contents(data: bytes) -> str:
    """Return what is in a file, whether it is a text, an archive of texts or a PDF."""
    if data.startswith(b"%PDF"):
        return pdf_text(data)
    if data[:2] != b"PK":
        return data.decode("utf-8-sig")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(
            archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
        )


def pdf_text(data: bytes) -> str:
    """Return the text of a PDF, with that of its pictures, and its properties."""
    text = shutil.which("pdftotext")
    about = shutil.which("pdfinfo")
    if text is None or about is None:
        pytest.skip("pdftotext and pdfinfo (poppler-utils) are not installed")
    commands = ([text, "-", "-"], [about, "-"])
    return "\n".join(
        subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()
        for command in commands
    )


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def persons(tree: ContactTree) -> Iterator[str]:
    for node in tree.nodes:
        yield node.mailbox
        if node.duty_desk is not None:
            yield node.duty_desk.phone
        for officer in node.officers:
            yield from (officer.name, officer.kana, officer.phone, officer.off_hours.phone)
            yield from (*officer.email, *officer.off_hours.email)


@pytest.mark.parametrize(
    ("suffix", "mask_bodies"),
    # A Word document takes seconds; without bodies it holds the least.
    [*((s, False) for s in FORMATS if s != ".docx"), *((s, True) for s in FORMATS)],
)
def test_no_person_and_no_contact_is_in_a_copy_for_outsiders(
    suffix: str, mask_bodies: bool
) -> None:
    record = shipped()
    tree = record.exercise.tree
    if suffix == ".pdf":
        pytest.importorskip("typst", reason="the extra pdf is not installed")
    write = writer(suffix)
    assert write is not None
    view = report_view(record)
    out = squeezed(contents(write(redacted(view, tree, mask_bodies=mask_bodies, key=b"k"))))
    found = [secret for secret in persons(tree) if secret and squeezed(secret) in out]
    assert found == []
    assert not re.search(r"[\w.]+@[\w.]+\.example", out)
    names = [squeezed(node.name) for node in tree.nodes]
    there = [name for name in names if name in out]
    assert there == [] if mask_bodies else len(there) > 10
    if mask_bodies:
        assert not any(len(node.id) > 4 and node.id in out for node in tree.nodes)
        assert "山口県" not in out


def test_the_full_report_has_the_texts_but_no_person_in_them() -> None:
    view = report_view(shipped())
    officer = shipped().exercise.tree.nodes[1].officers[0]
    texts = "".join(view.section("attachments").sentences)
    assert "架空の件名" in texts
    assert "＊＊ 様 ＊＊" in texts
    assert officer.name not in texts
    assert view.redaction == ""
    copy = redacted(view, shipped().exercise.tree)
    assert "架空の件名" not in "".join(copy.section("attachments").sentences)


def hostile_record() -> Any:
    changes = {
        "n1": {
            "name": "架空県 市町課",
            "officers": [
                {"name": "周防 太郎", "kana": "すおう たろう", "phone": "083-000-1234"},
                {"name": "Ann Lee", "email": "Ann.Lee@n1.example", "phone": "内線 2345"},
            ],
            "duty-desk": {"phone": "(083)000-9999"},
        }
    }
    tree = examples.tree(changes=changes)
    story = examples.scenario(
        title="架空県の訓練（周防太郎）",
        purpose="周防　太郎が０８３－０００－１２３４で確認する",
        story="周 防 太 郎 (083 000 1234)、ａｎｎ ｌｅｅ、ANN.LEE@N1.EXAMPLE、内線2345、0830009999",
    )
    exercise = examples.exercise(tree, story)
    start = ev.DrillStarted(at=from_ms(0), scenario="example", seed=1, nodes=5, participants=4)
    note = ev.Noted(at=from_ms(5), text="周防 太郎に電話", by="統制者")
    end = ev.DrillEnded(at=from_ms(9_000_000), reason="operator")
    return record_of(exercise, [start, note, end])


def test_names_and_numbers_are_found_however_they_are_written() -> None:
    record = hostile_record()
    view = redacted(report_view(record), record.exercise.tree)
    for text in (view.title, *view.section("purpose").sentences, *view.section("story").sentences):
        plain = squeezed(text)
        for secret in ("周防", "太郎", "1234", "annlee", "ann.lee", "2345", "9999"):
            assert secret not in plain, text
    assert view.table("log") is None
    assert "架空県" in view.title
    masked = redacted(report_view(record), record.exercise.tree, mask_bodies=True, key=b"k")
    assert "架空県" not in masked.title


def test_masked_bodies_do_not_stand_in_the_order_of_the_tree() -> None:
    record = shipped()
    tree = record.exercise.tree
    view = redacted(report_view(record), tree, mask_bodies=True, key=b"k")
    table = view.table("bodies")
    assert table is not None
    names = [cell.name for row in table.rows for cell in row[1:2] if isinstance(cell, Body)]
    towns = [name for name in names if "municipality" in name][:19]
    assert towns == sorted(towns)
    assert len(set(towns)) == 19
    other = redacted(report_view(record), tree, mask_bodies=True, key=b"other")
    assert [tier.root for tier in _pictures(view)] != [tier.root for tier in _pictures(other)]
    for block in view.section("results").blocks:
        if isinstance(block, Gantt):
            lanes = [lane.name for lane in block.lanes if lane.depth == 1]
            assert lanes == sorted(lanes)
    (picture,) = _pictures(view)
    assert [child.name for child in _leaves(picture.root)] == towns
    events = [row[-1] for row in table.rows]
    assert not any(isinstance(cell, str) and cell[:1].isdigit() for cell in events)
    assert all(point["because"] == [] for point in view.data["points"])


def _pictures(view: Any) -> list[TreePicture]:
    return [b for b in view.section("results").blocks if isinstance(b, TreePicture)]


def _leaves(node: TreeNode) -> Iterator[TreeNode]:
    for child in node.below:
        yield from _leaves(child) if child.below else (child,)


def test_figures_stay_as_they_are() -> None:
    view = report_view(shipped())
    copy = redacted(view, shipped().exercise.tree, mask_bodies=True, key=b"k")
    for name in ("tiers", "times", "criteria", "expected"):
        before, after = view.table(name), copy.table(name)
        assert before is not None
        assert after is not None
        assert before.rows == after.rows
    assert copy.data["score"] == view.data["score"]


def test_a_text_without_anything_personal_is_left_alone() -> None:
    set_language("ja")
    try:
        mask = people_mask(shipped().exercise.tree)
        for text in ("令和８年10月14日（水）10時05分", "16 31 45 1023 2044", "受信確認 17/19"):
            assert mask(text) == text
    finally:
        set_language("en")
