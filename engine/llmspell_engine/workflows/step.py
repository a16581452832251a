"""A step: what it does, how often it is tried and for how long, and what its failure means."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_engine.hooks import HookCancelledError
from llmspell_engine.hooks.points import WORKFLOW_STAGE
from llmspell_engine.providers.metering import BudgetError
from llmspell_engine.workflows.actions import Action, Done, text_of
from llmspell_engine.workflows.results import (
    OnError,
    StepFailedError,
    StepResult,
    StepTimeoutError,
    WorkflowError,
    type_of,
)
from llmspell_engine.workflows.templates import rendered

if TYPE_CHECKING:
    from llmspell_engine.hooks.base import Data
    from llmspell_engine.workflows.conditions import Condition
    from llmspell_engine.workflows.context import Place

T = TypeVar("T")
LONGEST_BACKOFF_SECONDS = 60.0


class _Nothing:
    """Stands for an input that was left out, which is not the same as one that is nothing."""


NO_INPUT = _Nothing()


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a step is tried, and how long it waits in between: longer by ``factor`` each time."""

    attempts: int = 1
    backoff_ms: float = 0.0
    factor: float = 1.0

    def pause(self, attempt: int) -> float:
        """How many seconds to wait after an attempt, counted from 1."""
        return min(self.backoff_ms / 1000 * self.factor ** (attempt - 1), LONGEST_BACKOFF_SECONDS)


@dataclass(frozen=True, slots=True)
class StepSettings:
    """What is set of a step. ``on_error`` None takes what its workflow does."""

    timeout_ms: float | None = None
    retry: Retry = field(default_factory=Retry)
    on_error: OnError | None = None
    condition: Condition | None = None
    output_key: str | None = None


