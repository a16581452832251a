"""Running the tools that a script makes, and their handles."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.tools import as_text
from llmspell_engine.api import tool as api
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.hooks.points import TOOL_EXECUTION
from llmspell_engine.observability.content import of_tool_call, of_tool_result, wants_content
from llmspell_engine.observability.spans import span_here

if TYPE_CHECKING:
    from llmspell_engine.globals.run_tools import RunTool
    from llmspell_engine.hooks import Hooks
    from llmspell_engine.observability import Span


async def run_made_tool(made: RunTool, parameters: Mapping[str, Any], hooks: Hooks) -> api.ToolResult:
    """Run such a tool. Raises what it raises, and HookCancelledError. On the loop."""
    tool, begin = made.tool, time.perf_counter()

    async def work(data: dict[str, Any]) -> dict[str, Any]:
        return {"tool": tool.name, "result": await tool.call(data["parameters"], {})}

    data = {"tool": tool.name, "parameters": dict(parameters)}
    facts = {"gen_ai.tool.name": tool.name, **of_tool_call(parameters)}
    with span_here("tool", f"tool {tool.name}", **facts) as span:
        given = (await hooks.around(TOOL_EXECUTION, "tool", tool.name, data, work)).get("result")
        result = tool_result(tool.name, given, (time.perf_counter() - begin) * 1000)
        tell_result(span, result)
        return result


def tell_result(span: Span, result: api.ToolResult) -> None:
    """State what came of a tool: its failure if it tells of one, and its result where that is recorded."""
    if result.error is not None:
        span.set(**{"error.type": result.error.code})
    if wants_content():
        span.set(**of_tool_result(result.model_dump(exclude_none=True, mode="json", exclude={"metadata"})))


def tool_result(name: str, result: Any, elapsed_ms: float = 0.0) -> api.ToolResult:
    """What a tool of any kind gave, in the form of those of the engine."""
    if isinstance(result, Mapping) and {"success", "operation", "metadata"} <= result.keys():
        return api.ToolResult.model_validate(result)
    return api.ToolResult(
        success=True,
        operation="execute",
        message=f"{name} has answered",
        result=result,
        text=as_text(result),
        metadata=OutputMetadata(execution_time_ms=round(elapsed_ms), operation="execute"),
    )


class MadeToolHandle(api.ToolHandle):
    """A tool of a run in the hands of its script."""

    def __init__(self, made: RunTool, schema: api.ToolSchema, version: str, hooks: Hooks) -> None:
        self._made = made
        self._hooks = hooks
        self.name = made.tool.name
        self.description = made.tool.definition.description
        self.version = version
        self.schema = schema

    def execute(self, parameters: Mapping[str, Any]) -> Awaitable[api.ToolResult]:
        return run_made_tool(self._made, parameters, self._hooks)

    def get_schema(self) -> api.ToolSchema:
        return self.schema
