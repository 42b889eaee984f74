import errno
import os

import pytest

from drillsim import i18n
from drillsim.i18n import (
    N_,
    _,
    language,
    ngettext,
    preferred_language,
    set_language,
    system_reason,
)


def test_a_message_is_looked_up_when_it_is_said() -> None:
    set_language("ja")
    assert _("warning: {what}") == "注意: {what}"
    set_language("en")
    assert _("warning: {what}") == "warning: {what}"


def test_what_has_no_translation_is_said_in_english() -> None:
    set_language("ja")
    assert _("a sentence that no catalogue has") == "a sentence that no catalogue has"
    assert ngettext("{n} thing of none", "{n} things of none", 2) == "{n} things of none"


def test_an_empty_message_is_not_the_catalogues_header() -> None:
    set_language("ja")
    assert _("") == ""


def test_a_mark_changes_nothing() -> None:
    set_language("ja")
    assert N_("warning: {what}") == "warning: {what}"


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        set_language("fr")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "Japanese_Japan.932"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ja"}, "en"),
        ({"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LANG": "ja_JP.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:ja:en"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LANG": "java"}, "en"),
    ],
)
def test_the_environment_chooses_as_gettext_has_it(environ: dict[str, str], expected: str) -> None:
    assert preferred_language(environ) == expected


def test_a_japanese_desktop_without_a_locale_gets_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_desktop_is_japanese", lambda: True)
    assert preferred_language({}) == "ja"
    assert preferred_language({"LANG": "en_US.UTF-8"}) == "en"


def test_without_a_choice_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "LC_ALL", "LC_MESSAGES", "LANGUAGE":
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    set_language(None)
    assert language() == "ja"


def test_what_the_system_refuses_is_told_in_the_language_in_use() -> None:
    fault = OSError(errno.EACCES, os.strerror(errno.EACCES))
    set_language("en")
    assert system_reason(fault) == "Permission denied"
    set_language("ja")
    assert system_reason(fault) == "権限がありません"
    assert system_reason(OSError("something else")) == "something else"
    assert system_reason(OSError(errno.EPIPE, "Broken pipe")) == "Broken pipe"
