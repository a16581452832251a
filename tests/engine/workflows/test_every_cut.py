"""Runs of every kind, cut off at each of their steps, go on and do nothing twice that was finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import anyio
import pytest
from llmspell_engine.agents.base import AgentScope
from llmspell_engine.state import MemoryStore
from llmspell_engine.state.store import everything
from llmspell_engine.workflows.actions import FunctionAction, WorkflowAction
from llmspell_engine.workflows.body import Body
from llmspell_engine.workflows.collections import Collection
from llmspell_engine.workflows.conditional import Choice, Conditional
from llmspell_engine.workflows.conditions import Expression
from llmspell_engine.workflows.lease import LEASES_SCOPE
from llmspell_engine.workflows.loop import Loop
from llmspell_engine.workflows.map_reduce import MapReduce
from llmspell_engine.workflows.parallel import Branch, Parallel
from llmspell_engine.workflows.pipeline import Pipeline
from llmspell_engine.workflows.results import WorkflowOutcome
from llmspell_engine.workflows.sequential import Sequential
from llmspell_engine.workflows.step import Step
from llmspell_engine.workflows.workflow import Workflow

LONGEST_SECONDS = 20


class Cut:
    """Counts what steps are done, and cuts the run off in the one whose number is ``at``."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.begun = 0
        self.done: Counter[str] = Counter()
        self.reached = anyio.Event()

    def step(self, name: str, work: Callable[[Any], Any] = lambda given: given) -> Step:
        async def call(given: Any, facts: Mapping[str, Any]) -> Any:
            self.begun += 1
            if self.begun == self.at:
                self.reached.set()
                await anyio.sleep(LONGEST_SECONDS)
            self.done[f"{name} {given}"] += 1
            return work(given)

        return Step(name, FunctionAction(call))


def _nested(cut: Cut) -> Body:
    inner = Workflow("inner", Sequential([cut.step("x"), cut.step("y")]), AgentScope(state=MemoryStore()))
    return Sequential([cut.step("a"), Step("in", WorkflowAction(inner)), cut.step("b")])


KINDS: dict[str, Callable[[Cut], Body]] = {
    "sequential": lambda cut: Sequential([cut.step(name) for name in "abc"]),
    "pipeline": lambda cut: Pipeline([cut.step(name, "{}!".format) for name in "abc"]),
    "pipeline of items": lambda cut: Pipeline(
        [cut.step(name, "{}!".format) for name in "ab"], Collection(["x", "y"]), 1
    ),
    "parallel": lambda cut: Parallel(
        [Branch(name, [cut.step(name), cut.step(name * 2)]) for name in "ab"], 1
    ),
    "conditional": lambda cut: Conditional(
        [Choice("yes", [cut.step("a"), cut.step("b")], Expression("input == 'x'")), Choice("no", [])]
    ),
    "loop": lambda cut: Loop([cut.step("a"), cut.step("b")], Collection([1, 2])),
    "while": lambda cut: Loop([cut.step("a", lambda _: 1)], None, Expression("index < 4"), [], 9),
    "map_reduce": lambda cut: MapReduce(Collection([1, 2, 3]), cut.step("a"), cut.step("sum", sum), 1),
    "nested": _nested,
}


@pytest.mark.parametrize("how", ["cancelled", "killed"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_cut_off_anywhere(kind: str, how: str) -> None:
    async def go() -> None:
        whole, expected = await _finished(KINDS[kind], MemoryStore(), Cut(0))
        steps = sum(expected.done.values())
        assert steps >= 2
        for at in range(1, steps + 1):
            store, cut = MemoryStore(), Cut(at)
            left = await _cut_off(KINDS[kind], store, cut)
            outcome, rest = await _finished(KINDS[kind], left if how == "killed" else store, Cut(0))
            assert outcome.output == whole.output
            assert cut.done + rest.done == expected.done, f"cut off in step {at}"
            assert outcome.resumed >= at - 1 or kind == "nested"
            assert [step.path for step in outcome.steps] == [step.path for step in whole.steps]

    anyio.run(go)


def _workflow(make: Callable[[Cut], Body], store: MemoryStore, cut: Cut) -> Workflow:
    return Workflow("w", make(cut), AgentScope(state=store))


async def _finished(make: Callable[[Cut], Body], store: MemoryStore, cut: Cut) -> tuple[WorkflowOutcome, Cut]:
    with anyio.fail_after(LONGEST_SECONDS):
        return await _workflow(make, store, cut).run("x", run_id="r"), cut


async def _cut_off(make: Callable[[Cut], Body], store: MemoryStore, cut: Cut) -> MemoryStore:
    """Run until the step at which it is to be cut off has begun, and end it there.

    What is given back is what a killed process would leave: all that is in the store then, of which the lease
    of a process that is gone counts for nothing.
    """
    left = MemoryStore()
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: _workflow(make, store, cut).run("x", run_id="r"))
        with anyio.fail_after(LONGEST_SECONDS):
            await cut.reached.wait()
        for (scope, key), entry in everything(store).items():
            if scope != LEASES_SCOPE:
                left.save(scope, key, entry.text)
        group.cancel_scope.cancel()
    return left
