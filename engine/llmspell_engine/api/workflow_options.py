"""What workflows are made of: steps, conditions, branches, and a table of options for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from llmspell_engine.api.agent_instance import AgentHandle, AnyAgent
from llmspell_engine.api.agent_options import ToolName
from llmspell_engine.api.declare import Options, Result
from llmspell_engine.api.older import WithOlderNames
from llmspell_engine.api.workflow_instance import Key, Milliseconds, StepName, WorkflowInstance, WorkflowType
from llmspell_engine.api.workflow_results import WorkflowProgress

WorkflowName = Annotated[str, Field(min_length=1, max_length=128)]
ErrorStrategy = Literal["fail_fast", "continue", "retry", "compensate"]
OnError = Literal["fail", "continue", "compensate"]
Count = Annotated[int, Field(ge=1)]


class StepContext(Result):
    """What functions are told of the run."""

    workflow: str = Field(description="The workflow's name.")
    run_id: str = Field(description="The id of the run.")
    step: str | None = Field(None, description="The step's name.")
    input: Any = Field(None, description="The input of the workflow.")
    steps: dict[str, Any] = Field(
        description="What came of earlier steps, by name: `success`, `output`, `text`, `data`, `error`."
    )
    state: dict[str, Any] = Field(description="The shared data.")
    context: dict[str, Any] = Field(description="The facts that agents of one task share.")
    item: Any = Field(None, description="The item of a loop or a map.")
    index: int | None = Field(None, description="The number of the round or of the item, from 1.")
    previous: Any = Field(None, description="What the stage or the round before gave.")
    attempt: int | None = Field(None, description="The number of the try, from 1.")


StepFunction = Callable[[Any, StepContext], Any]
ConditionType = Literal[
    "always", "never", "shared_data_equals", "shared_data_exists", "step_result_equals", "step_succeeded",
    "step_failed", "step_output_contains", "agent_classification", "and", "or", "not", "custom",
]  # fmt: skip


class ConditionOptions(WithOlderNames):
    """A test of the shared data or of what came of a step; or several tests in one."""

    older_names: ClassVar[dict[str, str]] = {"evaluate": "check"}

    type: ConditionType = Field(description="What is tested.")
    key: Key | None = Field(None, description="Of `shared_data_*`: the value's name in the shared data.")
    value: Any = Field(
        None, description="Of `*_equals`: the value. Of `step_output_contains`: the text to look for."
    )
    step: StepName | None = Field(None, description="Of `step_*` and `agent_classification`: the step.")
    category: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Of `agent_classification`: the word that the agent answered with."
    )
    conditions: list[ConditionOptions | str | Callable[[StepContext], Any]] = Field(
        [], description="Of `and` and `or`: the conditions."
    )
    condition: ConditionOptions | str | Callable[[StepContext], Any] | None = Field(
        None, description="Of `not`: the condition."
    )
    check: str | Callable[[StepContext], Any] | None = Field(
        None, description="Of `custom`: a function, or an expression."
    )


ProgressHandler = Callable[[WorkflowProgress], Any]
Condition = ConditionOptions | str | Callable[[StepContext], Any]
"""A record, an expression such as ``{{ draft.success and index < 3 }}``, or a function."""


class StepRetry(Options):
    """How often a step is tried."""

    attempts: Annotated[int, Field(ge=1, le=100)] = Field(3, description="How often it is tried, in all.")
    backoff_ms: Annotated[float, Field(ge=0)] = Field(
        0, description="How long to wait after a failure, in milliseconds; at most a minute."
    )
    factor: Annotated[float, Field(ge=1)] = Field(
        1, description="By how much the wait grows each time: 2 doubles it."
    )


class ActionOptions(Options):
    """What is done: a tool is run, an agent asked, a function called, or a workflow run."""

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
        " `{{ name.field }}` of the input and of earlier steps.",
    )
    timeout_ms: Milliseconds | None = Field(None, description="How long one try may take, in milliseconds.")
    retry_count: Annotated[int, Field(ge=0, le=99)] | None = Field(
        None, description="How often it is tried again after a failure."
    )
    retry: StepRetry | None = Field(None, description="How often it is tried, and the waits in between.")


class StepOptions(ActionOptions):
    """A step of a workflow."""

    on_error: OnError | None = Field(
        None,
        description="What its failure means: `fail` ends the run, `continue` goes on, `compensate` undoes"
        " the steps before it and ends the run.",
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


class BranchOptions(Options):
    """Steps that run beside others."""

    name: StepName | None = Field(None, description="The branch's name; numbered when left out.")
    steps: Annotated[list[StepOptions], Field(min_length=1)] = Field(description="Its steps, in order.")


class ConditionalBranch(BranchOptions):
    """Steps that run where a condition holds."""

    condition: Condition = Field(description="When the branch is taken.")


class DefaultBranch(Options):
    """Steps that run where no condition holds."""

    name: StepName = Field("default", description="The branch's name.")
    steps: Annotated[list[StepOptions], Field(min_length=1)] = Field(description="Its steps, in order.")


class RangeOptions(Options):
    """Numbers to count through."""

    start: float = Field(description="The first number.")
    end: float = Field(description="Where to end; this number is not one of them.")
    step: float = Field(1, description="How far from one number to the next.")


Collection = list[Any] | str
"""A list, or a template that gives one."""


class IteratorOptions(Options):
    """What a loop goes over. One of `range`, `collection` and `while_condition` is given."""

    range: RangeOptions | None = Field(None, description="Numbers to count through.")
    collection: Collection | None = Field(None, description="A list, or a template that gives one.")
    while_condition: Condition | None = Field(None, description="The loop goes on as long as this holds.")
    max_iterations: Count | None = Field(None, description="How often it goes round at most.")


class CommonOptions(BaseModel):
    """What all kinds of workflows have; no table of its own."""

    model_config = Options.model_config

    name: WorkflowName | None = Field(None, description="The workflow's name; made up when left out.")
    description: str | None = Field(None, description="What it is for, in a sentence.")
    error_strategy: ErrorStrategy = Field(
        "fail_fast",
        description="What a failing step means that does not say so itself: `fail_fast` ends the run,"
        " `continue` goes on, `retry` tries three times a second apart, `compensate` undoes what was done.",
    )
    timeout_ms: Milliseconds | None = Field(None, description="How long a run may take, in milliseconds.")
    cleanup: list[StepOptions] = Field(
        [], description="Steps that run at the end in any case, also when the run is cancelled."
    )
    shared_data: Mapping[str, Any] = Field({}, description="The shared data at the beginning.")
    on_before_execute: ProgressHandler | None = Field(
        None, description="A function that is called before a run."
    )
    on_after_execute: ProgressHandler | None = Field(
        None, description="A function that is called after a run that came to its end."
    )


_OLDER_HANDLERS = {"on_start": "on_before_execute", "on_complete": "on_after_execute"}


class SequentialWorkflowOptions(CommonOptions, WithOlderNames):
    """Steps in order."""

    older_names: ClassVar[dict[str, str]] = _OLDER_HANDLERS

    steps: Annotated[list[StepOptions], Field(min_length=1)] = Field(description="The steps, in order.")


class ParallelWorkflowOptions(CommonOptions, WithOlderNames):
    """Branches at the same time."""

    older_names: ClassVar[dict[str, str]] = _OLDER_HANDLERS

    branches: list[BranchOptions] = Field([], description="Branches of several steps each.")
    steps: list[StepOptions] = Field([], description="Steps that each are a branch.")
    max_concurrency: Count | None = Field(None, description="How many branches run at a time; all otherwise.")
    fail_fast: bool | None = Field(
        None, description="Whether the first failure ends the others; so it is unless this is `false`."
    )


class ConditionalWorkflowOptions(CommonOptions, WithOlderNames):
    """Branches of which conditions choose."""

    older_names: ClassVar[dict[str, str]] = {**_OLDER_HANDLERS, "pre_steps": "steps"}
    without_effect: ClassVar[tuple[str, ...]] = ("execute_default_on_no_match",)

    steps: list[StepOptions] = Field([], description="Steps that run before the conditions are looked at.")
    branches: Annotated[list[ConditionalBranch], Field(min_length=1)] = Field(
        description="The branches; the first whose condition holds is taken."
    )
    default_branch: DefaultBranch | None = Field(None, description="Taken where no condition holds.")
    execute_all_matching: bool = Field(
        False, description="Whether all branches whose condition holds are taken, one after the other."
    )


class LoopWorkflowOptions(CommonOptions, WithOlderNames):
    """Steps again and again."""

    older_names: ClassVar[dict[str, str]] = _OLDER_HANDLERS
    older_elements: ClassVar[dict[str, str]] = {"break_condition": "break_conditions"}
    without_effect: ClassVar[tuple[str, ...]] = ("aggregation_strategy",)

    iterator: IteratorOptions = Field(description="What the loop goes over.")
    body: Annotated[list[StepOptions], Field(min_length=1)] = Field(description="The steps of a round.")
    break_conditions: list[Condition] = Field([], description="The loop ends after a round where one holds.")
    max_iterations: Count | None = Field(None, description="How often it goes round at most.")


class MapReduceWorkflowOptions(CommonOptions, Options):
    """One step for each item of a list, and one that makes a whole of what they gave."""

    collection: Collection = Field(description="The items: a list, or a template that gives one.")
    map: Stage = Field(description="Run for each item, which it is given and knows as `{{ item }}`.")
    reduce: Stage | None = Field(
        None, description="Run once with the list of outputs; the list is the output where it is left out."
    )
    max_concurrency: Count | None = Field(None, description="How many items are mapped at a time.")
    fail_fast: bool | None = Field(
        None, description="Whether the first failure ends the others; so it is unless this is `false`."
    )


class PipelineWorkflowOptions(CommonOptions, Options):
    """Stages that each work on what the one before gave."""

    stages: Annotated[list[Stage], Field(min_length=1)] = Field(
        description="Steps, agents, workflows and functions."
    )
    collection: Collection | None = Field(
        None,
        description="Items that go through the stages one after the other: a list, or a template that gives"
        " one. The output is then a list.",
    )
    max_concurrency: Count | None = Field(
        None,
        description="How many items may be on their way through the stages; as many as there are stages"
        " otherwise. Each stage works on one at a time.",
    )
    fail_fast: bool | None = Field(
        None, description="Whether the first failure ends the other items; so it is unless this is `false`."
    )


class WorkflowEntry(Result):
    """A workflow in a list."""

    id: str = Field(description="A name for this workflow that no other has.")
    name: str = Field(description="The workflow's name.")
    type: WorkflowType = Field(description="The kind of workflow.")
    description: str | None = Field(None, description="What it is for.")
