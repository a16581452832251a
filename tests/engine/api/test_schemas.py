"""Declared types as JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import pytest
from llmspell_engine.api.agent import AgentInstance
from llmspell_engine.api.declare import Holds, Item, Options, Result, complete, gives
from llmspell_engine.api.schemas import schema_of
from pydantic import Field


class Inner(Options):
    """Something inside."""

    count: int | None = Field(None, ge=1)


class Outer(Result):
    """What comes back."""

    inner: Inner | None = None
    kind: Literal["a", "b"] = "a"
    either: str | int | None = None


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (None, None),
        (Any, {}),
        (str, {"type": "string"}),
        (
            Annotated[str, Field(min_length=1), complete("tool")],
            {"type": "string", "minLength": 1, "x-complete": "tool"},
        ),
        (AgentInstance | None, {"anyOf": [{"x-handle": "AgentInstance"}, {"type": "null"}]}),
        (Sequence[AgentInstance], {"type": "array", "items": {"x-handle": "AgentInstance"}}),
        (Inner, {"$ref": "#/$defs/Inner"}),
        (
            Callable[[int, Inner], str],
            {
                "x-function": {
                    "parameters": [{"schema": {"type": "integer"}}, {"schema": {"$ref": "#/$defs/Inner"}}],
                    "returns": {"type": "string"},
                }
            },
        ),
        (Callable[[], None], {"x-function": {"parameters": [], "returns": None}}),
        (
            str | Callable[[Inner], None] | list[Callable[[int], str]],
            {
                "anyOf": [
                    {"type": "string"},
                    {"x-function": {"parameters": [{"schema": {"$ref": "#/$defs/Inner"}}], "returns": None}},
                    {
                        "type": "array",
                        "items": {
                            "x-function": {
                                "parameters": [{"schema": {"type": "integer"}}],
                                "returns": {"type": "string"},
                            },
                        },
                    },
                ]
            },
        ),
        (
            Annotated[AgentInstance, Holds(Inner)],
            {"x-handle": "AgentInstance", "x-holds": {"$ref": "#/$defs/Inner"}},
        ),
        (Sequence[Item], {"type": "array", "items": {"x-item": True}}),
        (Annotated[AgentInstance, gives("each")], {"x-handle": "AgentInstance", "x-gives": "each"}),
    ],
)
def test_schemas(annotation: Any, schema: Any) -> None:
    assert schema_of(annotation, {}) == schema


class Calling(Options):
    """Something with callbacks."""

    first: Callable[[Inner, int], str] = Field(description="The first.")
    second: Callable[[], None] | None = Field(None, description="The second.")


def test_callbacks_of_options_have_their_types() -> None:
    definitions: dict[str, dict[str, Any]] = {}
    schema_of(Calling, definitions)
    fields = definitions["Calling"]["properties"]
    inner = {"schema": {"$ref": "#/$defs/Inner"}}
    assert fields["first"] == {
        "x-function": {"parameters": [inner, {"schema": {"type": "integer"}}], "returns": {"type": "string"}},
        "description": "The first.",
    }
    assert fields["second"]["anyOf"][0] == {"x-function": {"parameters": [], "returns": None}}
    assert "Inner" in definitions


def test_options_may_be_null_and_results_are_never() -> None:
    definitions: dict[str, dict[str, Any]] = {}
    assert schema_of(Outer, definitions) == {"$ref": "#/$defs/Outer"}
    assert definitions["Inner"]["properties"]["count"] == {
        "anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]
    }
    assert definitions["Inner"]["additionalProperties"] is False
    assert definitions["Outer"]["properties"] == {
        "inner": {"$ref": "#/$defs/Inner"},
        "kind": {"type": "string", "enum": ["a", "b"], "default": "a"},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    }
