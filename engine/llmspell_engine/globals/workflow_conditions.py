"""From the conditions that scripts write to those of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llmspell_engine.api.workflow_conditions import ConditionOptions
from llmspell_engine.workflows import conditions as engine
from llmspell_engine.workflows import templates
from llmspell_engine.workflows.results import WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.workflows.actions import Action
    from llmspell_engine.workflows.conditions import Condition

Bind = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Makes a function of the script one that the loop may await."""
Asking = Callable[[Any, str], "Action"]
"""Makes of an agent, or its name, what asks it. Raises WorkflowError that begins with the text."""
_NEEDED = {
    "shared_data_equals": ("key", "value"),
    "shared_data_exists": ("key",),
    "shared_data_greater_than": ("key", "value"),
    "shared_data_less_than": ("key", "value"),
    "step_result_equals": ("step", "value"),
    "step_succeeded": ("step",),
    "step_failed": ("step",),
    "step_output_contains": ("step", "value"),
    "agent_classification": ("step", "category"),
    "agent_decision": ("agent", "input", "value"),
    "and": ("conditions",),
    "or": ("conditions",),
    "not": ("condition",),
    "custom": ("check",),
}


def condition_of(given: Any, where: str, bind: Bind, asking: Asking) -> Condition:
    """The condition of a record, an expression or a function. Raises WorkflowError with what is missing."""
    if isinstance(given, str):
        templates.check_expression(given, where)
        return engine.Expression(given)
    if not isinstance(given, ConditionOptions):
        return engine.Predicate(bind(given))
    for field in _NEEDED.get(given.type, ()):
        if getattr(given, field) in (None, []):
            raise WorkflowError(f"{where}: '{field}' is missing; a condition '{given.type}' needs it")
    return _of_record(given, where, bind, asking)


def _of_record(given: ConditionOptions, where: str, bind: Bind, asking: Asking) -> Condition:
    parts = [condition_of(one, where, bind, asking) for one in given.conditions]
    match given.type:
        case "and":
            return engine.Every(parts)
        case "or":
            return engine.Some(parts)
        case "not":
            return engine.Not(condition_of(given.condition, where, bind, asking))
        case "custom":
            return condition_of(given.check, where, bind, asking)
        case "agent_decision":
            templates.check(given.input, f"{where}: input")
            return engine.OfAgent(asking(given.agent, where), given.input, str(given.value))
    return _SIMPLE[given.type](given)


_SIMPLE: dict[str, Callable[[ConditionOptions], Condition]] = {
    "always": lambda _: engine.Constant(True),
    "never": lambda _: engine.Constant(False),
    "shared_data_equals": lambda given: engine.SharedData(str(given.key), given.value),
    "shared_data_exists": lambda given: engine.SharedData(str(given.key), only_exists=True),
    "shared_data_greater_than": lambda given: engine.Compared(str(given.key), given.value, is_more=True),
    "shared_data_less_than": lambda given: engine.Compared(str(given.key), given.value, is_more=False),
    "step_result_equals": lambda given: engine.gave(str(given.step), given.value),
    "step_succeeded": lambda given: engine.succeeded(str(given.step)),
    "step_failed": lambda given: engine.failed(str(given.step)),
    "step_output_contains": lambda given: engine.contains(str(given.step), str(given.value)),
    "agent_classification": lambda given: engine.classified(str(given.step), str(given.category)),
}
