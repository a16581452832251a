"""Ending Lua code from outside, and counting its instructions, by the one call that Lua allows for both.

The hook that ends code is ``luaL_error`` itself, for every instruction: it raises an error at once without
entering Python, and again in whatever would catch it, until the hook is taken away. Before it a hook of
Python's may note where the code stands. A hook belongs to a coroutine, so the one that runs has to be found:
the prelude keeps it in a table, whose memory is read.

The hook that counts is inherited by the coroutines that are made while it is set. It must not raise an
error through the frames of Python, so it sets the one that ends code in its own place.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import lupa.lua54

_EVERY_COUNT = 1 << 3
_ARRAY_OFFSET = 16
"""Where a table has the address of its array part: behind the object's header, flags and sizes."""
INSTRUCTIONS = 10_000
"""How many instructions are counted at a time."""


class _Record(ctypes.Structure):
    """The beginning of a ``lua_Debug``, which is larger."""

    _fields_ = (
        ("event", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("namewhat", ctypes.c_char_p),
        ("what", ctypes.c_char_p),
        ("source", ctypes.c_char_p),
        ("source_length", ctypes.c_size_t),
        ("line", ctypes.c_int),
    )


_Hook = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(_Record))
_RECORD_SIZE = 256
"""More than a ``lua_Debug`` takes."""
_DEEPEST = 200
"""How many calls are looked at for one of a file."""
Noted = Callable[[bytes, int], None]
"""Is told where code stands: the source and line of the innermost function that is of a file."""


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
        self._hooks: list[Any] = []
        """The hooks of Python's that Lua may still call."""
        self._counter: Any = None

    def end(self, note: Noted | None = None) -> None:
        """Make the code that runs raise an error at its next instruction, and what resumed it, for good."""
        begin = self._noting(note) if note else None
        for state in self._states():
            set_raising_hook(state, on=True, first=begin)

    def let_go(self) -> None:
        """Let the main coroutine run again after :meth:`end`; what it resumed then stays ended."""
        set_raising_hook(self._main, on=False)
        if self._counter is not None:
            self._set_counter()

    def count(self, counted: Callable[[], None]) -> None:
        """Call a function at each so many instructions of the main coroutine, and of those it makes."""
        if hasattr(_library(), "lua_sethook"):
            self._counter = _Hook(lambda _state, _record: counted())
            self._set_counter()

    def _set_counter(self) -> None:
        counter = ctypes.cast(self._counter, ctypes.c_void_p)
        _library().lua_sethook(self._main, counter, _EVERY_COUNT, INSTRUCTIONS)

    def _states(self) -> list[int]:
        current = self._cell.value if self._cell is not None else self._main
        return [self._main] if current == self._main else [self._main, current]

    def _noting(self, note: Noted) -> Any:
        library = _library()

        def noted(state: int, _record: Any) -> None:
            buffer = ctypes.create_string_buffer(_RECORD_SIZE)
            record = ctypes.cast(buffer, ctypes.POINTER(_Record))
            for level in range(_DEEPEST):
                if not library.lua_getstack(state, level, record):
                    break
                library.lua_getinfo(state, b"Sl", record)
                source = record.contents.source or b""
                if source.startswith(b"@"):
                    note(source, record.contents.line)
                    break
            set_raising_hook(state, on=True)

        hook = _Hook(noted)
        self._hooks.append(hook)
        return hook


def set_raising_hook(state: int, *, on: bool, first: Any = None) -> None:
    """Make a coroutine, given its address, raise an error at each instruction, or no more.

    ``first`` is a hook to be called before that, at the next instruction.
    """
    library = _library()
    if not hasattr(library, "lua_sethook"):
        return
    hook = ctypes.cast(first or library.luaL_error, ctypes.c_void_p) if on else None
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
        library.lua_getinfo.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(_Record)]
        library.lua_getinfo.restype = ctypes.c_int
        library.lua_getstack.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Record)]
        library.lua_getstack.restype = ctypes.c_int
    return library
