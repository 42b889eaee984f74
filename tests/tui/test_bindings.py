"""Every key that is shown does something, has a name, and the name is translated."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

import drillsim.tui
from drillsim.i18n import gettext, set_language
from drillsim.tui.app import DrillApp
from drillsim.tui.widgets.key_bar import _KEY_WORDS, key_word


def bound() -> Iterator[type[DOMNode]]:
    """Yield everything in drillsim.tui that has keys of its own, whatever was added since."""
    for module in pkgutil.walk_packages(drillsim.tui.__path__, "drillsim.tui."):
        for found in vars(importlib.import_module(module.name)).values():
            if (
                isinstance(found, type)
                and issubclass(found, DOMNode)
                and found.__module__ == module.name
                and "BINDINGS" in vars(found)
            ):
                yield found


BOUND = tuple(bound())


def bindings(owner: type[DOMNode]) -> list[Binding]:
    return [binding for binding in vars(owner)["BINDINGS"] if isinstance(binding, Binding)]


def test_all_screens_with_keys_are_found() -> None:
    names = {owner.__name__ for owner in BOUND}
    assert {"DrillApp", "FirstScreen", "RunScreen", "ReviewScreen", "Dialog", "Rows"} <= names
    assert len(BOUND) > 12


@pytest.mark.parametrize("owner", BOUND)
def test_every_binding_is_bound_to_an_action_that_there_is(owner: type[DOMNode]) -> None:
    assert bindings(owner)
    for binding in bindings(owner):
        action = binding.action.partition("(")[0]
        where: type[object] = owner
        if action.startswith("app."):
            where, action = DrillApp, action.removeprefix("app.")
        assert callable(getattr(where, f"action_{action}", None)), binding


@pytest.mark.parametrize("owner", BOUND)
def test_every_binding_has_a_name_in_japanese(owner: type[DOMNode]) -> None:
    set_language("ja")
    untranslated = [b.description for b in bindings(owner) if gettext(b.description).isascii()]
    assert untranslated == []


@pytest.mark.parametrize("owner", BOUND)
def test_two_actions_share_a_key_only_where_one_of_them_is_possible_at_a_time(
    owner: type[DOMNode],
) -> None:
    if not issubclass(owner, Screen | App):
        return
    keys: dict[str, list[str]] = {}
    for binding in bindings(owner):
        for key in binding.key.split(","):
            keys.setdefault(key, []).append(binding.action)
    for key, actions in keys.items():
        if len(actions) > 1:
            # Which one it is `check_action` says.
            assert owner.check_action is not DOMNode.check_action, (key, actions)


@pytest.mark.parametrize("owner", BOUND)
def test_every_key_that_is_shown_is_written_as_on_a_keyboard(owner: type[DOMNode]) -> None:
    for binding in bindings(owner):
        if binding.show:
            printed = key_word(binding.key.split(",")[0])
            assert "_" not in printed, binding
            assert len(printed) <= 10, binding


def test_no_word_for_a_key_is_written_twice() -> None:
    assert len(set(_KEY_WORDS.values())) == len(_KEY_WORDS)
