"""The global ``Tool``: the tools there are and their handles.

What a tool is comes from the catalog; the tool itself is made when a script runs it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from llmspell_engine.api import tool as api
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.spelling import snake
from llmspell_engine.globals.hook_tools import HookedTools
from llmspell_engine.globals.tool_telling import tell_result
from llmspell_engine.lazy import lazy
from llmspell_engine.observability.content import of_tool_call
from llmspell_engine.observability.spans import span_here
from llmspell_engine.state.encoding import encode
from llmspell_engine.tool_names import did_you_mean, meant
from llmspell_engine.tools.base import VERSION, ToolContext, ToolError
from llmspell_engine.tools.registry import find_tool
from llmspell_engine.tools.searching import found, whole

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from llmspell_engine.agents.tools import AgentTool
    from llmspell_engine.catalog.model import Schema
    from llmspell_engine.catalog.model import Tool as DescribedTool
    from llmspell_engine.globals.made_tools import MadeToolHandle
    from llmspell_engine.globals.run_tools import RunTool
    from llmspell_engine.globals.services import Run, Services
    from llmspell_engine.globals.tool_making import ToolMaker
    from llmspell_engine.language import Language
    from llmspell_engine.observability import Span
    from llmspell_engine.tools.base import Tool as BaseTool

    AnyTool = BaseTool[Any]


class ToolHandle(api.ToolHandle):
    """A tool of the engine, or of users."""

    def __init__(self, tool: DescribedTool, tools: HookedTools, context: ToolContext) -> None:
        self._tools = tools
        self._tool = tool
        self._context = context
        self.name = tool.name
        self.description = tool.doc
        self.version = VERSION
        self.category = cast("api.Category", tool.category)
        self.schema = schema_of(tool)

    def execute(
        self, parameters: Mapping[str, Any], options: api.ToolCallOptions | None = None
    ) -> api.ToolResult | Awaitable[api.ToolResult]:
        return self._tools.execute(self.name, parameters, _limited(self._context, options))

    def complete(self, parameters: Mapping[str, Any]) -> Awaitable[api.ToolResult]:
        """Run it and wait for its result. On the loop."""
        return self._tools.complete(self.name, parameters, self._context)

    def get_schema(self) -> api.ToolSchema:
        return self.schema

    @property
    def agent_tool(self) -> AgentTool:
        """As agents call it."""
        from llmspell_engine.agents.tools import EngineTool

        return EngineTool(self._tool, self._context)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The JSON Schema of what it takes."""
        return whole(self._tool.parameters)


