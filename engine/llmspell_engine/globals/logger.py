"""The global ``Logger``: lines on standard error, with fields.

As text, ``2026-01-31T12:00:00.123Z INFO  writer: release written version=1.4.0``; as JSON, one object
a line with ``time``, ``level``, ``logger``, ``message`` and ``fields``. Secrets are masked in both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.api import logger as api
from llmspell_engine.globals.services import LEVELS, Level
from llmspell_engine.observability.secrets import Scrubber, secrets_of_environment

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run


@dataclass(frozen=True, slots=True)
class Log:
    """Where messages go, and which."""

    write: Callable[[str], None]
    level: Level
    name: str | None = None
    form: Literal["text", "json"] = "text"
    fields: Mapping[str, Any] = field(default_factory=dict)

    def put(self, level: Level, message: str, fields: Mapping[str, Any] | None) -> None:
        """Write a message if its level is wanted."""
        if LEVELS.index(level) < LEVELS.index(self.level):
            return
        line = _as_json if self.form == "json" else _as_text
        scrubber = _scrubber()
        told = scrubber.fields({**self.fields, **(fields or {})})
        self.write(line(self, level, scrubber.scrub(message), told) + "\n")


class _Levels:
    """One method a level, for the global and its instances."""

    _log: Log

    def trace(self, message: str, meta: Mapping[str, Any] | None = None) -> None:
        self._log.put("trace", message, meta)

    def debug(self, message: str, meta: Mapping[str, Any] | None = None) -> None:
        self._log.put("debug", message, meta)

    def info(self, message: str, meta: Mapping[str, Any] | None = None) -> None:
        self._log.put("info", message, meta)

    def warn(self, message: str, meta: Mapping[str, Any] | None = None) -> None:
        self._log.put("warn", message, meta)

    def error(self, message: str, meta: Mapping[str, Any] | None = None) -> None:
        self._log.put("error", message, meta)


class LoggerInstance(_Levels, api.LoggerInstance):
    """A logger with a name and fields of its own."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def with_context(self, fields: Mapping[str, Any]) -> LoggerInstance:
        return LoggerInstance(replace(self._log, fields={**self._log.fields, **fields}))


class Logger(_Levels, api.Logger):
    """Writes to the run's standard error at the run's level."""

    def __init__(self, run: Run) -> None:
        self._log = Log(run.write_error, run.services.log_level)

    def new(self, options: api.LoggerOptions) -> LoggerInstance:
        log = Log(self._log.write, options.level, options.name, options.format)
        return LoggerInstance(log)


@cache
def _scrubber() -> Scrubber:
    return Scrubber(secrets_of_environment())


def _as_text(log: Log, level: Level, message: str, fields: Mapping[str, Any]) -> str:
    name = f"{log.name}: " if log.name else ""
    words = "".join(f" {key}={_word(value)}" for key, value in fields.items())
    return f"{_now()} {level.upper():5} {name}{message}{words}"


def _as_json(log: Log, level: Level, message: str, fields: Mapping[str, Any]) -> str:
    record = {"time": _now(), "level": level, "logger": log.name, "message": message, "fields": dict(fields)}
    return json.dumps(record, ensure_ascii=False, default=repr)


def _word(value: Any) -> str:
    if isinstance(value, str) and value and not any(mark.isspace() or mark in '"=' for mark in value):
        return value
    return json.dumps(value, ensure_ascii=False, default=repr)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
