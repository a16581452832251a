"""Tools: what a script can have done by name, and how the results look."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Global, Handle, Options, Result, Waiting, complete, example, member
from llmspell_engine.api.output import OutputMetadata

Category = Literal["filesystem", "web", "api", "analysis", "data", "system", "media", "utility", "custom"]
Security = Literal["safe", "restricted", "privileged"]
ToolName = Annotated[str, Field(min_length=1), complete("tool")]
Parameters = Mapping[str, Any]


class ToolFilter(Options):
    """Which tools are wanted; all conditions must hold."""

    category: Category | None = Field(None, description="Only tools of this category.")
    tag: str | None = Field(None, description="Only tools whose description holds this text.")


class ToolInfo(Result):
    """A tool in a list."""

    name: str = Field(description="The tool's name.")
    description: str = Field(description="What the tool does, in a sentence.")
    category: Category = Field(description="The field it works in.")
    security: Security = Field(description="What it may touch: nothing outside, files, or the system.")
    version: str = Field(description="The version of the tool.")


class ToolParameter(Result):
    """A parameter of a tool."""

    name: str = Field(description="The parameter's name.")
    type: Literal["string", "number", "integer", "boolean", "object", "array", "any"] = Field(
        description="The type of its value."
    )
    description: str = Field(description="What it is for.")
    required: bool = Field(description="Whether it must be given.")
    default: Any = Field(None, description="The value used when it is left out.")
    allowed: list[Any] | None = Field(None, description="The only values it may have.")


class ToolSchema(Result):
    """What a tool takes."""

    name: str = Field(description="The tool's name.")
    description: str = Field(description="What the tool does, in a sentence.")
    parameters: list[ToolParameter] = Field(description="The parameters.")


class ToolFailure(Result):
    """Why a tool could not do what was asked."""

    message: str = Field(description="What went wrong, in a sentence.")
    code: str = Field(description="A word for the kind of failure.")
    details: Any = Field(None, description="What else is known of it.")


class ToolResult(Result):
    """What a tool gives back.

    Failures are raised, apart from those of `calculator` and of writing files, which are told here.
    """

    success: bool = Field(description="Whether it did what was asked.")
    operation: str = Field(description="The operation that ran.")
    message: str = Field(description="What was done or went wrong, in a sentence.")
    result: Any = Field(None, description="What came out; its fields depend on the tool.")
    text: str = Field("", description="What came out as text; empty after a failure.")
    error: ToolFailure | None = Field(None, description="Why it failed.")
    metadata: OutputMetadata = Field(description="The time it took.")


class ToolHandle(Handle):
    """A tool, found by its name."""

    name: Annotated[str, Field(description="The tool's name.")]
    description: Annotated[str, Field(description="What the tool does, in a sentence.")]
    version: Annotated[str, Field(description="The version of the tool.")]
    schema: Annotated[ToolSchema, Field(description="What the tool takes.")]

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local sum = Tool.get("calculator"):execute({ input = "1 + 2" })',
        javascript='const sum = Tool.get("calculator").execute({ input: "1 + 2" });',
    )
    def execute(self, parameters: Parameters) -> Waiting[ToolResult]:
        """Run the tool and wait for its result.

        Args:
            parameters: the tool's parameters.
        """

    @abstractmethod
    def get_schema(self) -> ToolSchema:
        """What the tool takes."""

    @member(name="getSchema", deprecated="get_schema", languages=("lua",))
    def get_schema_in_camel_case(self) -> ToolSchema:
        """What the tool takes."""
        return self.get_schema()


class Tool(Global):
    """The tools that scripts can run. `Tool["calculator"]` is the handle of a tool, like `Tool.get`."""

    name = "Tool"

    @abstractmethod
    def list(self) -> Sequence[ToolInfo]:
        """All tools, ordered by name."""

    @abstractmethod
    def get(self, name: ToolName) -> ToolHandle | None:
        """The tool of a name, or nothing.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local sum = Tool.execute("calculator", { input = "1 + 2" })\nprint(sum.text)',
        javascript='const sum = Tool.execute("calculator", { input: "1 + 2" });\nconsole.log(sum.text);',
    )
    def execute(self, name: ToolName, parameters: Parameters) -> Waiting[ToolResult]:
        """Run a tool and wait for its result. An unknown tool or a wrong parameter is an error.

        Args:
            name: the tool's name.
            parameters: the tool's parameters.
        """

    @abstractmethod
    def exists(self, name: ToolName) -> bool:
        """Whether there is a tool of a name.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    def categories(self) -> Sequence[str]:
        """The categories that have tools, in alphabetical order."""

    @abstractmethod
    @example(
        lua='local tools = Tool.discover({ category = "utility" })',
        javascript='const tools = Tool.discover({ category: "utility" });',
    )
    def discover(self, conditions: ToolFilter | None = None) -> Sequence[ToolInfo]:
        """The tools that meet some conditions; all without any.

        Args:
            conditions: what the tools must meet.
        """

    @member(deprecated="Tool.execute", waits=True)
    def invoke(self, name: ToolName, parameters: Parameters) -> Waiting[ToolResult]:
        """Run a tool and wait for its result.

        Args:
            name: the tool's name.
            parameters: the tool's parameters.
        """
        return self.execute(name, parameters)
