"""Keeps what was reached, in order, with what belongs together."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.builtin.base import WORK_POINTS, Builtin
from llmspell_engine.hooks.builtin.lines import JsonLines
from llmspell_engine.hooks.handlers import PRIORITIES, Handler
from llmspell_engine.hooks.names import point_named


@dataclass
class Tracing(Builtin):
    """The last points that were reached; all of them in a file, if there is a path."""

    name: ClassVar[str] = "tracing"
    path: str | None = None
    points: Sequence[str] = WORK_POINTS
    max_entries: int = 1000
    _entries: deque[dict[str, Any]] = field(default_factory=deque, init=False)
    _lines: JsonLines | None = field(default=None, init=False)

    def handlers(self) -> Sequence[Handler]:
        """See the base class."""
        points = dict.fromkeys(point_named(one) for one in self.points)
        if self.path is not None:
            self._lines = JsonLines(self.scope.path(self.path), self.path)
        self._entries = deque(maxlen=self.max_entries)
        return [Handler(point, self._keep, self.name, PRIORITIES["lowest"]) for point in points]

    def report(self) -> dict[str, Any]:
        """The entries, oldest first."""
        return {"entries": list(self._entries)}

    def reset(self) -> None:
        """See the base class."""
        self._entries.clear()

    def close(self) -> None:
        """See the base class."""
        if self._lines:
            self._lines.close()

    def _keep(self, context: HookContext) -> None:
        entry: dict[str, Any] = {
            "time": round(time.time(), 6),
            "point": context.point,
            "component": context.component,
            "name": context.name,
            "correlation_id": context.correlation_id,
            **{key: context.metadata[key] for key in ("duration_ms", "attempt") if key in context.metadata},
            **({"error": context.data["error"]} if "error" in context.data else {}),
        }
        self._entries.append(entry)
        if self._lines:
            self._lines.write(self.scope.scrub(entry))
