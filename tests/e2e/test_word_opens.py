"""Our Word documents and workbooks in another office suite: LibreOffice, where it is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from drillsim.files.scenario_file import load_scenario
from drillsim.i18n import set_language
from drillsim.reports.council import council_view
from drillsim.reports.docx import as_docx
from drillsim.reports.feedback import Feedback
from drillsim.reports.msel import msel_xlsx
from drillsim.reports.packet import packet
from drillsim.reports.plan import Plan
from drillsim.reports.report import report_view
from tests.unit.reports.drills import shipped

OFFICE = shutil.which("soffice")
TEXT = shutil.which("pdftotext")


@pytest.mark.skipif(not (OFFICE and TEXT), reason="LibreOffice or pdftotext is not installed")
def test_every_paper_opens_and_prints(tmp_path: Path) -> None:
    assert OFFICE is not None
    assert TEXT is not None
    set_language("ja")
    record = shipped()
    plan = Plan(load_scenario("r5-virus-suspicion"), 1)
    feedback = Feedback(record)
    papers = {
        "report.docx": (as_docx(report_view(record)), "訓練実施報告書"),
        "council.docx": (as_docx(council_view(report_view(record), record.exercise)), "審議会資料"),
        "sheet.docx": (as_docx(feedback.sheet(feedback.nodes[1])), "下関市 市民課　御中"),
        "packet.docx": (packet(plan), "実施要領（案）"),
        "msel.xlsx": (msel_xlsx(plan), "状況付与"),
    }
    for name, (data, _words) in papers.items():
        (tmp_path / name).write_bytes(data)
    profile = (tmp_path / "profile").as_uri()
    subprocess.run(
        [
            OFFICE,
            f"-env:UserInstallation={profile}",
            *("--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)),
            *(str(tmp_path / name) for name in papers),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    for name, (_data, words) in papers.items():
        printed = (tmp_path / name).with_suffix(".pdf")
        text = subprocess.run(
            [TEXT, str(printed), "-"], check=True, capture_output=True, timeout=60
        ).stdout.decode()
        assert "".join(words.split()) in "".join(text.split()), name
