"""The texts of a scenario filled in: Jinja2, cut down to what a letter needs.

A template may print names, put them through a filter, join them with `~`, and leave lines out with
`{% if %}`. Attributes, calls, loops, arithmetic and assignments are refused: what is not on the
list is not allowed. So a template can neither reach into the program nor run without end, and its
result is at most as long as its values times its own length; the sandbox of Jinja2 stands behind
that. Text is text: nothing is escaped, since nothing of it is markup.

A text that goes to many is rendered once, with `Slot`s where the recipients differ (`Stencil`), and
filled for each of them by joining strings.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, cached_property, lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from drillsim.drill.texts import FILTERS
from drillsim.i18n import _
from drillsim.mail.official_dates import official, official_date, official_number, official_time

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

SOURCE_LENGTH_MAX: Final = 65_536
"""Characters of a template."""
RESULT_LENGTH_MAX: Final = 262_144
"""Characters of a filled text: no letter is longer, and a runaway value ends here."""

DEPTH_MAX: Final = 40
"""How deep expressions and conditions may stand within one another."""

Value: TypeAlias = str | int | date | datetime | time
"""What a name can stand for; a moment is printed in the official style."""

_MARK = "\x00"  # Never part of a mail, so nothing that a user writes can be taken for a slot.
_SLOT = re.compile("\x00([a-z][a-z0-9_]*)\x00")


class TemplateFaultError(ValueError):
    """A template that cannot be used: in which of its lines (from 1), and what is wrong.

    `message` and `remedy` are in users' words.
    """

    def __init__(self, line: int, message: str, remedy: str) -> None:
        super().__init__(f"{line}: {message}; {remedy}")
        self.line = line
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Stencil:
    """A text filled in but for its slots: `texts[0] slots[0] texts[1] … texts[-1]`."""

    texts: tuple[str, ...]
    slots: tuple[str, ...]
    template: "Template | None" = None
    """Set where slots stand in conditions or filters, so that each filling renders anew."""
    values: Mapping[str, Value] | None = None

    def fill(self, values: Mapping[str, Value]) -> str:
        """Return the text with every slot filled.

        Raises:
            TemplateFaultError: a slot has no value, or the result is too long.
        """
        if self.template is not None:
            return self.template.render({**(self.values or {}), **values})
        if not self.slots:
            return self.texts[0]
        pieces = [self.texts[0]]
        length = len(self.texts[0])
        for slot, text in zip(self.slots, self.texts[1:], strict=True):
            try:
                value = _shown(values[slot])
            except KeyError:
                raise _unknown(1, slot) from None
            pieces += (value, text)
            length += len(value) + len(text)
        if length > RESULT_LENGTH_MAX:
            raise _too_long()
        return "".join(pieces)


class Template:
    """One text of a scenario, parsed.

    Raises:
        TemplateFaultError: it is no template, or uses what is not allowed.
    """

    def __init__(self, source: str) -> None:
        self.source = source.replace(_MARK, "")
        self._tree = _parse(self.source)

    @cached_property
    def lines(self) -> dict[str, int]:
        """The names that have to be filled in, each with the line (from 1) of its first use."""
        from jinja2 import nodes

        used = sorted((node.lineno, node.name) for node in self._tree.find_all(nodes.Name))
        found: dict[str, int] = {}
        for line, name in used:
            found.setdefault(name, line)
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that have to be filled in."""
        return frozenset(self.lines)

    def render(self, values: Mapping[str, Value]) -> str:
        """Return the text with `values` filled in; names that are not used are passed over.

        Raises:
            TemplateFaultError: a name has no value, a filter cannot use what it got, or the result
                is longer than `RESULT_LENGTH_MAX`.
        """
        return self._render(values)

    def stencil(self, values: Mapping[str, Value], slots: Collection[str]) -> Stencil:
        """Return the text with `values` filled in and the names in `slots` left open.

        Raises:
            TemplateFaultError: as `render` does.
        """
        open_names = self.names.intersection(slots)
        if open_names - self._printed_only:
            return Stencil(("",), (), self, dict(values))
        marked = {name: f"{_MARK}{name}{_MARK}" for name in open_names}
        pieces = _SLOT.split(self._render({**values, **marked}, slots=open_names))
        return Stencil(tuple(pieces[::2]), tuple(pieces[1::2]))

    def _render(self, values: Mapping[str, Value], slots: Collection[str] = frozenset()) -> str:
        from jinja2 import UndefinedError

        given = {
            name: _clean(values[name]) if name not in slots else values[name]
            for name in self.names
            if name in values
        }
        pieces: list[str] = []
        length = 0
        try:
            for piece in self._compiled.generate(given):
                pieces.append(piece)
                length += len(piece)
                if length > RESULT_LENGTH_MAX:
                    raise _too_long()
        except UndefinedError as error:
            name = str(error).partition("'")[2].partition("'")[0]  # 'place' is undefined
            raise _unknown(self.lines.get(name, 1), name) from error
        except TemplateFaultError as error:
            line = _line_in_template(error.__traceback__)
            raise TemplateFaultError(line, error.message, error.remedy) from error
        return "".join(pieces)

    @cached_property
    def _compiled(self) -> Any:
        try:
            return _environment().from_string(self._tree)
        except (RecursionError, SyntaxError) as error:  # Thousands of elif, which nest for Python.
            raise _too_intricate() from error

    @cached_property
    def _printed_only(self) -> frozenset[str]:
        """The names that are printed as they are, and nothing else is done with them."""
        from jinja2 import nodes

        printed: dict[str, int] = {}
        for output in self._tree.find_all(nodes.Output):
            for node in output.nodes:
                if isinstance(node, nodes.Name):
                    printed[node.name] = printed.get(node.name, 0) + 1
        used: dict[str, int] = {}
        for node in self._tree.find_all(nodes.Name):
            used[node.name] = used.get(node.name, 0) + 1
        return frozenset(name for name, count in printed.items() if used[name] == count)


