"""What scripts make tools of: functions, and other tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from llmspell_engine.api.declare import Options, names
from llmspell_engine.api.tool_handle import Category, Parameters, Security, ToolHandle, ToolName
from llmspell_engine.api.tool_results import ToolResult

GivenToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$"), names("tool")]
Schema = Mapping[str, Any]
Handler = Callable[[Mapping[str, Any]], Any]
CompositionMode = Literal["chain", "parallel", "fallback"]


_HANDLED: dict[str, Any] = {"x-needs": [["handler", "execute"]]}
"""Names of which one must be given. What makes the tool says so when it runs, the linter before."""


class ToolWork(Options):
    """What a tool of the script does. `handler` is needed."""

    model_config = ConfigDict(json_schema_extra=_HANDLED)

    description: str = Field("", description="What it does, in a sentence; models choose by it.")
    category: Category = Field("custom", description="The field it works in.")
    security: Security = Field(
        "safe", description="What it may touch: nothing outside, files, or the system."
    )
    version: Annotated[str, Field(min_length=1)] = Field("1.0.0", description="The version of the tool.")
    parameters: Schema | None = Field(
        None, description="A JSON Schema of the table that it takes; what it is given is checked before."
    )
    schema_: Schema | None = Field(None, alias="schema", description="The same as `parameters`.")
    input_schema: Schema | None = Field(
        None,
        description="Older name of `parameters`.",
        json_schema_extra={"deprecated": True, "x-alias": "parameters"},
    )
    handler: Handler | None = Field(
        None,
        description="Gets the parameters, those left out with their defaults. It gives any value, or a table "
        "with `success` and `result` or `error`.",
    )
    execute: Handler | None = Field(
        None,
        description="Older name of `handler`.",
        json_schema_extra={"deprecated": True, "x-alias": "handler"},
    )
    timeout_ms: Annotated[int, Field(ge=1)] | None = Field(
        None, description="How long a call may take, in milliseconds."
    )
    shared: bool = Field(
        False, description="Whether other scripts of the same engine find it, while this one runs."
    )


class ToolOptions(ToolWork):
    """A tool of the script. `name` and `handler` are needed."""

    name: GivenToolName = Field(description="What it is called: letters, digits, `_` and `-`.")


class ToolStep(Options):
    """One of the tools that a tool is made of."""

    tool: ToolName | ToolHandle = Field(description="The tool.")
    name: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="What it is called in results and errors."
    )
    parameters: Parameters = Field(
        {}, description="What it is given each time.", json_schema_extra={"x-parameters": "some"}
    )
    takes: Annotated[str, Field(min_length=1)] | None = Field(
        None,
        description="The parameter that gets what the step before gave; `input` or the first that is needed "
        "where not said.",
    )
    prepare: Callable[[ToolResult | None, Parameters], Parameters] | None = Field(
        None,
        description="Makes the parameters, of the result of the step before and what the whole was given.",
    )


Step = ToolStep | ToolHandle | ToolName


class ChainOptions(Options):
    """How a chain of tools is known."""

    name: GivenToolName | None = Field(
        None, description="What it is called; one without a name is known by its handle alone."
    )
    description: str | None = Field(None, description="What it does, in a sentence; models choose by it.")
    category: Category = Field("custom", description="The field it works in.")
    parameters: Schema | None = Field(
        None, description="A JSON Schema of what it takes; what its first tool takes where not given."
    )
    timeout_ms: Annotated[int, Field(ge=1)] | None = Field(
        None, description="How long a call may take, in milliseconds."
    )
    shared: bool = Field(
        False, description="Whether other scripts of the same engine find it, while this one runs."
    )


class ComposeOptions(ChainOptions):
    """A tool that is made of tools."""

    mode: CompositionMode = Field(
        "chain",
        description="`chain`: each gets what the one before gave; `parallel`: all get the same, and give a "
        "table by their names; `fallback`: the first that succeeds.",
    )
    steps: Annotated[list[Step], Field(min_length=1)] = Field(description="The tools.")


class ToolCall(Options):
    """A call in a batch."""

    tool: ToolName | ToolHandle = Field(description="The tool.")
    parameters: Parameters = Field(
        {}, description="Its parameters.", json_schema_extra={"x-parameters": "all"}
    )


class BatchOptions(Options):
    """How a batch of calls runs."""

    max_concurrency: Annotated[int, Field(ge=1, le=1000)] = Field(
        8, description="How many run at the same time."
    )
    stop_on_error: bool = Field(
        False, description="Whether the first failure is raised, and ends what still runs."
    )