class Step:
    """One step of a workflow."""

    def __init__(
        self,
        name: str,
        action: Action,
        given: Any = NO_INPUT,
        settings: StepSettings | None = None,
        compensation: Step | None = None,
    ) -> None:
        self.name = name
        self.action = action
        self.given = given
        self.settings = settings or StepSettings()
        self.compensation = compensation

    def definition(self) -> object:
        """Name and kind, by which a changed workflow is told."""
        return [self.name, self.action.definition()]

    async def run(self, place: Place) -> StepResult:
        """Do the step, unless an earlier try of the run has done it.

        Raises StepFailedError where it fails and the workflow is not to go on.
        """
        found = place.restore(self)
        if found is not None:
            return self._judged(found, place, WorkflowError(found.error or ""))
        result, problem = await self._tried_if_wanted(place)
        if problem is None or self._policy(place) == "continue":
            await place.keep(self, result)
        else:
            place.run.results.append(result)
        return self._judged(result, place, problem)

    async def _tried_if_wanted(self, place: Place) -> tuple[StepResult, Exception | None]:
        """The same as :meth:`tried`, for a step that has a condition; an error of that is the step's."""
        condition, begin = self.settings.condition, time.perf_counter()
        try:
            is_wanted = condition is None or await condition.holds(place, "condition")
        except Exception as error:  # noqa: BLE001 - the policy of the step says what it means
            result = self._result(place, begin, 0, error=error)
            place.run.tell("workflow.step.failed", _event(result))
            return result, error
        if is_wanted:
            return await self.tried(place)
        return replace(self._result(place, begin, 0), skipped=True), None

    async def tried(self, place: Place) -> tuple[StepResult, Exception | None]:
        """What came of it, with its error where it failed. Nothing is kept."""
        run, begin, attempts = place.run, time.perf_counter(), [0]
        with run.scope.tracer.span("step", self.name, **_attributes(self, place)) as span:
            try:
                done = await self._hooked(place, attempts)
            except Exception as error:  # noqa: BLE001 - the policy of the step says what it means
                result = self._result(place, begin, attempts[0], error=error)
                span.set(**{"workflow.step.attempts": attempts[0], "error.type": type(error).__name__})
                run.tell("workflow.step.failed", _event(result))
                return result, error
            span.set(**{"workflow.step.attempts": attempts[0]})
        run.state.update(done.state)
        if self.compensation is None:
            run.undo.extend(done.undo)
        result = self._result(place, begin, attempts[0], done=done)
        run.tell("workflow.step.completed", _event(result))
        return result, None

    async def _hooked(self, place: Place, attempts: list[int]) -> Done:
        """The work with the handlers around it, which may change the input and the output."""
        done: Done | None = None
        given = self._input(place)

        async def work(data: Data) -> Data:
            nonlocal done
            done = await self._attempts(data.get("input"), place, attempts)
            return {**data, "output": done.output}

        about = {"workflow": place.run.workflow, "run_id": place.run.id, "type": self.action.kind}
        data: Data = {**about, "step": self.name, "input": given}
        left = await place.run.scope.hooks.around(WORKFLOW_STAGE, "step", self.name, data, work)
        output = left.get("output")
        if done is not None and output == done.output:
            return done
        return replace(done or Done(None, ""), output=output, text=text_of(output), data=output)

    async def _attempts(self, given: Any, place: Place, attempts: list[int]) -> Done:
        import anyio

        retry = self.settings.retry
        while True:
            attempts[0] += 1
            try:
                return await self._limited(given, place.with_local(attempt=attempts[0]))
            except (HookCancelledError, BudgetError):
                raise
            except Exception:
                if attempts[0] >= retry.attempts:
                    raise
            await anyio.sleep(retry.pause(attempts[0]))

    async def _limited(self, given: Any, place: Place) -> Done:
        limit = self.settings.timeout_ms
        if limit is None:
            return await self.action.perform(given, place, self.name)
        sentence = f"the step '{self.name}' took longer than {limit:g} ms; raise timeout_ms"
        return await within(limit, lambda: self.action.perform(given, place, self.name), sentence)

    def _input(self, place: Place) -> Any:
        if self.given is NO_INPUT:
            return place.given
        return rendered(self.given, place.variables, f"the step '{self.name}': input")

    def _policy(self, place: Place) -> OnError:
        return self.settings.on_error or place.run.on_error

    def _judged(self, result: StepResult, place: Place, problem: Exception | None) -> StepResult:
        if result.success or problem is None or self._policy(place) == "continue":
            return result
        raise StepFailedError(result, self._policy(place), problem)

    def _path(self, place: Place) -> str:
        return f"{place.prefix}{self.name}"

    def _result(
        self,
        place: Place,
        begin: float,
        attempts: int,
        *,
        done: Done | None = None,
        error: Exception | None = None,
    ) -> StepResult:
        given = done or Done(None, "")
        return StepResult(
            name=self.name,
            kind=self.action.kind,
            path=self._path(place),
            success=error is None,
            output=given.output,
            text=given.text,
            data=given.data,
            error=None if error is None else str(error) or type(error).__name__,
            error_type=None if error is None else type_of(error),
            duration_ms=(time.perf_counter() - begin) * 1000,
            attempts=attempts,
            usage=given.usage,
            tool_uses=given.tool_uses,
            media=given.media,
        )


async def within(limit_ms: float, work: Callable[[], Awaitable[T]], sentence: str) -> T:
    """The result of work that has a limit. Raises StepTimeoutError with the sentence."""
    import anyio

    with anyio.move_on_after(limit_ms / 1000):
        return await work()
    raise StepTimeoutError(sentence)


def _attributes(step: Step, place: Place) -> dict[str, Any]:
    return {
        "workflow.name": place.run.workflow,
        "workflow.run_id": place.run.id,
        "workflow.step.type": step.action.kind,
        "workflow.step.path": f"{place.prefix}{step.name}",
    }


def _event(result: StepResult) -> dict[str, Any]:
    about = {"step": result.name, "path": result.path, "type": result.kind, "success": result.success}
    told = {"duration_ms": result.duration_ms, "attempts": result.attempts}
    return {**about, **told, **({"error": result.error} if result.error else {})}
