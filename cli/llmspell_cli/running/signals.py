"""Signals that end the command: SIGINT, SIGTERM and SIGHUP all ask the script to end and let it clean up."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmspell_cli.running.outcome import INTERRUPTED

if TYPE_CHECKING:
    from types import FrameType

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
_SHELLS_OFFSET = 128
"""How shells tell that a signal ended a process: 128 and its number."""


class Ended(KeyboardInterrupt):
    """A signal asks the process to end; carries the exit code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


def exit_code(ended: KeyboardInterrupt) -> int:
    """The exit code of a process that was asked to end."""
    return getattr(ended, "code", INTERRUPTED)


def listen(names: Sequence[str] = ENDING) -> None:
    """Raise :class:`Ended` on the main thread when a signal comes; a second one ends the process at once."""
    has_come = False

    def come(number: int, _frame: FrameType | None) -> None:
        nonlocal has_come
        if has_come:
            os._exit(_SHELLS_OFFSET + number)
        has_come = True
        raise Ended(_SHELLS_OFFSET + number)

    for name in names:
        number = getattr(signal, name, None)
        # What is ignored from the start stays ignored, as nohup and shells in the background want it.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, come)


@contextmanager
def counted_interrupts() -> Iterator[Callable[[], int]]:
    """Let Ctrl-C raise nothing on the main thread meanwhile; the function tells how often it was pressed.

    Where Ctrl-C ends the command it still does.
    """
    count = 0

    def come(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: 0
        return
    signal.signal(signal.SIGINT, come)
    try:
        yield lambda: count
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
