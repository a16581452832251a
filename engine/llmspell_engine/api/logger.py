"""Logging: messages about a run, on standard error and apart from the script's output."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Global, Handle, Options, example

Level = Literal["trace", "debug", "info", "warn", "error"]
Fields = Mapping[str, Any]


class LoggerOptions(Options):
    """How a logger is made."""

    name: Annotated[str, Field(min_length=1)] = Field(description="What its messages are marked with.")
    level: Level = Field("info", description="The least level that is written.")
    format: Literal["text", "json"] = Field("text", description="How its messages are written.")


class Levels(ABC):
    """A method for each level: what a logger and the global have in common."""

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
    def error(self, message: str, meta: Fields | None = None) -> None:
        """Log what went wrong. It raises nothing.

        Args:
            message: what happened.
            meta: further fields of the message.
        """


class LoggerInstance(Levels, Handle):
    """A logger with a name and fields of its own."""

    @abstractmethod
    def with_context(self, fields: Fields) -> LoggerInstance:
        """A logger that adds fields to each of its messages.

        Args:
            fields: the fields; they win over those of this logger.
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
