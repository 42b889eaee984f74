"""pydantic's errors as problems of a file: where, what is wrong, how to mend it.

pydantic's own words are for programmers. Each error type that our models can raise is put into
users' words here; a test walks them all.
"""

import re
import types
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from drillsim.drill.model import FIELD, NAME, SLUG, Unfit
from drillsim.files.yaml_nodes import Document, Mapping, Path, Place
from drillsim.i18n import N_, _
from drillsim.problem import Problem

_SHOWN_MAX = 40  # Characters of a value that a line quotes.
_FAULTS_MAX = 2_000
_LISTED_MAX = 10  # Words that a remedy offers to choose from.
_QUOTED = re.compile(r"'([^']*)'")


_KINDS: Final = {
    "drillsim-scenario/1": N_("this file is a scenario"),
    "drillsim-contacts/1": N_("this file is a contact tree"),
    "drillsim-people/1": N_("this file is a preset of simulated people"),
}
"""By its `format`, what a file is that was named where another kind is wanted."""


def model_problems(
    error: ValidationError, document: Document, model: type[BaseModel]
) -> list[Problem]:
    """Return a problem for every error, in file order."""
    if error.error_count() > _FAULTS_MAX:  # Each would cost some kilobytes.
        return [
            Problem(
                path=document.name,
                line=document.root.place.line,
                column=document.root.place.column,
                message=_("this file has {n} faults").format(n=error.error_count()),
                remedy=_("name a scenario or a contact tree"),
            )
        ]
    other = next((each for each in error.errors() if _is_of_another_kind(each)), None)
    if other is not None:  # What stands in it is right for what it is.
        place, message, remedy = _explain(other, document, model)
        return [Problem(document.name, place.line, place.column, message, remedy)]
    found = []
    for _path, place, message, remedy in model_faults(error, document, model):
        found.append(
            Problem(
                path=document.name,
                line=place.line,
                column=place.column,
                message=message,
                remedy=remedy,
            )
        )
    found.sort(key=lambda problem: (problem.line, problem.column))
    return found


def model_faults(
    error: ValidationError, document: Document, model: type[BaseModel]
) -> Iterator[tuple[Path, Place, str, str]]:
    """Yield for every error the path and place of what is to blame, the fault, and the remedy."""
    for fault in error.errors(include_url=False):
        if fault["type"] == "too_short" and fault["input"]:
            continue  # pydantic counts only the faultless entries, and the others have their line.
        yield fault["loc"], *_explain(fault, document, model)


