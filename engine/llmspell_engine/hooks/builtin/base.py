"""What a built-in is: some handlers that share what they know, and a report of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.handlers import Handler
from llmspell_engine.hooks.points import HookPoint

Level = Literal["trace", "debug", "info", "warn", "error"]
WORK_POINTS: tuple[HookPoint, ...] = (
    "BeforeAgentExecution",
    "AfterAgentExecution",
    "AgentError",
    "BeforeModelCall",
    "AfterModelCall",
    "ModelError",
    "BeforeToolExecution",
    "AfterToolExecution",
    "ToolError",
    "BeforeWorkflowStart",
    "BeforeWorkflowStage",
    "AfterWorkflowStage",
    "AfterWorkflowComplete",
    "WorkflowError",
)
"""Where agents, models, tools and workflows begin, end and fail."""


def _log_nothing(_level: Level, _message: str, _fields: Mapping[str, Any]) -> None:
    return


@dataclass(frozen=True, slots=True)
class BuiltinScope:
    """What built-ins need of the run."""

    log: Callable[[Level, str, Mapping[str, Any]], None] = _log_nothing
    """Writes to the run's log, from any thread."""
    path: Callable[[str], Path] = Path
    """The file that a script means. Raises where it may not be written."""
    scrub: Callable[[Any], Any] = field(default=lambda value: value)
    """A value without secrets."""


class Builtin(ABC):
    """Handlers of the engine. A class's options are its fields; those without a default must be given."""

    name: ClassVar[str]
    scope: BuiltinScope
    registered: Sequence[Handler] = ()

    @abstractmethod
    def handlers(self) -> Sequence[Handler]:
        """The handlers to register. Raises HookError when the options cannot be."""

    def report(self) -> dict[str, Any]:
        """What is known by now, as plain values."""
        return {}

    def reset(self) -> None:  # noqa: B027 - most have nothing to do
        """Begin to count anew."""

    def close(self) -> None:  # noqa: B027
        """Be done: it is disabled."""


def tells_failure(context: HookContext) -> bool:
    """Whether what came out is a result that says that it is none: tools may fail without an error."""
    result = context.data.get("result")
    return context.component == "tool" and isinstance(result, Mapping) and result.get("success") is False
