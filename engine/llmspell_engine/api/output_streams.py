"""What scripts print with: ``print`` in Lua, ``console`` in JavaScript."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from llmspell_engine.api.declare import Global, example


class Print(Global):
    """Writes values to standard output."""

    name = "print"
    languages = ("lua",)

    @abstractmethod
    @example(
        lua='print("found", 3)',
    )
    def __call__(self, *values: Any) -> None:
        """Write values to standard output with tabs between them and a line end behind.

        Args:
            values: what to write; tables are written by `tostring`.
        """


class Console(Global):
    """Writes values to standard output and standard error."""

    name = "console"
    languages = ("javascript",)

    @abstractmethod
    @example(
        javascript='console.log("found", 3);',
    )
    def log(self, *values: Any) -> None:
        """Write values to standard output with spaces between them and a line end behind.

        Args:
            values: what to write; objects are written with their members.
        """

    @abstractmethod
    def info(self, *values: Any) -> None:
        """Write values to standard output, as `console.log` does.

        Args:
            values: what to write.
        """

    @abstractmethod
    def debug(self, *values: Any) -> None:
        """Write values to standard output, as `console.log` does.

        Args:
            values: what to write.
        """

    @abstractmethod
    def warn(self, *values: Any) -> None:
        """Write values to standard error.

        Args:
            values: what to write.
        """

    @abstractmethod
    def error(self, *values: Any) -> None:
        """Write values to standard error.

        Args:
            values: what to write.
        """
