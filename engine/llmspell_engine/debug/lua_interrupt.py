"""Ending an evaluation from outside, by the one call that Lua allows from another thread.

The hook that is set is ``luaL_error`` itself, for every instruction: it raises an error at once, and again
in whatever would catch it, until the hook is taken away.
"""

from __future__ import annotations

import ctypes
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import lupa.lua54

from llmspell_engine.debug.backend import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY_COUNT = 1 << 3


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
                _set_hook(state, on=True)

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
            _set_hook(state, on=False)
    if ran_out:
        raise EvaluationError(f"it took longer than {seconds:.0f} s and was ended")


def _set_hook(state: int, *, on: bool) -> None:
    library = ctypes.CDLL(lupa.lua54.__file__)
    if not hasattr(library, "lua_sethook"):
        return
    hook = ctypes.cast(library.luaL_error, ctypes.c_void_p) if on else None
    library.lua_sethook.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    library.lua_sethook(state, hook, _EVERY_COUNT if on else 0, 1)
