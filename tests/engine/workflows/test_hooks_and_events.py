"""Who is told of workflows, and who may step in: hook points, events and spans."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from llmspell_engine.agents.base import AgentAnswer, AgentRequest, AgentScope, BaseAgent
from llmspell_engine.events import EventBus
from llmspell_engine.hooks import Component, HookCancelledError, HookPoint, Hooks, Stage
from llmspell_engine.hooks.base import Data
from llmspell_engine.workflows.actions import AgentAction, FunctionAction, WorkflowAction
from llmspell_engine.workflows.results import WorkflowError
from llmspell_engine.workflows.sequential import Sequential
from llmspell_engine.workflows.step import Step, StepSettings
from llmspell_engine.workflows.workflow import Workflow, WorkflowSettings


@dataclass(slots=True)
class Recorded(Hooks):
    """Handlers that write down what reaches them, and change what a test wants changed."""

    points: list[str] = field(default_factory=list)
    before: Callable[[Stage, str, Data], Data | None] = lambda _stage, _name, _data: None
    after: Callable[[Stage, str, Data], Data | None] = lambda _stage, _name, _data: None

    def listens(self, point: HookPoint) -> bool:
        return True

    async def around(
        self,
        stage: Stage,
        component: Component,
        name: str,
        data: Data,
        work: Callable[[Data], Awaitable[Data]],
    ) -> Data:
        self.points.append(f"{stage.before}:{name}")
        done = await work(self.before(stage, name, dict(data)) or data)
        self.points.append(f"{stage.after}:{name}")
        return self.after(stage, name, dict(done)) or done

    async def reach(self, point: HookPoint, component: Component, name: str, data: Data) -> Data:
        self.points.append(f"{point}:{data.get('path') or data.get('to') or ','.join(data['steps'])}")
        return data


@dataclass(slots=True)
class Spans:
    """A tracer that keeps names and attributes."""

    seen: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    @contextmanager
    def span(self, kind: str, name: str, **attributes: Any) -> Iterator[Spans]:
        self.seen.append((kind, name, attributes))
        yield self

    def set(self, **attributes: Any) -> None:
        self.seen[-1][2].update(attributes)

    def close(self) -> None:
        """Nothing is left."""


def _function(work: Callable[[Any], Any]) -> FunctionAction:
    async def call(given: Any, _facts: Any) -> Any:
        return work(given)

    return FunctionAction(call)


def _step(name: str, work: Callable[[Any], Any], *, undo: bool = False, **settings: Any) -> Step:
    compensation = Step(f"undo_{name}", _function(lambda given: given)) if undo else None
    return Step(name, _function(work), settings=StepSettings(**settings), compensation=compensation)


def _fail(_: Any) -> Any:
    raise ValueError("broken")


def _run(workflow: Workflow, given: Any = "x", **options: Any) -> Any:
    async def go() -> Any:
        return await workflow.run(given, **options)

    return anyio.run(go)


def test_points_in_order() -> None:
    hooks = Recorded()
    steps = [_step("a", lambda given: given), _step("b", lambda _: 2)]
    _run(Workflow("w", Sequential(steps), AgentScope(hooks=hooks)), run_id="r")
    assert hooks.points == [
        "BeforeWorkflowStart:w", "BeforeWorkflowStage:a", "AfterWorkflowStage:a", "WorkflowCheckpoint:a",
        "WorkflowStageTransition:b", "BeforeWorkflowStage:b", "AfterWorkflowStage:b", "WorkflowCheckpoint:b",
        "AfterWorkflowComplete:w",
    ]  # fmt: skip


def test_rolling_back_is_told_before_it_begins() -> None:
    hooks = Recorded()
    steps = [_step("a", lambda _: 1, undo=True), _step("b", _fail, on_error="compensate")]
    with pytest.raises(WorkflowError, match="undone: a"):
        _run(Workflow("w", Sequential(steps), AgentScope(hooks=hooks)))
    told = hooks.points[hooks.points.index("WorkflowRollback:a") :]
    assert told == ["WorkflowRollback:a", "BeforeWorkflowStage:undo_a", "AfterWorkflowStage:undo_a"]


def test_handlers_change_inputs_and_outputs() -> None:
    def before(stage: Stage, name: str, data: Data) -> Data | None:
        return {**data, "input": data["input"] + "!"} if name in ("w", "a") else None

    def after(stage: Stage, name: str, data: Data) -> Data | None:
        return {**data, "output": f"<{data['output']}>"} if name in ("w", "b") else None

    hooks = Recorded(before=before, after=after)
    steps = [_step("a", lambda given: given), Step("b", _function(lambda given: given), "{{ a.output }}")]
    outcome = _run(Workflow("w", Sequential(steps), AgentScope(hooks=hooks)))
    assert (outcome.steps[0].output, outcome.output, outcome.text) == ("x!!", "<<x!!>>", "<<x!!>>")


def test_a_handler_cancels_a_step_and_it_is_not_tried_again() -> None:
    calls: list[Any] = []

    def before(stage: Stage, name: str, data: Data) -> Data | None:
        if name == "a":
            raise HookCancelledError("not now")
        return None

    steps = [_step("a", calls.append)]
    with pytest.raises(WorkflowError, match="failed at the step 'a': not now"):
        _run(Workflow("w", Sequential(steps), AgentScope(hooks=Recorded(before=before))))
    assert calls == []


@pytest.mark.parametrize(
    ("work", "names"),
    [
        (lambda _: 1, ["workflow.started", "workflow.step.completed", "workflow.completed"]),
        (_fail, ["workflow.started", "workflow.step.failed", "workflow.failed"]),
    ],
)
def test_events(work: Callable[[Any], Any], names: list[str]) -> None:
    bus = EventBus()
    subscription = bus.subscribe("workflow.*")
    workflow = Workflow("w", Sequential([_step("a", work)]), AgentScope(events=bus))
    heard: list[Any] = []

    async def go() -> None:
        with suppress(WorkflowError):
            await workflow.run("x", run_id="r")
        while (event := await bus.receive(subscription, 0)) is not None:
            heard.append(event)

    anyio.run(go)
    assert [event.name for event in heard] == names
    assert {event.data["workflow"] for event in heard} == {"w"}
    assert heard[0].correlation_id is not None
    assert len({event.correlation_id for event in heard}) == 1
    assert heard[0].data["run_id"] == heard[-1].data["run_id"] == "r"
    assert heard[1].data["step"] == "a"
    assert heard[-1].data["duration_ms"] > 0


def test_spans_of_steps_tell_their_attempts() -> None:
    spans = Spans()
    steps = [_step("a", lambda _: 1)]
    _run(Workflow("w", Sequential(steps), AgentScope(tracer=spans)), run_id="r")
    assert [(kind, name) for kind, name, _ in spans.seen] == [("workflow", "workflow w"), ("step", "a")]
    assert spans.seen[1][2]["workflow.step.attempts"] == 1
    assert spans.seen[1][2]["workflow.run_id"] == "r"


def test_a_workflow_is_an_agent() -> None:
    async def go() -> Any:
        step = _step("a", lambda given: {"n": given["n"] + 1} if isinstance(given, dict) else given.upper())
        workflow = Workflow("w", Sequential([step]), AgentScope(), WorkflowSettings("Shouts."))
        plain = await workflow.execute(AgentRequest("hi"))
        data = await workflow.execute(AgentRequest("hi", parameters={"n": 1}))
        return plain, data, workflow

    plain, data, workflow = anyio.run(go)
    assert (plain.text, plain.data, plain.agent) == ("HI", None, "w")
    assert (data.data, data.text) == ({"n": 2}, '{"n": 2}')
    assert (workflow.description, workflow.counts.ended, workflow.metrics.executions) == ("Shouts.", 2, 2)


def test_facts_that_agents_share_reach_the_agents_of_steps() -> None:
    class Asked(BaseAgent):
        kind = "asked"

        async def _perform(self, request: AgentRequest) -> AgentAnswer:
            return AgentAnswer(f"{request.text} {request.context['who']}")

    async def go() -> AgentAnswer:
        asked = AgentAction(Asked("asked", None, AgentScope()))
        inner = Workflow("inner", Sequential([Step("b", asked, "to {{ context.who }}:")]), AgentScope())
        outer = Workflow("outer", Sequential([Step("a", WorkflowAction(inner))]), AgentScope())
        return await outer.execute(AgentRequest("hi", context={"who": "Ada"}))

    assert anyio.run(go).text == "to Ada: Ada"


def test_a_run_is_not_begun_twice_at_a_time() -> None:
    async def go() -> None:
        begun = anyio.Event()

        async def wait(_given: Any, _facts: Any) -> None:
            begun.set()
            await anyio.sleep(5)

        workflow = Workflow("w", Sequential([Step("a", FunctionAction(wait))]), AgentScope())
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: workflow.run(1, run_id="r"))
            await begun.wait()
            with pytest.raises(WorkflowError, match="'r' of the workflow 'w' is under way already"):
                await workflow.run(1, run_id="r")
            group.cancel_scope.cancel()
        assert workflow.last is not None
        assert workflow.last.status == "cancelled"

    anyio.run(go)
