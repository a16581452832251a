"""Writes down who did what, for an audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.builtin.base import Builtin
from llmspell_engine.hooks.builtin.lines import JsonLines
from llmspell_engine.hooks.handlers import PRIORITIES, Handler
from llmspell_engine.hooks.names import point_named

AUDITED = (
    "BeforeAgentExecution",
    "BeforeModelCall",
    "BeforeToolExecution",
    "ToolError",
    "BeforeWorkflowStart",
    "BeforeStateWrite",
    "SecurityViolation",
    "ResourceLimitExceeded",
)


@dataclass
class Security(Builtin):
    """One JSON object a line, secrets masked: the time, the point, the component, and what it was given."""

    name: ClassVar[str] = "security"
    path: str
    points: Sequence[str] = AUDITED
    include_data: bool = True
    _lines: JsonLines = field(init=False)
    _written: int = field(default=0, init=False)
    _violations: int = field(default=0, init=False)

    def handlers(self) -> Sequence[Handler]:
        """See the base class. They come after others have changed the data: what is done is written down."""
        points = dict.fromkeys(point_named(one) for one in self.points)
        self._lines = JsonLines(self.scope.path(self.path), self.path)
        return [Handler(point, self._write, self.name, PRIORITIES["lowest"]) for point in points]

    def report(self) -> dict[str, Any]:
        """How many lines were written."""
        return {"entries": self._written, "violations": self._violations}

    def close(self) -> None:
        """See the base class."""
        self._lines.close()

    def _write(self, context: HookContext) -> None:
        entry: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "point": context.point,
            "component": context.component,
            "name": context.name,
            "correlation_id": context.correlation_id,
        }
        if self.include_data:
            entry["data"] = context.data
        self._lines.write(self.scope.scrub(entry))
        self._written += 1
        self._violations += context.point == "SecurityViolation"
