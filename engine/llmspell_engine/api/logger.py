"""Logging: messages about a run, on standard error and apart from the script's output."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Global, Handle, Options, example

Level = Literal["trace", "debug", "info", "warn", "error"]
Fields = Mapping[str, Any]
Name = Annotated[str, Field(min_length=1)]


class LoggerOptions(Options):
    """How a logger is made."""

    name: Name = Field(
        description="What its messages are marked with; `agent.writer` stands under `agent`: its level holds."
    )
    level: Level | None = Field(
        None,
        description="The least level that it writes, as `set_level` sets it; that of the logger above it"
        " where not given.",
    )
    format: Literal["text", "json"] | None = Field(
        None, description="How its messages are written; as those of the run where not given."
    )


class LogTimer(Handle):
    """A clock that runs; its times are in milliseconds, and go into the log."""

    name: str
    """What is timed."""

    @abstractmethod
    def elapsed(self) -> float:
        """The time since it was started, or that at which it was stopped. It logs nothing."""

    @abstractmethod
    def lap(self, name: str | None = None) -> float:
        """Log the time since the last lap, at the level `debug`, and give it back.

        Args:
            name: what has been done.
        """

    @abstractmethod
    def stop(self, meta: Fields | None = None) -> float:
        """Log the whole time, once, at the level `info`, and give it back.

        Args:
            meta: further fields of the message.
        """


class Levels(ABC):
    """What a logger and the global have in common: a method for each level, levels, timers."""

    @abstractmethod
    def trace(self, message: str, meta: Fields | None = None) -> None:
        """Log what only matters when looking at every step.

        Args:
            message: what happened.
            meta: further fields of the message.
        """

    @abstractmethod
    def debug(self, message: str, meta: Fields | None = None) -> None:
        """Log what matters when looking for a fault.

        Args:
            message: what happened.
            meta: further fields of the message.
        """

    @abstractmethod
    def info(self, message: str, meta: Fields | None = None) -> None:
        """Log what happened as it should.

        Args:
            message: what happened.
            meta: further fields of the message.
        """

    @abstractmethod
    def warn(self, message: str, meta: Fields | None = None) -> None:
        """Log what is unexpected but not wrong.

        Args:
            message: what happened.
            meta: further fields of the message.
        """

    @abstractmethod
    @example(
        lua='local ok, problem = pcall(Tool.execute, "calculator", { input = "1 +" })\n'
        'if not ok then Logger.error("no sum", problem) end',
        javascript='try {\n  Tool.execute("calculator", { input: "1 +" });\n} catch (problem) {\n'
        '  Logger.error("no sum", problem);\n}',
    )
    def error(self, message: Any, meta: Any = None) -> None:
        """Log what went wrong. It raises nothing.

        The fields tell the kind of an error, its message, the calls that led to it, and its causes.

        Args:
            message: what happened, or the error itself.
            meta: an error, or further fields of the message, which may hold errors.
        """

    @abstractmethod
    def log(self, level: Level, message: str, meta: Fields | None = None) -> None:
        """Log at a level that is known only when the script runs.

        Args:
            level: the level.
            message: what happened.
            meta: further fields of the message.
        """

    @abstractmethod
    def is_enabled(self, level: Level) -> bool:
        """Whether messages of a level are written, for those that are costly to make.

        Args:
            level: the level.
        """

    @abstractmethod
    def get_level(self) -> Level:
        """The least level that is written."""

    @abstractmethod
    @example(
        lua='Logger.set_level("warn")\nlocal log = Logger.new({ name = "agent.writer" })\n'
        'log:set_level("debug")',
        javascript='Logger.setLevel("warn");\nconst log = Logger.new({ name: "agent.writer" });\n'
        'log.setLevel("debug");',
    )
    def set_level(self, level: Level) -> None:
        """Write from a level on, in this run: of the whole script, or of a logger and those under it.

        Args:
            level: the least level that is written.
        """

    @abstractmethod
    @example(
        lua='local timer = Logger.timer("index")\ntimer:lap("read")\n'
        "local milliseconds = timer:stop({ files = 3 })",
        javascript='const timer = Logger.timer("index");\ntimer.lap("read");\n'
        "const milliseconds = timer.stop({ files: 3 });",
    )
    def timer(self, name: str) -> LogTimer:
        """Start a clock.

        Args:
            name: what is timed.
        """


class LoggerInstance(Levels, Handle):
    """A logger with a name and fields of its own."""

    name: str
    """What its messages are marked with."""

    @abstractmethod
    def with_context(self, fields: Fields) -> LoggerInstance:
        """A logger that adds fields to each of its messages.

        Args:
            fields: the fields; they win over those of this logger.
        """

    @abstractmethod
    def child(self, name: Name, fields: Fields | None = None) -> LoggerInstance:
        """A logger under this one: `writer` under `agent` is `agent.writer`.

        Args:
            name: what is added to the name.
            fields: what it adds to each of its messages, besides the fields of this logger.
        """


class Logger(Levels, Global):
    """Writes messages about the run to standard error."""

    name = "Logger"

    @abstractmethod
    @example(
        lua='local log = Logger.new({ name = "writer", level = "debug" })\n'
        'log:info("release written", { version = "1.4.0" })',
        javascript='const log = Logger.new({ name: "writer", level: "debug" });\n'
        'log.info("release written", { version: "1.4.0" });',
    )
    def new(self, options: LoggerOptions) -> LoggerInstance:
        """Make a logger with a name and a level of its own.

        Args:
            options: its name, level and format.
        """

    @abstractmethod
    def with_context(self, fields: Fields) -> LoggerInstance:
        """A logger without a name that adds fields to each of its messages.

        Args:
            fields: the fields.
        """

    @abstractmethod
    def set_correlation_id(self, id: str | None = None) -> None:  # noqa: A002 - the name scripts know
        """Mark all that follows with an id: messages, spans, and events that are published.

        In a function that the engine calls, it holds for what that function does. Without an id, the mark
        is taken away.

        Args:
            id: what the work belongs to.
        """

    @abstractmethod
    def get_correlation_id(self) -> str | None:
        """The id that was set for the work at hand."""
