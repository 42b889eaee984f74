"""The files that `drillsim report` writes of a drill over real mail: whole, and for outsiders."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner

from drillsim.cli.report import command
from drillsim.mail.bodies import read_body
from drillsim.mail.parsing import parse_mail
from drillsim.problem import UsageError
from drillsim.reports.formats import FORMATS
from tests.simulation.rehearsing import loaded, mails_of, rehearse
from tests.unit.reports.test_redaction import contents, persons, squeezed

VIRUS = "r5-virus-suspicion"
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
ALL_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
"""Every sheet as a file of its own: the filter's options as LibreOffice documents them."""
LINE_MIN = 15
"""Letters from which on a line of a mail is told from words that stand everywhere."""


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "virus.drill"
    rehearse(loaded(VIRUS), 7, path)
    return path


def write(drill: Path, *words: str | Path) -> str:
    result = CliRunner().invoke(command, [str(drill), *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_no_person_no_contact_and_no_mail_is_in_any_file_for_outsiders(
    drill: Path, tmp_path: Path
) -> None:
    suffixes = [suffix for suffix in FORMATS if suffix != ".pdf"]
    outputs = [tmp_path / f"copy{suffix}" for suffix in suffixes]
    write(drill, "--redact", "--lang", "ja", *(w for o in outputs for w in ("-o", o)))
    given = loaded(VIRUS)
    scenario, tree = given.scenario, given.tree
    public = squeezed(f"{scenario.title} {scenario.purpose} {scenario.story}")
    bodies = {squeezed(read_body(parse_mail(raw)).text) for raw, _mail in mails_of(drill)}
    lines = {
        squeezed(line)
        for raw, _mail in mails_of(drill)
        for line in read_body(parse_mail(raw)).text.splitlines()
    }
    names = re.compile("|".join(re.escape(squeezed(node.name)) for node in tree.nodes))
    lines = {
        line
        for line in lines
        if len(names.sub("", line)) >= LINE_MIN and line.lstrip(">") not in public
    }
    secrets = {squeezed(secret) for secret in persons(tree) if secret}
    assert len(secrets) > 100
    assert len(lines) > 300
    for output in outputs:
        out = squeezed(contents(output.read_bytes()))
        for wanted in (secrets, bodies, lines):
            assert [each for each in wanted if each and each in out] == [], output.name


def test_one_table_is_written_alone(drill: Path, tmp_path: Path) -> None:
    out = tmp_path / "bodies.csv"
    write(drill, "--table", "bodies", "-o", out, "--lang", "ja")
    head, *rows = out.read_text("utf-8-sig").splitlines()
    assert head.startswith("連絡,団体,")
    assert len(rows) == 60


def test_what_cannot_be_written_is_said_in_one_line(drill: Path, tmp_path: Path) -> None:
    for words, said in (
        (("-o", tmp_path / "a.txt"), "no such format; write one of: "),
        (("--table", "bodies", "-o", tmp_path / "a.html"), "--table goes with .csv"),
        (("--table", "x", "-o", tmp_path / "a.csv"), "there is no table x in this report"),
    ):
        with pytest.raises((UsageError, click.ClickException), match=said):
            CliRunner().invoke(
                command,
                [str(drill), *map(str, words)],
                catch_exceptions=False,
                standalone_mode=False,
            )
    assert list(tmp_path.iterdir()) == []


def test_all_formats_are_written_at_once_and_say_the_same(drill: Path, tmp_path: Path) -> None:
    names = [tmp_path / f"r{suffix}" for suffix in (".json", ".md", ".xlsx")]
    printed = write(drill, *(w for name in names for w in ("-o", name)), "--lang", "en")
    assert printed.splitlines() == [str(name) for name in names]
    data = json.loads(names[0].read_text("utf-8"))
    assert data["headline"][0] in names[1].read_text("utf-8").replace("\\", "")
    book = openpyxl.load_workbook(names[2])
    values = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert data["headline"][0] in values
    assert data["journal"]["head"] in values


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
async def test_the_workbook_opens_in_libreoffice(drill: Path, tmp_path: Path) -> None:
    assert OFFICE is not None
    book = tmp_path / "r.xlsx"
    write(drill, "-o", book, "--lang", "ja")
    profile = (tmp_path / "profile").as_uri()
    words = [
        "--headless",
        f"-env:UserInstallation={profile}",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1",
    ]
    process = await asyncio.create_subprocess_exec(
        OFFICE, *words, "--outdir", str(tmp_path / "out"), str(book)
    )
    assert await asyncio.wait_for(process.wait(), 100) == 0
    sheets = {path.stem: path.read_text("utf-8") for path in (tmp_path / "out").iterdir()}
    bodies = next(text for name, text in sheets.items() if "団体別結果" in name)
    assert bodies.count("\n") >= 61
    assert "#NAME" not in "".join(sheets.values())
