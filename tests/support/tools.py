"""Running tools in tests: one line a case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.api.tool import ToolResult
from llmspell_engine.api.validation import ArgumentError
from llmspell_engine.language import Language
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.registry import tool_named

NOWHERE = Path("/nonexistent")
"""The root of tools that must not touch files."""


def run_tool(
    name: str, parameters: dict[str, Any], *, root: Path = NOWHERE, language: Language = "lua"
) -> ToolResult:
    """What a tool gives back."""
    tool = tool_named(name)
    assert tool is not None, f"there is no tool {name}"
    return tool.execute(parameters, ToolContext(root, language))


def payload(name: str, parameters: dict[str, Any], *, root: Path = NOWHERE) -> dict[str, Any]:
    """The field ``result`` of a tool that must succeed, as scripts see it: without what is absent."""
    done = run_tool(name, parameters, root=root)
    assert done.success, done
    assert done.operation
    assert done.message
    assert done.metadata.execution_time_ms >= 0
    found: dict[str, Any] = done.model_dump(exclude_none=True)["result"]
    return found


def check_tool(
    tool: str, parameters: dict[str, Any], /, *, root: Path = NOWHERE, text: str | None = None, **expect: Any
) -> None:
    """A tool succeeds, and its payload has these fields."""
    found = payload(tool, parameters, root=root)
    assert {key: found.get(key) for key in expect} == expect
    if text is not None:
        assert run_tool(tool, parameters, root=root).text == text


def check_refused(
    name: str, parameters: dict[str, Any], expect: str, *, language: Language = "lua", root: Path = NOWHERE
) -> None:
    """A call is refused as wrong, with this sentence."""
    with pytest.raises(ArgumentError) as caught:
        run_tool(name, parameters, language=language, root=root)
    assert str(caught.value) == f"{name}: {expect}"


def check_raises(
    name: str, parameters: dict[str, Any], code: str, expect: str, *, root: Path = NOWHERE
) -> None:
    """A tool cannot do what was asked, and raises this code and a sentence with these words."""
    with pytest.raises(ToolError) as caught:
        run_tool(name, parameters, root=root)
    assert caught.value.code == code, caught.value
    assert str(caught.value).startswith(f"{name}: ")
    assert expect in str(caught.value)


def check_soft_failure(
    name: str, parameters: dict[str, Any], code: str, expect: str, *, root: Path = NOWHERE
) -> None:
    """A tool cannot do what was asked, and tells so in its result."""
    done = run_tool(name, parameters, root=root)
    assert not done.success
    assert done.error is not None
    assert done.error.code == code, done
    assert expect in done.error.message
    assert done.result is None
    assert done.text == ""
