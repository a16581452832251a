"""What an agent may call: tools of the engine, functions of the script, other agents, and handing over."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.base import AgentError, AgentRequest, BaseAgent
from llmspell_engine.hooks.points import TOOL_EXECUTION
from llmspell_engine.hooks.registry import REDIRECT
from llmspell_engine.observability.content import of_tool_call, of_tool_result
from llmspell_engine.providers.base import ToolDefinition
from llmspell_engine.tools.searching import whole

if TYPE_CHECKING:
    from llmspell_engine.catalog.model import Tool as DescribedTool
    from llmspell_engine.tools.base import ToolContext

TEXT_INPUT: Mapping[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string", "description": "What to ask."}},
    "required": ["text"],
}
_TIMES = frozenset(
    {
        *("execution_time_ms", "elapsed_ms", "response_time_ms"),
        *("executionTimeMs", "elapsedMs", "responseTimeMs"),
    }
)
"""What results of the engine tell of the time they took, in both languages."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")


class AgentTool(ABC):
    """Something that a model may call."""

    name: str
    definition: ToolDefinition

    @abstractmethod
    async def call(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        """The result, as a plain value. Any error goes back to the model as a message.

        ``context`` are the facts that the agents of a task share.
        """


class EngineTool(AgentTool):
    """A tool of the engine. What it does holds up nobody else on the loop."""

    def __init__(self, tool: DescribedTool, context: ToolContext) -> None:
        self.name = tool.name
        self.definition = ToolDefinition(tool.name, tool.doc, whole(tool.parameters))
        self._context = context

    async def call(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        """See the base class."""
        from llmspell_engine.tools.registry import find_tool

        tool = find_tool(self.name, self._context)
        assert tool is not None
        result = await tool.completed(arguments, self._context)
        return result.model_dump(exclude_none=True, mode="json")


class FunctionTool(AgentTool):
    """A function of the script, or any other."""

    def __init__(self, definition: ToolDefinition, function: Callable[[Any], Awaitable[Any]]) -> None:
        self.name = definition.name
        self.definition = definition
        self._function = function

    async def call(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        """See the base class."""
        return await self._function(dict(arguments))


class WrappedAgent(AgentTool):
    """Another agent, which is asked with a text."""

    def __init__(self, agent: BaseAgent, name: str | None = None, description: str | None = None) -> None:
        self.name = name or tool_name(agent.name)
        about = description or agent.description or f"Asks the agent {agent.name}."
        self.definition = ToolDefinition(self.name, about, TEXT_INPUT)
        self.agent = agent

    async def call(self, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        """See the base class."""
        text = arguments.get("text")
        if not isinstance(text, str) or not text:
            raise AgentError(f"'{self.name}' asks an agent: give what to ask as 'text'")
        answer = await self.agent.execute(AgentRequest(text, context=context))
        return answer.text if answer.data is None else answer.data


async def called(
    by: BaseAgent,
    tool: AgentTool,
    arguments: Mapping[str, Any],
    context: Mapping[str, Any],
) -> Any:
    """A tool's result, and what handlers make of it. Raises what the tool raises, and HookCancelledError."""
    scope = by.scope
    facts = {"gen_ai.tool.name": tool.name, **of_tool_call(arguments)}
    with scope.tracer.span("tool", f"tool {tool.name}", **facts) as span:
        result = await _called(by, tool, arguments, context)
        span.set(**of_tool_result(result))
        return result


async def _called(
    by: BaseAgent, tool: AgentTool, arguments: Mapping[str, Any], context: Mapping[str, Any]
) -> Any:
    scope = by.scope
    if not scope.hooks.listens_around(TOOL_EXECUTION) and not scope.hooks.listens("ToolValidation"):
        return await tool.call(arguments, context)

    async def work(data: dict[str, Any]) -> dict[str, Any]:
        used = tool if (other := data.get(REDIRECT)) is None else _other(by, other)
        told = {"tool": used.name, "parameters": data.get("parameters", arguments)}
        left = await scope.hooks.reach("ToolValidation", "tool", used.name, told)
        given = left.get("parameters", told["parameters"])
        return {"tool": used.name, "result": await used.call(given, context)}

    data = {"tool": tool.name, "parameters": dict(arguments), "agent": by.name}
    return (await scope.hooks.around(TOOL_EXECUTION, "tool", tool.name, data, work)).get("result")


def _other(by: BaseAgent, name: str) -> AgentTool:
    """What a handler wants to be called instead."""
    found = by.tools.get(name)
    if found is None:
        raise AgentError(f"the agent '{by.name}' has no tool '{name}' that a hook could redirect to")
    return found


def tool_name(name: str) -> str:
    """A name in the form that models' interfaces take."""
    return _NOT_IN_NAMES.sub("_", name)


def as_text(result: Any) -> str:
    """A value as a model reads it: the same text for the same value, for tables of Lua have no order."""
    if isinstance(result, str):
        return result
    return json.dumps(result, ensure_ascii=False, default=str, sort_keys=True)


def as_read(result: Any) -> str:
    """A tool's result as a model reads it: without the time it took, for what a model is told has to be the
    same whenever a recording of it is replayed. What a tool found stays whole, whatever it calls things.
    """
    return as_text(_timeless(result))


def _timeless(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_timeless(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    if "success" in value and "operation" in value:
        value = {key: _without_times(one) for key, one in value.items()}
    return {key: _timeless(one) for key, one in value.items()}


def _without_times(part: Any) -> Any:
    """The payload or the metadata of a result, without what its tool measured."""
    return {k: one for k, one in part.items() if k not in _TIMES} if isinstance(part, Mapping) else part
