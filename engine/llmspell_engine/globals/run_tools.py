"""The tools that a script makes: known to its run alone, by name, beside those of the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import Tool as DescribedTool

if TYPE_CHECKING:
    from llmspell_engine.agents.tools import AgentTool
    from llmspell_engine.api.tool import Category


@dataclass(frozen=True, slots=True)
class RunTool:
    """A tool of one run, and how it is described."""

    tool: AgentTool
    category: Category = "custom"
    security: Literal["safe", "restricted", "privileged"] = "safe"

    @property
    def described(self) -> DescribedTool:
        """As the catalog describes those of the engine."""
        one = self.tool.definition
        return DescribedTool(
            name=one.name,
            doc=one.description,
            category=self.category,
            security=self.security,
            parameters=dict(one.parameters),
            returns={},
            aliases=(),
        )


class RunTools:
    """The tools of a run by name, in the order in which they were made."""

    def __init__(self) -> None:
        self._tools: dict[str, RunTool] = {}

    def add(self, made: RunTool) -> str:
        """Let a tool be found by its name. Raises ToolError where there is one of that name."""
        name = made.tool.name
        if name in self._tools or load().tool(name) is not None:
            from llmspell_engine.tools.base import ToolError

            raise ToolError(f"there is a tool '{name}' already; choose another name", code="invalid_input")
        self._tools[name] = made
        return name

    def get(self, name: str) -> RunTool | None:
        """The tool of a name."""
        return self._tools.get(name)

    @property
    def all(self) -> tuple[RunTool, ...]:
        """All of them."""
        return tuple(self._tools.values())
