"""What workflows are made of: branches, what loops go over, and a table of options for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from llmspell_engine.api.declare import Options, Result
from llmspell_engine.api.older import WithOlderNames
from llmspell_engine.api.workflow_conditions import BranchAccount, Condition, StepAccount, StepContext
from llmspell_engine.api.workflow_instance import Milliseconds, StepName, WorkflowType
from llmspell_engine.api.workflow_results import WorkflowProgress
from llmspell_engine.api.workflow_steps import (
    FailureHandler,
    RetryStrategy,
    Stage,
    StepOptions,
    WorkflowName,
)

ErrorStrategy = Literal["fail_fast", "continue", "retry", "compensate"]
ProgressHandler = Callable[[WorkflowProgress], Any]
Count = Annotated[int, Field(ge=1)]


class CommonBranch(BaseModel):
    """What all branches have; no table of its own."""

    model_config = Options.model_config

    name: StepName | None = Field(None, description="The branch's name; numbered when left out.")
    steps: Annotated[list[StepOptions], Field(min_length=1)] = Field(description="Its steps, in order.")


class BranchOptions(CommonBranch, Options):
    """Steps that run beside others."""

    required: bool = Field(
        True,
        description="Whether its failure is one of the workflow. Where it is not, the other branches go on,"
        " and `success` is as they are.",
    )


class ConditionalBranch(CommonBranch, Options):
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


Collection = list[Any] | str | Callable[[StepContext], Any]
"""A list, or a template or a function that gives one."""


class IteratorOptions(Options):
    """What a loop goes over. One of `range`, `collection` and `while_condition` is given."""

    range: RangeOptions | None = Field(None, description="Numbers to count through.")
    collection: Collection | None = Field(
        None, description="A list, or a template or a function that gives one."
    )
    while_condition: Condition | None = Field(None, description="The loop goes on as long as this holds.")
    max_iterations: Count | None = Field(None, description="How often it goes round at most.")


class CommonOptions(BaseModel):
    """What all kinds of workflows have; no table of its own."""

    model_config = Options.model_config

    name: WorkflowName | None = Field(None, description="The workflow's name; made up when left out.")
    description: str | None = Field(None, description="What it is for, in a sentence.")
    error_strategy: ErrorStrategy | RetryStrategy = Field(
        "fail_fast",
        description="What a failing step means that does not say so itself: `fail_fast` ends the run,"
        " `continue` goes on, `retry` tries three times a second apart, `compensate` undoes what was done."
        " A table tells how often and how soon is tried again.",
    )
    on_error: FailureHandler | None = Field(
        None,
        description="A function that is asked where a step fails that has no `on_error`. It gets the error,"
        " the step's name and what it may want to know of the run, and gives what `on_error` of a step may.",
    )
    pre_condition: Condition | None = Field(
        None, description="The run fails before its first step where this does not hold."
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
    on_step_start: Callable[[str, StepContext], Any] | None = Field(
        None, description="A function that is called before each step, with its name."
    )
    on_step_complete: Callable[[str, StepAccount, StepContext], Any] | None = Field(
        None,
        description="A function that is called after each step, with its name and what came of it, also"
        " where it failed.",
    )
    on_timeout: ProgressHandler | None = Field(
        None, description="A function that is called where a run takes longer than `timeout_ms`."
    )


_OLDER_NAMES = {
    "on_start": "on_before_execute",
    "on_complete": "on_after_execute",
    "initial_state": "shared_data",
}
_WITHOUT_EFFECT = ("debug", "log_level", "minimal_logging", "skip_state_sync")


class SequentialWorkflowOptions(CommonOptions, WithOlderNames):
    """Steps in order."""

    older_names: ClassVar[dict[str, str]] = _OLDER_NAMES
    without_effect: ClassVar[tuple[str, ...]] = _WITHOUT_EFFECT

    steps: Annotated[list[StepOptions], Field(min_length=1)] = Field(description="The steps, in order.")


class ParallelWorkflowOptions(CommonOptions, WithOlderNames):
    """Branches at the same time."""

    older_names: ClassVar[dict[str, str]] = _OLDER_NAMES
    without_effect: ClassVar[tuple[str, ...]] = (*_WITHOUT_EFFECT, "merge_strategy")

    branches: list[BranchOptions] = Field([], description="Branches of several steps each.")
    steps: list[StepOptions] = Field([], description="Steps that each are a branch.")
    post_steps: list[StepOptions] = Field(
        [],
        description="Steps that run in order when all branches have ended. They are given the table of their"
        " outputs; the workflow's output is the last one's then.",
    )
    on_branch_complete: Callable[[str, BranchAccount, StepContext], Any] | None = Field(
        None, description="A function that is called after each branch, with its name and what came of it."
    )
    max_concurrency: Count | None = Field(None, description="How many branches run at a time; all otherwise.")
    fail_fast: bool | None = Field(
        None, description="Whether the first failure ends the others; so it is unless this is `false`."
    )


class ConditionalWorkflowOptions(CommonOptions, WithOlderNames):
    """Branches of which conditions choose."""

    older_names: ClassVar[dict[str, str]] = {**_OLDER_NAMES, "pre_steps": "steps"}
    without_effect: ClassVar[tuple[str, ...]] = (*_WITHOUT_EFFECT, "execute_default_on_no_match")

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

    older_names: ClassVar[dict[str, str]] = _OLDER_NAMES
    older_elements: ClassVar[dict[str, str]] = {"break_condition": "break_conditions"}
    without_effect: ClassVar[tuple[str, ...]] = (*_WITHOUT_EFFECT, "aggregation_strategy")

    iterator: IteratorOptions = Field(description="What the loop goes over.")
    body: Annotated[list[StepOptions], Field(min_length=1)] = Field(description="The steps of a round.")
    break_conditions: list[Condition] = Field([], description="The loop ends after a round where one holds.")
    continue_condition: Condition | None = Field(
        None, description="The loop ends after a round where this does not hold."
    )
    max_iterations: Count | None = Field(None, description="How often it goes round at most.")
    batch_size: Count | None = Field(
        None, description="How many items or numbers a round takes at once: `{{ item }}` is a list then."
    )
    on_iteration_complete: Callable[[int, Any, StepContext], Any] | None = Field(
        None,
        description="A function that is called after each round, with its number and what its last step"
        " gave.",
    )


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
