"""A workflow: an agent whose work is steps told in advance.

One run goes so: what an earlier try has finished is read, the steps run in the order of the workflow's kind,
steps are undone where one failed and that is asked for, and in every case the clean-up runs, also when the
run is cancelled. Runs of one workflow may overlap; they share its shared data.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.base import AgentAnswer, AgentRequest, AgentScope, BaseAgent
from llmspell_engine.hooks.points import WORKFLOW
from llmspell_engine.scheduling.cause import CAUSE, new_cause
from llmspell_engine.workflows.actions import text_of
from llmspell_engine.workflows.body import Body, WorkflowKind, definitions
from llmspell_engine.workflows.compensation import clean_up, undo, undoable
from llmspell_engine.workflows.context import Place, Run, Undo
from llmspell_engine.workflows.handlers import RunHandlers
from llmspell_engine.workflows.journal import Journal
from llmspell_engine.workflows.records import Definition
from llmspell_engine.workflows.results import (
    OnError,
    Produced,
    Status,
    StepFailedError,
    StepResult,
    WorkflowError,
    WorkflowOutcome,
    type_of,
)
from llmspell_engine.workflows.step import within

if TYPE_CHECKING:
    from llmspell_engine.hooks.base import Data
    from llmspell_engine.workflows.conditions import Condition
    from llmspell_engine.workflows.step import Step


@dataclass(frozen=True, slots=True)
class WorkflowSettings:
    """What is set of a workflow.

    Attributes:
        on_error: what a failing step means that does not say so itself.
        cleanup: steps that run at the end, whichever way it came.
        is_named: whether its name is its own, so that runs can be found again by it.
        pre_condition: what has to hold before the first step.
        handlers: what is called while it runs.
    """

    description: str | None = None
    on_error: OnError = "fail"
    timeout_ms: float | None = None
    cleanup: Sequence[Step] = ()
    is_named: bool = True
    pre_condition: Condition | None = None
    handlers: RunHandlers = field(default_factory=RunHandlers)


@dataclass(slots=True)
class Counts:
    """What became of the runs so far."""

    ended: int = 0
    failed: int = 0
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one run is given. ``prefix`` is its place in the journal of an outer workflow."""

    given: Any
    journal: Journal
    run_id: str
    context: Mapping[str, Any]
    timeout_ms: float | None = None
    prefix: str = ""


