"""What is called while a workflow runs: around its steps, rounds and branches, and where a step fails.

Each function gets what it is told first, and what functions may want to know of the run after that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.workflows.results import WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Facts
    from llmspell_engine.workflows.results import OnError

Before = Callable[["Facts"], Awaitable[Any]]
After = Callable[[Mapping[str, Any], "Facts"], Awaitable[Any]]
Retrying = Callable[[int, str, "Facts"], Awaitable[Any]]
Failing = Callable[[str, str, "Facts"], Awaitable[Any]]
"""Is asked what the failure of a step means: with the error, and the step's name."""
OfName = Callable[[str, "Facts"], Awaitable[Any]]
OfResult = Callable[[str, Mapping[str, Any], "Facts"], Awaitable[Any]]
OfRound = Callable[[int, Any, "Facts"], Awaitable[Any]]
_POLICIES: tuple[OnError, ...] = ("fail", "continue", "compensate")


@dataclass(frozen=True, slots=True)
class StepHandlers:
    """What is called for one step.

    Attributes:
        before: before its first try; an error is the step's.
        after: at its end, however it ended, with the account of it.
        retry: before each further try, with its number and the error of the one before.
        failure: where it has failed for good.
    """

    before: Before | None = None
    after: After | None = None
    retry: Retrying | None = None
    failure: Failing | None = None


@dataclass(frozen=True, slots=True)
class RunHandlers:
    """What is called in each run of a workflow, for all of its steps, branches or rounds.

    Attributes:
        failure: where a step has failed that says nothing itself of what its failure means.
    """

    step_start: OfName | None = None
    step_complete: OfResult | None = None
    failure: Failing | None = None
    branch_complete: OfResult | None = None
    iteration_complete: OfRound | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a handler made of a failure: a policy, another try, or how the step ended instead."""

    policy: OnError | None = None
    is_again: bool = False
    ended: Mapping[str, Any] | None = None


def decision_of(given: Any) -> Decision:
    """The decision in what a handler of failures gave. Raises WorkflowError where it is none."""
    if given is None:
        return Decision()
    if given == "retry" or (isinstance(given, Mapping) and given.get("retry") is True):
        return Decision(is_again=True)
    if isinstance(given, Mapping) and isinstance(given.get("success"), bool):
        return Decision(ended=given)
    policy = next((one for one in _POLICIES if one == given), None)
    if policy is None:
        raise WorkflowError(
            f"it gave {str(given)[:40]!r}; it gives nothing, one of fail, continue, compensate and retry,"
            " or a table with 'success'"
        )
    return Decision(policy)
