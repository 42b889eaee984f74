"""The hash chain without a file: pure functions of records."""

import hashlib

import pytest

from drillsim.journal.chain import Chain, ChainFaultError, canonical, named_mails


def test_canonical_json_has_one_form() -> None:
    assert canonical({"b": 1, "a": ["山口", None, True]}) == '{"a":["山口",null,true],"b":1}'


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("nan"))
    with pytest.raises(TypeError):
        canonical({1, 2})


def test_mails_are_found_at_any_depth_and_never_in_what_a_user_wrote() -> None:
    name = hashlib.sha256(b"mail").hexdigest()
    real = canonical({"raw": name, "deep": [{"raw": name}]})
    assert named_mails(real) == [name, name]
    assert named_mails(canonical({"note": f'"raw":"{name}"', "raw": ""})) == []


def test_neighbouring_fields_cannot_be_mistaken_for_each_other() -> None:
    one, other = Chain(), Chain()
    one.extend("event", 1, "ab", "c", 1, "")
    other.extend("event", 1, "a", "bc", 1, "")
    assert one.head != other.head
    one, other = Chain(), Chain()
    one.extend("event", None, "0", "", 1, "")
    other.extend("event", 0, "", "", 1, "")
    assert one.head != other.head


def test_a_copy_goes_on_by_itself() -> None:
    chain = Chain()
    chain.extend("event", 1, "a", "{}", 1, "k")
    copy = chain.copy()
    copy.extend("event", 2, "b", "{}", 2, "")
    assert (chain.seq, copy.seq, copy.key, copy.batch) == (0, 1, "k", 2)
    assert chain.digest != copy.digest


def test_the_first_bad_record_is_named_with_what_is_wrong() -> None:
    chain = Chain()
    rows = [(*chain.extend("event", n, "k", "{}", n, ""), chain.head) for n in range(3)]
    checks = {
        "missing": [rows[0], rows[2]],
        "misplaced": [rows[0], rows[0]],
        "altered": [rows[0], (*rows[1][:4], "{ }", *rows[1][5:])],
    }
    for why, altered in checks.items():
        walker = Chain()
        walker.accept(altered[0])
        with pytest.raises(ChainFaultError) as caught:
            walker.accept(altered[1])
        assert (caught.value.seq, caught.value.why) == (1, why)
        assert walker.seq == 0


def test_the_chain_of_format_1_does_not_change() -> None:
    """Journals of years ago must be verified by the drillsim of today."""
    chain = Chain()
    chain.extend("opening", None, "opening", '{"durable":false,"files":{},"meta":{}}', 0, "")
    chain.extend("event", 40, "acknowledged", '{"at":40,"by":"周防 太郎"}', 1, "40/1/0/3/1/0/a/")
    chain.extend("conduct", -1, "speed", '{"to":60}', 2, "")
    assert chain.head.hex() == "c362a7187bed4e6a7150178275735170265a8742d34091cac96b5f476d2fe13d"
    assert chain.digest == "103272def4a1d30bc88e7aebcb9fd918301fbc4b01293af685d4d90078f2ec64"
