"""Tells in the run's log what has reached which point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.builtin.base import WORK_POINTS, Builtin, Level
from llmspell_engine.hooks.handlers import PRIORITIES, Handler
from llmspell_engine.hooks.names import point_named


@dataclass
class Logging(Builtin):
    """A line in the log for each point that is reached."""

    name: ClassVar[str] = "logging"
    level: Level = "info"
    points: Sequence[str] = WORK_POINTS
    include_data: bool = False

    def handlers(self) -> Sequence[Handler]:
        """See the base class. They come last, and see what other handlers have made of the data."""
        points = dict.fromkeys(point_named(one) for one in self.points)
        return [Handler(point, self._tell, self.name, PRIORITIES["lowest"]) for point in points]

    def _tell(self, context: HookContext) -> None:
        fields: dict[str, Any] = {
            context.component: context.name,
            "correlation_id": context.correlation_id,
            **{key: context.metadata[key] for key in ("duration_ms", "attempt") if key in context.metadata},
        }
        if "error" in context.data:
            fields["error"] = context.data["error"]
        if self.include_data:
            fields["data"] = context.data
        self.scope.log(self.level, context.point, fields)


@dataclass
class Debugging(Logging):
    """The same for finding faults: with all data, at the level of that."""

    name: ClassVar[str] = "debugging"
    level: Level = "debug"
    include_data: bool = True
