"""The contract of a program that is entered piece by piece, as on a terminal.

What one piece defines, the next ones find: in Lua the locals of the outermost level too, in JavaScript
what is declared or imported there. Like its runtime, a session belongs to one thread; only
:meth:`ScriptSession.interrupt` may be called from another one.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.runtime.base import ScriptRuntime


@dataclass(frozen=True, slots=True)
class Entered:
    """What a piece came to.

    Attributes:
        shown: its value as the language shows values, strings in quotes; None where there is none to show.
        printed: the same with a string as it is.
        value: gives the bridged value; several of them as a list. Raises ScriptError where it cannot leave
            the script.
    """

    shown: str | None
    printed: str | None
    value: Callable[[], Any]


class ScriptSession(ABC):
    """One program whose pieces share what they define."""

    def __init__(self, runtime: ScriptRuntime) -> None:
        self._ended = runtime.interrupt
        self._scheduler = runtime.scheduler
        self._lock = threading.Lock()
        """Held while a piece is ended from outside, which takes several steps."""

    @abstractmethod
    def enter(self, name: str, text: str) -> Entered:
        """Run a piece until its value is there. ``name`` stands for its file in errors.

        What it has begun besides goes on with :meth:`go_on`. Raises as :meth:`ScriptRuntime.run` does.
        """

    @abstractmethod
    def go_on(self) -> None:
        """Let what is under way go on as far as it can without waiting. Raises as ``run`` does."""

    @abstractmethod
    def finish(self) -> None:
        """Let what is under way go on to its end. Raises as ``run`` does."""

    def interrupt(self) -> None:
        """End what runs, although it may catch every error. Callable from any thread."""
        with self._lock:
            self._ended()

    def recover(self) -> None:
        """Go on after an interrupt: what was under way is cancelled, what is defined stays."""
        with self._lock:
            self._renew()
        self._scheduler.cancel_all("the input was interrupted")

    @abstractmethod
    def _renew(self) -> None:
        """Let code run again."""
