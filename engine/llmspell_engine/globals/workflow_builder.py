"""The builder of workflows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import workflow_builder as declared
from llmspell_engine.api import workflow_options as api
from llmspell_engine.api import workflow_steps as steps_api
from llmspell_engine.api.validation import validate
from llmspell_engine.api.workflow_conditions import Condition, StepAccount, StepContext
from llmspell_engine.catalog.spelling import spelled
from llmspell_engine.globals.workflow_kinds import OPTIONS
from llmspell_engine.workflows.results import WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.globals.workflow_instance import WorkflowInstance
    from llmspell_engine.language import Language
    from llmspell_engine.workflows.body import WorkflowKind

_WHERE = "WorkflowBuilder.build"
Make = Callable[[api.CommonOptions, str], "WorkflowInstance"]


class WorkflowBuilder(declared.WorkflowBuilder):
    """Collects the options of a kind, and checks them as one when the workflow is built."""

    def __init__(self, make: Make, language: Language) -> None:
        self._make = make
        self._language = language
        self._kind: WorkflowKind = "sequential"
        self._options: dict[str, Any] = {}
        self._iterator: dict[str, Any] = {}
        self._lists: dict[str, list[Any]] = {}
        self._shared: dict[str, Any] = {}

    def sequential(self) -> WorkflowBuilder:
        return self._of("sequential")

    def parallel(self) -> WorkflowBuilder:
        return self._of("parallel")

    def conditional(self) -> WorkflowBuilder:
        return self._of("conditional")

    def loop(self) -> WorkflowBuilder:
        return self._of("loop")

    def map_reduce(self) -> WorkflowBuilder:
        return self._of("map_reduce")

    def pipeline(self) -> WorkflowBuilder:
        return self._of("pipeline")

    def name(self, name: str) -> WorkflowBuilder:
        return self._set("name", name)

    def description(self, text: str) -> WorkflowBuilder:
        return self._set("description", text)

    def error_strategy(self, strategy: api.ErrorStrategy | steps_api.RetryStrategy) -> WorkflowBuilder:
        return self._set("error_strategy", strategy)

    def on_error(self, handler: steps_api.FailureHandler) -> WorkflowBuilder:
        return self._set("on_error", handler)

    def on_step_start(self, handler: Callable[[str, StepContext], Any]) -> WorkflowBuilder:
        return self._set("on_step_start", handler)

    def on_step_complete(self, handler: Callable[[str, StepAccount, StepContext], Any]) -> WorkflowBuilder:
        return self._set("on_step_complete", handler)

    def pre_condition(self, condition: Condition) -> WorkflowBuilder:
        return self._set("pre_condition", condition)

    def timeout_ms(self, ms: float) -> WorkflowBuilder:
        return self._set("timeout_ms", ms)

    def add_step(self, step: steps_api.StepOptions) -> WorkflowBuilder:
        return self._add("steps", step)

    def add_post_step(self, step: steps_api.StepOptions) -> WorkflowBuilder:
        return self._add("post_steps", step)

    def add_stage(self, stage: steps_api.Stage) -> WorkflowBuilder:
        return self._add("stages", stage)

    def condition(self, condition: Condition) -> WorkflowBuilder:
        return self._set("condition", condition)

    def add_then_step(self, step: steps_api.StepOptions) -> WorkflowBuilder:
        return self._add("then", step)

    def add_else_step(self, step: steps_api.StepOptions) -> WorkflowBuilder:
        return self._add("else", step)

    def add_branch(self, condition: Condition, steps: Sequence[steps_api.StepOptions]) -> WorkflowBuilder:
        return self._add("branches", (condition, list(steps)))

    def with_range(self, numbers: api.RangeOptions) -> WorkflowBuilder:
        self._iterator["range"] = numbers
        return self

    def with_collection(self, items: api.Collection) -> WorkflowBuilder:
        self._iterator["collection"] = items
        return self

    def with_while(self, condition: Condition) -> WorkflowBuilder:
        self._iterator["while_condition"] = condition
        return self

    def break_when(self, condition: Condition) -> WorkflowBuilder:
        return self._add("break_conditions", condition)

    def max_iterations(self, count: int) -> WorkflowBuilder:
        return self._set("max_iterations", count)

    def batch_size(self, count: int) -> WorkflowBuilder:
        return self._set("batch_size", count)

    def map(self, step: steps_api.Stage) -> WorkflowBuilder:
        return self._set("map", step)

    def reduce(self, step: steps_api.Stage) -> WorkflowBuilder:
        return self._set("reduce", step)

    def max_concurrency(self, count: int) -> WorkflowBuilder:
        return self._set("max_concurrency", count)

    def let_others_finish(self) -> WorkflowBuilder:
        return self._set("fail_fast", False)

    def add_cleanup_step(self, step: steps_api.StepOptions) -> WorkflowBuilder:
        return self._add("cleanup", step)

    def shared_data(self, key: str, value: Any) -> WorkflowBuilder:
        self._shared[key] = value
        return self

    def build(self) -> WorkflowInstance:
        table = {spelled(name, self._language): value for name, value in self._table().items()}
        options = validate(OPTIONS[self._kind], table, where=_WHERE, language=self._language)
        return self._make(options, _WHERE)

    def _of(self, kind: WorkflowKind) -> WorkflowBuilder:
        self._kind = kind
        return self

    def _set(self, name: str, value: Any) -> WorkflowBuilder:
        self._options[name] = value
        return self

    def _add(self, name: str, value: Any) -> WorkflowBuilder:
        self._lists.setdefault(name, []).append(value)
        return self

    def _table(self) -> dict[str, Any]:
        """What was collected, as the table that the function of the kind takes."""
        table = {**self._options, **self._lists}
        if self._shared:
            table["shared_data"] = self._shared
        match self._kind:
            case "parallel":
                return _with_named_branches(table)
            case "conditional":
                return _with_choices(table)
            case "loop":
                table["iterator"] = self._iterator
                return _renamed(table, "steps", "body")
            case "map_reduce":
                return {**table, **self._iterator}
            case "pipeline":
                return {**_renamed(table, "steps", "stages"), **self._iterator}
        return table


def _with_named_branches(table: dict[str, Any]) -> dict[str, Any]:
    branches = table.pop("branches", [])
    for name, _ in branches:
        if not isinstance(name, str):
            raise WorkflowError(f"{_WHERE}: a branch of a parallel workflow has a name, not a condition")
    return {**table, "branches": [{"name": name, "steps": steps} for name, steps in branches]}


def _with_choices(table: dict[str, Any]) -> dict[str, Any]:
    """The branches of a conditional workflow: that of ``condition`` first, the else steps last."""
    then, otherwise = table.pop("then", []), table.pop("else", [])
    condition = table.pop("condition", None)
    if then and condition is None:
        raise WorkflowError(
            f"{_WHERE}: 'condition' is missing; it decides between the then and the else steps"
        )
    branches = [{"condition": one, "steps": steps} for one, steps in table.pop("branches", [])]
    if condition is not None:
        branches.insert(0, {"name": "then", "condition": condition, "steps": then})
    default = {"default_branch": {"name": "else", "steps": otherwise}} if otherwise else {}
    return {**table, "branches": branches, **default}


def _renamed(table: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """Steps added by the general method, under the name that the kind has for them."""
    steps = table.pop(old, None)
    return {**table, new: [*table.get(new, []), *steps]} if steps else table
