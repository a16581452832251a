"""What functions of workflows are told, and conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.agent_instance import AnyAgent
from llmspell_engine.api.declare import Result
from llmspell_engine.api.older import WithOlderNames
from llmspell_engine.api.workflow_instance import Key, StepName


class StepAccount(Result):
    """What functions are told of a step that has ended."""

    name: str = Field(description="The step's name.")
    success: bool = Field(description="Whether it was done without an error.")
    skipped: bool = Field(description="Whether its condition did not hold.")
    output: Any = Field(None, description="What it gave.")
    text: str = Field(description="What it gave, as text.")
    data: Any = Field(None, description="The payload: a tool's `result`, an agent's data.")
    error: str | None = Field(None, description="Why it failed.")
    duration_ms: float = Field(description="How long it took, in milliseconds.")
    attempts: int = Field(description="How often it was tried.")


class BranchAccount(Result):
    """What functions are told of a branch that has ended."""

    name: str = Field(description="The branch's name.")
    success: bool = Field(description="Whether it came to its end.")
    output: Any = Field(None, description="What its last step gave.")
    error: str | None = Field(None, description="Why it failed.")
    steps: list[StepAccount] = Field(description="What came of its steps, in their order.")


class StepContext(Result):
    """What functions are told of the run."""

    workflow: str = Field(description="The workflow's name.")
    run_id: str = Field(description="The id of the run.")
    step: str | None = Field(None, description="The step's name.")
    input: Any = Field(None, description="The input of the workflow.")
    steps: dict[str, Any] = Field(
        description="What came of earlier steps, by name: `success`, `output`, `text`, `data`, `error`."
    )
    state: dict[str, Any] = Field(description="The shared data.")
    context: dict[str, Any] = Field(description="The facts that agents of one task share.")
    item: Any = Field(None, description="The item of a loop or a map.")
    index: int | None = Field(None, description="The number of the round or of the item, from 1.")
    previous: Any = Field(None, description="What the stage or the round before gave.")
    attempt: int | None = Field(None, description="The number of the try, from 1.")
    branches: list[BranchAccount] | None = Field(
        None, description="Of `post_steps`: what came of the branches, in their order."
    )


ConditionType = Literal[
    "always", "never", "shared_data_equals", "shared_data_exists", "shared_data_greater_than",
    "shared_data_less_than", "step_result_equals", "step_succeeded", "step_failed", "step_output_contains",
    "agent_classification", "agent_decision", "and", "or", "not", "custom",
]  # fmt: skip


class ConditionOptions(WithOlderNames):
    """A test of the shared data or of what came of a step; or several tests in one."""

    older_names: ClassVar[dict[str, str]] = {
        "evaluate": "check",
        "expression": "check",
        "step_name": "step",
        "substring": "value",
        "expected": "value",
    }
    without_effect: ClassVar[tuple[str, ...]] = ("description",)

    type: ConditionType = Field(description="What is tested.")
    key: Key | None = Field(None, description="Of `shared_data_*`: the value's name in the shared data.")
    value: Any = Field(
        None,
        description="Of `*_equals`, `*_than`: the value. Of `step_output_contains`: the text to look for. Of"
        " `agent_decision`: the word that the agent is to answer with.",
    )
    step: StepName | None = Field(None, description="Of `step_*` and `agent_classification`: the step.")
    category: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Of `agent_classification`: the word that the agent answered with."
    )
    agent: AnyAgent | None = Field(None, description="Of `agent_decision`: the agent that is asked.")
    input: Any = Field(
        None, description="Of `agent_decision`: what it is asked, a text or a table; may have templates."
    )
    conditions: list[ConditionOptions | str | Callable[[StepContext], Any]] = Field(
        [], description="Of `and` and `or`: the conditions."
    )
    condition: ConditionOptions | str | Callable[[StepContext], Any] | None = Field(
        None, description="Of `not`: the condition."
    )
    check: str | Callable[[StepContext], Any] | None = Field(
        None, description="Of `custom`: a function, or an expression."
    )


Condition = ConditionOptions | str | Callable[[StepContext], Any]
"""A record, an expression such as ``{{ draft.success and index < 3 }}``, or a function."""
