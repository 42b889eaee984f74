"""整理番号: the short token by which a notice is known in a subject, a body and on the telephone.

A token is 40 bits, written as eight characters of a 32-letter alphabet in two groups of four
("7KQ2-M4XD"). The alphabet has no 0, O, 1 or I, which people confuse when they read aloud or type.
Mail gateways and input methods change it on its way back: full-width letters, other hyphens, lower
case. The finders here see through all of these; `canonical_token` gives the one spelling to store.
"""

import hmac
import re
from collections.abc import Iterator

from drillsim.mail.widths import nfkc

TOKEN_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
TOKEN_BITS = 40
_LETTERS = len(TOKEN_ALPHABET)
_HALF = 4

# Hyphens that keyboards and input methods put in place of "-", after NFKC: hyphen, non-breaking
# hyphen, figure dash, en and em dash, horizontal bar, minus, katakana long-vowel mark.
_HYPHENS = r"\-‐‑‒–—―−ー"
_LETTER = "[2-9A-HJ-NP-Za-hj-np-z]"
_GROUP = _LETTER + "{4}"

TOKEN_PATTERN: re.Pattern[str] = re.compile(
    rf"(?<![0-9A-Za-z])({_GROUP}\s?[{_HYPHENS}]\s?{_GROUP}|{_GROUP}{_GROUP})(?![0-9A-Za-z])"
)
"""Finds a token in text that went through NFKC; group 1 goes through `canonical_token`."""

_LABELLED = re.compile(
    rf"整理\s{{0,8}}番号\s{{0,8}}(?:[はが:;=]"
    rf"|は、)?[\s「『【\[(<]{{0,8}}({_GROUP}[\s{_HYPHENS}]{{0,3}}{_GROUP})(?![0-9A-Za-z])"
)
_NOT_LETTERS = re.compile(rf"[\s{_HYPHENS}]")
_CANONICAL = re.compile(rf"[{TOKEN_ALPHABET}]{{4}}-[{TOKEN_ALPHABET}]{{4}}")
_DIGIT = re.compile(r"\d")
_CAPITAL = re.compile(r"[A-Z]")


def format_token(bits: int) -> str:
    """Write a 40-bit number as a token: 0 is "2222-2222".

    Raises:
        ValueError: `bits` is negative or has more than 40 bits.
    """
    if not 0 <= bits < 1 << TOKEN_BITS:
        raise ValueError(f"a token has {TOKEN_BITS} bits, not the number {bits}")
    letters = ""
    for _ in range(2 * _HALF):
        bits, place = divmod(bits, _LETTERS)
        letters = TOKEN_ALPHABET[place] + letters
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def canonical_token(text: str) -> str | None:
    """Return the one spelling of a token that a person or a gateway wrote otherwise, or None."""
    letters = _NOT_LETTERS.sub("", nfkc(text)).upper()
    token = f"{letters[:_HALF]}-{letters[_HALF:]}"
    return token if _CANONICAL.fullmatch(token) else None


def find_tokens(text: str) -> list[str]:
    """Return the tokens in `text`, canonical, each once, those labelled 整理番号 first.

    Without the label, eight figures are a telephone number and eight small letters a word; so a
    token needs a hyphen, or capitals together with figures. What is found need not be a token that
    was ever given out: look it up.
    """
    text = nfkc(text)
    return list(dict.fromkeys([*_labelled(text), *_bare(text)]))


def same_token(a: str, b: str) -> bool:
    """Compare two tokens in a time that does not tell how much of them agrees."""
    return hmac.compare_digest(a.encode("utf-8", "replace"), b.encode("utf-8", "replace"))


def plus_address(mailbox: str, token: str) -> str:
    """Return the address that carries a notice: kunren@x.example → kunren+7kq2m4xd@x.example.

    Sub-addressing is RFC 5233's; letters are small since some servers fold the local part.

    Raises:
        ValueError: `mailbox` has no @.
    """
    local, at, domain = mailbox.rpartition("@")
    if not at:
        raise ValueError(f"{mailbox!r} is no address")
    return f"{local}+{token.replace('-', '').lower()}@{domain}"


def token_of_address(address: str) -> str | None:
    """Return the token after the first + of an address, or None.

    What follows an = is left out: vacation programs answer to VERP forms such as
    kunren+7kq2m4xd=suo=city.example@pref.example.
    """
    local = address.strip("<> ").rpartition("@")[0]
    detail = local.partition("+")[2].partition("=")[0]
    return canonical_token(detail) if detail else None


def _labelled(text: str) -> Iterator[str]:
    for found in _LABELLED.finditer(text):
        token = canonical_token(found[1])
        if token is not None:
            yield token


def _bare(text: str) -> Iterator[str]:
    for found in TOKEN_PATTERN.finditer(text):
        written = found[1]
        hyphened = len(written) > 2 * _HALF
        figures = _DIGIT.search(written) is not None
        letters = _NOT_LETTERS.sub("", written)
        if letters.isdecimal() or not (figures or letters.isupper()):
            continue
        if not hyphened and not (figures and _CAPITAL.search(written)):
            continue
        token = canonical_token(written)
        if token is not None:
            yield token
