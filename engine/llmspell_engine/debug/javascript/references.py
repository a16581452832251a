"""Variables that Python writes into, or lays over others, while QuickJS runs."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from llmspell_engine.debug.javascript.layout import REFERENCE_VALUE

if TYPE_CHECKING:
    from llmspell_engine.debug.javascript.memory import Memory

_REFERENCE_DETACHED, _REFERENCE_FRAME = 16, 40
_FRAME_COROUTINE = 72
_OWNERS_BEFORE = 4
"""How far in front of an object its number of owners lies."""


def _frame_of_nobody() -> ctypes.Array[ctypes.c_char]:
    """A frame that belongs to an async function with so many owners that it is never let go."""
    made = ctypes.create_string_buffer(512)
    coroutine = ctypes.addressof(made) + 256
    ctypes.c_uint64.from_buffer(made, _FRAME_COROUTINE).value = coroutine
    ctypes.c_int32.from_address(coroutine - _OWNERS_BEFORE).value = 1 << 30
    return made


_FRAME_OF_NOBODY = _frame_of_nobody()


class Reference:
    """A variable reference that can be laid over another variable for a time.

    While it is, the garbage collector must not count the value a second time, so it looks like a
    reference to a variable of an async function that is suspended. The collector then counts it as
    one of the function's owners; the address of its frame lies where the tag of the own value was.
    """

    def __init__(self, address: int) -> None:
        self._place = ctypes.c_uint64.from_address(address + REFERENCE_VALUE)
        self._is_detached = ctypes.c_uint8.from_address(address + _REFERENCE_DETACHED)
        self._frame = ctypes.c_uint64.from_address(address + _REFERENCE_FRAME)
        self.own = self._place.value
        """The address of the value inside it."""
        self._own_tag = 0

    def lay_over(self, address: int) -> None:
        """Let it lead to the variable at an address."""
        self._own_tag, self._frame.value = self._frame.value, ctypes.addressof(_FRAME_OF_NOBODY)
        self._is_detached.value = 0
        self._place.value = address

    def take_back(self) -> None:
        """Let it lead to its own value again."""
        self._place.value = self.own
        self._is_detached.value = 1
        self._frame.value = self._own_tag


class Flags:
    """The flags of a module's statements: variables of the module that Python writes into."""

    def __init__(self, memory: Memory, cells: dict[str, int]) -> None:
        self._cells = {
            name: ctypes.c_int32.from_address(memory.referenced(reference))
            for name, reference in cells.items()
        }

    def write(self, on: set[str] | None) -> None:
        """Raise exactly these flags, or all of them for None."""
        for name, cell in self._cells.items():
            cell.value = 1 if on is None or name in on else 0
