"""Ending an evaluation that takes too long, and only that."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmspell_engine.debug.backend import EvaluationError, took_too_long
from llmspell_engine.runtime.lua_hook import set_raising_hook

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def time_limit(state: int, seconds: float) -> Iterator[None]:
    """End what runs in a coroutine, given its address, after a time. Raises EvaluationError then.

    A timer thread is started, which sets the hook and ends; it never does once the block is left.
    """
    lock = threading.Lock()
    is_over = ran_out = False

    def run_out() -> None:
        nonlocal ran_out
        with lock:
            if not is_over:
                ran_out = True
                set_raising_hook(state, on=True)

    timer = threading.Timer(seconds, run_out)
    timer.start()
    try:
        yield
    except EvaluationError:
        if not ran_out:
            raise
    finally:
        timer.cancel()
        with lock:
            is_over = True
        if ran_out:
            set_raising_hook(state, on=False)
    if ran_out:
        raise EvaluationError(took_too_long(seconds))
