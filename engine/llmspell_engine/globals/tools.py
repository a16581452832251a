"""The global ``Tools``: the plural of ``Tool``."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import tool as api
from llmspell_engine.api import tools as plural
from llmspell_engine.globals.tool import Tool
from llmspell_engine.tools.base import ToolError

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run


class Tools(plural.Tools):
    """Finds, makes and runs what ``Tool`` finds, makes and runs."""

    def __init__(self, run: Run) -> None:
        self._tool = Tool(run)

    def list(self) -> Sequence[api.ToolInfo]:
        return self._tool.list()

    def get(self, name: str) -> api.ToolHandle | None:
        return self._tool.get(name)

    def execute(
        self, name: str, parameters: Mapping[str, Any], options: api.ToolCallOptions | None = None
    ) -> api.ToolResult | Awaitable[api.ToolResult]:
        return self._tool.execute(name, parameters, options)

    def search(self, query: str) -> Sequence[api.ToolInfo]:
        return self._tool.search(query)

    def get_by_category(self, category: api.Category) -> Sequence[api.ToolInfo]:
        return self._tool.discover(api.ToolFilter(category=category))

    def discover(self, conditions: api.ToolFilter | None = None) -> Sequence[api.ToolInfo]:
        return self._tool.discover(conditions)

    def describe(self, name: str) -> api.ToolSchema | None:
        return self._tool.get_schema(name)

    def create(self, name: str | api.ToolOptions, work: api.ToolWork | None = None) -> api.ToolHandle:
        if isinstance(name, api.ToolOptions):
            return self._tool.create(name)
        if work is None:
            raise ToolError(
                f"the tool '{name}' has no handler: give a table with it after the name", code="invalid_input"
            )
        return self._tool.create_of(name, work)

    def register(self, tool: api.ToolOptions | api.ToolHandle) -> api.ToolHandle:
        return self._tool.register(tool)

    def unregister(self, name: str) -> bool:
        return self._tool.unregister(name)

    def create_pipeline(
        self, steps: Sequence[api.Step], options: api.ChainOptions | None = None
    ) -> api.ToolHandle:
        return self._tool.chain(steps, options)
