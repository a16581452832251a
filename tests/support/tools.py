"""Running tools in tests: a table of calls, one :class:`Case` each, and what is to come of them.

``each_case(TABLE)`` parametrises a test that hands each to :func:`check_case`; what does not fit into a table
is checked with the other functions here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.api.tool import ToolResult
from llmspell_engine.api.validation import ArgumentError
from llmspell_engine.language import Language
from llmspell_engine.security.errors import SecurityError
from llmspell_engine.tools.base import Tool, ToolContext, ToolError
from llmspell_engine.tools.registry import tool_named

NOWHERE = Path("/nonexistent")
"""The root of tools that must not touch files."""


@dataclass(frozen=True, slots=True)
class Case:
    """A call of a tool, and what is to come of it: exactly one of the five outcomes is stated."""

    about: str
    parameters: dict[str, Any]
    gives: dict[str, Any] | None = None
    """It succeeds with these fields in ``result``; what is None must be absent. Right use."""
    refused: str | None = None
    """The parameters are wrong, and this sentence says so. A wrong parameter."""
    fails: tuple[str, str] | None = None
    """It raises a ToolError with this code and a sentence with these words. A failure half-way."""
    tells: tuple[str, str] | None = None
    """It tells such a failure in its result."""
    forbids: str | None = None
    """The security profile refuses it by this rule."""
    text: str | None = None
    """With ``gives``: the whole text of the result."""
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    """What is in the root before."""
    leaves: Mapping[str, str | bytes | None] = field(default_factory=dict)
    """What is in the root after; None for what must not be there."""
    language: Language = "lua"


def each_case(table: Sequence[Case]) -> pytest.MarkDecorator:
    """A test for each of a table, by what it is about."""
    return pytest.mark.parametrize("case", table, ids=[case.about for case in table])


def check_case(tool: str, case: Case, root: Path, context: ToolContext | None = None) -> None:
    """A call comes to what its case says. ``context`` is given where the tool is to be allowed more."""
    for name, content in case.files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    given = context or ToolContext(root, case.language)
    if case.gives is not None:
        _check_gives(tool, case, given)
    elif case.refused is not None:
        with pytest.raises(ArgumentError) as refused:
            run_tool(tool, case.parameters, context=given)
        assert str(refused.value) == f"{tool}: {case.refused}", str(refused.value)
    elif case.fails is not None:
        with pytest.raises(ToolError) as failed:
            run_tool(tool, case.parameters, context=given)
        assert str(failed.value).startswith(f"{tool}: ")
        _check_failure(failed.value.code, str(failed.value), case.fails)
    elif case.forbids is not None:
        with pytest.raises(SecurityError) as forbidden:
            run_tool(tool, case.parameters, context=given)
        assert forbidden.value.rule == case.forbids
    else:
        assert case.tells is not None, "a case states what is to come of it"
        done = run_tool(tool, case.parameters, context=given)
        assert done.error is not None
        assert (done.success, done.result, done.text) == (False, None, "")
        _check_failure(done.error.code, done.error.message, case.tells)
    for name, expected in case.leaves.items():
        assert _content(root / name) == (expected.encode() if isinstance(expected, str) else expected), name


def _check_gives(tool: str, case: Case, context: ToolContext) -> None:
    done = run_tool(tool, case.parameters, context=context)
    assert done.success, done
    assert done.operation
    assert done.message
    found = done.model_dump(exclude_none=True).get("result", {})
    assert case.gives is not None
    assert {key: found.get(key) for key in case.gives} == case.gives
    assert case.text is None or done.text == case.text


def _check_failure(code: str, message: str, expected: tuple[str, str]) -> None:
    assert code == expected[0], message
    assert expected[1] in message


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def run_tool(
    name: str,
    parameters: dict[str, Any],
    *,
    root: Path = NOWHERE,
    language: Language = "lua",
    context: ToolContext | None = None,
) -> ToolResult:
    """What a tool gives back."""
    tool = tool_named(name)
    assert tool is not None, f"there is no tool {name}"
    return executed(tool, parameters, context or ToolContext(root, language))


def executed(tool: Tool[Any], parameters: dict[str, Any], context: ToolContext) -> ToolResult:
    """What a tool gives back, waited for on a loop of its own where it waits."""
    if tool.waits:
        return anyio.run(tool.completed, parameters, context)
    done = tool.execute(parameters, context)
    assert isinstance(done, ToolResult)
    return done


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
