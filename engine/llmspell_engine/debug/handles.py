"""Numbers that stand for frames and values while the script is stopped.

They die when it goes on. They are never given twice, so that a late request for an old one is told so
instead of being shown something else.
"""

from __future__ import annotations

import itertools
from typing import Generic, TypeVar

from llmspell_engine.debug.model import DebuggeeError

Held = TypeVar("Held")


class Handles(Generic[Held]):
    """The handles of one kind that live now."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._next = itertools.count(1)
        self._held: dict[int, Held] = {}

    def add(self, held: Held) -> int:
        """A new handle."""
        number = next(self._next)
        self._held[number] = held
        return number

    def __getitem__(self, number: int) -> Held:
        """What a handle stands for. Raises DebuggeeError where it is dead."""
        if number not in self._held:
            raise DebuggeeError(f"{self._kind} {number} is gone: the script has run since it was shown.")
        return self._held[number]

    def clear(self) -> None:
        """Let all handles die."""
        self._held.clear()
