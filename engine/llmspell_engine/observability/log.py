"""The log of a run: from messages of scripts and of the engine to lines on standard error and in a file.

::

    LogSink    settings, the file, what masks secrets; of an engine, shared by its runs
    RunLog     one run's standard error, and the levels that its script has set
    tell(…)    what the engine itself has to say, from wherever it is

A level is looked for at the logger's name, then at the names it stands under, then at the run; at each, what
the script has set wins over the settings. Lines are written on the script's thread, because the debugger
looks where the script is when it writes; those of the loop wait until the script's thread has time.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmspell_engine.observability.around import AROUND
from llmspell_engine.observability.levels import Form, Level, LogSettings, is_wanted, names_above

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.observability.records import LogRecord
    from llmspell_engine.observability.secrets import Scrubber

ENGINE = "llmspell"
"""The logger that all of the engine's own stand under."""


class LogSink:
    """Where lines go besides a run's standard error, and what all runs of an engine share.

    ``secrets`` are masked beside those of the environment. Safe to use from any thread. Raises OSError where
    the file cannot be opened.
    """

    def __init__(self, settings: LogSettings | None = None, secrets: Iterable[str] = ()) -> None:
        self.settings = settings or LogSettings()
        self._secrets = tuple(secrets)
        self._scrubber: Scrubber | None = None
        self._lock = threading.Lock()
        self._file = _opened(self.settings.file)

    @property
    def scrubber(self) -> Scrubber:
        """Masks secrets in messages and fields."""
        if self._scrubber is None:
            from llmspell_engine.observability.secrets import Scrubber, secrets_of_environment

            self._scrubber = Scrubber((*secrets_of_environment(), *self._secrets))
        return self._scrubber

    def apply(self, settings: LogSettings, secrets: Iterable[str] | None = None) -> None:
        """Log otherwise from now on; levels that scripts have set stay. Raises OSError before any change."""
        file = _opened(settings.file) if settings.file != self.settings.file else None
        with self._lock:
            if settings.file != self.settings.file:
                file, self._file = self._file, file
            self.settings = settings
            if secrets is not None:
                self._secrets, self._scrubber = tuple(secrets), None
        if file is not None:
            os.close(file)

    def add(self, record: LogRecord, form: Form) -> str | None:
        """Add a line to the file, if there is one; what went wrong, once."""
        with self._lock:
            if self._file is None:
                return None
            try:
                # One write to the end of the file: several processes may share it.
                os.write(self._file, record.line(form).encode("utf-8", "backslashreplace"))
            except OSError as problem:
                os.close(self._file)
                self._file = None
                return f"the log file '{self.settings.file}' is written no more: {problem}"
        return None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            file, self._file = self._file, None
        if file is not None:
            os.close(file)


@dataclass(slots=True, eq=False, repr=False)
class RunLog:
    """What one run logs.

    Attributes:
        write: writes to the run's standard error.
        later: has something done on the script's thread; called on other threads only.
        levels: what the script has set, by the name of the logger; under None for the whole run.
    """

    sink: LogSink
    write: Callable[[str], None]
    later: Callable[[Callable[[], None]], None] | None = None
    levels: dict[str | None, Level] = field(default_factory=dict)
    _thread: int = field(default_factory=threading.get_ident)

    def level_of(self, name: str | None) -> Level:
        """The least level that a logger writes."""
        settings = self.sink.settings
        for each in names_above(name):
            found = self.levels.get(each) or settings.levels.get(each)
            if found:
                return found
        return self.levels.get(None, settings.level)

    def wants(self, level: Level, name: str | None = None) -> bool:
        """Whether a message would be written."""
        return is_wanted(level, self.level_of(name))

    def put(
        self,
        level: Level,
        message: str,
        fields: Mapping[str, Any] | None = None,
        name: str | None = None,
        form: Form | None = None,
    ) -> None:
        """Write a message if its level is wanted; errors among its fields are told with their causes."""
        if not self.wants(level, name):
            return
        from datetime import UTC, datetime

        from llmspell_engine.observability.records import LogRecord, told

        around, scrubber = AROUND.get(), self.sink.scrubber
        record = LogRecord(
            level,
            scrubber.scrub(message),
            datetime.now(UTC),
            scrubber.scrub(name),
            scrubber.fields(told(fields or {})),
            scrubber.scrub(around.correlation_id),
            around.place,
            around.session_id,
        )
        self._hand_out(record, form or self.sink.settings.format)
        for tracer in around.spans:
            tracer.log(record)

    def _hand_out(self, record: LogRecord, form: Form) -> None:
        problem = self.sink.add(record, form)
        line = record.line(form)
        if problem:
            from llmspell_engine.observability.records import LogRecord

            line += LogRecord("error", problem, record.time, f"{ENGINE}.log", {}).line(form)
        if self.later is None or threading.get_ident() == self._thread:
            self.write(line)
        else:
            self.later(lambda: self.write(line))


def tell(level: Level, source: str, message: str, **fields: Any) -> None:
    """Log what the engine itself has to say, to the run that the work at hand belongs to. From any thread.

    ``source`` is the room it comes from (``hooks``, ``events``, …): the logger is ``llmspell.hooks``. Outside
    of runs it goes to the process's standard error.
    """
    log = AROUND.get().log or RunLog(LogSink(), to_process)
    log.put(level, message, fields, f"{ENGINE}.{source}")


def to_process(text: str) -> None:
    """Write to the process's standard error."""
    if sys.stderr is not None:
        sys.stderr.write(text)


def _opened(path: Path | None) -> int | None:
    return None if path is None else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
