"""Declared types as JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import pytest
from llmspell_engine.api.agent import AgentInstance
from llmspell_engine.api.declare import Options, Result, complete
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
    ],
)
def test_schemas(annotation: Any, schema: Any) -> None:
    assert schema_of(annotation, {}) == schema


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
