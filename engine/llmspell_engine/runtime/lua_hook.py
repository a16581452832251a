"""Ending Lua code from outside, by the one call that Lua allows from another thread.

The hook that is set is ``luaL_error`` itself, for every instruction: it raises an error at once without
entering Python, and again in whatever would catch it, until the hook is taken away. A hook belongs to a
coroutine, so the one that runs has to be found: the prelude keeps it in a table, whose memory is read.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

import lupa.lua54

_EVERY_COUNT = 1 << 3
_ARRAY_OFFSET = 16
"""Where a table has the address of its array part: behind the object's header, flags and sizes."""


class RunningCoroutine:
    """The cell of a Lua table in which the prelude keeps the coroutine that runs; readable on any thread.

    ``table`` has one element, the main coroutine at first. Where the memory is not as expected, the main
    coroutine is all that is known.
    """

    def __init__(self, lua: Any, table: Any) -> None:
        address = lua.eval(b"function(value) return tonumber(string.format('%p', value)) end")
        self._main = int(address(next(iter(table.values()))))
        self._table = table
        self._cell = _array(int(address(table)), self._main)

    def end(self) -> None:
        """Make the code that runs raise an error at its next instruction, and what resumed it, for good."""
        set_raising_hook(self._main, on=True)
        if self._cell is not None and self._cell.value != self._main:
            set_raising_hook(self._cell.value, on=True)

    def let_go(self) -> None:
        """Let the main coroutine run again after :meth:`end`; what it resumed then stays ended."""
        set_raising_hook(self._main, on=False)


def set_raising_hook(state: int, *, on: bool) -> None:
    """Make a coroutine, given its address, raise an error at each instruction, or no more."""
    library = _library()
    if not hasattr(library, "lua_sethook"):
        return
    hook = ctypes.cast(library.luaL_error, ctypes.c_void_p) if on else None
    library.lua_sethook(state, hook, _EVERY_COUNT if on else 0, 1)


def _array(table: int, first: int) -> ctypes.c_uint64 | None:
    """The first cell of a table's array part, if it holds what it should."""
    if lupa.lua54.LUA_VERSION != (5, 4) or ctypes.sizeof(ctypes.c_void_p) != 8 or sys.byteorder != "little":
        return None
    array = ctypes.c_uint64.from_address(table + _ARRAY_OFFSET).value
    cell = ctypes.c_uint64.from_address(array) if array else None
    return cell if cell is not None and cell.value == first else None


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(lupa.lua54.__file__)
    if hasattr(library, "lua_sethook"):
        library.lua_sethook.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        library.lua_sethook.restype = None
    return library
