"""What holds of every tool: its schema is what it checks, and no wrong parameter gets through."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any, Literal

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llmspell_engine.api.validation import ArgumentError, validate
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import Tool
from llmspell_engine.security.permissions import Permissions, SecurityError
from llmspell_engine.security.profiles import PROFILES
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.registry import all_tools, tool_named
from support.tools import NOWHERE, executed

CATALOG = load()
OFFLINE = ToolContext(
    NOWHERE,
    seconds=5,
    permissions=Permissions(rules=replace(PROFILES["medium"], hosts="listed"), root=NOWHERE),
)
"""Reaches no host, whatever is asked, and waits for nobody."""
TOOLS = {tool.name: tool for tool in all_tools()}
LIKELY = ["read", "evaluate", "encode", "hash", "replace", "parse", "generate", "tera", "v4", "days", "x", ""]


def _parameters(tool: Tool) -> list[tuple[str, str, dict[str, Any]]]:
    properties = tool.parameters["properties"].items()
    return [
        (tool.name, name, schema) for name, schema in properties if schema and not schema.get("deprecated")
    ]


EVERY_PARAMETER = [one for tool in CATALOG.tools.values() for one in _parameters(tool)]


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_the_catalog_knows_the_tool_as_it_is(name: str) -> None:
    tool, described = TOOLS[name], CATALOG.tools[name]
    assert (tool.category, tool.security, tool.aliases) == (
        described.category,
        described.security,
        described.aliases,
    )
    assert described.doc == tool.description
    jsonschema.Draft202012Validator.check_schema(dict(described.parameters))
    for alias in tool.aliases:
        assert tool_named(alias) is tool
        assert CATALOG.tool(alias) is described


def test_every_parameter_is_described() -> None:
    assert [(tool, name) for tool, name, schema in EVERY_PARAMETER if not schema.get("description")] == []


LEAF = st.booleans() | st.integers(-3, 200) | st.sampled_from([1.5, 4.0]) | st.sampled_from(LIKELY)
VALUES = (
    LEAF | st.lists(LEAF, max_size=2) | st.dictionaries(st.sampled_from(LIKELY), LEAF, min_size=1, max_size=2)
)


@cache
def _likely(name: str) -> dict[str, st.SearchStrategy[Any]]:
    """Values for each parameter of a tool: made once, since that takes longer than drawing from them."""
    return {
        key: st.sampled_from(schema["enum"]) | VALUES if "enum" in schema else VALUES
        for _, key, schema in _parameters(CATALOG.tools[name])
    }


@cache
def _checks(name: str, part: Literal["parameters", "returns"]) -> jsonschema.Draft202012Validator:
    """What checks tables of a tool by its schema."""
    return jsonschema.Draft202012Validator(
        {**getattr(CATALOG.tools[name], part), "$defs": CATALOG.definitions}
    )


@pytest.mark.parametrize("name", sorted(TOOLS))
@given(data=st.data())
@settings(max_examples=60)
def test_what_the_schema_allows_is_what_the_tool_takes(name: str, data: st.DataObject) -> None:
    """The linter checks by the schema, the runtime by the model: they must agree on every table."""
    known = _likely(name)
    keys = data.draw(st.lists(st.sampled_from([*known, "unheard_of"]), unique=True, max_size=5))
    table = {key: data.draw(known.get(key, VALUES), label=key) for key in keys}
    assert _is_taken(name, table) == _checks(name, "parameters").is_valid(table), table


def _is_taken(name: str, table: dict[str, Any]) -> bool:
    try:
        validate(TOOLS[name].Parameters, table, where=name, language="lua")
    except ArgumentError:
        return False
    return True


@pytest.mark.parametrize("name", sorted(TOOLS))
@given(data=st.data())
@settings(max_examples=40)
def test_a_result_has_the_declared_form_or_the_failure_is_told(name: str, data: st.DataObject) -> None:
    table = {key: data.draw(one, label=key) for key, one in _likely(name).items() if data.draw(st.booleans())}
    done = None
    with suppress(ArgumentError, ToolError, SecurityError):
        done = executed(TOOLS[name], table, OFFLINE)
    if done and done.success:
        _checks(name, "returns").validate(done.model_dump(exclude_none=True)["result"])
