"""The linter checks tables by the compiled schemas, the runtime by the models: they must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llmspell_engine.api.declare import Options
from llmspell_engine.api.older import WithOlderNames
from llmspell_engine.api.registry import GLOBALS
from llmspell_engine.api.validation import ArgumentError, validate
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import Schema, spelled
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.tools.parameters import PlainParameters
from llmspell_engine.tools.registry import all_tools

CATALOG = load()
LIKELY = [
    "llm", "echo", "lua", "utility", "info", "text", "x", "", "global", "http://localhost/v1",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
]  # fmt: skip


def _refused(_: Any, __: Any, value: Any, ___: Any) -> Iterator[jsonschema.ValidationError]:
    yield jsonschema.ValidationError(f"{value!r} is plain, neither a handle nor a function")


VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator, {"x-handle": _refused, "x-function": _refused}
)


def _models(base: type[Options] = Options) -> Iterator[type[Options]]:
    for model in base.__subclasses__():
        if not issubclass(model, PlainParameters) and model.__module__.startswith("llmspell_engine."):
            if model is not WithOlderNames:
                yield model
            yield from _models(model)


assert GLOBALS, "with them every module of options has been imported"
assert all_tools()
MODELS = sorted(_models(), key=lambda model: model.__name__)


def test_every_option_table_is_in_the_catalog() -> None:
    assert {model.__name__ for model in MODELS} <= CATALOG.definitions.keys()


LEAF = st.booleans() | st.integers(-3, 400) | st.sampled_from([0.5, 4.0]) | st.sampled_from(LIKELY)
VALUES = (
    st.none()
    | LEAF
    | st.lists(LEAF, max_size=2)
    | st.dictionaries(st.sampled_from(["max_tool_calls", "rules", "x"]), LEAF, min_size=1, max_size=2)
)


def _values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    constants = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return st.sampled_from(constants) | VALUES if constants else VALUES


@dataclass(frozen=True, slots=True)
class Drawn:
    """What tables of a model are drawn from and checked by; made once, for making it takes longest."""

    keys: st.SearchStrategy[list[str]]
    values: dict[str, st.SearchStrategy[Any]]
    checks: Any


@cache
def _drawn(model: str) -> Drawn:
    schema = CATALOG.definitions[model]
    known = schema["properties"]
    return Drawn(
        st.lists(st.sampled_from([*known, "unheard_of"]), unique=True, max_size=4),
        {key: _values(known[key]) for key in known} | {"unheard_of": VALUES},
        VALIDATOR({**schema, "$defs": CATALOG.definitions}),
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@given(data=st.data())
@settings(max_examples=50)
def test_what_the_schema_allows_is_what_the_model_takes(model: type[Options], data: st.DataObject) -> None:
    known, drawn = CATALOG.definitions[model.__name__]["properties"], _drawn(model.__name__)
    keys = {*(known if data.draw(st.booleans()) else ()), *data.draw(drawn.keys)}
    table = {key: data.draw(drawn.values[key], label=key) for key in sorted(keys)}
    # Beside its name of today an older one says nothing.
    table = {key: value for key, value in table.items() if known.get(key, {}).get("x-alias") not in table}
    # What is required may be given by an older name.
    today = {known.get(key, {}).get("x-alias", key): value for key, value in table.items()}
    allowed = drawn.checks.is_valid(today)
    try:
        validate(model, table, where="here", language="lua")
        taken = True
    except ArgumentError:
        taken = False
    assert taken == allowed, table


OPTIONS = [(model, name) for model in MODELS for name in CATALOG.definitions[model.__name__]["properties"]]


@pytest.mark.parametrize(("model", "name"), OPTIONS, ids=lambda one: getattr(one, "__name__", one))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_is_taken(model: type[Options], name: str, language: Language) -> None:
    schema = CATALOG.definitions[model.__name__]
    given = {key: _valid(schema["properties"][key]) for key in [*schema.get("required", []), name]}
    given = {key: value for key, value in given.items() if key == name or not _excluded(schema, key, name)}
    table = {spelled(key, language): value for key, value in given.items()}
    taken = validate(model, table, where="here", language=language)
    fields = type(taken).model_fields
    now = _name_today(model, name)
    assert now is None or now in {fields[field].alias or field for field in taken.model_fields_set}


def _name_today(model: type[Options], name: str) -> str | None:
    """What an option is called that older scripts name otherwise; None for one that has no effect."""
    if not issubclass(model, WithOlderNames):
        return name
    if name in model.without_effect:
        return None
    return {**model.older_names, **model.older_elements}.get(name, name)


def _excluded(schema: Schema, key: str, name: str) -> bool:
    return any({key, name} <= set(group) for group in schema.get("x-exclusive", []))


def _valid(schema: Schema) -> Any:
    """A value that a schema allows, other than nothing."""
    schema = CATALOG.resolve(schema)
    if "x-function" in schema:
        return lambda *_: None
    if "x-example" in schema:
        return schema["x-example"]
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    for either in schema.get("anyOf", schema.get("oneOf", [])):
        if "x-handle" not in either and either.get("type") != "null":
            return _valid(either)
    match schema.get("type"):
        case "object":
            return {key: _valid(schema["properties"][key]) for key in schema.get("required", [])}
        case "array":
            return [_valid(schema.get("items", {}))] * schema.get("minItems", 1)
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
    return next(
        text
        for text in LIKELY
        if re.search(schema.get("pattern", "."), text) and len(text) <= schema.get("maxLength", len(text))
    )
