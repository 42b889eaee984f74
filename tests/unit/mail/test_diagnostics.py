from pathlib import Path

import pytest

from drillsim.mail.diagnostics import Cause, find_cause

MAILS = Path(__file__).parents[2] / "data" / "mail"


def refusals(name: str) -> list[str]:
    """Return what servers say, a line each, after their documentation and defaults."""
    return (MAILS / f"{name}_refusals.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("said", refusals("hard"))
def test_a_wrong_address_is_known_by_what_the_server_says(said: str) -> None:
    assert find_cause(said, "", said).is_hard


@pytest.mark.parametrize("said", refusals("soft"))
def test_any_other_refusal_leaves_the_address_right(said: str) -> None:
    assert not find_cause(said, "", said).is_hard


@pytest.mark.parametrize(
    ("text", "status", "cause"),
    [
        ("", "5.1.1", Cause.UNKNOWN_ADDRESS),
        ("", "5.1.2", Cause.UNKNOWN_HOST),
        ("", "5.1.6", Cause.MOVED),
        ("", "5.2.1", Cause.SUSPENDED),
        ("", "5.2.2", Cause.MAILBOX_FULL),
        ("", "4.4.7", Cause.EXPIRED),
        ("", "5.7.1", Cause.REFUSED),
        ("", "5.0.0", Cause.OTHER),
        ("", "", Cause.OTHER),
        ("550 5.7.1 User unknown", "5.7.1", Cause.UNKNOWN_ADDRESS),
        ("550 5.7.1 blocked: user unknown to our policy", "5.7.1", Cause.REFUSED),
        ("550 5.1.1 mailbox full", "5.1.1", Cause.MAILBOX_FULL),
        ("550 5.1.0 Address rejected", "", Cause.UNKNOWN_ADDRESS),
        ("550 5.1.0 sender rejected", "", Cause.REFUSED),
        ("553 5.1.8 Sender address rejected: Domain not found", "5.1.8", Cause.REFUSED),
        ("554 5.4.6 Too many hops", "", Cause.LOOP),
        ("556 5.1.10 Domain does not accept mail (nullMX)", "", Cause.TAKES_NO_MAIL),
        ("450 4.1.1 unverified address: connect timed out", "4.1.1", Cause.EXPIRED),
        ("550 <a@b.example>: Recipient refused (in reply to RCPT TO command)", "", Cause.REFUSED),
        ("550 <a@b.example> (in reply to RCPT TO command)", "5.0.0", Cause.UNKNOWN_ADDRESS),
        ("ユーザーが見つかりません", "", Cause.UNKNOWN_ADDRESS),
        ("宛先不明", "", Cause.UNKNOWN_ADDRESS),
        ("宛先不明又は受信停止", "", Cause.SUSPENDED),
        ("グループが存在しないか、権限がない可能性があります", "", Cause.OTHER),
    ],
)
def test_plain_words_outweigh_codes_and_codes_vague_words(
    text: str, status: str, cause: Cause
) -> None:
    assert find_cause(text, status) is cause


def test_unknown_user_after_the_content_is_a_filter() -> None:
    said = "550 Unknown user a@keitai.example"
    after_data = f">>> DATA\n<<< {said}\n554 5.0.0 Service unavailable"
    pipelined = f">>> DATA\n<<< {said}\n<<< 503 5.0.0 Need RCPT (recipient)"
    assert find_cause(said, "5.0.0", after_data) is Cause.FILTERED
    assert find_cause(said, "5.0.0", pipelined) is Cause.UNKNOWN_ADDRESS
    assert find_cause(said, "5.1.1", after_data) is Cause.UNKNOWN_ADDRESS


def test_only_a_wrong_address_is_hard() -> None:
    hard = {cause for cause in Cause if cause.is_hard}
    assert hard == {
        Cause.UNKNOWN_ADDRESS,
        Cause.UNKNOWN_HOST,
        Cause.MOVED,
        Cause.TAKES_NO_MAIL,
    }
