"""A place where a text is no valid script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.text import Span


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the text is not valid: its span and a sentence for the user."""

    span: Span
    message: str


class FaultError(Exception):
    """Ends a check at its first fault; never leaves this package."""

    def __init__(self, span: Span, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(span, message)


def shortened(text: str, limit: int = 30) -> str:
    """The first line of a text, cut when it is long."""
    line = text.split("\n", 1)[0]
    return line if len(line) <= limit else line[: limit - 1] + "…"
