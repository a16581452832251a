"""The older face of logging: what scripts call as ``Debug``."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from llmspell_engine.api.declare import Global, example, member
from llmspell_engine.api.logger import Level, LogTimer, Name


class Debug(Global):
    """Writes to the log with the module that a message comes from; `Logger` does more.

    It is no debugger: breakpoints are set in the editor.
    """

    name = "Debug"

    @abstractmethod
    def log(self, level: Level, message: str, module: Name | None = None) -> None:
        """Log at a level.

        Args:
            level: the level.
            message: what happened.
            module: the logger's name, whose level holds.
        """

    @abstractmethod
    def trace(self, message: str, module: Name | None = None) -> None:
        """Log what only matters when looking at every step.

        Args:
            message: what happened.
            module: the logger's name, whose level holds.
        """

    @abstractmethod
    def debug(self, message: str, module: Name | None = None) -> None:
        """Log what matters when looking for a fault.

        Args:
            message: what happened.
            module: the logger's name, whose level holds.
        """

    @abstractmethod
    @example(
        lua='Debug.info("release written", "writer")', javascript='Debug.info("release written", "writer");'
    )
    def info(self, message: str, module: Name | None = None) -> None:
        """Log what happened as it should.

        Args:
            message: what happened.
            module: the logger's name, whose level holds.
        """

    @abstractmethod
    def warn(self, message: str, module: Name | None = None) -> None:
        """Log what is unexpected but not wrong.

        Args:
            message: what happened.
            module: the logger's name, whose level holds.
        """

    @abstractmethod
    def error(self, message: str, module: Name | None = None) -> None:
        """Log what went wrong. It raises nothing.

        Args:
            message: what happened.
            module: the logger's name, whose level holds.
        """

    @abstractmethod
    @member(name="logWithData")
    def log_with_data(self, level: Level, message: str, data: Any, module: Name | None = None) -> None:
        """Log with a value, which is the field `data` of the message.

        Args:
            level: the level.
            message: what happened.
            data: the value.
            module: the logger's name, whose level holds.
        """

    @abstractmethod
    def timer(self, name: str) -> LogTimer:
        """Start a clock, which logs what it measures.

        Args:
            name: what is timed.
        """

    @abstractmethod
    @member(name="getLevel")
    def get_level(self) -> Level:
        """The least level that is written."""

    @abstractmethod
    @member(name="setLevel")
    def set_level(self, level: Level) -> bool:
        """Write from a level on, in this run; it always can, and gives true.

        Args:
            level: the least level that is written.
        """

    @abstractmethod
    @example(
        lua='print(Debug.dump({ a = { 1, 2 } }, "it"))',
        javascript='console.log(Debug.dump({ a: [1, 2] }, "it"));',
    )
    def dump(self, value: Any, label: str | None = None) -> str:
        """A value as a text for people to read, on several lines; secrets are masked.

        Args:
            value: the value.
            label: what stands before it.
        """

    @abstractmethod
    @member(name="dumpCompact")
    def dump_compact(self, value: Any, label: str | None = None) -> str:
        """A value as a text of one line; secrets are masked.

        Args:
            value: the value.
            label: what stands before it.
        """
