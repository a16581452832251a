"""The global ``Tool``: the tools there are and their handles.

What a tool is comes from the catalog; the tool itself is made when a script runs it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import tool as api
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import snake
from llmspell_engine.globals.hook_tools import HookedTools
from llmspell_engine.globals.made_tools import MadeToolHandle, run_made_tool, tell_result
from llmspell_engine.observability.content import of_tool_call
from llmspell_engine.observability.spans import span_here
from llmspell_engine.tools.base import VERSION, ToolContext, ToolError
from llmspell_engine.tools.registry import find_tool

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from llmspell_engine.catalog.model import Schema
    from llmspell_engine.catalog.model import Tool as DescribedTool
    from llmspell_engine.globals.run_tools import RunTool
    from llmspell_engine.globals.services import Run
    from llmspell_engine.observability import Span
    from llmspell_engine.tools.base import Tool as EngineTool

    AnyTool = EngineTool[Any]


class ToolHandle(api.ToolHandle):
    """One tool."""

    def __init__(self, tool: DescribedTool, tools: HookedTools) -> None:
        self._tools = tools
        self.name = tool.name
        self.description = tool.doc
        self.version = VERSION
        self.schema = schema_of(tool)

    def execute(self, parameters: Mapping[str, Any]) -> api.ToolResult | Awaitable[api.ToolResult]:
        return self._tools.execute(self.name, parameters)

    def get_schema(self) -> api.ToolSchema:
        return self.schema


class Tool(api.Tool):
    """Finds and runs tools."""

    def __init__(self, run: Run) -> None:
        self._context = tool_context(run)
        self._handles: dict[str, api.ToolHandle] = {}
        self._hooks = run.hooks
        self._made = run.tools
        self._hooked = HookedTools(
            run.hooks,
            lambda name, parameters: run_tool(name, parameters, self._context),
            lambda name, parameters: complete_tool(name, parameters, self._context),
            lambda name: known_tool(name, self._context).name,
        )

    def __getitem__(self, name: str) -> api.ToolHandle | None:
        """The tool of a name, which as a plain identifier may be written with ``_`` or in camelCase."""
        return self.get(name) or self.get(snake(name).replace("_", "-"))

    def list(self) -> Sequence[api.ToolInfo]:
        return [info_of(tool) for tool in self._tools()]

    def get(self, name: str) -> api.ToolHandle | None:
        if (made := self._made.get(name)) is not None:
            return self._handles.setdefault(name, self._made_handle(made))
        tool = _described(name, self._context)
        if tool is None or tool.name in self._context.disabled:
            return None
        if tool.name not in self._handles:
            self._handles[tool.name] = ToolHandle(tool, self._hooked)
        return self._handles[tool.name]

    def execute(self, name: str, parameters: Mapping[str, Any]) -> api.ToolResult | Awaitable[api.ToolResult]:
        if (made := self._made.get(name)) is not None:
            return run_made_tool(made, parameters, self._hooks)
        return self._hooked.execute(name, parameters)

    def exists(self, name: str) -> bool:
        return self.get(name) is not None

    def categories(self) -> Sequence[str]:
        return sorted({tool.category for tool in self._tools()})

    def discover(self, conditions: api.ToolFilter | None = None) -> Sequence[api.ToolInfo]:
        asked = (conditions or api.ToolFilter()).model_dump()
        names = self._hooked.found(asked, self._meeting)
        return [info_of(tool) for tool in self._tools() if tool.name in names]

    def _meeting(self, conditions: Mapping[str, Any]) -> Sequence[str]:
        asked = api.ToolFilter.model_validate(conditions)
        return [tool.name for tool in self._tools() if _meets(tool, asked)]

    def _tools(self) -> Sequence[DescribedTool]:
        return [*known_tools(self._context), *(made.described for made in self._made.all)]

    def _made_handle(self, made: RunTool) -> MadeToolHandle:
        return MadeToolHandle(made, schema_of(made.described), VERSION, self._hooks)


def tool_context(run: Run) -> ToolContext:
    """What the tools of a run may touch."""
    services = run.services
    return ToolContext(
        root=services.root,
        language=run.language,
        disabled=services.disabled_tools,
        seconds=services.tool_seconds,
        settings=services.tool_settings,
        own=services.own_tools(),
        permissions=services.permissions,
    )


def run_tool(
    name: str, parameters: Mapping[str, Any], context: ToolContext
) -> api.ToolResult | Awaitable[api.ToolResult]:
    """Run a tool by any of its names; one that waits is to be awaited on the loop.

    Raises ToolError where there is none, and what the tool raises.
    """
    tool = _tool_of(name, context)
    if tool.waits:
        return _completed(tool, parameters, context)
    with _span_of(tool, parameters) as span:
        result = tool.execute(parameters, context)
        assert isinstance(result, api.ToolResult)
        tell_result(span, result)
        return result


async def complete_tool(name: str, parameters: Mapping[str, Any], context: ToolContext) -> api.ToolResult:
    """Run a tool as :func:`run_tool` does, and wait for it on the loop, which is never held up."""
    return await _completed(_tool_of(name, context), parameters, context)


async def _completed(tool: AnyTool, parameters: Mapping[str, Any], context: ToolContext) -> api.ToolResult:
    with _span_of(tool, parameters) as span:
        result = await tool.completed(parameters, context)
        tell_result(span, result)
        return result


def _span_of(tool: AnyTool, parameters: Mapping[str, Any]) -> AbstractContextManager[Span]:
    facts = {"gen_ai.tool.name": tool.name, **of_tool_call(parameters)}
    return span_here("tool", f"tool {tool.name}", **facts)


def _tool_of(name: str, context: ToolContext) -> AnyTool:
    tool = find_tool(known_tool(name, context).name, context)
    assert tool is not None
    return tool


def known_tool(name: str, context: ToolContext | None = None) -> DescribedTool:
    """The tool of a name, which the context has. Raises ToolError naming those that are near."""
    context = context or ToolContext()
    tool = _described(name, context)
    if tool is not None and tool.name not in context.disabled:
        return tool
    if tool is not None:
        raise ToolError(
            f"the tool '{tool.name}' is not to be used: [tools] of the configuration has it in 'disabled'",
            code="forbidden",
        )
    near = get_close_matches(name, [one.name for one in known_tools(context)], n=1, cutoff=0.6)
    problems = context.own.problems if context.own else ()
    hint = f"did you mean '{near[0]}'?" if near else "Tool.list() tells what there is"
    raise ToolError(f"there is no tool '{name}'; {'; '.join((hint, *problems))}", code="not_found")


def known_tools(context: ToolContext) -> Sequence[DescribedTool]:
    """The tools that a context has: those of the engine, then those of users, each in the order of names."""
    own = context.own.all if context.own else ()
    return [tool for tool in (*load().tools.values(), *own) if tool.name not in context.disabled]


def _described(name: str, context: ToolContext) -> DescribedTool | None:
    return load().tool(name) or (context.own.described(name) if context.own else None)


def info_of(tool: DescribedTool) -> api.ToolInfo:
    """A tool as an entry of a list."""
    return api.ToolInfo.model_validate(
        {
            "name": tool.name,
            "description": tool.doc,
            "category": tool.category,
            "security": tool.security,
            "version": VERSION,
        }
    )


def schema_of(tool: DescribedTool) -> api.ToolSchema:
    """What a tool takes, parameter by parameter."""
    required = tool.parameters.get("required", ())
    return api.ToolSchema(
        name=tool.name,
        description=tool.doc,
        parameters=[
            _parameter(name, field, name in required)
            for name, field in tool.parameters.get("properties", {}).items()
            if not field.get("deprecated")
        ],
    )


def _parameter(name: str, field: Schema, required: bool) -> api.ToolParameter:
    arms = [arm for arm in field.get("anyOf", [field]) if arm.get("type") != "null"]
    only = arms[0] if len(arms) == 1 else {}
    return api.ToolParameter(
        name=name,
        type=only.get("type", "any"),
        description=field.get("description", ""),
        required=required,
        default=field.get("default"),
        allowed=only.get("enum"),
    )


def _meets(tool: DescribedTool, asked: api.ToolFilter) -> bool:
    in_category = asked.category is None or tool.category == asked.category
    return in_category and (asked.tag is None or asked.tag.lower() in tool.doc.lower())
