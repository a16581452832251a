"""Workflows as scripts hold them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Handle, Options, Waiting, example, member
from llmspell_engine.api.later import later

if TYPE_CHECKING:
    from llmspell_engine.api.workflow_results import (
        WorkflowInfo,
        WorkflowMetrics,
        WorkflowProgress,
        WorkflowResult,
    )

__getattr__ = later(
    __name__, workflow_results=("WorkflowInfo", "WorkflowMetrics", "WorkflowProgress", "WorkflowResult")
)

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
