"""What the program says, in Japanese or English.

Messages stand in the source in English: `_("no node {id}").format(id=…)`. The Japanese ones
come from `locale/ja/LC_MESSAGES/drillsim.mo`, compiled by `make messages`. The language of the
mails and reports of a drill is another matter: it comes from its scenario.
"""

import errno
import gettext as _gettext
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

Language: TypeAlias = Literal["en", "ja"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
LOCALE_DIR: Final = Path(__file__).parent / "locale"

_DOMAIN = "drillsim"
_JAPANESE_ON_WINDOWS = 0x11  # LANG_JAPANESE, the primary language of a LANGID

_current: tuple[Language, _gettext.NullTranslations] | None = None


def set_language(language: str | None) -> None:
    """Say everything in `language` from now on; None takes the language of the environment.

    Raises:
        ValueError: it is not one of `LANGUAGES`.
    """
    global _current
    chosen = preferred_language(os.environ) if language is None else _known(language)
    _current = (chosen, _load(chosen))


def language() -> Language:
    """Return the language in use."""
    return _in_use()[0]


def preferred_language(environ: Mapping[str, str]) -> Language:
    """Return the language that `environ` asks for, by the rules of gettext; English if none.

    LANGUAGE is a list in order of preference, and counts only where the locale is not C. On
    Windows, where these are seldom set, the language of the desktop decides.
    """
    locale = next(
        (environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), ""
    )
    if _base(locale) in {"c", "posix"}:
        return "en"
    for wanted in [*environ.get("LANGUAGE", "").split(":"), locale]:
        for known in LANGUAGES:
            if _base(wanted) == known:
                return known
    if not locale and _desktop_is_japanese():
        return "ja"
    return "en"


def gettext(message: str) -> str:
    """Return `message` in the language in use; English where it has no translation."""
    return _in_use()[1].gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form for `n` of something, in the language in use; `n` is not filled in."""
    return _in_use()[1].ngettext(singular, plural, n)


def N_(message: str) -> str:
    """Return `message` as it is: marks for the catalogue what `_` will be given later."""
    return message


_ = gettext

_REASONS: Final[Mapping[int, str]] = {
    errno.ENOENT: N_("No such file or directory"),
    errno.EACCES: N_("Permission denied"),
    errno.EPERM: N_("Operation not permitted"),
    errno.EEXIST: N_("File exists"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.EISDIR: N_("Is a directory"),
    errno.ENOTEMPTY: N_("Directory not empty"),
    errno.ENOSPC: N_("No space left on device"),
    errno.EROFS: N_("Read-only file system"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.EIO: N_("Input/output error"),
    errno.EMFILE: N_("Too many open files"),
    errno.EADDRINUSE: N_("Address already in use"),
    errno.EADDRNOTAVAIL: N_("Cannot assign requested address"),
    errno.ECONNREFUSED: N_("Connection refused"),
}
"""Why a system refuses what users ask of it. Its own words are English, but for Windows."""


def system_reason(fault: OSError) -> str:
    """Return why the system refused, in the language in use where that is known."""
    known = _REASONS.get(fault.errno or 0)
    return _(known) if known is not None else fault.strerror or str(fault) or type(fault).__name__


def _in_use() -> tuple[Language, _gettext.NullTranslations]:
    if _current is None:
        set_language(None)
    assert _current is not None
    return _current


def _load(language: Language) -> _gettext.NullTranslations:
    if language == "en":
        return _gettext.NullTranslations()
    return _gettext.translation(_DOMAIN, LOCALE_DIR, [language])


def _known(language: str) -> Language:
    for known in LANGUAGES:
        if language == known:
            return known
    raise ValueError(f"no language {language!r}, only {', '.join(LANGUAGES)}")


def _base(locale: str) -> str:
    """Return `ja` of `ja_JP.UTF-8`, `ja-JP` or `Japanese_Japan.932`."""
    for mark in ".", "@", "_", "-":
        locale = locale.partition(mark)[0]
    return {"japanese": "ja", "english": "en"}.get(locale.lower(), locale.lower())


def _desktop_is_japanese() -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    langid = ctypes.windll.kernel32.GetUserDefaultUILanguage()
    return bool(langid & 0x3FF == _JAPANESE_ON_WINDOWS)
