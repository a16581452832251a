"""Lets only so much begin in a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.builtin.base import Builtin
from llmspell_engine.hooks.decisions import CONTINUE, Decision, cancel
from llmspell_engine.hooks.handlers import PRIORITIES, Filter, Handler
from llmspell_engine.hooks.names import HookError, point_named

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

_LIMITED = ("BeforeAgentExecution", "BeforeModelCall", "BeforeToolExecution", "BeforeWorkflowStart")


@dataclass
class RateLimit(Builtin):
    """Waits, or cancels, where more calls begin than may. A burst of ``max_calls`` may begin at once."""

    name: ClassVar[str] = "rate_limit"
    max_calls: int
    per_seconds: float = 1.0
    points: Sequence[str] = ("BeforeModelCall",)
    component: str | None = None
    wait: bool = True
    _limiter: AsyncLimiter = field(init=False)
    _waited: int = field(default=0, init=False)
    _refused: int = field(default=0, init=False)

    def handlers(self) -> Sequence[Handler]:
        """See the base class. They come first: what is not done needs no other handler."""
        from aiolimiter import AsyncLimiter

        points = dict.fromkeys(point_named(one) for one in self.points)
        for point in points:
            if point not in _LIMITED:
                raise HookError(f"'rate_limit' works at {', '.join(_LIMITED)}, not at '{point}'")
        self._limiter = AsyncLimiter(self.max_calls, self.per_seconds)
        wanted = Filter(name=self.component)
        return [
            Handler(point, self._let, self.name, PRIORITIES["highest"], wanted, timeout_seconds=None)
            for point in points
        ]

    def report(self) -> dict[str, Any]:
        """How many had to wait, and how many were refused."""
        return {"waited": self._waited, "refused": self._refused}

    def reset(self) -> None:
        """See the base class."""
        self._waited = self._refused = 0

    async def _let(self, context: HookContext) -> Decision:
        if not self._limiter.has_capacity():
            if not self.wait:
                self._refused += 1
                return cancel(f"more than {self.max_calls} calls in {self.per_seconds:g} s")
            self._waited += 1
        await self._limiter.acquire()
        return CONTINUE
