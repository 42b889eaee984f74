"""Where passwords come from, and that they do not show themselves."""

import copy
import pickle
from typing import Final

import pytest

from drillsim.drill.model import Unfit
from drillsim.files.passwords import PasswordSource
from drillsim.mail.secret import Secret
from drillsim.problem import UsageError

WORD: Final = "correct-horse-battery"


def test_a_password_is_read_from_a_variable_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = PasswordSource.parse("env:DRILL_PASSWORD")
    monkeypatch.delenv("DRILL_PASSWORD", raising=False)
    with pytest.raises(UsageError, match="the variable DRILL_PASSWORD holds no password"):
        source.read("kunren")
    monkeypatch.setenv("DRILL_PASSWORD", WORD)
    assert source.read("kunren").reveal() == WORD


def test_a_password_is_read_from_the_key_store(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    kept = {("drillsim", "kunren"): WORD}
    monkeypatch.setattr(keyring, "get_password", lambda service, user: kept.get((service, user)))
    source = PasswordSource.parse("keyring:drillsim")
    assert source.read("kunren").reveal() == WORD
    with pytest.raises(UsageError, match="the key store has no password of other for drillsim"):
        source.read("other")


def test_a_key_store_that_is_locked_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.errors import KeyringLocked

    def locked(_service: str, _user: str) -> str:
        raise KeyringLocked("the collection\nis locked")

    monkeypatch.setattr(keyring, "get_password", locked)
    with pytest.raises(UsageError) as caught:
        PasswordSource.parse("keyring:drillsim").read("kunren")
    assert str(caught.value) == (
        "the key store cannot be read (the collection is locked); unlock it, or use a variable"
    )


@pytest.mark.parametrize("value", [WORD, "env:", "env:A-B", "keyring:", "file:x", "", 3, None])
def test_nothing_else_is_a_place(value: object) -> None:
    with pytest.raises(Unfit) as caught:
        PasswordSource.parse(value)
    assert WORD not in str(caught.value)


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(WORD)
    assert WORD not in f"{secret} {secret!r} {secret!s} {[secret]} {secret:>40}"
    assert not hasattr(secret, "__dict__")
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="a secret is written nowhere"):
            write(secret)


def test_a_secret_is_taken_out_of_what_a_server_says() -> None:
    secret = Secret("pass word")
    # What AUTH PLAIN and AUTH LOGIN carry is base64 (RFC 4616).
    said = "535 no: pass word cGFzcyB3b3Jk AHBhc3Mgd29yZA=="
    assert secret.scrubbed(said) == "535 no: •••• •••• ••••"
