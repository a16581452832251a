"""The global ``Debug``: the older face of the run's log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import debug as api
from llmspell_engine.globals.logger import Log, LogTimer
from llmspell_engine.observability.records import told

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.observability import Level


class Debug(api.Debug):
    """Writes to the run's log."""

    def __init__(self, run: Run) -> None:
        self._run = run.log

    def log(self, level: Level, message: str, module: str | None = None) -> None:
        self._run.put(level, message, name=module)

    def trace(self, message: str, module: str | None = None) -> None:
        self.log("trace", message, module)

    def debug(self, message: str, module: str | None = None) -> None:
        self.log("debug", message, module)

    def info(self, message: str, module: str | None = None) -> None:
        self.log("info", message, module)

    def warn(self, message: str, module: str | None = None) -> None:
        self.log("warn", message, module)

    def error(self, message: str, module: str | None = None) -> None:
        self.log("error", message, module)

    def log_with_data(self, level: Level, message: str, data: Any, module: str | None = None) -> None:
        self._run.put(level, message, {"data": data}, module)

    def timer(self, name: str) -> LogTimer:
        return LogTimer(name, Log(self._run))

    def get_level(self) -> Level:
        return self._run.level_of(None)

    def set_level(self, level: Level) -> bool:
        self._run.levels[None] = level
        return True

    def dump(self, value: Any, label: str | None = None) -> str:
        return self._shown(value, label, indent=2)

    def dump_compact(self, value: Any, label: str | None = None) -> str:
        return self._shown(value, label, indent=None)

    def _shown(self, value: Any, label: str | None, indent: int | None) -> str:
        plain = self._run.sink.scrubber.fields({"value": told(value)})["value"]
        text = json.dumps(plain, ensure_ascii=False, indent=indent)
        return f"{label} = {text}" if label else text
