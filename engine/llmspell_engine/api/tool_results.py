"""How tools are described and called, and how their results look."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Options, Result
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.api.tool_handle import Category, Security


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

    Failures are raised, apart from those that are told here: of `calculator`, of writing files, and of
    tools of scripts whose function gives a table with `success = false`.
    """

    success: bool = Field(description="Whether it did what was asked.")
    operation: str = Field(description="The operation that ran.")
    message: str = Field(description="What was done or went wrong, in a sentence.")
    result: Any = Field(None, description="What came out; its fields depend on the tool.")
    text: str = Field("", description="What came out as text; empty after a failure.")
    error: ToolFailure | None = Field(None, description="Why it failed.")
    metadata: OutputMetadata = Field(description="The time it took.")


class ToolCallOptions(Options):
    """How one call runs."""

    timeout_ms: Annotated[int, Field(ge=1)] | None = Field(
        None, description="How long it may take, in milliseconds; a tool that is done at once is not cut off."
    )
