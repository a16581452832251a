"""What conditions hold of, by themselves: no script is run."""

# ruff: noqa: E501 (rows read best on one line)

from __future__ import annotations

from typing import Any

import anyio
import pytest
from llmspell_engine.agents.base import AgentScope
from llmspell_engine.state import MemoryStore
from llmspell_engine.workflows import conditions as of
from llmspell_engine.workflows.conditions import Condition
from llmspell_engine.workflows.context import Facts, Place, Run
from llmspell_engine.workflows.journal import Journal
from llmspell_engine.workflows.results import StepResult, WorkflowError
from llmspell_engine.workflows.sequential import Sequential
from llmspell_engine.workflows.workflow import Workflow

STATE: dict[str, Any] = {"n": 5, "text": "b", "nothing": None, "zero": 0, "no": False, "list": [1]}
STEPS = [
    StepResult("ok", "function", "ok", output="all good", text="all good", data="all good"),
    StepResult("table", "tool", "table", output={"result": 42}, text="42", data=42),
    StepResult("skipped", "function", "skipped", skipped=True),
    StepResult("failed", "function", "failed", success=False, error="odd"),
    StepResult("agent", "agent", "agent", output=" Yes. ", text=" Yes. "),
    StepResult("labelled", "agent", "labelled", output={}, text="{}", data={"label": "Billing"}),
    StepResult("sorted", "agent", "sorted", text="x", data={"category": "spam", "classification": "Ham"}),
]
ALWAYS, NEVER = of.Constant(True), of.Constant(False)


def _place() -> Place:
    store = MemoryStore()
    owner = Workflow("w", Sequential([]), AgentScope(state=store))
    run = Run(owner, "r", Journal(store, "w", None), lambda name, data: None, {"given": 3}, dict(STATE))
    place = Place(run, run.input)
    for step in STEPS:
        place.results.add(step.name, step)
    return place


def holds(condition: Condition) -> bool:
    return anyio.run(condition.holds, _place(), "here")


def _function(value: Any) -> Condition:
    async def call(facts: Facts) -> Any:
        assert facts["state"] == STATE
        return value

    return of.Predicate(call)


class _Failing(Condition):
    """Is not to be looked at."""

    async def holds(self, place: Place, where: str) -> bool:
        raise AssertionError("it was looked at")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (ALWAYS, True),
        (NEVER, False),
        (of.Expression("given > 2 and ok.success"), True),
        (of.Expression("{{ state.zero }}"), False),
        (of.Expression("{{ '' }}"), False),
        (_function(None), False),
        (_function(False), False),
        (_function(0), True),
        (_function(""), True),
        (_function(True), True),
        (of.SharedData("n", 5), True),
        (of.SharedData("n", 6), False),
        (of.SharedData("list", [1]), True),
        (of.SharedData("gone", None), True),
        (of.SharedData("n", only_exists=True), True),
        (of.SharedData("zero", only_exists=True), True),
        (of.SharedData("no", only_exists=True), True),
        (of.SharedData("nothing", only_exists=True), False),
        (of.SharedData("gone", only_exists=True), False),
        (of.Compared("n", 4, is_more=True), True),
        (of.Compared("n", 5, is_more=True), False),
        (of.Compared("n", 6, is_more=True), False),
        (of.Compared("n", 4, is_more=False), False),
        (of.Compared("n", 5, is_more=False), False),
        (of.Compared("n", 6, is_more=False), True),
        (of.Compared("text", "a", is_more=True), True),
        (of.Compared("gone", -1, is_more=True), False),
        (of.Compared("nothing", 9, is_more=False), False),
        (of.succeeded("ok"), True),
        (of.succeeded("skipped"), False),
        (of.succeeded("failed"), False),
        (of.failed("ok"), False),
        (of.failed("skipped"), False),
        (of.failed("failed"), True),
        (of.gave("table", {"result": 42}), True),
        (of.gave("table", "42"), True),
        (of.gave("table", 42), True),
        (of.gave("table", 4), False),
        (of.contains("ok", "good"), True),
        (of.contains("ok", "bad"), False),
        (of.contains("table", "4"), True),
        (of.classified("agent", "yes"), True),
        (of.classified("agent", " YES "), True),
        (of.classified("agent", "ye"), False),
        (of.classified("ok", "good"), False),
        (of.classified("labelled", "billing"), True),
        (of.classified("sorted", "Spam"), True),
        (of.classified("sorted", "ham"), True),
        (of.classified("sorted", "None"), False),
        (of.Every([]), True),
        (of.Every([ALWAYS, ALWAYS]), True),
        (of.Every([ALWAYS, NEVER]), False),
        (of.Every([NEVER, _Failing()]), False),
        (of.Some([]), False),
        (of.Some([NEVER, NEVER]), False),
        (of.Some([NEVER, ALWAYS]), True),
        (of.Some([ALWAYS, _Failing()]), True),
        (of.Not(ALWAYS), False),
        (of.Not(NEVER), True),
    ],
)
def test_what_holds(condition: Condition, expected: bool) -> None:
    found = holds(condition)
    assert found is expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (of.Expression("{{ gvien }}"), "here: the template names 'gvien', which is not known; did you mean 'given'?"),
        (of.succeeded("okk"), "here: the step 'okk' has not run before; did you mean 'ok'?"),
        (of.failed("?"), "here: the step '?' has not run before; done so far: ok, table, skipped, failed, agent"),
        (of.Compared("text", 1, is_more=True), "here: the shared data has 'b' as 'text', which cannot be compared"),
        (of.Not(of.failed("faild")), "here: the step 'faild' has not run before; did you mean 'failed'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_told(condition: Condition, message: str) -> None:
    with pytest.raises(WorkflowError) as refused:
        holds(condition)
    assert str(refused.value).startswith(message)


def test_an_expression_is_told_as_it_was_written() -> None:
    assert str(of.Expression("{{ n < 3 }}")) == "{{ n < 3 }}"
