"""A step: what it does, how often it is tried and for how long, and what its failure means."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_engine.hooks import HookCancelledError
from llmspell_engine.hooks.points import WORKFLOW_STAGE
from llmspell_engine.providers.metering import BudgetError
from llmspell_engine.workflows.actions import Action, Done, text_of
from llmspell_engine.workflows.handlers import StepHandlers, decision_of
from llmspell_engine.workflows.results import (
    OnError,
    StepFailedError,
    StepResult,
    StepTimeoutError,
    type_of,
)
from llmspell_engine.workflows.seen import account
from llmspell_engine.workflows.templates import rendered

if TYPE_CHECKING:
    from llmspell_engine.hooks.base import Data
    from llmspell_engine.workflows.conditions import Condition
    from llmspell_engine.workflows.context import Facts, Place
    from llmspell_engine.workflows.handlers import Decision, Failing

T = TypeVar("T")
LONGEST_BACKOFF_SECONDS = 60.0
MOST_TRIES = 100
"""How often a step is tried at most, where a handler asks for another try each time."""


class _Nothing:
    """Stands for an input that was left out, which is not the same as one that is nothing."""


NO_INPUT = _Nothing()


@dataclass(frozen=True, slots=True)
class Computed:
    """An input that a function gives, which is told of the run."""

    function: Callable[[Facts], Awaitable[Any]]


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
    handlers: StepHandlers = field(default_factory=StepHandlers)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a step: its error where it failed, and what that means where a handler has said so."""

    result: StepResult
    problem: Exception | None = None
    policy: OnError | None = None


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
            return found  # It is kept only where the run went on after it.
        tried = await self._tried_if_wanted(place)
        policy = tried.policy or self._policy(place)
        if tried.problem is None or policy == "continue":
            await place.keep(self, tried.result)
            return tried.result
        place.run.results.append(tried.result)
        raise StepFailedError(tried.result, policy, tried.problem)

    async def _tried_if_wanted(self, place: Place) -> Tried:
        """The same as :meth:`tried`, for a step that has a condition; an error of that is the step's."""
        condition, begin = self.settings.condition, time.perf_counter()
        failure = place.run.handlers.failure if self.settings.on_error is None else None
        try:
            is_wanted = condition is None or await condition.holds(place, "condition")
        except Exception as error:  # noqa: BLE001 - the policy of the step says what it means
            return await self._decided(self._failed(place, begin, 0, error), place, failure)
        if not is_wanted:
            return Tried(replace(self._result(place, begin, 0), skipped=True))
        return await self._watched(place, failure)

    async def _watched(self, place: Place, failure: Failing | None) -> Tried:
        """Try it, and tell those who watch the steps of the run."""
        handlers = place.run.handlers
        if handlers.step_start is not None:
            await handlers.step_start(self.name, place.facts(step=self.name))
        tried = await self.tried(place, failure)
        if handlers.step_complete is not None:
            await handlers.step_complete(self.name, account(tried.result), place.facts(step=self.name))
        return tried

    async def tried(self, place: Place, failure: Failing | None = None) -> Tried:
        """What came of it. Nothing is kept. ``failure`` is asked where no handler of its own is."""
        tried = await self._decided(await self._once(place, 0), place, failure)
        after = self.settings.handlers.after
        if after is None:
            return tried
        try:
            await after(account(tried.result), place.facts(step=self.name))
        except Exception as error:  # noqa: BLE001 - the policy of the step says what it means
            sentence = f"its after_execute failed: {error}"
            return _worse(tried, error, sentence)
        return tried

    async def _once(self, place: Place, before: int) -> Tried:
        """Try it as often as is set, after so many tries that were made before."""
        run, begin, attempts = place.run, time.perf_counter(), [before]
        with run.scope.tracer.span("step", self.name, **_attributes(self, place)) as span:
            try:
                done = await self._hooked(place, attempts)
            except Exception as error:  # noqa: BLE001 - the policy of the step says what it means
                span.set(**{"workflow.step.attempts": attempts[0], "error.type": type(error).__name__})
                return self._failed(place, begin, attempts[0], error)
            span.set(**{"workflow.step.attempts": attempts[0]})
        run.state.update(done.state)
        if self.compensation is None:
            run.undo.extend(done.undo)
        result = self._result(place, begin, attempts[0], done=done)
        run.tell("workflow.step.completed", _event(result))
        return Tried(result)

    def _failed(self, place: Place, begin: float, attempts: int, error: Exception) -> Tried:
        result = self._result(place, begin, attempts, error=error)
        place.run.tell("workflow.step.failed", _event(result))
        return Tried(result, error)

    async def _decided(self, tried: Tried, place: Place, failure: Failing | None) -> Tried:
        """What a failure means where somebody is asked about it, who may have it tried again."""
        asked = self.settings.handlers.failure or failure
        while tried.problem is not None and asked is not None:
            attempts = tried.result.attempts
            facts = place.facts(step=self.name, attempt=attempts)
            try:
                decision = decision_of(await asked(tried.result.error or "", self.name, facts))
            except Exception as error:  # noqa: BLE001 - the policy of the step says what it means
                return _worse(tried, error, f"its on_error failed: {error}")
            if not decision.is_again or not 0 < attempts < MOST_TRIES:
                return self._as_decided(tried, decision, place)
            tried = await self._once(place, attempts)
        return tried

    def _as_decided(self, tried: Tried, decision: Decision, place: Place) -> Tried:
        told = decision.ended
        if told is None:
            return replace(tried, policy=decision.policy)
        output, state = told.get("output"), told.get("state")
        text = "" if output is None else text_of(output)
        result = replace(tried.result, output=output, text=text, data=output)
        if not told["success"]:
            error = str(told.get("error") or result.error)
            return Tried(replace(result, error=error), tried.problem)
        place.run.state.update(state if isinstance(state, Mapping) else {})
        result = replace(result, success=True, error=None, error_type=None)
        place.run.tell("workflow.step.completed", _event(result))
        return Tried(result)

    async def _hooked(self, place: Place, attempts: list[int]) -> Done:
        """The work with the handlers around it, which may change the input and the output."""
        done: Done | None = None
        before = self.settings.handlers.before
        if before is not None and attempts[0] == 0:
            await before(place.facts(step=self.name))
        given = await self._input(place)

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
            except Exception as error:
                if attempts[0] >= retry.attempts:
                    raise
                failed = str(error)
            await anyio.sleep(retry.pause(attempts[0]))
            retrying = self.settings.handlers.retry
            if retrying is not None:
                await retrying(attempts[0] + 1, failed, place.facts(step=self.name))

    async def _limited(self, given: Any, place: Place) -> Done:
        limit = self.settings.timeout_ms
        if limit is None:
            return await self.action.perform(given, place, self.name)
        sentence = f"the step '{self.name}' took longer than {limit:g} ms; raise timeout_ms"
        return await within(limit, lambda: self.action.perform(given, place, self.name), sentence)

    async def _input(self, place: Place) -> Any:
        if self.given is NO_INPUT:
            return place.given
        if isinstance(self.given, Computed):
            return await self.given.function(place.facts(step=self.name))
        return rendered(self.given, place.variables, "input")

    def _policy(self, place: Place) -> OnError:
        return self.settings.on_error or place.run.on_error

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


def _worse(tried: Tried, problem: Exception, sentence: str) -> Tried:
    """The same with what went wrong besides; it is a failure then in any case."""
    first = tried.result
    error = sentence if first.error is None else f"{first.error}; {sentence}"
    failed = replace(first, success=False, error=error, error_type=first.error_type or type_of(problem))
    return Tried(failed, tried.problem or problem)


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
