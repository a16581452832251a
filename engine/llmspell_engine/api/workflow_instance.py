"""Workflows as scripts hold them, and what comes of their runs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.agent_options import ResultMedium, ToolUse
from llmspell_engine.api.declare import Handle, Options, Result, Waiting, example, member
from llmspell_engine.api.output import OutputMetadata

WorkflowType = Literal["sequential", "parallel", "conditional", "loop", "map_reduce", "pipeline"]
StepType = Literal["tool", "agent", "function", "workflow"]
Milliseconds = Annotated[float, Field(gt=0)]
RunId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,128}$")]
StepName = Annotated[str, Field(min_length=1)]
Key = Annotated[str, Field(min_length=1)]


class ExecuteOptions(Options):
    """How a workflow is run."""

    run_id: RunId | None = Field(
        None,
        description="A name of letters, digits, `.`, `_` and `-`, under which State keeps each finished step:"
        " executing again with the same goes on after the last one.",
    )
    resume_id: RunId | None = Field(None, description="The same as `run_id`.")
    timeout_ms: Milliseconds | None = Field(None, description="How long the whole may take, in milliseconds.")


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


class WorkflowInstance(Handle):
    """A workflow, ready to run. It may stand wherever an agent may."""

    id: Annotated[str, Field(description="A name for this workflow that no other has.")]
    name: Annotated[str, Field(description="The workflow's name.")]
    type: Annotated[WorkflowType, Field(description="The kind of workflow.")]

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local result = workflow:execute({ topic = "bees" })\nprint(result.output)',
        javascript='const result = await workflow.execute({ topic: "bees" });\nconsole.log(result.output);',
    )
    def execute(
        self, workflow_input: Any = None, options: ExecuteOptions | None = None
    ) -> Waiting[WorkflowResult]:
        """Run the workflow and wait for its end. A failure is raised; `get_last_result` has its details.

        Args:
            workflow_input: what the steps may use as `{{ input }}`, or its fields by their names.
            options: an id by which the run can be taken up again, and a time limit.
        """

    @abstractmethod
    def to_table(self) -> Mapping[str, Any]:
        """What the workflow was made of, as the table that `Workflow.create` takes."""

    @abstractmethod
    def get_info(self) -> WorkflowInfo:
        """What the workflow is."""

    @abstractmethod
    def get_status(self) -> Literal["ready", "running", "completed", "failed", "cancelled"]:
        """Whether it runs, or else how the last run ended."""

    @abstractmethod
    def get_last_result(self) -> WorkflowResult | None:
        """What came of the last run that ended, also where it failed or was cancelled; nothing before it."""

    @abstractmethod
    @example(
        lua='workflow:set_shared_data("tier", "gold")',
        javascript='workflow.setSharedData("tier", "gold");',
    )
    def set_shared_data(self, key: Key, value: Any) -> None:
        """Set a value that steps and conditions see as `{{ state.key }}`. Runs share it.

        Args:
            key: the value's name.
            value: what to keep.
        """

    @abstractmethod
    def get_state(self, key: Key) -> Any | None:
        """A value of the shared data, or nothing.

        Args:
            key: the value's name.
        """

    def set_state(self, key: Key, value: Any) -> bool:
        """Set a value of the shared data; always `true`.

        Args:
            key: the value's name.
            value: what to keep.
        """
        self.set_shared_data(key, value)
        return True

    @abstractmethod
    def get_output(self, step_name: StepName) -> Any | None:
        """What a step gave in the last run, or nothing.

        Args:
            step_name: the step's name.
        """

    @abstractmethod
    def get_all_outputs(self) -> Mapping[str, Any]:
        """What all steps gave in the last run, by their names."""

    @abstractmethod
    def list_outputs(self) -> Sequence[str]:
        """The names of the steps that gave something in the last run."""

    @abstractmethod
    def clear_outputs(self) -> None:
        """Forget the last run, and the outputs that State keeps of this workflow."""

    @abstractmethod
    def get_execution_id(self) -> str | None:
        """The id of the last run, or nothing."""

    @abstractmethod
    def list_runs(self) -> Sequence[str]:
        """The ids of the runs that State keeps of this workflow."""

    @abstractmethod
    def forget_run(self, run_id: RunId) -> bool:
        """Forget a run, so that its id begins anew; whether there was one.

        Args:
            run_id: the id with which it was executed.
        """

    @abstractmethod
    def on_before_execute(self, handler: Callable[[WorkflowProgress], Any]) -> WorkflowInstance:
        """Call a function before each run. Its error ends the run.

        Args:
            handler: gets the workflow's name and the input.
        """

    @abstractmethod
    def on_after_execute(self, handler: Callable[[WorkflowProgress], Any]) -> WorkflowInstance:
        """Call a function after each run that did not fail.

        Args:
            handler: gets the workflow's name, the input and the result.
        """

    @abstractmethod
    def on_error(self, handler: Callable[[WorkflowProgress], Any]) -> WorkflowInstance:
        """Call a function when a run fails; the error is raised all the same.

        Args:
            handler: gets the workflow's name, the input, the error and what was done.
        """

    @abstractmethod
    def emit(self, event: Annotated[str, Field(min_length=1)], data: Any = None) -> None:
        """Publish an event in the name of the workflow: `workflow.NAME.EVENT`.

        Args:
            event: what happened.
            data: what to tell of it.
        """

    @abstractmethod
    def get_metrics(self) -> WorkflowMetrics:
        """How many runs there were, how many failed, and how long they took."""
