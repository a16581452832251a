"""The global ``Tool``: the registered tools and their handles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import tool as api
from llmspell_engine.catalog.model import snake
from llmspell_engine.tools.base import Tool as ToolImplementation
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.registry import TOOLS, tool_named

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run


class ToolHandle(api.ToolHandle):
    """One tool."""

    def __init__(self, tool: ToolImplementation[Any], context: ToolContext) -> None:
        self._tool = tool
        self._context = context
        self.name = tool.name
        self.description = tool.description
        self.version = tool.version
        self.schema = schema_of(tool)

    def execute(self, parameters: Mapping[str, Any]) -> api.ToolResult:
        return self._tool.execute(parameters, self._context)

    def get_schema(self) -> api.ToolSchema:
        return self.schema


class Tool(api.Tool):
    """Finds and runs tools."""

    def __init__(self, run: Run) -> None:
        self._context = ToolContext(root=run.services.root, language=run.language)
        self._handles: dict[str, ToolHandle] = {}

    def __getitem__(self, name: str) -> ToolHandle | None:
        """The tool of a name, which as a plain identifier may be written with ``_`` or in camelCase."""
        return self.get(name) or self.get(snake(name).replace("_", "-"))

    def list(self) -> Sequence[api.ToolInfo]:
        return [info_of(tool) for tool in TOOLS.values()]

    def get(self, name: str) -> ToolHandle | None:
        tool = tool_named(name)
        if tool is None:
            return None
        return self._handles.setdefault(tool.name, ToolHandle(tool, self._context))

    def execute(self, name: str, parameters: Mapping[str, Any]) -> api.ToolResult:
        return known_tool(name).execute(parameters, self._context)

    def exists(self, name: str) -> bool:
        return tool_named(name) is not None

    def categories(self) -> Sequence[str]:
        return sorted({tool.category for tool in TOOLS.values()})

    def discover(self, conditions: api.ToolFilter | None = None) -> Sequence[api.ToolInfo]:
        asked = conditions or api.ToolFilter()
        return [info_of(tool) for tool in TOOLS.values() if _meets(tool, asked)]


def known_tool(name: str) -> ToolImplementation[Any]:
    """The tool of a name. Raises ToolError naming those that are near."""
    tool = tool_named(name)
    if tool is not None:
        return tool
    near = get_close_matches(name, TOOLS, n=1, cutoff=0.6)
    hint = f"did you mean '{near[0]}'?" if near else "Tool.list() tells what there is"
    raise ToolError(f"there is no tool '{name}'; {hint}", code="not_found")


def info_of(tool: ToolImplementation[Any]) -> api.ToolInfo:
    """A tool as an entry of a list."""
    return api.ToolInfo(
        name=tool.name,
        description=tool.description,
        category=tool.category,
        security=tool.security,
        version=tool.version,
    )


def schema_of(tool: ToolImplementation[Any]) -> api.ToolSchema:
    """What a tool takes, parameter by parameter."""
    written = tool.Parameters.model_json_schema()
    required = written.get("required", ())
    return api.ToolSchema(
        name=tool.name,
        description=tool.description,
        parameters=[
            _parameter(name, field, name in required)
            for name, field in written.get("properties", {}).items()
            if not field.get("deprecated")
        ],
    )


def _parameter(name: str, field: Mapping[str, Any], required: bool) -> api.ToolParameter:
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


def _meets(tool: ToolImplementation[Any], asked: api.ToolFilter) -> bool:
    in_category = asked.category is None or tool.category == asked.category
    return in_category and (asked.tag is None or asked.tag.lower() in tool.description.lower())