def did_you_mean(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that `word` was probably meant to be, or None."""
    for candidate in known:
        if candidate.lower().replace("_", "-") == word.lower().replace("_", "-"):
            return candidate
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return close[0] if close else None


def shown(value: object) -> str:
    """Return a user's value for quoting in one line: cut, without line breaks."""
    text = " ".join(str(value).split())
    return text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "…"


def listed(words: Sequence[str]) -> str:
    """Return words as `a, b or c`."""
    if len(words) == 1:
        return words[0]
    return _("{several} or {last}").format(several=", ".join(words[:-1]), last=words[-1])


def _explain(fault: Any, document: Document, model: type[BaseModel]) -> tuple[Place, str, str]:
    loc: tuple[str | int, ...] = fault["loc"]
    value, context = fault["input"], fault.get("ctx", {})
    key = _key(loc)
    at = document.place(loc)
    match fault["type"]:
        case "missing":
            return _missing(loc, document)
        case "extra_forbidden":
            return _unknown_key(loc, document, model)
        case "value_error" if isinstance(context.get("error"), Unfit):
            unfit: Unfit = context["error"]
            if unfit.key is not None:
                return document.place((*loc, unfit.key)), unfit.message, unfit.remedy
            if isinstance(value, dict | BaseModel):
                return at, unfit.message, unfit.remedy
            return at, f"{key} {unfit.message}", unfit.remedy
        case "literal_error" | "enum":
            choices = _QUOTED.findall(context["expected"])
            if loc and loc[-1] == "[key]":  # Of a mapping whose keys are a choice.
                key, at = _key(loc[:-2]), document.key_place(loc[:-1])
            return at, *_no_choice(key, value, choices)
        case "union_tag_invalid" | "union_tag_not_found":
            return at, *_no_condition(document, loc)
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return (
                at,
                _("{key} {value} is no whole number").format(key=key, value=shown(value)),
                _("write a number such as 3"),
            )
        case "float_parsing" | "float_type" | "finite_number":
            return (
                at,
                _("{key} {value} is no number").format(key=key, value=shown(value)),
                _("write a number such as 1.2"),
            )
        case "bool_parsing" | "bool_type":
            return (
                at,
                _("{key} {value} is neither yes nor no").format(key=key, value=shown(value)),
                _("write true or false"),
            )
        case "date_parsing" | "date_from_datetime_parsing" | "date_type":
            return (
                at,
                _("{key} {value} is no date of the calendar").format(key=key, value=shown(value)),
                _("write it as 2026-04-10"),
            )
        case "datetime_parsing" | "datetime_from_date_parsing" | "datetime_type":
            return (
                at,
                _("{key} {value} is no time of the calendar").format(key=key, value=shown(value)),
                _("write it as 2026-10-14T10:00+09:00"),
            )
        case "greater_than_equal":
            return (
                at,
                _("{key} {value} is too small").format(key=key, value=shown(value)),
                _("write {limit} or more").format(limit=context["ge"]),
            )
        case "less_than_equal":
            return (
                at,
                _("{key} {value} is too large").format(key=key, value=shown(value)),
                _("write {limit} or less").format(limit=context["le"]),
            )
        case "string_too_short" | "too_short":
            return at, _("{key} is empty").format(key=key), _("write something there")
        case "string_too_long" | "too_long":
            return (
                at,
                _("{key} is too long").format(key=key),
                _("write at most {limit} characters").format(limit=context["max_length"]),
            )
        case "string_pattern_mismatch":
            return _no_pattern(loc, key, value, context["pattern"], document)
        case "string_type":
            return (
                at,
                _("{key} must be one text").format(key=key),
                _("write {key}: and the text").format(key=key),
            )
        case "tuple_type" | "list_type":
            return (
                at,
                _("{key} must be a list").format(key=key),
                _("write each entry on a line of its own after a dash"),
            )
        case "model_type" | "model_attributes_type" | "dict_type":
            if value == "" and loc and isinstance(loc[-1], int):
                return (
                    at,
                    _("an entry of {key} is empty").format(key=key),
                    _("write it, or remove the dash"),
                )
            return (
                at,
                _("{key} must hold keys with values").format(key=key),
                _("write them below {key}, indented").format(key=key),
            )
    return (
        at,
        _("{key} {value} does not fit").format(key=key, value=shown(value)),
        _("see the format in the folder schemas"),
    )


def _key(loc: Sequence[str | int]) -> str:
    """Return the name for what stands at `loc`: its key, or that of the list it is in."""
    names = [step for step in loc if isinstance(step, str) and not _is_alternative(step)]
    if names and names[-1] == "[key]":
        names.pop()
    return names[-1] if names else _("the file")


def _is_alternative(step: str) -> bool:
    return step in ("Target", "word") or step.startswith("When")


def _missing(loc: tuple[str | int, ...], document: Document) -> tuple[Place, str, str]:
    name = str(loc[-1])
    node = document.find(tuple(step for step in loc if not _is_alternative(str(step))))
    if node is not None:  # The key is there, with nothing after it.
        return (
            document.key_place(loc),
            _("{key} is empty").format(key=name),
            _("write something there"),
        )
    return (
        document.place(loc[:-1]),
        _("{key} is missing").format(key=name),
        _("write {key}:").format(key=name),
    )


def _unknown_key(
    loc: tuple[str | int, ...], document: Document, model: type[BaseModel]
) -> tuple[Place, str, str]:
    name = str(loc[-1])
    if "：" in name:
        key = document.key_place(loc)
        return (
            Place(key.line, key.column + name.index("：")),
            _("a full-width colon stands here"),
            _('write ":" and a space'),
        )
    known = known_keys(model, loc[:-1])
    meant = did_you_mean(name, known)
    if meant is not None:
        remedy = _("did you mean {word}?").format(word=meant)
    elif 0 < len(known) <= _LISTED_MAX:
        remedy = _("write {choices}").format(choices=listed(known))
    else:
        remedy = _("remove it, or look at the keys with drillsim scenario schema")
    return (
        document.key_place(loc),
        _("the key {key} is not known here").format(key=shown(name)),
        remedy,
    )


def _is_of_another_kind(fault: Any) -> bool:
    """Return whether `fault` says that the whole file is another kind of ours than was wanted."""
    return (
        fault["loc"] == ("format",)
        and fault["type"] == "literal_error"
        and isinstance(fault["input"], str)
        and fault["input"] in _KINDS
        and _KINDS[fault["input"]] not in map(_KINDS.get, _QUOTED.findall(fault["ctx"]["expected"]))
    )


def _no_choice(key: str, value: Any, choices: list[str]) -> tuple[str, str]:
    if not isinstance(value, str):
        return (
            _("{key} must be one word").format(key=key),
            _("write {choices}").format(choices=listed(choices)),
        )
    if key == "format" and value in _KINDS:
        return (
            _(_KINDS[value]),
            _("name a file with format: {choices}").format(choices=listed(choices)),
        )
    if key == "format":
        return (
            _("{value} is no format that this version reads").format(value=shown(value)),
            _("write format: {choices}").format(choices=listed(choices)),
        )
    if key == "to" and "children" in choices and "all" in choices:
        return (
            _("nobody is meant by to: {value}").format(value=shown(value)),
            _(
                "write children, parent, all, {{kind: municipality}} or {{nodes: [352012]}}"
            ).format(),
        )
    meant = did_you_mean(value, choices)
    return (
        _("{key} cannot be {value}").format(key=key, value=shown(value)),
        _("did you mean {word}?").format(word=meant)
        if meant
        else _("write {choices}").format(choices=listed(choices)),
    )


def _no_condition(document: Document, loc: tuple[str | int, ...]) -> tuple[str, str]:
    choices = ["acknowledged", "reported", "passed-on", "answer", "elapsed", "operator"]
    node = document.find(loc)
    if isinstance(node, Mapping) and node.keys:
        first = next(iter(node.keys))
        meant = did_you_mean(first, choices)
        return (
            _("{value} is no condition").format(value=shown(first)),
            _("did you mean {word}?").format(word=meant)
            if meant
            else _("write {choices}").format(choices=listed(choices)),
        )
    return _("this is no condition"), _("write for example {{elapsed: 90m}}").format()


def _no_pattern(
    loc: tuple[str | int, ...], key: str, value: Any, pattern: str, document: Document
) -> tuple[Place, str, str]:
    at = document.key_place(loc[:-1]) if loc and loc[-1] == "[key]" else document.place(loc)
    if pattern in (SLUG, FIELD):
        return (
            at,
            _("{key} cannot be {value}").format(key=key, value=shown(value)),
            _("write small letters a to z, digits and hyphens"),
        )
    if pattern == NAME:
        return (
            at,
            _("{key} cannot be {value}").format(key=key, value=shown(value)),
            _("write letters, digits, hyphens and dots, at most 64"),
        )
    if "\\r" in pattern:
        return at, _("{key} has several lines").format(key=key), _("write it in one line")
    return (
        at,
        _("{key} cannot be {value}").format(key=key, value=shown(value)),
        _("write inject.field, such as first-report.terminals"),
    )


def known_keys(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Return the keys that may stand at `loc` of a file that `model` describes."""
    at: Any = model
    for step in loc:
        at = _step(at, step)
        if at is None:
            return []
    found = _models(at)
    return [field.alias or name for part in found[:1] for name, field in part.model_fields.items()]


def _step(annotation: Any, step: str | int) -> Any:
    """Return the type of what stands at `step` of a value of type `annotation`."""
    if isinstance(step, str):
        for model in _models(annotation):
            if model.__name__ == step:
                return model
            for name, field in model.model_fields.items():
                if step in (field.alias, name):
                    return field.annotation
    for part in _parts(annotation):
        origin, args = get_origin(part), get_args(part)
        if origin is dict and isinstance(step, str):
            return args[1]
        if origin is tuple and isinstance(step, int):
            return args[0]
    return None


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [p for p in _parts(annotation) if isinstance(p, type) and issubclass(p, BaseModel)]


def _parts(annotation: Any) -> list[Any]:
    """Return the alternatives of a type, without annotations and NewTypes."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        else:
            break
    if get_origin(annotation) in (Union, types.UnionType):
        return [part for arg in get_args(annotation) for part in _parts(arg)]
    return [annotation]
