"""How a script is told to end: from outside, or because it asked to. Runtimes look here between things."""

from __future__ import annotations

import threading

from llmspell_engine.runtime.base import Interrupted, ScriptExit


class Ending:
    """Whether a script is to end, and in which way.

    Attributes:
        interrupted: set, from any thread, when it is ended from outside.
        exit_code: what it asked to exit with.
        changing: held while the script is being ended, or let go on, which takes more than one step.
    """

    def __init__(self) -> None:
        self.interrupted = threading.Event()
        self.exit_code: int | None = None
        self.changing = threading.Lock()

    def forget(self) -> None:
        """Let the script go on."""
        self.interrupted.clear()
        self.exit_code = None

    def check(self) -> None:
        """Raise Interrupted when the script is to end."""
        if self.interrupted.is_set():
            raise Interrupted

    def raise_if_over(self) -> None:
        """Raise what the script ends with, if it is to end."""
        if self.interrupted.is_set():
            raise Interrupted
        if self.exit_code is not None:
            raise ScriptExit(self.exit_code)
