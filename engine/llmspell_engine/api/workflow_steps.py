"""The steps of workflows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.agent_instance import AgentHandle, AnyAgent
from llmspell_engine.api.agent_options import ToolName
from llmspell_engine.api.older import WithOlderNames
from llmspell_engine.api.workflow_conditions import Condition, StepAccount, StepContext
from llmspell_engine.api.workflow_instance import Key, Milliseconds, StepName, WorkflowInstance, WorkflowType

WorkflowName = Annotated[str, Field(min_length=1, max_length=128)]
OnError = Literal["fail", "continue", "compensate"]
FailureHandler = Callable[[str, str, StepContext], Any]
"""A function that is asked what the failure of a step means."""
StepFunction = Callable[[Any, StepContext], Any]


class StepRetry(WithOlderNames):
    """How often a step is tried."""

    older_names: ClassVar[dict[str, str]] = {"max_attempts": "attempts", "backoff_multiplier": "factor"}

    attempts: Annotated[int, Field(ge=1, le=100)] = Field(3, description="How often it is tried, in all.")
    backoff_ms: Annotated[float, Field(ge=0)] = Field(
        0, description="How long to wait after a failure, in milliseconds; at most a minute."
    )
    factor: Annotated[float, Field(ge=1)] = Field(
        1, description="By how much the wait grows each time: 2 doubles it."
    )


class RetryStrategy(StepRetry):
    """How often steps are tried that say nothing themselves."""

    type: Literal["retry"] = Field(description="That steps are tried again.")


class ActionOptions(WithOlderNames):
    """What is done: a tool is run, an agent asked, a function called, or a workflow run."""

    older_names: ClassVar[dict[str, str]] = {"parameters": "input"}

    name: StepName | None = Field(None, description="The step's name, by which templates find its output.")
    type: Literal["tool", "agent", "function", "workflow", "custom"] | WorkflowType | None = Field(
        None,
        description="What the step runs; told by `tool`, `agent`, `execute` or `workflow` otherwise. A kind"
        " of workflow is the same as `workflow`. `custom` is a function too, which gets what it is told of"
        " the run first, as in older scripts.",
    )
    tool: ToolName | None = Field(None, description="The tool that it runs.")
    agent: AnyAgent | None = Field(None, description="The agent that it asks, or its name.")
    execute: StepFunction | None = Field(
        None, description="The function that it calls with the input and with what it is told of the run."
    )
    workflow: WorkflowInstance | WorkflowName | dict[str, Any] | None = Field(
        None,
        description="The workflow that it runs, or its name; or a table that names the kind as `type`, with"
        " what the kind takes.",
    )
    input: Any = Field(
        None,
        description="What it is given: a table for a tool, a text for an agent. Strings may have"
        " `{{ name.field }}` of the input and of earlier steps. Or a function that gives it, which is told of"
        " the run.",
        json_schema_extra={"x-parameters": "templates"},
    )
    timeout_ms: Milliseconds | None = Field(None, description="How long one try may take, in milliseconds.")
    retry_count: Annotated[int, Field(ge=0, le=99)] | None = Field(
        None, description="How often it is tried again after a failure."
    )
    retry: StepRetry | None = Field(None, description="How often it is tried, and the waits in between.")


class StepOptions(ActionOptions):
    """A step of a workflow."""

    older_names: ClassVar[dict[str, str]] = {
        **ActionOptions.older_names,
        "setup": "before_execute",
        "on_complete": "after_execute",
    }

    on_error: OnError | FailureHandler | None = Field(
        None,
        description="What its failure means: `fail` ends the run, `continue` goes on, `compensate` undoes"
        " the steps before it and ends the run. Or a function that is asked: it gets the error, the step's"
        " name and what it may want to know of the run, and gives one of these words, `retry`, nothing, or a"
        " table with `success`, which is how the step ended then.",
    )
    before_execute: Callable[[StepContext], Any] | None = Field(
        None, description="A function that is called before its first try. Its error is the step's."
    )
    after_execute: Callable[[StepAccount, StepContext], Any] | None = Field(
        None,
        description="A function that is called at its end, also where it failed, with what came of it. Its"
        " error is the step's.",
    )
    on_retry: Callable[[int, str, StepContext], Any] | None = Field(
        None,
        description="A function that is called before each further try, with its number and the error of the"
        " one before.",
    )
    compensate: ActionOptions | StepFunction | None = Field(
        None, description="What undoes the step. It is given the step's output."
    )
    condition: Condition | None = Field(None, description="The step is skipped where this does not hold.")
    skip_if: Condition | None = Field(None, description="The step is skipped where this holds.")
    output_key: Key | None = Field(
        None, description="Where the output is also kept in the shared data: `{{ state.key }}`."
    )


Stage = StepOptions | AgentHandle | StepFunction
"""A step with or without a name: options, an agent, a workflow, or a function."""
