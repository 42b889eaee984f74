"""The schemas in schemas/ are those of the models, and the shipped files are valid by them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from drillsim.files.json_schema import SchemaKind, json_schema
from drillsim.shipped import shipped_dir

KINDS: list[SchemaKind] = ["scenario", "contacts", "people"]
FILES = [
    *(("scenario", path) for path in sorted(shipped_dir("scenarios").glob("*.yaml"))),
    *(("contacts", path) for path in sorted(shipped_dir("contacts").glob("*.yaml"))),
]


class Yaml12Loader(yaml.SafeLoader):
    """Reads numbers and truth values as YAML 1.2 does, as editors with schemas do."""


Yaml12Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if not tag.endswith((":timestamp", ":bool", ":int", ":merge"))
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Yaml12Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", __import__("re").compile("^(?:true|false)$"), list("tf")
)
Yaml12Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", __import__("re").compile("^[-+]?[0-9]+$"), list("-+0123456789")
)


def validator(kind: SchemaKind) -> Any:
    return jsonschema.Draft7Validator(json_schema(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_file_is_what_the_models_give(kind: SchemaKind) -> None:
    path = shipped_dir("schemas") / f"{kind}.schema.json"
    option = "" if kind == "scenario" else f" --{kind}"
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema(kind), (
        f"run: drillsim scenario schema{option} > schemas/{path.name}"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_one(kind: SchemaKind) -> None:
    jsonschema.Draft7Validator.check_schema(json_schema(kind))


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda value: getattr(value, "name", value))
def test_the_shipped_files_are_valid_and_name_their_schema(kind: SchemaKind, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema=../schemas/{kind}.schema.json\n")
    data = yaml.load(text, Loader=Yaml12Loader)
    assert [error.message for error in validator(kind).iter_errors(data)] == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("contacts", "{format: drillsim-contacts/1, title: x, nodes: []}"),
        ("contacts", "{format: drillsim-contacts/2, title: x, nodes: [{id: a, name: b}]}"),
        ("contacts", "{format: drillsim-contacts/1, title: x, node: []}"),
        ("scenario", "{window: 4}"),
        ("scenario", "{window: soon}"),
        ("scenario", "{phases: {initial: a, states: {a: {level: 4}}}}"),
        ("scenario", "{phases: {initial: a, states: {a: {next: [{when: {ever: 1}, to: b}]}}}}"),
        ("scenario", "{start: 2026-10-14}"),
        ("scenario", "{people: {away: 5}}"),
        ("scenario", "{people: {preset: usual}}"),
        ("people", "{format: drillsim-people/1, title: x, kinds: {town: {away: 5%}}}"),
        ("people", "{format: drillsim-people/1, title: x, all: {reply-all: 5%}}"),
    ],
)
def test_an_editor_is_told_of_what_is_wrong(kind: SchemaKind, text: str) -> None:
    data = yaml.load(text, Loader=Yaml12Loader)
    wrong = {error.path[0] if error.path else "" for error in validator(kind).iter_errors(data)}
    assert wrong & {*data, "", "nodes"}
    # More than what is merely missing.
    messages = [error.message for error in validator(kind).iter_errors(data)]
    assert [message for message in messages if "is a required property" not in message]


def test_every_field_that_is_not_obvious_is_described() -> None:
    obvious = {"name", "phone", "note", "kana", "title", "id", "kind", "type", "subject", "body"}
    obvious |= {"median", "sigma", "weight", "summary", "of", "share", "nodes", "incident"}
    obvious |= {"reminder", "stop", "states", "scoring", "texts", "phases", "duty-desk", "label"}
    obvious |= {"acknowledged", "reported", "passed-on", "operator", "elapsed", "node", "to"}
    for kind in KINDS:
        schema = json_schema(kind)
        for name, part in [("", schema), *schema["definitions"].items()]:
            for key, field in part.get("properties", {}).items():
                assert "description" in field or key in obvious, f"{name}.{key}"


def test_a_key_with_nothing_after_it_is_valid_unless_it_is_required() -> None:
    text = "{format: drillsim-contacts/1, title: x, note: , nodes: [{id: 352012, name: b, kana: , "
    text += "kind: section, parent: , officers: , duty-desk: }]}"
    data = yaml.load(text, Loader=Yaml12Loader)
    assert list(validator("contacts").iter_errors(data)) == []
    data["title"] = None
    assert list(validator("contacts").iter_errors(data))
