"""What holds of every declared member: it is described, and its examples can be read."""

from __future__ import annotations

import inspect
import re

import pytest
from llmspell_engine.api.declare import (
    DeclaredMember,
    Global,
    Handle,
    declaration,
    facts,
    is_function,
    members,
)
from llmspell_engine.api.docstrings import documentation
from llmspell_engine.api.json import JSON
from llmspell_engine.api.registry import GLOBALS, HANDLES
from llmspell_engine.api.state import State
from llmspell_engine.language import Language
from llmspell_engine.syntax.parser import parse

DECLARED = [*GLOBALS, *HANDLES]
FUNCTIONS = [(owner, one) for owner in DECLARED for one in members(owner) if one.function]
EXAMPLES = [
    (f"{owner.__name__}.{one.name}", language, text)
    for owner, one in FUNCTIONS
    for language, text in one.facts.examples.items()
]


@pytest.mark.parametrize(
    ("owner", "one"), FUNCTIONS, ids=[f"{owner.__name__}.{one.name}" for owner, one in FUNCTIONS]
)
def test_every_method_and_parameter_is_described(owner: type, one: DeclaredMember) -> None:
    assert one.function is not None
    described = documentation(one.function.__doc__)
    names = [name for name in inspect.signature(one.function).parameters if name != "self"]
    assert described.text.endswith("."), f"{owner.__name__}.{one.name}"
    assert list(described.parameters) == names


@pytest.mark.parametrize(("name", "language", "text"), EXAMPLES)
def test_examples_can_be_read(name: str, language: Language, text: str) -> None:
    assert parse(text, language).faults == (), name


def test_what_is_deprecated_names_what_there_is() -> None:
    known = {f"{owner.name}.{one.name}" for owner in GLOBALS for one in members(owner)}
    known |= {one.name for owner in HANDLES for one in members(owner)}
    named = {one.facts.deprecated for _, one in FUNCTIONS if one.facts.deprecated}
    # What replaces a member may be shown with arguments, or with a remark.
    assert {re.match(r"[\w.]+", name)[0] for name in named} <= known


def test_the_declaration_of_an_implementation_is_the_class_below_the_base() -> None:
    class Implementation(State):
        pass

    assert declaration(Implementation) is State
    assert [one.name for one in members(Implementation)] == [one.name for one in members(State)]
    with pytest.raises(TypeError, match="implements no declaration"):
        declaration(dict)


def test_members_have_the_names_scripts_use() -> None:
    (older,) = [one for one in members(DECLARED[0]) if one.name == "createAsync"]
    assert older.attribute == "create_async"
    assert older.facts.deprecated == "Agent.create"
    assert facts(JSON.parse).examples.keys() == {"lua"}


def test_functions_values_and_tables_are_told_apart() -> None:
    kinds = {
        one.name: ("function" if is_function(one) else "value" if one.value else "table") for one in GLOBALS
    }
    assert {kinds["print"], kinds["ARGS"], kinds["Agent"]} == {"function", "value", "table"}
    assert all(issubclass(one, Global | Handle) for one in DECLARED)
