"""The linter checks tables by the compiled schemas, the runtime by the models: they must agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llmspell_engine.api.declare import Options
from llmspell_engine.api.validation import ArgumentError, validate
from llmspell_engine.catalog.loader import load
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.registry import all_tools

CATALOG = load()
LIKELY = ["llm", "echo", "lua", "utility", "info", "text", "x", "", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"]


def _models(base: type[Options] = Options) -> Iterator[type[Options]]:
    for model in base.__subclasses__():
        if not issubclass(model, ToolParameters) and model.__module__.startswith("llmspell_engine."):
            yield model
            yield from _models(model)


MODELS = sorted(_models(), key=lambda model: model.__name__)


def test_every_option_table_is_in_the_catalog() -> None:
    assert all_tools()
    assert {model.__name__ for model in MODELS} <= CATALOG.definitions.keys()


def _values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    leaf = st.booleans() | st.integers(-3, 400) | st.sampled_from([0.5, 4.0]) | st.sampled_from(LIKELY)
    either = st.none() | leaf | st.lists(leaf, max_size=2)
    either |= st.dictionaries(st.sampled_from(["max_tool_calls", "rules", "x"]), leaf, min_size=1, max_size=2)
    constants = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return st.sampled_from(constants) | either if constants else either


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@given(data=st.data())
@settings(max_examples=50)
def test_what_the_schema_allows_is_what_the_model_takes(model: type[Options], data: st.DataObject) -> None:
    schema = {**CATALOG.definitions[model.__name__], "$defs": CATALOG.definitions}
    known = schema["properties"]
    optional = data.draw(st.lists(st.sampled_from([*known, "unheard_of"]), unique=True, max_size=4))
    keys = {*(known if data.draw(st.booleans()) else ()), *optional}
    table = {key: data.draw(_values(known.get(key, {})), label=key) for key in sorted(keys)}
    allowed = jsonschema.Draft202012Validator(schema).is_valid(table)
    try:
        validate(model, table, where="here", language="lua")
        taken = True
    except ArgumentError:
        taken = False
    assert taken == allowed, table
