"""JSON Schemas of the three formats, for editors: completion, and faults while one types.

Made from the models, and loosened where YAML is looser than JSON: any scalar may stand for a text
(`code: 352012` without quotation marks), and a key with nothing after it is left out.
"""

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from drillsim.drill.preset import Preset
from drillsim.drill.scenario import Scenario
from drillsim.drill.tree import ContactTree

SchemaKind: TypeAlias = Literal["scenario", "contacts", "people"]
Json: TypeAlias = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that yaml-language-server knows best; nothing later is used."""

_TITLES = {
    "scenario": "drillsim scenario (訓練シナリオ)",
    "contacts": "drillsim contact tree (緊急時連絡網)",
    "people": "drillsim preset (予行の担当者の傾向)",
}
_MODELS: dict[SchemaKind, type[BaseModel]] = {
    "scenario": Scenario,
    "contacts": ContactTree,
    "people": Preset,
}
_NO_FREE_TEXT = {"enum", "const", "format", "examples"}  # Lengths and shares have examples.
_SCALARS = ["string", "number", "boolean"]


def json_schema(kind: SchemaKind) -> Json:
    """Return the JSON Schema of scenarios, contact trees or preset files."""
    made = _MODELS[kind].model_json_schema(by_alias=True, mode="validation")
    definitions = made.pop("$defs")
    return {
        "$schema": DIALECT,
        "title": _TITLES[kind],
        **_loosened(made),
        "definitions": {name: _loosened(definitions[name]) for name in sorted(definitions)},
    }


def _loosened(schema: Any) -> Any:
    """Return a part of a schema with pydantic's noise taken out and YAML's freedom put in."""
    if isinstance(schema, list):
        return [_loosened(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    out: Json = {}
    for key, value in schema.items():
        match key:
            case "title" | "default":
                continue
            case "$ref":
                out[key] = value.replace("#/$defs/", "#/definitions/")
            case "description":
                out[key] = " ".join(value.split())
            case "properties":
                required = schema.get("required", ())
                out[key] = {
                    name: _loosened(part) if name in required else _or_nothing(_loosened(part))
                    for name, part in value.items()
                }
            case _:
                out[key] = _loosened(value)
    return _with_scalars(out)


def _with_scalars(schema: Json) -> Json:
    """Let a number or a truth value stand where any text may."""
    if schema.get("type") == "string" and not _NO_FREE_TEXT & schema.keys():
        schema["type"] = list(_SCALARS)
    return schema


def _or_nothing(schema: Json) -> Json:
    """Let a key have nothing after it."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return {**schema, "type": [*kinds, "null"]} if "null" not in kinds else schema
    if "enum" in schema:
        return {**schema, "type": [kinds, "null"], "enum": [*schema["enum"], None]}
    if "const" in schema:
        return schema
    if isinstance(kinds, str):
        return {**schema, "type": [kinds, "null"]}
    for key in ("anyOf", "oneOf"):
        if key in schema:
            if {"type": "null"} in schema[key]:
                return schema
            return {**schema, key: [*schema[key], {"type": "null"}]}
    if "$ref" in schema:
        rest = {name: part for name, part in schema.items() if name != "$ref"}
        return {**rest, "anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]}
    return schema
