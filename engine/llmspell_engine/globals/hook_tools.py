"""Tools with the hooks of their run around them: what ``Tool`` calls in the place of the tools themselves.

Where nobody listens a tool that is done at once is done at once. Else it is waited for, as handlers are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from llmspell_engine.api.tool_handle import Category
from llmspell_engine.hooks.points import TOOL_EXECUTION
from llmspell_engine.hooks.registry import REDIRECT
from llmspell_engine.tools.base import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_engine.api import tool as api
    from llmspell_engine.api.declare import Waiting
    from llmspell_engine.hooks import HookRegistry
    from llmspell_engine.hooks.base import Data
    from llmspell_engine.tools.base import ToolContext

    RunTool = Callable[[str, Mapping[str, Any], ToolContext], Waiting[api.ToolResult]]
    CompleteTool = Callable[[str, Mapping[str, Any], ToolContext], Awaitable[api.ToolResult]]


class HookedTools:
    """Runs and finds tools. ``run_tool`` and ``complete_tool`` (on the loop) do it without hooks, ``known``
    gives a tool's own name.
    """

    def __init__(
        self,
        hooks: HookRegistry,
        run_tool: RunTool,
        complete_tool: CompleteTool,
        known: Callable[[str], str],
    ) -> None:
        self._hooks = hooks
        self._run_tool = run_tool
        self._complete_tool = complete_tool
        self._known = known

    def execute(
        self, name: str, parameters: Mapping[str, Any], context: ToolContext
    ) -> Waiting[api.ToolResult]:
        """Run a tool. Raises what it raises, and HookCancelledError."""
        if self._is_watched:
            return self._hooked(self._known(name), parameters, context)
        return self._run_tool(name, parameters, context)

    def complete(
        self, name: str, parameters: Mapping[str, Any], context: ToolContext
    ) -> Awaitable[api.ToolResult]:
        """Run a tool and wait for it, on the loop. Raises what it raises, and HookCancelledError."""
        if self._is_watched:
            return self._hooked(self._known(name), parameters, context)
        return self._complete_tool(name, parameters, context)

    @property
    def _is_watched(self) -> bool:
        return self._hooks.listens_around(TOOL_EXECUTION) or self._hooks.listens("ToolValidation")

    def found(self, asked: Mapping[str, Any], find: Callable[[Data], Sequence[str]]) -> Sequence[str]:
        """The names of the tools that are found; handlers may change what is asked, and leave some out."""
        hooks = self._hooks
        data = {name: value for name, value in asked.items() if value is not None}
        left = hooks.reach_now("BeforeToolDiscovery", "tool", "discovery", data)
        if left.get("category") not in (None, *get_args(Category)):
            raise ToolError(
                f"a hook asked for tools of the category '{left['category']}'; there is"
                f" {', '.join(get_args(Category))}"
            )
        names = find({name: left.get(name) for name in asked})
        if not hooks.listens("AfterToolDiscovery"):
            return names
        told = hooks.reach_now("AfterToolDiscovery", "tool", "discovery", {"tools": list(names)})
        wanted = told.get("tools")
        return [name for name in names if name in wanted] if isinstance(wanted, list) else names

    async def _hooked(self, name: str, parameters: Mapping[str, Any], context: ToolContext) -> api.ToolResult:
        from llmspell_engine.globals.made_tools import left_by_hooks, tool_result

        data = {"tool": name, "parameters": dict(parameters)}
        done = await self._hooks.around(
            TOOL_EXECUTION, "tool", name, data, lambda told: self._work(told, context)
        )
        return tool_result(name, left_by_hooks(done))

    async def _work(self, data: Data, context: ToolContext) -> Data:
        name, parameters = data.get(REDIRECT) or data["tool"], data["parameters"]
        if self._hooks.listens("ToolValidation"):
            given = {"tool": name, "parameters": parameters}
            left = await self._hooks.reach("ToolValidation", "tool", name, given)
            parameters = left.get("parameters", parameters)
        result = await self._complete_tool(name, parameters, context)
        if result.error and result.error.code == "forbidden":
            told = {"error": result.error.message}
            await self._hooks.reach("SecurityViolation", "tool", name, told)
        return {"tool": name, "result": result.model_dump(exclude_none=True, mode="json")}