class Tool(api.Tool):
    """Finds, makes and runs tools."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._context = tool_context(run)
        self._hooks = run.hooks
        self._made = run.tools
        self._handles = run.tools.handles
        self._hooked = HookedTools(
            run.hooks, run_tool, self._complete, lambda name: known_tool(name, self._context).name
        )

    @lazy
    def _maker(self) -> ToolMaker:
        from llmspell_engine.globals.tool_making import ToolMaker

        return ToolMaker(self._run, self._found)

    def __getitem__(self, name: str) -> api.ToolHandle | None:
        """The tool of a name, which as a plain identifier may be written with ``_`` or in camelCase."""
        return self.get(name) or self.get(snake(name).replace("_", "-"))

    def list(self) -> Sequence[api.ToolInfo]:
        return [self._info(tool) for tool in self._tools()]

    def get(self, name: str) -> api.ToolHandle | None:
        if (made := self._made.get(name)) is not None:
            from llmspell_engine.globals.made_tools import MadeToolHandle

            known = self._handles.get(name)
            if not isinstance(known, MadeToolHandle) or known.made is not made:
                self._handles[name] = self._handle(made)
            return self._handles[name]
        tool = described_tool(name, self._context)
        if tool is None or tool.name in self._context.disabled:
            return None
        if tool.name not in self._handles:
            self._handles[tool.name] = ToolHandle(tool, self._hooked, self._context)
        return self._handles[tool.name]

    def execute(
        self, name: str, parameters: Mapping[str, Any], options: api.ToolCallOptions | None = None
    ) -> api.ToolResult | Awaitable[api.ToolResult]:
        if (made := self._made.get(name)) is not None:
            return self._handle(made).execute(parameters, options)
        return self._hooked.execute(name, parameters, _limited(self._context, options))

    async def execute_async(self, name: str, parameters: Mapping[str, Any]) -> api.ToolResult:
        begun = self.execute(name, parameters)
        result = await begun if isinstance(begun, Awaitable) else begun
        whole = {**result.model_dump(mode="json", exclude_none=True), "output": result.text}
        return result.model_copy(update={"text": encode(whole, "Tool.executeAsync")})

    def exists(self, name: str) -> bool:
        return self.get(name) is not None

    def categories(self) -> Sequence[str]:
        return sorted({tool.category for tool in self._tools()})

    def discover(self, conditions: api.ToolFilter | None = None) -> Sequence[api.ToolInfo]:
        asked = (conditions or api.ToolFilter()).model_dump()
        names = self._hooked.found(asked, self._meeting)
        return [self._info(tool) for tool in self._tools() if tool.name in names]

    def search(self, query: str) -> Sequence[api.ToolInfo]:
        return [self._info(tool) for tool in found(self._tools(), query)]

    def get_info(self, name: str) -> api.ToolInfo | None:
        handle = self.get(name)
        return next((one for one in self.list() if handle and one.name == handle.name), None)

    def get_schema(self, name: str) -> api.ToolSchema | None:
        handle = self.get(name)
        return handle.get_schema() if handle else None

    def register(self, tool: api.ToolOptions | api.ToolHandle) -> api.ToolHandle:
        if isinstance(tool, api.ToolOptions):
            return self.create(tool)
        from llmspell_engine.globals.made_tools import MadeToolHandle

        if isinstance(tool, MadeToolHandle) and self._made.get(tool.name) is not tool.made:
            self._made.add(tool.made)
            self._handles[tool.name] = tool
        return tool

    def create(self, options: api.ToolOptions) -> api.ToolHandle:
        return self.create_of(options.name, options)

    def create_of(self, name: str, work: api.ToolWork) -> api.ToolHandle:
        """Make a tool of a function, and make it known."""
        return self.register(self._handle(self._maker.made(name, work)))

    def unregister(self, name: str) -> bool:
        return self._made.remove(name)

    def chain(self, steps: Sequence[api.Step], options: api.ChainOptions | None = None) -> api.ToolHandle:
        known = options.model_dump(exclude_unset=True) if options else {}
        return self.compose(api.ComposeOptions(mode="chain", steps=[*steps], **known))

    def compose(self, options: api.ComposeOptions) -> api.ToolHandle:
        handle = self._handle(self._maker.composed(options))
        return handle if options.name is None else self.register(handle)

    def batch(
        self, calls: Sequence[api.ToolCall], options: api.BatchOptions | None = None
    ) -> Awaitable[Sequence[api.ToolResult]]:
        from llmspell_engine.globals.tool_batch import run_batch

        return run_batch([(self._found, call) for call in calls], options or api.BatchOptions())

    def _found(self, given: str | api.ToolHandle) -> ToolHandle | MadeToolHandle:
        """The handle of a handle or a name. Raises ToolError."""
        from llmspell_engine.globals.made_tools import MadeToolHandle

        handle = self.get(given) if isinstance(given, str) else given
        if handle is None:
            known_tool(str(given), self._context)
        assert isinstance(handle, ToolHandle | MadeToolHandle), "there are no other handles"
        return handle

    def _meeting(self, conditions: Mapping[str, Any]) -> Sequence[str]:
        asked = api.ToolFilter.model_validate(conditions)
        return [tool.name for tool in self._tools() if _meets(tool, asked)]

    def _tools(self) -> Sequence[DescribedTool]:
        return [*known_tools(self._context), *(made.described for made in self._made.all)]

    def _info(self, tool: DescribedTool) -> api.ToolInfo:
        made = self._made.get(tool.name)
        return info_of(tool, made.version if made else VERSION)

    def _handle(self, made: RunTool) -> MadeToolHandle:
        from llmspell_engine.globals.made_tools import MadeToolHandle

        complete = partial(self._complete, context=self._context)
        return MadeToolHandle(made, schema_of(made.described), self._hooks, complete)

    async def _complete(
        self, name: str, parameters: Mapping[str, Any], context: ToolContext
    ) -> api.ToolResult:
        """Run a tool of the engine, of users or of the script without hooks, and wait for it. On the loop."""
        if (made := self._made.get(name)) is not None:
            from llmspell_engine.globals.made_tools import tool_result

            return tool_result(name, await made.tool.call(parameters, {}))
        return await complete_tool(name, parameters, context)


def tool_context(run: Run) -> ToolContext:
    """What the tools of a run may touch."""
    return context_of(run.services, run.language)


def context_of(services: Services, language: Language) -> ToolContext:
    """What tools may touch for whoever stands on these services."""
    return ToolContext(
        root=services.root,
        language=language,
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
    tool = described_tool(name, context)
    if tool is not None and tool.name not in context.disabled:
        return tool
    if tool is not None:
        raise ToolError(
            f"the tool '{tool.name}' is not to be used: [tools] of the configuration has it in 'disabled'",
            code="forbidden",
        )
    near = did_you_mean(meant(name, [one.name for one in known_tools(context)]))
    problems = context.own.problems if context.own else ()
    hint = near or "Tool.list() tells what there is"
    raise ToolError(f"there is no tool '{name}'; {'; '.join((hint, *problems))}", code="not_found")


def known_tools(context: ToolContext) -> Sequence[DescribedTool]:
    """The tools that a context has: those of the engine, then those of users, each in the order of names."""
    own = context.own.all if context.own else ()
    return [tool for tool in (*load().tools.values(), *own) if tool.name not in context.disabled]


def described_tool(name: str, context: ToolContext) -> DescribedTool | None:
    """The tool of a name, of the engine or of users, be it disabled."""
    return load().tool(name) or (context.own.described(name) if context.own else None)


def info_of(tool: DescribedTool, version: str = VERSION) -> api.ToolInfo:
    """A tool as an entry of a list."""
    return api.ToolInfo.model_validate(
        {
            "name": tool.name,
            "description": tool.doc,
            "category": tool.category,
            "security": tool.security,
            "version": version,
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


def _limited(context: ToolContext, options: api.ToolCallOptions | None) -> ToolContext:
    """A context for a call that may take a certain time."""
    if options is None or options.timeout_ms is None:
        return context
    return replace(context, seconds=options.timeout_ms / 1000)


def _meets(tool: DescribedTool, asked: api.ToolFilter) -> bool:
    in_category = asked.category is None or tool.category == asked.category
    return in_category and (asked.tag is None or asked.tag.lower() in tool.doc.lower())
