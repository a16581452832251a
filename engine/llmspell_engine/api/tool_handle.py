"""What a tool is to a script."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Handle, Waiting, complete, example, member
from llmspell_engine.api.later import later

if TYPE_CHECKING:
    from llmspell_engine.api.tool_results import ToolCallOptions, ToolResult, ToolSchema

__getattr__ = later(__name__, tool_results=("ToolCallOptions", "ToolResult", "ToolSchema"))

Category = Literal["filesystem", "web", "api", "analysis", "data", "system", "media", "utility", "custom"]
Security = Literal["safe", "restricted", "privileged"]
ToolName = Annotated[str, Field(min_length=1), complete("tool")]
Parameters = Mapping[str, Any]


class ToolHandle(Handle):
    """A tool, found by its name."""

    name: Annotated[str, Field(description="The tool's name.")]
    description: Annotated[str, Field(description="What the tool does, in a sentence.")]
    version: Annotated[str, Field(description="The version of the tool.")]
    category: Annotated[Category, Field(description="The field it works in.")]
    schema: Annotated[ToolSchema, Field(description="What the tool takes.")]

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local sum = Tool.get("calculator"):execute({ input = "1 + 2" })',
        javascript='const sum = Tool.get("calculator").execute({ input: "1 + 2" });',
    )
    def execute(self, parameters: Parameters, options: ToolCallOptions | None = None) -> Waiting[ToolResult]:
        """Run the tool and wait for its result.

        Args:
            parameters: the tool's parameters.
            options: how long it may take.
        """

    @abstractmethod
    def get_schema(self) -> ToolSchema:
        """What the tool takes."""

    @member(name="getSchema", deprecated="get_schema", languages=("lua",))
    def get_schema_in_camel_case(self) -> ToolSchema:
        """What the tool takes."""
        return self.get_schema()
