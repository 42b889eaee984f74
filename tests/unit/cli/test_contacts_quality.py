"""`contacts check`, `contacts diff`, `contacts what-if`: exit codes, text and JSON."""

import json
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.shipped import shipped_dir


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def text() -> str:
    return (shipped_dir("contacts") / "yamaguchi.yaml").read_text("utf-8")


def test_the_shipped_tree_has_a_hundred(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts", "check", "yamaguchi", "--today", "2026-11-23"]) == 0
    assert capsys.readouterr().out == "Score 100 of 100, no findings\n"


def test_next_april_every_entry_is_to_be_confirmed(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["contacts", "check", "yamaguchi", "--today", "2027-04-01", "--json"]
    assert main(words) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["score"] < 100
    assert list(shown["rules"]) == ["stale"]
    assert shown["rules"]["stale"]["findings"] == len(shown["findings"]) > 40
    first = shown["findings"][0]
    assert first["path"].endswith("yamaguchi.yaml")
    assert first["line"] > 1
    assert "write verified: 2027-04-01" in first["remedy"]
    assert "people move on 1 April" in first["why"]


def test_a_finding_is_told_with_its_place_the_reason_and_the_remedy(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "t.yaml").write_text(text.replace("name: 萩市", "name: 荻市"), "utf-8")
    assert main(["contacts", "check", "t.yaml", "--today", "2026-11-23"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Score 99 of 100, 1 finding"
    assert lines[2] == "Code and name disagree: 1 finding, 20 points each"
    assert lines[3].startswith("  Why it matters: 25 names occur twice")
    row = 1 + text.splitlines().index('    code: "352047"')
    assert lines[4].startswith(
        f"t.yaml:{row}:11: the code 352047 is that of 山口県萩市, not of 荻市"
    )


@pytest.mark.parametrize("today", ["tomorrow", "2026-02-30", "20260401"])
def test_a_day_that_is_none_is_wrong_use(today: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts", "check", "yamaguchi", "--today", today]) == 2
    assert "2026-04-10" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts", "check", "nowhere.yaml"]) == 2
    assert "nowhere.yaml" in capsys.readouterr().err


def test_a_tree_does_not_differ_from_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts", "diff", "yamaguchi", "yamaguchi"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "nothing changed\n")


def test_a_transfer_is_told_body_by_body(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    new = text.replace("彦島 潮", "新任 渚").replace("hikoshima@", "shinnin@")
    new = new.replace("suo@city-yamaguchi", "taro@city-yamaguchi")
    new = new.replace("（情報政策課長）", "（課長）")
    old = text.replace("（情報政策課長）", "（課長）")
    (folder / "old.yaml").write_text(old, "utf-8")
    (folder / "new.yaml").write_text(new.replace("083-000-1201", "083-000-1209"), "utf-8")
    assert main(["contacts", "diff", "old.yaml", "new.yaml"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == [
        "+++ new.yaml",
        "@@ 352012 下関市 市民課",
        "- 彦島 潮  (システム管理者（課長）)  hikoshima@city-shimonoseki.example  083-000-1203",
        "+ 新任 渚  (システム管理者（課長）)  shinnin@city-shimonoseki.example  083-000-1203",
        "~ 海峡 渡",
        "    phone: 083-000-1201 → 083-000-1209",
        "@@ 352039 山口市 市民課",
        "~ 周防 太郎",
        "    email: suo@city-yamaguchi.example → taro@city-yamaguchi.example",
    ]
    assert main(["contacts", "diff", "old.yaml", "new.yaml", "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert not shown["same"]
    assert [body["new"] for body in shown["bodies"]] == ["352012", "352039"]
    assert shown["bodies"][0]["left"][0]["name"] == "彦島 潮"
    assert shown["bodies"][1]["changed"][0]["changes"] == [
        {
            "field": "email",
            "old": "suo@city-yamaguchi.example",
            "new": "taro@city-yamaguchi.example",
        }
    ]


def test_a_node_that_falls_out_is_named_with_all_that_hangs_below(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["contacts", "what-if", "yamaguchi", "--without", "350001"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "20 of 21 bodies are cut off"
    assert lines[1] == "  350001 山口県 市町課: nobody there"
    assert lines[2] == "  352012 下関市 市民課: below one that is cut off"


@pytest.mark.parametrize("who", ["防長正樹", "bocho@pref-yamaguchi.example", "350001:1"])
def test_where_a_stand_in_takes_over_nobody_is_cut_off(
    who: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "what-if", "yamaguchi", "--without", who, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["without"]["persons"] == [
        {"name": "防長 正樹", "posts": [{"node": "350001", "officer": 1}]}
    ]
    assert (shown["unreachable"], shown["covered"]) == ([], ["350001"])


def test_without_anybody_the_weakest_points_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contacts", "what-if", "yamaguchi"]) == 0
    said = capsys.readouterr().out
    assert "No single person cuts anybody off." in said
    assert "21 of 21 bodies have two persons or more" in said
    assert main(["contacts", "what-if", "yamaguchi", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["nodes"] == [{"node": "350001", "cut_off": 20}]


@pytest.mark.parametrize(
    ("who", "said"),
    [("352011", "did you mean 352012?"), ("架空 不在", "see drillsim contacts show")],
)
def test_who_is_nobody_is_wrong_use(
    who: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "what-if", "yamaguchi", "--without", who]) == 2
    assert said in capsys.readouterr().err
