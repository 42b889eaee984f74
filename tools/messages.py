"""Bring the message catalogue up to date: extract, update, compile (`make messages`).

    python tools/messages.py            # then translate what it lists, and run it again
    python tools/messages.py --check    # change nothing; exit 1 where something is amiss

The catalogue holds no dates, versions or line numbers, so that it changes only when a message
does. Guesses at a translation (fuzzy) are never made.
"""

import argparse
import ast
import io
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "drillsim"
PO = SOURCE / "locale" / "ja" / "LC_MESSAGES" / "drillsim.po"
MO = PO.with_suffix(".mo")

KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "ngettext_noop": (1, 2)}
COMMENT = "Messages of drillsim in Japanese. Extracted and compiled by `make messages`."


class PlainCatalog(Catalog):
    """A catalogue whose header says nothing that changes by itself."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "drillsim"),
            ("Language", "ja"),
            ("Plural-Forms", "nplurals=1; plural=0;"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]

    @mime_headers.setter
    def mime_headers(self, headers: object) -> None:
        """Babel sets what it read; it is the same."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    options = parser.parse_args(arguments)
    catalog = updated(read(PO), extracted())
    if not options.check:
        PO.write_bytes(as_po(catalog))
        MO.write_bytes(as_mo(catalog))
    faults = [*unseen(), *check(catalog)]
    if options.check:
        faults += [
            f"{path.relative_to(ROOT)} is not up to date: make messages"
            for path, right in ((PO, as_po(catalog)), (MO, as_mo(catalog)))
            if path.read_bytes() != right
        ]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def extracted(source: Path = SOURCE) -> Catalog:
    """Return the messages that stand in the source, with the files they stand in."""
    catalog = Catalog()
    found = extract_from_dir(source, [("**.py", "python")], keywords=KEYWORDS)
    for name, line, message, comments, context in found:
        place = (f"{source.name}/{Path(name).as_posix()}", line)
        catalog.add(message, None, [place], auto_comments=comments, context=context)
    return catalog


def unseen(source: Path = SOURCE) -> Iterator[str]:
    """Yield the messages inside f-strings, which Babel sees only from Python 3.12 on."""
    for path in sorted(source.rglob("*.py")):
        for text in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(text, ast.JoinedStr):
                for call in ast.walk(text):
                    if (
                        isinstance(call, ast.Call)
                        and isinstance(call.func, ast.Name)
                        and call.func.id in KEYWORDS
                        and call.args
                        and isinstance(call.args[0], ast.Constant)
                    ):
                        place = f"{source.name}/{path.relative_to(source).as_posix()}:{call.lineno}"
                        yield f"{place}: a message inside an f-string; give it a name before"


def read(path: Path) -> PlainCatalog:
    """Return the catalogue in a .po file."""
    with path.open("rb") as file:
        return _plain(read_po(file, locale="ja"))


def updated(catalog: PlainCatalog, template: Catalog) -> PlainCatalog:
    """Return `template`'s messages with the translations that `catalog` has for them."""
    fresh = PlainCatalog(locale="ja", header_comment=f"# {COMMENT}", fuzzy=False)
    for message in template:
        if message.id:
            known = catalog.get(message.id)
            fresh.add(
                message.id,
                known.string if known else None,
                [(name, 0) for name in sorted({name for name, _line in message.locations})],
                flags=known.flags & {"fuzzy"} if known else (),
                user_comments=known.user_comments if known else (),
            )
    return fresh


def as_po(catalog: PlainCatalog) -> bytes:
    """Return the catalogue as the text of a .po file, sorted by message."""
    file = io.BytesIO()
    write_po(file, catalog, width=96, sort_output=True, include_lineno=False)
    return file.getvalue()


def as_mo(catalog: PlainCatalog) -> bytes:
    """Return the catalogue compiled, without what is not translated."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def check(catalog: PlainCatalog) -> Iterator[str]:
    """Yield what is amiss with translations: missing, fuzzy, other placeholders."""
    for message in sorted(catalog, key=lambda each: str(each.id)):
        if not message.id:
            continue
        original, *_plural = _forms(message.id)
        translations = _forms(message.string)
        if not all(translations):
            yield f"not translated: {original!r}"
            continue
        if message.fuzzy:
            yield f"fuzzy: {original!r}"
        fields = [_fields(form) for form in _forms(message.id)]
        for translation in translations:
            # The one Japanese form of a plural may use what either English form has.
            if not set.intersection(*fields) <= _fields(translation) <= set.union(*fields):
                yield f"other placeholders: {original!r} -> {translation!r}"


def _plain(catalog: Catalog) -> PlainCatalog:
    plain = PlainCatalog(locale="ja", header_comment=catalog.header_comment, fuzzy=False)
    for message in catalog:
        if message.id:
            plain[message.id] = message
    return plain


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _fields(text: str) -> set[str]:
    """Return the names of the placeholders in `text`, with how they are converted and set."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:  # A lone brace: it is not for format(); its translation must be alike.
        return {"no format"}
    return {
        f"{name}!{conversion}:{spec}" for _text, name, spec, conversion in parts if name is not None
    }


if __name__ == "__main__":
    sys.exit(main())
