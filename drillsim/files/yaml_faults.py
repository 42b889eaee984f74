"""What libyaml complains of, in users' words.

libyaml says what its grammar wanted (`did not find expected key`); users need the likely slip.
"""

from typing import Any

from drillsim.files.yaml_nodes import Place
from drillsim.i18n import _


def explain(error: Any, text: str) -> tuple[Place, str, str]:
    """Return place, what is wrong and how to mend it for a yaml.MarkedYAMLError in `text`."""
    mark = error.problem_mark or error.context_mark
    begun = error.context_mark or mark
    place = Place(mark.line + 1, mark.column + 1)
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    rest = line[mark.column :]
    problem = error.problem or ""

    if "found character that cannot start any token" in problem or "tab character" in problem:
        if rest.startswith("\t") or "\t" in line[: mark.column + 1]:
            return place, _("a tab stands before the text"), _("indent with spaces")
        return (
            place,
            _("a text cannot begin with {character}").format(character=rest[:1]),
            _("put the text between quotation marks"),
        )
    at = mark.line if "mapping values" in problem else begun.line
    if _has_full_width_colon_first(lines[at] if at < len(lines) else ""):
        return (
            Place(at + 1, lines[at].index("：") + 1),
            _("a full-width colon stands here"),
            _('write ":" and a space'),
        )
    if "mapping values are not allowed" in problem:
        return (
            place,
            _("this colon cannot stand here"),
            _("put a text with a colon between quotation marks, and check the indents"),
        )
    if "could not find expected ':'" in problem:
        return (
            Place(begun.line + 1, begun.column + 1),
            _("a key without a colon stands here"),
            _("write key: value, with a space after the colon"),
        )
    if "unexpected end of stream" in problem or "unexpected document indicator" in problem:
        return (
            Place(begun.line + 1, begun.column + 1),
            _("the quotation mark that begins here has no end"),
            _("close it"),
        )
    if "expected ',' or" in problem:
        return (
            Place(begun.line + 1, begun.column + 1),
            _("the bracket that opens here is not closed, or a comma is missing in it"),
            _("close it with {bracket}").format(bracket=problem[-2:-1]),
        )
    if "expected '-' indicator" in problem or "expected key" in problem:
        return (
            place,
            _("this does not fit what stands above it"),
            _("give entries of one list or group the same indent, and quote texts whole"),
        )
    if "block sequence entries are not allowed" in problem:
        return place, _("a list cannot begin here"), _("begin it on a line of its own")
    if "unknown escape character" in problem:
        return (
            place,
            _("{escape} is not known between quotation marks").format(escape=rest[:2]),
            _("write \\\\ for a backslash, or use ' as quotation mark"),
        )
    if "tag" in problem and "directive" not in problem.lower():
        return place, _("a tag is not taken here"), _("remove the word that begins with !")
    if "directive" in problem.lower() or "incompatible" in problem:
        return place, _("a line that begins with % is not taken here"), _("remove the line")
    if "<document start>" in problem:
        return place, _("this does not fit what stands above it"), _("begin keys in column 1")
    if "expected node content" in problem:
        return place, _("a value is missing here"), _("write one, or remove the surplus bracket")
    if "comment or line break" in problem:
        return (
            place,
            _("nothing may stand behind | or > in the same line"),
            _("begin the text on the next line, indented"),
        )
    if "alphabetic or numeric" in problem:
        return (
            place,
            _("a text cannot begin with {character}").format(
                character=lines[begun.line][begun.column : begun.column + 1]
            ),
            _("put the text between quotation marks"),
        )
    return (
        place,
        _("this cannot be read as YAML ({reason})").format(reason=problem),
        _("check indents, colons and quotation marks"),
    )


def _has_full_width_colon_first(line: str) -> bool:
    """Return whether a key seems to end with a full-width colon: `incident： {kind: misuse}`."""
    key, colon, _rest = line.partition("：")
    return bool(colon) and ":" not in key and key.lstrip("- ")[:1] not in ("'", '"')
