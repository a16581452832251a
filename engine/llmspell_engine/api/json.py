"""JSON in Lua. JavaScript has its own."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from llmspell_engine.api.declare import Global, example, member


class JSON(Global):
    """Reads and writes JSON. In JavaScript this is the language's own object."""

    name = "JSON"
    languages = ("lua",)

    @abstractmethod
    @example(
        lua="local value = JSON.parse('{\"a\": [1, 2]}')",
    )
    def parse(self, text: str) -> Any:
        """The value that a JSON text stands for; `null` becomes `nil`. Text that is not JSON is an error.

        Args:
            text: the JSON text.
        """

    @abstractmethod
    @example(
        lua='local text = JSON.stringify({ name = "writer" })',
    )
    def stringify(self, value: Any) -> str:
        """A value as JSON text without spaces. A table with elements from 1 becomes an array.

        Args:
            value: anything but functions.
        """

    @member(deprecated="JSON.parse")
    def decode(self, text: str) -> Any:
        """The value that a JSON text stands for.

        Args:
            text: the JSON text.
        """
        return self.parse(text)

    @member(deprecated="JSON.stringify")
    def encode(self, value: Any) -> str:
        """A value as JSON text.

        Args:
            value: anything but functions.
        """
        return self.stringify(value)
