"""What comes of steps and of whole workflows, and the error with which one fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.agents.base import AgentError, ToolUse
from llmspell_engine.providers.base import NO_USAGE, NOTHING_USED, Media, Usage

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Undo

OnError = Literal["fail", "continue", "compensate"]
Status = Literal["completed", "failed", "cancelled"]


class WorkflowError(AgentError):
    """A workflow cannot be made or has failed; the message says at which step and why."""

    kind = "WorkflowError"

    def __init__(self, message: str, outcome: WorkflowOutcome | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome


class StepTimeoutError(WorkflowError):
    """A step or a workflow took longer than it may."""

    kind = "TimeoutError"


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of a step.

    Attributes:
        path: where in the run it stands: ``name``, ``branch/name``, ``3/name`` in the third round of a loop.
        text: the output as a reader or a model takes it.
        data: the output's payload: what a tool gives as ``result``, what an agent gives as data.
        restored: whether it was taken from an earlier try of the same run.
    """

    name: str
    kind: str
    path: str
    success: bool = True
    output: Any = None
    text: str = ""
    data: Any = None
    error: str | None = None
    error_type: str | None = None
    duration_ms: float = 0.0
    attempts: int = 1
    skipped: bool = False
    restored: bool = False
    usage: Usage = NO_USAGE
    tool_uses: Sequence[ToolUse] = ()
    media: Sequence[Media] = ()


@dataclass(frozen=True, slots=True)
class Produced:
    """What the steps of a kind came to."""

    output: Any = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class WorkflowOutcome:
    """How a run of a workflow ended.

    Attributes:
        steps: the steps that were done, in the order in which they ended.
        facts: what the kind tells besides: ``branch_taken``, ``iterations``, …
        compensations: what was done to undo steps, in order.
        failed_step: the first step that failed, also where the run went on after it.
        resumed: how many steps were taken from an earlier try.
        undo: what can be undone of it.
    """

    workflow: str
    kind: str
    run_id: str
    status: Status
    output: Any = None
    text: str = ""
    steps: Sequence[StepResult] = ()
    compensations: Sequence[StepResult] = ()
    cleanup: Sequence[StepResult] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    error_type: str | None = None
    on_error: OnError = "fail"
    failed_step: str | None = None
    duration_ms: float = 0.0
    resumed: int = 0
    undo: Sequence[Undo] = ()

    @property
    def success(self) -> bool:
        """Whether the run ended and no step failed."""
        return self.status == "completed" and self.failed_step is None

    @property
    def media(self) -> Sequence[Media]:
        """The pictures, sounds and documents of all steps."""
        return tuple(one for step in self.steps for one in step.media)

    @property
    def usage(self) -> Usage:
        """What the models of all steps used, those that undo and clean up among them."""
        steps = (*self.steps, *self.compensations, *self.cleanup)
        return sum((step.usage for step in steps if step.usage.tokens), NOTHING_USED)


class StepFailedError(Exception):
    """A step failed and the steps after it are not to run. Passes from the step to its workflow."""

    def __init__(self, result: StepResult, policy: OnError, cause: BaseException) -> None:
        super().__init__(result.error)
        self.result = result
        self.policy = policy
        self.cause = cause


def type_of(error: BaseException) -> str:
    """The kind of an error, as scripts see it."""
    kind = getattr(error, "kind", None)
    return kind if isinstance(kind, str) else type(error).__name__