@lru_cache(maxsize=256)
def template(source: str) -> Template:
    """Return the template of `source`; the same source is parsed once.

    Raises:
        TemplateFaultError: it is no template, or uses what is not allowed.
    """
    return Template(source)


def undeclared(source: str) -> set[str]:
    """Return the names that a text needs to be filled in.

    Raises:
        TemplateFaultError: it is no template, or uses what is not allowed.
    """
    return set(template(source).names)


def _shown(value: Any) -> str:
    """Print a value in the official style."""
    if isinstance(value, str):
        return value.replace(_MARK, "") if _MARK in value else value
    if isinstance(value, datetime):
        return official(value)
    if isinstance(value, date):
        return official_date(value)
    if isinstance(value, time):
        return official_time(value)
    if isinstance(value, int):
        return official_number(value)
    return str(value)  # An undefined name raises here, in Jinja2's own way.


def _clean(value: Value) -> Value:
    return value.replace(_MARK, "") if isinstance(value, str) else value


def _parse(source: str) -> "nodes.Template":
    from jinja2 import TemplateSyntaxError

    if len(source) > SOURCE_LENGTH_MAX:
        raise TemplateFaultError(
            1,
            _("the text has {n} characters").format(n=len(source)),
            _("write at most {limit}").format(limit=SOURCE_LENGTH_MAX),
        )
    try:
        tree = _environment().parse(source)
    except TemplateSyntaxError as error:
        raise TemplateFaultError(
            error.lineno,
            _("what stands between the braces cannot be read"),
            _("write {{{{ name }}}}, with two braces on either side").format(),
        ) from error
    except RecursionError as error:
        raise _too_intricate() from error
    _refuse(tree)
    return tree


def _refuse(tree: "nodes.Template") -> None:
    """Raise TemplateFaultError at the first thing that is not on the list."""
    from jinja2 import nodes

    allowed = (
        nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter,
        nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
        nodes.Concat, nodes.Keyword,
    )  # fmt: skip
    pending: list[tuple[nodes.Node, int, int]] = [(tree, 0, 1)]
    while pending:
        node, depth, line = pending.pop()
        # Jinja2 gives some nodes of its own making no line: they stand within one that has.
        line = node.lineno or line
        if not isinstance(node, allowed):
            raise TemplateFaultError(
                line,
                _("a text cannot hold this ({what})").format(what=type(node).__name__.lower()),
                _("write names, filters and if alone"),
            )
        if isinstance(node, nodes.Name) and node.name == "self":
            raise _unknown(line, node.name)  # Jinja2's own name for the template.
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise TemplateFaultError(
                line,
                _("there is no filter {name}").format(name=node.name),
                _("write {choices}").format(choices=", ".join(sorted(FILTERS))),
            )
        if depth >= DEPTH_MAX:
            raise _too_intricate(line)
        below = [(child, depth + 1, line) for child in node.iter_child_nodes()]
        pending.extend(reversed(below))


@cache
def _environment() -> "SandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters = {
        "date": _date,
        "time": _time,
        "default": _default,
        "trim": lambda value: _shown(value).strip(),
        "upper": lambda value: _shown(value).upper(),
        "lower": lambda value: _shown(value).lower(),
    }
    environment.tests = {}
    environment.globals = {}
    return environment


def _finalize(value: Any) -> Any:
    """Print what a `{{ … }}` came to; texts are clean, and may be the marks of slots."""
    return _shown(value) if isinstance(value, int | date | time) else value


def _date(value: Any) -> str:
    """The filter `date`: a moment, or text such as 2026-10-14 or 2026-10-14T10:05."""
    return official_date(_moment(value, "date"))


def _time(value: Any) -> str:
    """The filter `time`: a moment, or text such as 10:05 or 2026-10-14T10:05."""
    if isinstance(value, time):
        return official_time(value)
    if isinstance(value, str):
        try:
            return official_time(time.fromisoformat(value.strip().zfill(5)))
        except ValueError:
            pass  # No time by itself: a moment, or a fault that `_moment` tells.
    moment = _moment(value, "time")
    if not isinstance(moment, datetime):
        raise _no_moment(value, "time")
    return official_time(moment)


def _line_in_template(trace: TracebackType | None) -> int:
    """Return the line of a template in which something was raised; 1 if that cannot be told."""
    lines = [1]
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1]


def _moment(value: Any, name: str) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError:
            raise _no_moment(value, name) from None
    return _moment(str(value), name)  # An undefined name raises here, in Jinja2's own way.


def _default(value: Any, other: Any = "", _boolean: Any = True) -> Any:
    """The filter `default`: another word where a value is missing, or empty at that."""
    from jinja2 import Undefined

    return other if isinstance(value, Undefined) or value == "" else value


def _no_moment(value: Any, name: str) -> TemplateFaultError:
    return TemplateFaultError(
        1,
        _("{value} is no date for the filter {name}").format(value=value, name=name),
        _("write it as 2026-10-14T10:05, or leave the filter out"),
    )


def _unknown(line: int, name: str) -> TemplateFaultError:
    return TemplateFaultError(
        line,
        _("nothing is known as {name}").format(name=name),
        _("write it under facts: or values:"),
    )


def _too_intricate(line: int = 1) -> TemplateFaultError:
    return TemplateFaultError(
        line, _("what stands between the braces is too intricate"), _("write it more simply")
    )


def _too_long() -> TemplateFaultError:
    return TemplateFaultError(
        1, _("the filled text is too long"), _("shorten the values that it prints")
    )
