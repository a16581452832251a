"""What scripts print with: ``print`` in Lua, ``console`` in JavaScript."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from llmspell_engine.api.declare import Global, example, member


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

    @abstractmethod
    def trace(self, *values: Any) -> None:
        """Write values and the stack to standard error.

        Args:
            values: what to write.
        """

    @abstractmethod
    def dir(self, value: Any) -> None:
        """Write an object with its members to standard output.

        Args:
            value: what to write.
        """

    @abstractmethod
    def table(self, value: Any) -> None:
        """Write a list of records to standard output.

        Args:
            value: what to write.
        """

    @abstractmethod
    @member(name="assert")
    def check(self, condition: Any, *values: Any) -> None:
        """Write values to standard error when a condition does not hold.

        Args:
            condition: what must hold.
            values: what to write.
        """

    @abstractmethod
    def count(self, label: str = "default") -> None:
        """Write how often this was called with a label.

        Args:
            label: what is counted.
        """

    @abstractmethod
    def time(self, label: str = "default") -> None:
        """Start to measure time.

        Args:
            label: what is measured.
        """

    @abstractmethod
    def time_log(self, label: str = "default") -> None:
        """Write how long it has taken so far.

        Args:
            label: what is measured.
        """

    @abstractmethod
    def time_end(self, label: str = "default") -> None:
        """Write how long it took.

        Args:
            label: what was measured.
        """

    @abstractmethod
    def group(self, *values: Any) -> None:
        """Write values and indent what follows.

        Args:
            values: what to write above the group.
        """

    @abstractmethod
    def group_end(self) -> None:
        """End the indentation of the last group."""