class Workflow(BaseAgent):
    """Steps in the order of a kind."""

    kind = "workflow"

    def __init__(
        self, name: str, body: Body, scope: AgentScope, settings: WorkflowSettings | None = None
    ) -> None:
        self.settings = settings or WorkflowSettings()
        super().__init__(name, self.settings.description, scope)
        self.body = body
        self.state: dict[str, Any] = {}
        self.last: WorkflowOutcome | None = None
        self.counts = Counts()
        self.runs: dict[str, list[StepResult]] = {}
        """The runs under way, with the steps that they have done."""

    @property
    def type(self) -> WorkflowKind:
        """The kind of workflow: ``sequential``, ``parallel``, …"""
        return self.body.kind

    @property
    def parts(self) -> Sequence[BaseAgent]:
        """See the base class: the agents and workflows of its steps, each once."""
        steps = [*self.body.steps, *self.settings.cleanup]
        steps += [step.compensation for step in steps if step.compensation is not None]
        return list(dict.fromkeys(agent for step in steps for agent in step.action.agents))

    def definition(self) -> object:
        """The names and kinds of all steps, by which a changed workflow is told."""
        return [self.type, self.body.definition(), definitions(self.settings.cleanup)]

    async def _perform(self, request: AgentRequest) -> AgentAnswer:
        """The answer to a request. Its parameters are the input where there are some, else its text."""
        given = {"text": request.text, **request.parameters} if request.parameters else request.text
        outcome = await self.run(given, context=request.context)
        uses = tuple(use for step in outcome.steps for use in step.tool_uses)
        return AgentAnswer(
            text=outcome.text,
            usage=outcome.usage,
            agent=self.name,
            media=outcome.media,
            path=(self.name,),
            data=None if isinstance(outcome.output, str) else outcome.output,
            tool_uses=uses,
        )

    async def run(
        self,
        given: Any,
        *,
        run_id: str | None = None,
        timeout_ms: float | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> WorkflowOutcome:
        """Run the steps, or those that an earlier try of the run has not finished.

        Raises WorkflowError, whose ``outcome`` tells what was done, where a step fails for good.
        """
        self._check_id(run_id)
        journal = Journal(self.scope.state, self.name, run_id)
        asked = _Asked(given, journal, run_id or str(uuid.uuid4()), context or {}, timeout_ms)
        if run_id is None:
            return await self._hooked(asked)
        definition = Definition(self.type, self.definition(), self._names())
        return await journal.kept(definition, given, lambda given: self._hooked(replace(asked, given=given)))

    def _names(self) -> Sequence[str]:
        return [step.name for step in (*self.body.steps, *self.settings.cleanup)]

    def _check_id(self, run_id: str | None) -> None:
        if run_id is not None and not self.settings.is_named:
            raise WorkflowError(
                "a run with a run_id is found again by the name of its workflow, and this one has none;"
                " give it a name"
            )

    async def run_inside(self, given: Any, place: Place, step: str) -> WorkflowOutcome:
        """Run as a step of another workflow, whose journal has the steps below the place of that."""
        outer, prefix = place.run, f"{place.prefix}{step}/"
        asked = _Asked(given, outer.journal, str(uuid.uuid4()), outer.context, prefix=prefix)
        return await self._hooked(asked)

    def undoable_inside(self, place: Place, step: str) -> Sequence[Undo]:
        """What an earlier try did that can be undone, where this is a step of another workflow."""
        outer, prefix = place.run, f"{place.prefix}{step}/"
        asked = _Asked(None, outer.journal, str(uuid.uuid4()), outer.context, prefix=prefix)
        return undoable(self.body, Place(self._begun(asked, None), None, prefix))

    def _begun(self, asked: _Asked, given: Any) -> Run:
        return Run(
            owner=self,
            id=asked.run_id,
            journal=asked.journal,
            tell=self._tell,
            input=given,
            state=self.state,
            on_error=self.settings.on_error,
            kept_as=self.name if self.settings.is_named else None,
            context=asked.context,
            handlers=self.settings.handlers,
        )

    async def _hooked(self, asked: _Asked) -> WorkflowOutcome:
        """The run with the handlers around it, which may change the input and the output."""
        outcome: WorkflowOutcome | None = None

        async def work(data: Data) -> Data:
            nonlocal outcome
            run = self._begun(asked, data.get("input"))
            outcome = await self._run(Place(run, run.input, asked.prefix), asked.timeout_ms)
            return {**data, "output": outcome.output, "success": outcome.success}

        data: Data = {"input": asked.given, "run_id": asked.run_id, "type": self.type}
        left = await self.scope.hooks.around(WORKFLOW, "workflow", self.name, data, work)
        output = left.get("output")
        if outcome is None:
            outcome = WorkflowOutcome(self.name, self.type, asked.run_id, "completed")
        if output != outcome.output:
            outcome = replace(outcome, output=output, text=text_of(output))
        self.last = outcome
        return outcome

    async def _run(self, place: Place, timeout_ms: float | None) -> WorkflowOutcome:
        run, begin = place.run, time.perf_counter()
        run.state.update(run.journal.state(place.prefix))
        ending = _Ending(self, place, begin)
        self.runs[run.id] = run.results
        attributes = {"workflow.name": self.name, "workflow.type": self.type, "workflow.run_id": run.id}
        # What the steps begin, such as agents, is told of under the correlation id of the run.
        token = CAUSE.set(CAUSE.get() or new_cause())
        self._tell("workflow.started", {"run_id": run.id, "type": self.type})
        try:
            with run.scope.tracer.span("workflow", f"workflow {self.name}", **attributes):
                async with ending.watched():
                    ending.produced = await self._limited(place, timeout_ms)
                outcome = ending.outcome("completed")
                self._tell("workflow.completed", _event(outcome))
        finally:
            self.runs.pop(run.id, None)
            self.counts.ended += 1
            self.counts.total_ms += (time.perf_counter() - begin) * 1000
            CAUSE.reset(token)
        return outcome

    async def _limited(self, place: Place, timeout_ms: float | None) -> Produced:
        limit = timeout_ms or self.settings.timeout_ms
        if limit is None:
            return await self._done(place)
        sentence = f"the workflow took longer than {limit:g} ms; raise timeout_ms"
        return await within(limit, lambda: self._done(place), sentence)

    async def _done(self, place: Place) -> Produced:
        condition = self.settings.pre_condition
        # A run that is taken up again had it hold when it began.
        is_new = condition is not None and not place.run.journal.below(place.prefix)
        if condition is not None and is_new and not await condition.holds(place, "pre_condition"):
            raise WorkflowError("its pre_condition does not hold")
        return await self.body.run(place)

    def _tell(self, name: str, data: Mapping[str, Any]) -> None:
        cause = CAUSE.get()
        correlation_id = cause.correlation_id if cause else None
        told = {"workflow": self.name, **data}
        self.scope.events.publish(name, told, self.scope.language, correlation_id=correlation_id)


class _Ending:
    """How a run ends: undoing, cleaning up, and the account of it."""

    def __init__(self, workflow: Workflow, place: Place, begin: float) -> None:
        self._workflow = workflow
        self._place = place
        self._begin = begin
        self._undone: Sequence[tuple[str, StepResult]] = ()
        self._cleanup: Sequence[StepResult] = ()
        self.produced = Produced()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Around the steps: whatever way they end, what is left to do is done."""
        from anyio import get_cancelled_exc_class

        try:
            yield
        except StepFailedError as failure:
            name = failure.result.name
            await self._failed(failure.policy, failure.result.error or "", failure.cause, name)
        except Exception as problem:  # noqa: BLE001 - every failure is told in the same way
            await self._failed(self._workflow.settings.on_error, str(problem), problem, None)
        except get_cancelled_exc_class():
            await self._finish(self._workflow.settings.on_error)
            self._workflow.counts.failed += 1
            self._workflow.last = outcome = self.outcome(
                "cancelled", "the run was cancelled", None, "Cancelled"
            )
            self._workflow._tell("workflow.cancelled", _event(outcome))
            raise
        else:
            await self._finish("continue")

    async def _failed(self, policy: OnError, error: str, cause: BaseException, step: str | None) -> None:
        await self._finish(policy)
        self._workflow.counts.failed += 1
        self._workflow.last = outcome = self.outcome("failed", error, step, type_of(cause))
        self._workflow._tell("workflow.failed", _event(outcome))
        at = f" at the step '{step}'" if step else ""
        undone = [name for name, result in self._undone if result.success]
        told = f"; undone: {', '.join(undone)}" if undone else ""
        sentence = f"the workflow '{self._workflow.name}' failed{at}: {error}{told}"
        raise WorkflowError(sentence, outcome) from cause

    async def _finish(self, policy: OnError) -> None:
        if self._place.run.journal.is_lost:
            return  # What is left to do is for the process that has the run now.
        if policy == "compensate":
            self._undone = await undo(self._place)
        self._cleanup = await clean_up(self._workflow.settings.cleanup, self._place)

    def outcome(
        self,
        status: Status,
        error: str | None = None,
        failed_step: str | None = None,
        error_type: str | None = None,
    ) -> WorkflowOutcome:
        """The account of the run as it is now."""
        run = self._place.run
        failed = (step for step in run.results if not step.success)
        first = next((step for step in failed if step.path not in run.tolerated), None)
        return WorkflowOutcome(
            workflow=run.workflow,
            kind=self._workflow.type,
            run_id=run.id,
            status=status,
            output=self.produced.output,
            text=self.produced.text,
            on_error=run.on_error,
            steps=tuple(run.results),
            compensations=tuple(result for _, result in self._undone),
            cleanup=self._cleanup,
            state=dict(run.state),
            facts=dict(run.facts),
            error=error or (first.error if first else None),
            error_type=error_type or (first.error_type if first else None),
            failed_step=failed_step or (first.name if first else None),
            duration_ms=(time.perf_counter() - self._begin) * 1000,
            resumed=sum(step.restored for step in run.results),
            undo=tuple(run.undo),
        )


def _event(outcome: WorkflowOutcome) -> dict[str, Any]:
    told = {
        "run_id": outcome.run_id,
        "type": outcome.kind,
        "success": outcome.success,
        "duration_ms": outcome.duration_ms,
        "steps": [step.path for step in outcome.steps if step.success],
    }
    return {**told, **({"error": outcome.error, "failed_step": outcome.failed_step} if outcome.error else {})}
