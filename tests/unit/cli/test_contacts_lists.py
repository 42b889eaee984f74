"""`contacts import`, `export`, `mapping`: what is printed, what is written, exit codes."""

import csv
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.files.tree_file import load_tree
from drillsim.shipped import shipped_dir

SHIPPED = shipped_dir("contacts") / "yamaguchi.yaml"
LIST = """\
団体名,所属,職,氏名,メールアドレス,電話,夜間連絡先
山口県,市町課,課長,見本 一郎,ichiro@pref.example,083-000-0101,090-0000-0101
下関市,市民課,課長,見本 二葉,futaba@shimo.example,083-000-0201,
,,主任,見本 三郎,saburo@shimo.example,083-000-0202,090-0000-0202
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(LIST, "cp932")
    return tmp_path


def test_a_preview_writes_nothing_and_tells_how_to_go_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "import", "list.csv", "new.yaml"]) == 0
    shown = capsys.readouterr()
    assert "list.csv: CP932 (Shift_JIS), headings in row 1" in shown.out
    assert "  G 夜間連絡先 → night-contact" in shown.out
    assert "row 3: 352012 下関市 市民課 [municipality] ↑350001 (code by its name)" in shown.out
    assert "  4: 2 見本 三郎  (主任)  saburo@shimo.example" in shown.out
    assert "add --write to write new.yaml" in shown.err
    assert not (folder / "new.yaml").exists()


def test_a_new_tree_is_written_for_its_owner_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "import", "list.csv", "new.yaml", "--write"]) == 0
    assert "next: drillsim contacts check new.yaml" in capsys.readouterr().err
    tree = load_tree("new.yaml").tree
    assert tree.title == "山口県 住基ネット緊急時連絡網"
    assert [len(node.officers) for node in tree.nodes] == [1, 2]
    assert os.name == "nt" or (folder / "new.yaml").stat().st_mode & 0o077 == 0


def test_a_list_against_a_tree_is_shown_as_its_changes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["contacts", "import", "list.csv", "new.yaml", "--write"])
    (folder / "list.csv").write_text(LIST.replace("083-000-0202", "083-000-0209"), "utf-8")
    capsys.readouterr()
    assert main(["contacts", "import", "list.csv", "new.yaml", "--write", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["written"] is True
    (body,) = data["changes"]["bodies"]
    assert body["changed"][0]["changes"] == [
        {"field": "phone", "old": "083-000-0202", "new": "083-000-0209"}
    ]
    assert main(["contacts", "import", "list.csv", "new.yaml", "--write"]) == 0
    shown = capsys.readouterr()
    assert "nothing changes" in shown.out
    assert "says the same already" in shown.err


def test_bad_cells_are_listed_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "list.csv").write_text(LIST.replace("futaba@shimo", "futaba＠"), "utf-8")
    assert main(["contacts", "import", "list.csv", "new.yaml", "--write"]) == 1
    shown = capsys.readouterr()
    assert "list.csv:3:5: E3: メールアドレス: futaba@.example is no e-mail address" in shown.out
    assert "nothing was written: 1 cell cannot be taken" in shown.err
    assert not (folder / "new.yaml").exists()
    words = ["contacts", "import", "list.csv", "new.yaml", "--write", "--leave-out-bad"]
    assert main(words) == 1
    assert "left out for a bad row: 352012 下関市 市民課" in capsys.readouterr().out
    assert [node.id for node in load_tree("new.yaml").tree.nodes] == ["350001"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list.csv", "--write"], "needs the name of the contact tree"),
        (["list.csv", "new.txt"], "is no YAML file"),
        (["none.csv"], "there is no such file"),
        (["list.csv", "--sheet", "x"], "is no Excel workbook"),
        (["list.csv", "--prefecture", "99"], "no prefecture 99"),
    ],
)
def test_wrong_use_is_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "import", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1


def test_headings_of_ones_own_go_before_the_shipped_ones(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = LIST.replace("氏名", "ご担当のお方").replace("夜間連絡先", "よるのでんわ")
    (folder / "list.csv").write_text(text, "utf-8")
    assert main(["contacts", "import", "list.csv"]) == 0
    shown = capsys.readouterr().out
    assert "  D ご担当のお方 → not taken" in shown
    assert "2 columns are not taken" in shown
    own = (
        "format: drillsim-columns/1\ncolumns: {name: [ご担当のお方], night-phone: [よるのでんわ]}\n"
    )
    (folder / "own.yaml").write_text(own, "utf-8")
    words = ["contacts", "import", "list.csv", "new.yaml", "--mapping", "own.yaml", "--write"]
    assert main(words) == 0
    officers = load_tree("new.yaml").tree.nodes[1].officers
    assert [(o.name, o.off_hours.phone) for o in officers] == [
        ("見本 二葉", ""),
        ("見本 三郎", "090-0000-0202"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {nme: [x]}\n", "own.yaml:2:11: there is no field nme; did you mean name?"),
        ("columns: {name: [x], role: [ｘ]}\n", "the heading ｘ stands under name too"),
    ],
)
def test_a_faulty_mapping_file_is_refused_with_its_line(
    folder: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "own.yaml").write_text(f"format: drillsim-columns/1\n{text}", "utf-8")
    assert main(["contacts", "import", "list.csv", "--mapping", "own.yaml"]) == 2
    assert said in capsys.readouterr().err


def test_the_shipped_mapping_can_be_written_and_used_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "mapping", "-o", "own.yaml"]) == 0
    assert main(["contacts", "import", "list.csv", "--mapping", "own.yaml"]) == 0
    assert main(["contacts", "mapping", "-o", "own.yaml"]) == 2
    capsys.readouterr()
    assert main(["contacts", "mapping"]) == 0
    assert capsys.readouterr().out == (folder / "own.yaml").read_text("utf-8")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "vcf", "html"])
def test_exports_are_for_their_owner_alone_and_replace_nothing_unasked(
    folder: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["contacts", "export", str(SHIPPED), "-o", f"out.{ending}"]
    assert main(words) == 0
    path = folder / f"out.{ending}"
    assert os.name == "nt" or path.stat().st_mode & 0o077 == 0
    before = path.read_bytes()
    assert main(words) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([*words, "--redact", "--replace"]) == 0
    after = path.read_bytes()
    assert after != before
    if ending != "xlsx":
        assert "長島 うみ" in before.decode()
        assert "長島" not in after.decode()


def test_another_ending_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts", "export", str(SHIPPED), "-o", "out.doc"]) == 2
    assert ".csv, .xlsx, .vcf, .html" in capsys.readouterr().err


def test_no_cell_is_a_formula(folder: Path) -> None:
    text = (
        SHIPPED.read_text("utf-8")
        .replace("長島 うみ", '"=HYPERLINK(1)"')
        .replace("090-0000-0140", "+81-0")
    )
    (folder / "t.yaml").write_text(text, "utf-8")
    assert main(["contacts", "export", "t.yaml", "-o", "t.csv"]) == 0
    cells = [
        c for row in csv.reader(io.StringIO((folder / "t.csv").read_text("utf-8-sig"))) for c in row
    ]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    assert main(["contacts", "export", "t.yaml", "-o", "t.xlsx"]) == 0
    with zipfile.ZipFile(folder / "t.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    assert main(["contacts", "import", "t.csv", "t.yaml", "--json"]) == 0
