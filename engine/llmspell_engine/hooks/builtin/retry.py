"""Tries again what has failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.builtin.base import Builtin
from llmspell_engine.hooks.decisions import CONTINUE, Decision
from llmspell_engine.hooks.handlers import PRIORITIES, Filter, Handler
from llmspell_engine.hooks.names import HookError, point_named

_RETRIED = ("AgentError", "ModelError", "ToolError", "WorkflowError")
_HOPELESS = frozenset({"ArgumentError", "AuthenticationError", "BudgetError", "HookCancelledError"})
"""Kinds of errors that another try brings again."""


@dataclass
class Retry(Builtin):
    """Asks for another try, after a pause that grows."""

    name: ClassVar[str] = "retry"
    max_attempts: int = 3
    delay_ms: float = 500.0
    backoff: float = 2.0
    points: Sequence[str] = ("ModelError", "ToolError")
    component: str | None = None
    kinds: Sequence[str] = ()
    _asked: int = field(default=0, init=False)
    _given_up: int = field(default=0, init=False)

    def handlers(self) -> Sequence[Handler]:
        """See the base class."""
        points = dict.fromkeys(point_named(one) for one in self.points)
        for point in points:
            if point not in _RETRIED:
                raise HookError(f"'retry' works at {', '.join(_RETRIED)}, not at '{point}'")
        wanted = Filter(name=self.component)
        return [Handler(point, self._again, self.name, PRIORITIES["low"], wanted) for point in points]

    def report(self) -> dict[str, Any]:
        """How often another try was asked for, and how often the last one failed."""
        return {"retries": self._asked, "given_up": self._given_up}

    def reset(self) -> None:
        """See the base class."""
        self._asked = self._given_up = 0

    def _again(self, context: HookContext) -> Decision:
        kind = context.data.get("kind")
        if kind in _HOPELESS or (self.kinds and kind not in self.kinds):
            return CONTINUE
        attempt = context.metadata.get("attempt", 1)
        if attempt >= self.max_attempts:
            self._given_up += 1
            return CONTINUE
        self._asked += 1
        delay = self.delay_ms * self.backoff ** (attempt - 1)
        return Decision("retry", delay_ms=delay, max_attempts=self.max_attempts)
