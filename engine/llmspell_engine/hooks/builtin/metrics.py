"""Counts what was done and how long it took."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.builtin.base import WORK_POINTS, Builtin, tells_failure
from llmspell_engine.hooks.handlers import PRIORITIES, Handler
from llmspell_engine.hooks.names import point_named

KEPT = 1000
"""Of how many of the last calls the percentiles are."""


@dataclass(slots=True)
class _Measured:
    calls: int = 0
    errors: int = 0
    total_ms: float = 0.0
    latest: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def told(self) -> dict[str, Any]:
        ordered = sorted(self.latest)
        told: dict[str, Any] = {"calls": self.calls, "errors": self.errors}
        if ordered:
            told["total_ms"] = round(self.total_ms, 3)
            told["average_ms"] = round(self.total_ms / self.calls, 3)
            told["p50_ms"] = _percentile(ordered, 50)
            told["p95_ms"] = _percentile(ordered, 95)
            told["max_ms"] = ordered[-1]
        return told


@dataclass
class Metrics(Builtin):
    """Calls, errors and durations of agents, models, tools and workflows, by kind and by name."""

    name: ClassVar[str] = "metrics"
    points: Sequence[str] = tuple(one for one in WORK_POINTS if not one.startswith("Before"))
    _by_component: dict[str, dict[str, _Measured]] = field(default_factory=dict, init=False)

    def handlers(self) -> Sequence[Handler]:
        """See the base class."""
        points = dict.fromkeys(point_named(one) for one in self.points)
        return [Handler(point, self._count, self.name, PRIORITIES["lowest"]) for point in points]

    def report(self) -> dict[str, Any]:
        """By the kind of component, then by its name."""
        return {
            component: {name: measured.told() for name, measured in sorted(by_name.items())}
            for component, by_name in sorted(self._by_component.items())
        }

    def reset(self) -> None:
        """See the base class."""
        self._by_component.clear()

    def _count(self, context: HookContext) -> None:
        by_name = self._by_component.setdefault(context.component, {})
        measured = by_name.setdefault(context.name, _Measured())
        if context.point.endswith("Error"):
            measured.errors += 1
            return
        measured.calls += 1
        measured.errors += tells_failure(context)
        took = context.metadata.get("duration_ms", 0.0)
        measured.total_ms += took
        measured.latest.append(took)


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """The least of the values that so many of a hundred do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1]
