"""Workflows in the hands of scripts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.api import workflow_instance as api
from llmspell_engine.api import workflow_results as results
from llmspell_engine.catalog.spelling import spelled
from llmspell_engine.globals.workflow_results import outputs_of, result_of
from llmspell_engine.state.encoding import encode
from llmspell_engine.workflows import journal
from llmspell_engine.workflows.results import StepTimeoutError, WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.api.workflow_options import CommonOptions
    from llmspell_engine.globals.services import Run
    from llmspell_engine.workflows.results import WorkflowOutcome
    from llmspell_engine.workflows.workflow import Workflow

Handler = Callable[[results.WorkflowProgress], Any]
Status = Literal["ready", "running", "completed", "failed", "cancelled"]


class WorkflowInstance(api.WorkflowInstance):
    """A workflow of a run of a script."""

    def __init__(self, workflow: Workflow, options: CommonOptions, run: Run) -> None:
        self.agent = workflow
        self.options = options
        self.id = workflow.id
        self.name = workflow.name
        self.type = workflow.type
        self._run = run
        self._before: list[Handler] = [options.on_before_execute] if options.on_before_execute else []
        self._after: list[Handler] = [options.on_after_execute] if options.on_after_execute else []
        self._on_error: list[Handler] = []
        self._on_timeout: list[Handler] = [options.on_timeout] if options.on_timeout else []

    async def execute(
        self, workflow_input: Any = None, options: api.ExecuteOptions | None = None
    ) -> results.WorkflowResult:
        asked = options or api.ExecuteOptions()
        await self._tell(self._before, workflow_input)
        try:
            outcome = await self.agent.run(
                workflow_input, run_id=asked.run_id or asked.resume_id, timeout_ms=asked.timeout_ms
            )
        except Exception as error:
            failed = error.outcome if isinstance(error, WorkflowError) else None
            handlers = [*(self._on_timeout if _is_of_time(error) else ()), *self._on_error]
            await self._tell(handlers, workflow_input, failed, str(error))
            raise
        await self._tell(self._after, workflow_input, outcome)
        return result_of(outcome)

    def to_table(self) -> Mapping[str, Any]:
        from llmspell_engine.globals.workflow_tables import WorkflowTables

        where = f"WorkflowInstance.{spelled('to_table', self._run.language)}"
        return WorkflowTables(where, self._run.language, for_file=False).table(self.options)

    def get_info(self) -> results.WorkflowInfo:
        return results.WorkflowInfo(
            id=self.id,
            name=self.name,
            type=self.type,
            description=self.agent.description,
            executions=self.agent.counts.ended + len(self.agent.runs),
            status=self.get_status(),
        )

    def get_status(self) -> Status:
        if self.agent.runs:
            return "running"
        return self.agent.last.status if self.agent.last else "ready"

    def get_last_result(self) -> results.WorkflowResult | None:
        return result_of(self.agent.last) if self.agent.last else None

    def set_shared_data(self, key: str, value: Any) -> None:
        # A copy is kept, which the run can write down: what the script changes later is nothing to it.
        self.agent.state[key] = json.loads(encode(value, "set_shared_data"))

    def get_state(self, key: str) -> Any | None:
        return self.agent.state.get(key)

    def get_output(self, step_name: str) -> Any | None:
        return self.get_all_outputs().get(step_name)

    def get_all_outputs(self) -> Mapping[str, Any]:
        return outputs_of(self.agent.last.steps) if self.agent.last else {}

    def list_outputs(self) -> Sequence[str]:
        return [*self.get_all_outputs()]

    def clear_outputs(self) -> None:
        self.agent.last = None
        store = self._run.services.state
        for name in journal.outputs(store, self.name):
            store.delete(journal.scope_of(self.name), name)

    def get_execution_id(self) -> str | None:
        return self.agent.last.run_id if self.agent.last else None

    def list_runs(self) -> Sequence[str]:
        return journal.runs(self._run.services.state, self.name)

    def forget_run(self, run_id: str) -> bool:
        return journal.forget_run(self._run.services.state, self.name, run_id)

    def on_before_execute(self, handler: Handler) -> WorkflowInstance:
        self._before.append(handler)
        return self

    def on_after_execute(self, handler: Handler) -> WorkflowInstance:
        self._after.append(handler)
        return self

    def on_error(self, handler: Handler) -> WorkflowInstance:
        self._on_error.append(handler)
        return self

    def emit(self, event: str, data: Any = None) -> None:
        copied = json.loads(encode(data, "emit"))
        services = self._run.services
        services.events.publish(f"workflow.{self.name}.{event}", copied, self._run.language)

    def get_metrics(self) -> results.WorkflowMetrics:
        counts = self.agent.counts
        average = counts.total_ms / counts.ended if counts.ended else 0.0
        return results.WorkflowMetrics(executions=counts.ended, failures=counts.failed, average_ms=average)

    async def _tell(
        self,
        handlers: Sequence[Handler],
        given: Any,
        outcome: WorkflowOutcome | None = None,
        error: str | None = None,
    ) -> None:
        if not handlers:
            return
        from llmspell_engine.runtime.binding import Binder

        progress = results.WorkflowProgress(
            workflow=self.name, input=given, result=result_of(outcome) if outcome else None, error=error
        )
        told = Binder(self._run.language).result(progress)
        for handler in handlers:
            await self._run.scheduler.call(handler, told)


def _is_of_time(error: Exception) -> bool:
    """Whether the workflow itself took too long, not a step of it."""
    outcome = error.outcome if isinstance(error, WorkflowError) else None
    return isinstance(error.__cause__, StepTimeoutError) and outcome is not None and not outcome.failed_step
