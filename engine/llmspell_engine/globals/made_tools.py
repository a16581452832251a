"""Running the tools that a script makes, and their handles."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from llmspell_engine.agents.tools import AgentTool, as_text
from llmspell_engine.api import tool as api
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.globals.tool_telling import tell_result
from llmspell_engine.hooks.points import TOOL_EXECUTION
from llmspell_engine.hooks.registry import REDIRECT
from llmspell_engine.observability.content import of_tool_call
from llmspell_engine.observability.spans import span_here

if TYPE_CHECKING:
    from llmspell_engine.globals.run_tools import RunTool
    from llmspell_engine.hooks import Hooks


class Runnable(Protocol):
    """A handle of any kind of tool, as tools that are made of it see it."""

    name: str

    def complete(self, parameters: Mapping[str, Any]) -> Awaitable[api.ToolResult]:
        """Run it and wait for its result. On the loop."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The JSON Schema of what it takes."""


class MadeTool(AgentTool):
    """A tool that a script has made, whose results have the form of those of the engine."""

    @abstractmethod
    async def answer(self, arguments: Mapping[str, Any]) -> api.ToolResult:
        """The result. Raises ArgumentError, ToolError, and what functions of the script raise."""

    async def call(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        """See the base class."""
        return (await self.answer(arguments)).model_dump(exclude_none=True, mode="json")


Complete = Callable[[str, Mapping[str, Any]], Awaitable[api.ToolResult]]
"""Runs the tool of a name, whoever made it, without hooks."""


async def run_made_tool(
    made: RunTool,
    parameters: Mapping[str, Any],
    hooks: Hooks,
    complete: Complete,
    seconds: float | None = None,
) -> api.ToolResult:
    """Run such a tool. Raises what it raises, and HookCancelledError. On the loop.

    ``complete`` runs another one where a handler redirects to it.
    """
    tool, begin = made.tool, time.perf_counter()
    limit = seconds or made.seconds

    async def work(data: dict[str, Any]) -> dict[str, Any]:
        given = data["parameters"]
        if hooks.listens("ToolValidation"):
            told = {"tool": tool.name, "parameters": given}
            left = await hooks.reach("ToolValidation", "tool", tool.name, told)
            given = left.get("parameters", given)
        if (other := data.get(REDIRECT)) is not None:
            done = await within(other, limit, partial(complete, other, given))
            return {"tool": other, "result": done.model_dump(exclude_none=True, mode="json")}
        # Handlers get plain data, scripts the result as it is declared.
        if isinstance(tool, MadeTool) and not hooks.listens_around(TOOL_EXECUTION):
            result = await within(tool.name, limit, partial(tool.answer, given))
        else:
            result = await within(tool.name, limit, partial(tool.call, given, {}))
        return {"tool": tool.name, "result": result}

    data = {"tool": tool.name, "parameters": dict(parameters)}
    facts = {"gen_ai.tool.name": tool.name, **of_tool_call(parameters)}
    with span_here("tool", f"tool {tool.name}", **facts) as span:
        done = await hooks.around(TOOL_EXECUTION, "tool", tool.name, data, work)
        result = tool_result(tool.name, left_by_hooks(done), (time.perf_counter() - begin) * 1000)
        tell_result(span, result)
        return result


async def within(name: str, seconds: float | None, work: Callable[[], Awaitable[Any]]) -> Any:
    """What some work gives within a time. Raises ToolError where it takes longer."""
    from anyio import move_on_after

    from llmspell_engine.tools.base import ToolError

    with move_on_after(seconds):
        return await work()
    raise ToolError(
        f"{name}: it took longer than {seconds:g} s and was stopped; allow more with 'timeout_ms'",
        code="timeout",
    )


def left_by_hooks(done: Mapping[str, Any]) -> Any:
    """A tool's result in what handlers left: that field, or all of it where it says ``success``."""
    if "result" not in done and isinstance(done.get("success"), bool):
        return {name: value for name, value in done.items() if name not in ("tool", "parameters")}
    return done.get("result")


def tool_result(name: str, result: Any, elapsed_ms: float = 0.0) -> api.ToolResult:
    """What a tool of any kind, or a handler in its place, gave, in the form of those of the engine."""
    if isinstance(result, api.ToolResult):
        return result
    if isinstance(result, Mapping) and {"success", "operation", "metadata"} <= result.keys():
        return api.ToolResult.model_validate(result)
    metadata = OutputMetadata(execution_time_ms=round(elapsed_ms), operation="execute")
    if isinstance(result, Mapping) and isinstance(result.get("success"), bool):
        return _by_its_word(name, result, metadata)
    return api.ToolResult(
        success=True,
        operation="execute",
        message=f"{name} has answered",
        result=result,
        text=as_text(result),
        metadata=metadata,
    )


def _by_its_word(name: str, given: Mapping[str, Any], metadata: OutputMetadata) -> api.ToolResult:
    """What a table says that has ``success``, as tools of scripts give it."""
    from llmspell_engine.tools.base import ToolError
    from llmspell_engine.tools.custom_results import outcome_of

    try:
        outcome = outcome_of(name, given)
    except ToolError as error:
        failure = api.ToolFailure(message=str(error), code=error.code, details=error.details)
        return api.ToolResult(
            success=False, operation="execute", message=str(error), error=failure, metadata=metadata
        )
    return api.ToolResult(
        success=True,
        operation=outcome.operation,
        message=outcome.message,
        result=outcome.result,
        text=outcome.text,
        metadata=metadata,
    )


class MadeToolHandle(api.ToolHandle):
    """A tool of a run in the hands of its script."""

    def __init__(self, made: RunTool, schema: api.ToolSchema, hooks: Hooks, complete: Complete) -> None:
        self.made = made
        self._hooks = hooks
        self._complete = complete
        self.name = made.tool.name
        self.description = made.tool.definition.description
        self.version = made.version
        self.category = made.category
        self.schema = schema

    def execute(
        self, parameters: Mapping[str, Any], options: api.ToolCallOptions | None = None
    ) -> Awaitable[api.ToolResult]:
        seconds = options.timeout_ms / 1000 if options and options.timeout_ms else None
        return run_made_tool(self.made, parameters, self._hooks, self._complete, seconds)

    def complete(self, parameters: Mapping[str, Any]) -> Awaitable[api.ToolResult]:
        """Run it and wait for its result. On the loop."""
        return run_made_tool(self.made, parameters, self._hooks, self._complete)

    def get_schema(self) -> api.ToolSchema:
        return self.schema

    @property
    def agent_tool(self) -> AgentTool:
        """As agents call it."""
        return self.made.tool

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The JSON Schema of what it takes."""
        return self.made.tool.definition.parameters
