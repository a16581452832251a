"""Work on its way through the points of a stage: before it, after it, where it fails, and again."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from llmspell_engine.hooks.base import Component, Data, HookCancelledError, HookContext
from llmspell_engine.hooks.decisions import CONTINUE, Decision

if TYPE_CHECKING:
    from llmspell_engine.hooks.points import HookPoint, Stage
    from llmspell_engine.hooks.registry import HookRegistry
    from llmspell_engine.scheduling.cause import Cause

Work = Callable[[Data], Awaitable[Data]]
_LONGEST_DELAY_MS = 1e12
"""Thirty years: the longest time that every clock can count."""


class Pass:
    """One piece of work on its way through a stage, with all its attempts."""

    __slots__ = ("_attempt", "_cause", "_component", "_name", "_notes", "_registry", "_stage")

    def __init__(
        self, registry: HookRegistry, stage: Stage, component: Component, name: str, cause: Cause
    ) -> None:
        self._registry = registry
        self._stage = stage
        self._component = component
        self._name = name
        self._cause = cause
        self._notes: dict[Any, Any] = {}
        self._attempt = 1

    async def do(self, data: Data, work: Work) -> Data:
        """Do the work, again where a handler asks for it."""
        while True:
            again, result = await self._attempted(data, work)
            if again is None:
                return result
            self._attempt += 1
            if again.delay_ms > 0:
                await self._registry.pause(min(again.delay_ms, _LONGEST_DELAY_MS) / 1000)

    async def _attempted(self, data: Data, work: Work) -> tuple[Decision | None, Data]:
        before = self._context(self._stage.before, dict(data))
        decision = await self._registry.run(before)
        given, begin = before.data, time.perf_counter()
        if decision.kind == "replace":
            return await self._after(given, data, replaced=True)
        try:
            result = await work(given)
        except HookCancelledError:
            raise
        except Exception as error:
            await self._tell_watched(error)
            handled = await self._failed(error, given)
            if handled.kind == "retry":
                return handled, {}
            if handled.kind != "replace":
                raise
            return await self._after(dict(handled.data), given, replaced=True)
        seconds = time.perf_counter() - begin
        if self._registry.listens("PerformanceThresholdExceeded"):
            await self._tell_duration(seconds)
        if not self._registry.listens(self._stage.after):
            return None, result
        return await self._after(result, given, duration_ms=round(seconds * 1000, 3))

    async def _after(self, result: Data, given: Data, **known: Any) -> tuple[Decision | None, Data]:
        if not self._registry.listens(self._stage.after):
            return None, result
        after = self._context(self._stage.after, dict(result), input=given, **known)
        decision = await self._registry.run(after)
        if decision.kind == "retry" and self._attempt < decision.max_attempts:
            return decision, {}
        return None, after.data

    async def _failed(self, error: Exception, given: Data) -> Decision:
        """What handlers of the error point want; at its last attempt a retry is nothing any more."""
        if self._stage.error is None or not self._registry.listens(self._stage.error):
            return CONTINUE
        data = {"error": str(error), "kind": getattr(error, "kind", type(error).__name__), "input": given}
        decision = await self._registry.run(self._context(self._stage.error, data))
        if decision.kind == "retry" and self._attempt >= decision.max_attempts:
            return CONTINUE
        return decision

    async def _tell_watched(self, error: Exception) -> None:
        """An error of a limit or of what is forbidden reaches its point once, however far it travels."""
        point = _point_of(error)
        if point is None or not self._registry.listens(point) or hasattr(error, "_told_to_hooks"):
            return
        error._told_to_hooks = True  # type: ignore[attr-defined]
        await self._registry.reach(point, self._component, self._name, {"error": str(error)})

    async def _tell_duration(self, seconds: float) -> None:
        data = {"value": round(seconds * 1000, 3), "unit": "ms", "stage": self._stage.before}
        await self._registry.reach("PerformanceThresholdExceeded", self._component, self._name, data)

    def _context(self, point: HookPoint, data: Data, **metadata: Any) -> HookContext:
        return HookContext(
            point,
            self._component,
            self._name,
            data,
            self._cause.correlation_id,
            {"attempt": self._attempt, **metadata},
            self._notes,
        )


def _point_of(error: Exception) -> HookPoint | None:
    if getattr(error, "code", None) == "forbidden":
        return "SecurityViolation"
    return "ResourceLimitExceeded" if getattr(error, "kind", None) == "BudgetError" else None
