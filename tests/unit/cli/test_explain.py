import io
import json
import sys
from pathlib import Path
from typing import get_args

import click
import pytest

from drillsim.cli import explain, mail_classify
from drillsim.cli.mail import COMMANDS, group
from drillsim.drill import events as ev
from drillsim.i18n import set_language
from drillsim.journal import JournalReader
from drillsim.mail.replies import MailKind
from drillsim.problem import ExitCode, UsageError
from tests.simulation.rehearsing import events_of, loaded, rehearse

MAILS = Path(__file__).parents[2] / "data" / "mail"
ANSWER = MAILS / "human_reply" / "gmail-ja.eml"
REFUSAL = MAILS / "human_reply" / "refusal.eml"
BOUNCE = MAILS / "bounce_hard" / "postfix-unknown-user.eml"


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


def run(command: click.Command, *words: str | Path) -> object:
    return command.main([str(word) for word in words], standalone_mode=False)


def test_every_kind_of_mail_has_words() -> None:
    assert set(explain.KINDS) == set(get_args(MailKind))


def test_explain_says_what_a_mail_is_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    run(explain.command, ANSWER)
    shown = capsys.readouterr().out
    assert "a person's answer" in shown.splitlines()[0]
    assert "In-Reply-To" in shown
    assert "7KQ2-M4XD (in the address)" in shown
    assert "入江 なぎさ <irie@town-sazanami.example>" in shown
    assert shown.rstrip().endswith("標記の連絡を10時17分に受信しました。")


def test_explain_says_that_a_person_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    run(explain.command, REFUSAL)
    assert "they cannot act" in capsys.readouterr().out


def test_explain_shows_who_failed_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    run(explain.command, BOUNCE)
    shown = capsys.readouterr().out
    assert "the address does not exist" in shown
    assert "irie@town-sazanami.example 5.1.1" in shown


def test_explain_shows_nothing_that_acts_on_a_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = tmp_path / "x.eml"
    mail.write_bytes(b"From: a@b.example\nSubject: Re: \x1b[31mx\n\n\x1b]0;t\x07[bold]OK[/]\n")
    run(explain.command, mail)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[bold]OK[/]" in shown


def test_explain_as_json_has_the_keys_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    run(explain.command, ANSWER, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert {"path", "kind", "reply_text", "token", "reasons", "error"} <= set(shown)
    assert (shown["path"], shown["kind"]) == (str(ANSWER), "human_reply")
    assert (shown["token"], shown["error"]) == ("7KQ2-M4XD", None)


def test_explain_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ANSWER.read_bytes())))
    run(explain.command, "-", "--json")
    assert json.loads(capsys.readouterr().out)["kind"] == "human_reply"


def test_what_is_no_mail_exits_as_unreadable_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    junk = tmp_path / "x.eml"
    junk.write_bytes(b"\x7fELF no mail at all")
    assert run(explain.command, junk) == ExitCode.WRONG_USE
    assert run(explain.command, ANSWER) == ExitCode.DONE
    capsys.readouterr()


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("drill") / "a.drill"
    rehearse(loaded("r5-virus-suspicion"), 7, path)
    return path


def stored(drill: Path, kind: type[ev.AnswerSent | ev.Submitted], tmp_path: Path) -> Path:
    event = next(event for event in events_of(drill) if isinstance(event, kind))
    mail = tmp_path / "mail.eml"
    with JournalReader(drill) as reader:
        mail.write_bytes(reader.mail(event.raw))
    return mail


def test_explain_says_whose_answer_a_mail_is_in_a_drill(
    drill: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = stored(drill, ev.AnswerSent, tmp_path)
    run(explain.command, mail, "--drill", drill, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert shown["matched"] == {"inject": "first-report", "node": "350001"}
    assert shown["matched_by"] in ("thread", "plus-address")
    assert "acknowledged" in shown["events"]
    run(explain.command, mail, "--drill", drill)
    assert "山口県" in capsys.readouterr().out


def test_a_mail_that_the_drill_sent_is_not_taken_for_an_answer(
    drill: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = stored(drill, ev.Submitted, tmp_path)
    run(explain.command, mail, "--drill", drill, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert (shown["kind"], shown["matched"], shown["events"]) == (
        "not_a_reply",
        None,
        ["submitted", "notified"][:1],
    )


def test_the_mail_of_a_stranger_is_nobodys(drill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(explain.command, ANSWER, "--drill", drill)
    assert "nobody's that is known" in capsys.readouterr().out


def test_a_mail_that_is_not_there_is_told_of_by_its_name() -> None:
    with pytest.raises(FileNotFoundError) as gone:
        run(explain.command, "gone.eml")
    assert gone.value.filename == "gone.eml"


def test_classify_writes_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mail_classify.command, "--jsonl", ANSWER, BOUNCE) == ExitCode.DONE
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["path"], line["kind"]) for line in lines] == [
        (str(ANSWER), "human_reply"),
        (str(BOUNCE), "bounce_hard"),
    ]
    assert all({"reply_text", "token", "reasons", "error"} <= set(line) for line in lines)


def test_classify_takes_folders_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    run(mail_classify.command, MAILS / "delayed")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(list((MAILS / "delayed").glob("*.eml")))
    assert all(line.startswith("delayed ") for line in lines)
    names = [line.split()[-1] for line in lines]
    assert names == sorted(names)


def test_classify_goes_on_after_a_file_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(mail_classify.command, "--jsonl", tmp_path / "gone.eml", ANSWER)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == ExitCode.WRONG_USE
    assert lines[0]["kind"] is None
    assert lines[0]["error"]
    assert lines[1]["kind"] == "human_reply"


def test_classify_finds_the_numbers_of_other_tools(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = tmp_path / "x.eml"
    mail.write_bytes(b"From: a@b.example\nTo: exer+AB12CD@y.example\nSubject: Re:\n\nOK\n")
    pattern = r"(?i)exer[-+.]([A-Z0-9]{6})\b"
    run(mail_classify.command, "--jsonl", "--token-pattern", pattern, mail)
    assert json.loads(capsys.readouterr().out)["token"] == "AB12CD"


def test_a_faulty_pattern_is_wrong_use() -> None:
    with pytest.raises(click.BadParameter, match="no regular expression"):
        run(mail_classify.command, "--token-pattern", "(", ANSWER)


def test_the_group_finds_its_commands() -> None:
    context = click.Context(group)
    assert [group.get_command(context, name) for name in COMMANDS] == [mail_classify.command]


def test_a_msg_that_holds_no_mail_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    with pytest.raises(UsageError, match="no mail that Outlook saved"):
        explain.read_mail(str(path))
