"""The global ``Logger``, its loggers and its timers. How lines look is told in ``observability/records``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import logger as api
from llmspell_engine.api.validation import ArgumentError
from llmspell_engine.observability.around import AROUND, correlate
from llmspell_engine.observability.levels import is_wanted
from llmspell_engine.scheduling.cause import CAUSE, new_cause

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.observability import Level, RunLog
    from llmspell_engine.observability.levels import Form

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Log:
    """What a logger adds to a run's log: its name, its form and its fields."""

    run: RunLog
    name: str | None = None
    form: Form | None = None
    fields: Fields = field(default_factory=dict)

    def put(self, level: Level, message: str, fields: Fields | None) -> None:
        """Write a message if its level is wanted."""
        self.run.put(level, message, {**self.fields, **(fields or {})}, self.name, self.form)

    def within(self, fields: Fields) -> Log:
        """The same with further fields."""
        return replace(self, fields={**self.fields, **fields})


class LogTimer(api.LogTimer):
    """A clock that logs to a logger."""

    def __init__(self, name: str, log: Log) -> None:
        self.name = name
        self._log = log
        self._start = self._lap = time.perf_counter()
        self._end: float | None = None

    def elapsed(self) -> float:
        return _milliseconds(self._start, self._end or time.perf_counter())

    def lap(self, name: str | None = None) -> float:
        now = self._end or time.perf_counter()
        found, self._lap = _milliseconds(self._lap, now), now
        label = f"{self.name}: {name}" if name else f"{self.name}: lap"
        self._log.put("debug", label, {"lap_ms": found, "elapsed_ms": _milliseconds(self._start, now)})
        return found

    def stop(self, meta: Fields | None = None) -> float:
        if self._end is None:
            self._end = time.perf_counter()
            self._log.put("info", self.name, {**(meta or {}), "duration_ms": self.elapsed()})
        return self.elapsed()


class _Levels:
    """What the global and its instances have in common."""

    _log: Log

    def trace(self, message: str, meta: Fields | None = None) -> None:
        self._log.put("trace", message, meta)

    def debug(self, message: str, meta: Fields | None = None) -> None:
        self._log.put("debug", message, meta)

    def info(self, message: str, meta: Fields | None = None) -> None:
        self._log.put("info", message, meta)

    def warn(self, message: str, meta: Fields | None = None) -> None:
        self._log.put("warn", message, meta)

    def error(self, message: Any, meta: Any = None) -> None:
        fields = _fields_of(meta)
        if isinstance(message, BaseException):
            fields = {**fields, "error": message}
        self._log.put("error", message if isinstance(message, str) else str(message), fields)

    def log(self, level: Level, message: str, meta: Fields | None = None) -> None:
        self._log.put(level, message, meta)

    def is_enabled(self, level: Level) -> bool:
        return is_wanted(level, self.get_level())

    def get_level(self) -> Level:
        return self._log.run.level_of(self._log.name)

    def set_level(self, level: Level) -> None:
        self._log.run.levels[self._log.name] = level

    def timer(self, name: str) -> LogTimer:
        return LogTimer(name, self._log)

    def with_context(self, fields: Fields) -> LoggerInstance:
        return LoggerInstance(self._log.within(fields))


class LoggerInstance(_Levels, api.LoggerInstance):
    """A logger with a name and fields of its own."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.name = log.name or ""

    def child(self, name: str, fields: Fields | None = None) -> LoggerInstance:
        whole = f"{self._log.name}.{name}" if self._log.name else name
        return LoggerInstance(replace(self._log.within(fields or {}), name=whole))


class Logger(_Levels, api.Logger):
    """Writes to the run's log."""

    def __init__(self, run: Run) -> None:
        self._log = Log(run.log)

    def new(self, options: api.LoggerOptions) -> LoggerInstance:
        made = LoggerInstance(Log(self._log.run, options.name, options.format))
        if options.level is not None:
            made.set_level(options.level)
        return made

    def set_correlation_id(self, id: str | None = None) -> None:  # noqa: A002 - see the declaration
        correlate(id)
        # Events take theirs from what led to them.
        cause, fresh = CAUSE.get(), new_cause()
        if id is not None:
            CAUSE.set((cause or fresh)._replace(correlation_id=id))
        elif cause is not None:
            CAUSE.set(cause._replace(correlation_id=fresh.correlation_id))

    def get_correlation_id(self) -> str | None:
        return AROUND.get().correlation_id


def _fields_of(meta: Any) -> Fields:
    """The fields of an error's message: given as such, or as the error itself."""
    if meta is None:
        return {}
    if isinstance(meta, Mapping):
        return meta
    if isinstance(meta, BaseException | str):
        return {"error": meta}
    raise ArgumentError("Logger.error: 'meta' must be a table of fields or an error")


def _milliseconds(start: float, end: float) -> float:
    return round((end - start) * 1000, 3)
