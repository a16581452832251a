"""What comes of the runs of workflows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from llmspell_engine.api.agent_options import ResultMedium, ToolUse
from llmspell_engine.api.declare import Result
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.api.workflow_instance import StepType, WorkflowType


class WorkflowStepResult(Result):
    """What came of a step."""

    name: str = Field(description="The step's name.")
    type: StepType = Field(description="What it did.")
    path: str = Field(
        description="Where in the run it stands: `name`, `branch/name`, or `3/name` in the third round."
    )
    success: bool = Field(description="Whether it was done without an error.")
    output: Any = Field(
        None,
        description="What it gave: a tool's result, an agent's data or text, a function's value.",
    )
    text: str = Field(description="What it gave, as text.")
    error: str | None = Field(None, description="Why it failed.")
    error_type: str | None = Field(None, description="The kind of the error, as `TimeoutError`.")
    duration_ms: float = Field(description="How long it took, in milliseconds.")
    attempts: int = Field(description="How often it was tried.")
    skipped: bool = Field(description="Whether its condition did not hold.")
    restored: bool = Field(description="Whether it was done by an earlier try of the same run.")
    token_count: int | None = Field(None, description="Tokens of the models that it asked.")
    cost: float | None = Field(None, description="What they cost, in US dollars, where that is known.")
    media: list[ResultMedium] = Field([], description="Pictures, sounds and documents that an agent gave.")


class WorkflowFacts(Result):
    """What else is known of a run."""

    workflow_name: str = Field(description="The workflow's name.")
    workflow_type: WorkflowType = Field(description="The kind of workflow.")
    execution_id: str = Field(description="The id of the run.")
    total_steps: int = Field(description="Steps that ran or were skipped; a step of a loop once a round.")
    successful_steps: int = Field(description="Steps that were done without an error.")
    failed_steps: int = Field(description="Steps that failed.")
    skipped_steps: int = Field(description="Steps whose condition did not hold.")
    resumed_steps: int = Field(description="Steps that an earlier try of the run had done.")
    success_rate: float = Field(description="The part of the steps that did not fail, from 0 to 1.")
    agent_outputs: dict[str, Any] = Field(description="What agents gave, by the names of their steps.")
    break_reason: str | None = Field(
        None,
        description="Why a loop ended: `finished`, `condition`, `break_condition` or `max_iterations`.",
    )
    branches_taken: list[str] | None = Field(None, description="All branches that were taken.")
    error_type: str | None = Field(None, description="The kind of the first error, as `TimeoutError`.")
    branch_count: int | None = Field(None, description="The same as `total_branches`.")
    total_branches: int | None = Field(None, description="Of branches: how many there are.")
    successful_branches: int | None = Field(
        None, description="Of a parallel workflow: that came to their ends."
    )
    failed_branches: int | None = Field(None, description="Of a parallel workflow: that failed.")
    stopped_early: bool | None = Field(
        None, description="Of a parallel workflow: whether branches were ended, or not begun, for a failure."
    )
    max_concurrency: int | None = Field(None, description="How many branches or items may run at a time.")
    fail_fast: bool | None = Field(
        None, description="Whether the first failure ends the other branches or items."
    )
    matched_branches: int | None = Field(None, description="Of a conditional workflow: whose condition held.")
    executed_branches: int | None = Field(None, description="Of a conditional workflow: that were done.")
    execute_all_matching: bool | None = Field(None, description="Whether all branches that match are taken.")
    short_circuit_evaluation: bool | None = Field(
        None, description="Whether conditions after the first that holds are not looked at."
    )
    iterator_type: Literal["range", "collection", "while_condition"] | None = Field(
        None, description="What a loop goes over."
    )
    total_iterations: int | None = Field(None, description="How often a loop went round.")
    completed_iterations: int | None = Field(None, description="The same as `total_iterations`.")
    aggregated_results_count: int | None = Field(None, description="How many outputs of rounds there are.")
    body_steps_count: int | None = Field(None, description="How many steps a round of a loop has.")
    collection_size: int | None = Field(None, description="How many items or numbers a loop goes over.")
    max_iterations: int | None = Field(None, description="How often a loop may go round.")
    condition: str | None = Field(None, description="The expression of `while_condition`, where it is one.")
    range_start: float | None = Field(None, description="The first number of a loop's range.")
    range_end: float | None = Field(None, description="The end of a loop's range.")
    range_step: float | None = Field(None, description="The step of a loop's range.")
    continue_on_error: bool = Field(
        description="Whether a failing step that says nothing itself ends nothing."
    )
    total_items: int | None = Field(None, description="Of `map_reduce`: how many items there are.")
    successful_items: int | None = Field(None, description="Of `map_reduce`: items that were mapped.")
    failed_items: int | None = Field(None, description="Of `map_reduce`: items whose step failed.")
    total_stages: int | None = Field(None, description="Of a pipeline: how many stages there are.")
    completed_stages: int | None = Field(None, description="Of a pipeline: stages that were done.")


class WorkflowMetadata(OutputMetadata):
    """How the result of a workflow came about."""

    extra: WorkflowFacts = Field(description="What else is known of the run.")


class WorkflowResult(Result):
    """What a workflow came to."""

    text: str = Field(description="What happened, in a sentence.")
    success: bool = Field(description="Whether no step failed. A failure that ends the run is raised.")
    partial_success: bool = Field(description="Whether steps failed and the run went on.")
    status: Literal["completed", "failed", "cancelled"] = Field(description="How the run ended.")
    output: Any = Field(
        None,
        description="What the last step gave; of parallel branches a table by name; of loops a list.",
    )
    data: Any = Field(None, description="The same as `output`.")
    outputs: dict[str, Any] = Field(description="What each step gave, by its name; the newest in loops.")
    step_results: list[WorkflowStepResult] = Field(description="What came of each step, in order of ends.")
    step_timings: dict[str, float] = Field(description="Milliseconds of each step, by its place in the run.")
    error: str | None = Field(None, description="Why the first step failed that did.")
    failed_step: str | None = Field(None, description="The name of the first step that failed.")
    last_completed_step: str | None = Field(None, description="The last step that was done.")
    compensations: list[WorkflowStepResult] = Field(description="What was done to undo steps, in order.")
    cleanup_results: list[WorkflowStepResult] = Field(description="What came of the steps of `cleanup`.")
    branch_taken: str | None = Field(None, description="The branch that a conditional workflow took.")
    iterations: int | None = Field(None, description="How often a loop went round.")
    iteration_outputs: list[Any] | None = Field(None, description="What the last step gave in each round.")
    final_state: dict[str, Any] = Field(description="The shared data at the end.")
    tool_calls: list[ToolUse] = Field(description="The tools that agents called on the way.")
    media: list[ResultMedium] = Field([], description="Pictures, sounds and documents that agents gave.")
    run_id: str = Field(description="The id of the run.")
    duration_ms: float = Field(description="How long it took, in milliseconds.")
    metadata: WorkflowMetadata = Field(description="Time, tokens and cost, and counts of steps.")


class WorkflowInfo(Result):
    """What a workflow is."""

    id: str = Field(description="A name for this workflow that no other has.")
    name: str = Field(description="The workflow's name.")
    type: WorkflowType = Field(description="The kind of workflow.")
    description: str | None = Field(None, description="What it is for.")
    executions: int = Field(description="How many runs have ended or are under way.")
    status: Literal["ready", "running", "completed", "failed", "cancelled"] = Field(
        description="Whether it runs, or else how the last run ended."
    )


class WorkflowMetrics(Result):
    """What a workflow has done so far."""

    executions: int = Field(description="How many runs have ended.")
    failures: int = Field(description="How many of them failed or were cancelled.")
    average_ms: float = Field(description="How long a run took on average, in milliseconds.")


class WorkflowProgress(Result):
    """What the functions are told that wait for the beginning or the end of runs."""

    workflow: str = Field(description="The workflow's name.")
    input: Any = Field(None, description="What the run is given.")
    result: WorkflowResult | None = Field(None, description="What came of it, where it has ended.")
    error: str | None = Field(None, description="Why it failed.")
