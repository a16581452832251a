"""What the results of each kind tell: counts, times, costs, errors, and media of agents."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.agents.base import AgentAnswer, AgentRequest, AgentScope, BaseAgent
from llmspell_engine.globals.services import Services
from llmspell_engine.globals.workflow_results import result_of
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers.base import Media
from llmspell_engine.state import MemoryStore, SQLiteStore, StateStore
from llmspell_engine.workflows.actions import AgentAction, FunctionAction, WorkflowAction
from llmspell_engine.workflows.body import Body
from llmspell_engine.workflows.collections import Collection, numbers
from llmspell_engine.workflows.conditional import Choice, Conditional
from llmspell_engine.workflows.conditions import Constant, Expression
from llmspell_engine.workflows.loop import Loop
from llmspell_engine.workflows.map_reduce import MapReduce
from llmspell_engine.workflows.parallel import Branch, Parallel
from llmspell_engine.workflows.pipeline import Pipeline
from llmspell_engine.workflows.results import WorkflowError, WorkflowOutcome
from llmspell_engine.workflows.sequential import Sequential
from llmspell_engine.workflows.step import Step
from llmspell_engine.workflows.workflow import Workflow, WorkflowSettings
from support.globals import Pair, check_pair

PICTURE = Media("image", "image/png", b"\x89PNG\x00\xff")
LINK = Media("audio", "audio/wav", None, "https://example.org/a.wav")


class Painter(BaseAgent):
    """Answers with pictures."""

    kind = "painter"

    async def _perform(self, request: AgentRequest) -> AgentAnswer:
        return AgentAnswer(request.text, media=(PICTURE, LINK))


def _step(name: str = "s", *, broken: bool = False) -> Step:
    async def call(given: Any, _facts: Any) -> Any:
        if broken:
            raise ValueError("broke")
        return given

    return Step(name, FunctionAction(call))


COMMON = {
    "workflow_name": "w",
    "execution_id": "r",
    "error_type": None,
    "continue_on_error": False,
    "skipped_steps": 0,
    "resumed_steps": 0,
    "failed_steps": 0,
    "success_rate": 1.0,
    "agent_outputs": {},
}
BRANCHES = {"branch_count": 2, "total_branches": 2}
KINDS: dict[str, tuple[Body, dict[str, Any]]] = {
    "sequential": (Sequential([_step("a"), _step("b")]), {"total_steps": 2, "successful_steps": 2}),
    "parallel": (
        Parallel([Branch("a", [_step("a")]), Branch("b", [_step("b")])], 1, fail_fast=False),
        {**BRANCHES, "successful_branches": 2, "failed_branches": 0, "stopped_early": False, "max_concurrency": 1, "fail_fast": False},
    ),
    "conditional": (
        Conditional([Choice("a", [_step("a")], Constant(True)), Choice("b", [_step("b")])]),
        {**BRANCHES, "matched_branches": 1, "executed_branches": 1, "execute_all_matching": False, "short_circuit_evaluation": True, "branches_taken": ["a"]},
    ),
    "conditional, none holds": (
        Conditional([Choice("a", [_step("a")], Constant(False)), Choice("b", [_step("b")])], all_matching=True),
        {**BRANCHES, "matched_branches": 0, "executed_branches": 1, "execute_all_matching": True, "short_circuit_evaluation": False, "branches_taken": ["b"]},
    ),
    "loop over a range": (
        Loop([_step()], numbers(1, 9, 2), most=2),
        {
            "iterator_type": "range", "range_start": 1, "range_end": 9, "range_step": 2, "collection_size": 4, "max_iterations": 2, "body_steps_count": 1,
            "total_iterations": 2, "completed_iterations": 2, "aggregated_results_count": 2, "break_reason": "max_iterations", "condition": None,
        },
    ),
    "loop over a list": (
        Loop([_step()], Collection([1, 2, 3])),
        {"iterator_type": "collection", "collection_size": 3, "total_iterations": 3, "break_reason": "finished", "max_iterations": 3, "range_start": None},
    ),
    "loop while": (
        Loop([_step()], None, Expression("index < 3")),
        {"iterator_type": "while_condition", "condition": "index < 3", "collection_size": None, "total_iterations": 2, "break_reason": "condition", "max_iterations": 1000},
    ),
    "map_reduce": (
        MapReduce(Collection([1, 2]), _step("m"), _step("r"), 3),
        {"total_items": 2, "successful_items": 2, "failed_items": 0, "max_concurrency": 3, "fail_fast": True, "total_steps": 3},
    ),
    "pipeline": (Pipeline([_step("a"), _step("b")]), {"total_stages": 2, "completed_stages": 2, "total_items": None}),
    "pipeline of items": (
        Pipeline([_step("a"), _step("b")], Collection([1])),
        {"total_stages": 2, "completed_stages": 2, "total_items": 1, "successful_items": 1, "max_concurrency": 2, "fail_fast": True},
    ),
}  # fmt: skip


async def _run(body: Body, store: StateStore | None = None, policy: Any = "fail") -> WorkflowOutcome:
    scope = AgentScope(state=store or MemoryStore())
    return await Workflow("w", body, scope, WorkflowSettings(on_error=policy)).run("x", run_id="r")


@pytest.mark.parametrize("kind", KINDS)
def test_the_facts_of_each_kind(kind: str) -> None:
    body, expected = KINDS[kind]
    outcome = anyio.run(_run, body)
    result = result_of(outcome)
    told = result.metadata.extra.model_dump()
    wanted = {**COMMON, "workflow_type": body.kind, **expected}
    assert {name: told[name] for name in wanted} == wanted
    assert told["total_steps"] == told["successful_steps"] == len(result.step_results) == len(outcome.steps)
    assert set(result.step_timings) == {step.path for step in outcome.steps}
    assert all(step.duration_ms >= 0 and step.attempts == 1 for step in result.step_results)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (Parallel([Branch("a", [_step("a", broken=True)]), Branch("b", [_step("b")])], 1), {"successful_branches": 0, "failed_branches": 1, "stopped_early": True}),
        (Loop([_step(), _step("t", broken=True)], Collection([1, 2])), {"total_iterations": 0, "collection_size": 2, "break_reason": None}),
        (MapReduce(Collection([1, 2]), _step("m", broken=True), None, 1), {"total_items": 2, "successful_items": 0, "failed_items": 1}),
        (Pipeline([_step("a"), _step("b", broken=True)]), {"total_stages": 2, "completed_stages": 1}),
        (Conditional([Choice("a", [_step("a", broken=True)], Constant(True))]), {"matched_branches": 1, "executed_branches": 0}),
    ],
    ids=["parallel", "loop", "map_reduce", "pipeline", "conditional"],
)  # fmt: skip
def test_the_facts_of_a_run_that_failed(body: Body, expected: dict[str, Any]) -> None:
    async def go() -> WorkflowOutcome:
        with pytest.raises(WorkflowError) as failure:
            await _run(body)
        assert failure.value.outcome is not None
        return failure.value.outcome

    result = result_of(anyio.run(go))
    told = result.metadata.extra.model_dump()
    assert {name: told[name] for name in expected} == expected
    assert (told["error_type"], told["failed_steps"], result.step_results[-1].error_type) == (
        "ValueError",
        1,
        "ValueError",
    )
    assert result.status == "failed"


def test_a_run_that_goes_on_tells_its_first_error() -> None:
    result = result_of(anyio.run(_run, Sequential([_step("a", broken=True), _step("b")]), None, "continue"))
    extra = result.metadata.extra
    assert (extra.error_type, extra.continue_on_error, extra.success_rate) == ("ValueError", True, 0.5)
    assert (result.success, result.partial_success, result.failed_step, result.error) == (
        False,
        True,
        "a",
        "broke",
    )


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_media_of_agents_also_inside_and_after_a_restart(kind: str, tmp_path: Path) -> None:
    store: StateStore = MemoryStore() if kind == "memory" else SQLiteStore(tmp_path / "state.db")
    scope = AgentScope(state=store)
    broken = [True]

    async def fail(_given: Any, _facts: Any) -> None:
        if broken[0]:
            raise ValueError("broke")

    def body() -> Sequence[Step]:
        painter = Painter("painter", None, scope)
        inner = Workflow("inner", Sequential([Step("paint", AgentAction(painter))]), scope)
        return [Step("in", WorkflowAction(inner)), Step("end", FunctionAction(fail))]

    async def go() -> WorkflowOutcome:
        with pytest.raises(WorkflowError):
            await _run(Sequential(body()), store)
        broken[0] = False
        return await _run(Sequential(body()), store)

    outcome = anyio.run(go)
    assert outcome.resumed == 1
    assert tuple(outcome.media) == (PICTURE, LINK)
    result = result_of(outcome)
    assert [(one.type, one.data, one.url) for one in result.media] == [
        ("image", PICTURE.data, None),
        ("audio", None, LINK.url),
    ]
    assert result.step_results[0].media == result.media
    store.close()


def test_a_workflow_hands_on_media_as_an_agent() -> None:
    scope = AgentScope()
    workflow = Workflow("w", Sequential([Step("p", AgentAction(Painter("painter", None, scope)))]), scope)
    assert tuple(anyio.run(workflow.execute, AgentRequest("x")).media) == (PICTURE, LINK)


PAIRS = [
    Pair(
        "in scripts",
        "Agent.create({ name = 'e', model = 'echo' }) local r = Workflow.parallel({ name = 'w', steps = { { name = 'a', agent = 'e', input = 'hi' }, { name = 'b', execute = function() return 1 end, skip_if = '{{ true }}' } } }):execute() "
        "local e = r.metadata.extra print(e.agent_outputs.a, e.total_steps, e.successful_steps, e.skipped_steps, e.total_branches, e.stopped_early, #r.media, r.step_timings.a == nil, r.step_timings['a/a'] > 0)",
        "Agent.create({ name: 'e', model: 'echo' }); const r = await Workflow.parallel({ name: 'w', steps: [{ name: 'a', agent: 'e', input: 'hi' }, { name: 'b', execute: () => 1, skipIf: '{{ true }}' }] }).execute(); "
        "const e = r.metadata.extra; say(e.agentOutputs.a, e.totalSteps, e.successfulSteps, e.skippedSteps, e.totalBranches, e.stoppedEarly, r.media.length, r.stepTimings.a === undefined, r.stepTimings['a/a'] > 0)",
        "hi\t2\t1\t1\t2\tfalse\t0\ttrue\ttrue\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_results_in_scripts(pair: Pair, language: Language) -> None:
    services = Services()
    check_pair(pair, language, services=services)
    services.close()
