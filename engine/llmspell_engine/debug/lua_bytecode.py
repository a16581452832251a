"""Switching probes on and off inside compiled Lua functions.

A probe is a call, ``("mark")(7)``, which Lua compiles to three instructions: load the mark, load the
number, call. The mark, a constant of the function, is replaced by the debugger's hook; and while the
probe is off its first instruction is overwritten by a jump over the other two. So a probe that is off
costs one jump, one that is on is a plain call, and switching is one aligned store of four bytes, which
another thread may do while a loop runs.

This leans on how Lua 5.4 lays out a compiled function, which its interface does not promise. So it is
tried on a sample first (:func:`is_supported`), and in every function nothing is written before
everything was found as expected. Where it is not so, probes are made in another way (``lua_probes``).
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Offsets in bytes of LClosure and Proto on a 64-bit machine, and the size of a value.
_PROTOTYPE = 24
_CONSTANT_COUNT, _CODE_COUNT, _NESTED_COUNT = 20, 24, 32
_CONSTANTS, _CODE, _NESTED = 56, 64, 72
_VALUE_SIZE = 16
_SHORT_STRING, _LUA_CLOSURE = 0x44, 0x46
"""Type tags of collectable values: what a mark is, and what replaces it."""

# Instructions: the operation is in the low seven bits.
_LOAD_NUMBER, _LOAD_CONSTANT, _JUMP, _CALL = 1, 3, 56, 68
_JUMP_OVER_TWO = _JUMP | (2 + 0xFFFFFF) << 7
_CALL_WITH_ONE = 2 << 16 | 1 << 24
"""The operands of a call with one argument and no result."""


@dataclass(frozen=True, slots=True)
class Switch:
    """The first instruction of a probe: where it lies, and what it is when on."""

    number: int
    """The probe's number in its source."""
    address: int
    on: int

    def set(self, on: bool) -> None:
        """Let the probe report itself, or not. Callable from any thread."""
        ctypes.c_uint32.from_address(self.address).value = self.on if on else _JUMP_OVER_TWO


def find_switches(closure: int, mark: int) -> list[Switch]:
    """The probes of a compiled function and the functions in it, given the addresses of both."""
    return [
        switch
        for prototype in _prototypes(_pointer(closure + _PROTOTYPE))
        for switch in _scan(prototype, mark)
    ]


def install(closure: int, mark: int, hook: int) -> None:
    """Put the hook, a Lua function kept alive elsewhere, in the place of every mark."""
    for prototype in _prototypes(_pointer(closure + _PROTOTYPE)):
        for constant in _constants(prototype):
            if _is_mark(constant, mark):
                ctypes.c_uint64.from_address(constant).value = hook
                ctypes.c_uint8.from_address(constant + 8).value = _LUA_CLOSURE


def _prototypes(prototype: int) -> Iterator[int]:
    """A function's compiled form and those of the functions inside it."""
    yield prototype
    nested = _pointer(prototype + _NESTED)
    for index in range(_int(prototype + _NESTED_COUNT)):
        yield from _prototypes(_pointer(nested + 8 * index))


def _scan(prototype: int, mark: int) -> Iterator[Switch]:
    code = _pointer(prototype + _CODE)
    words = (ctypes.c_uint32 * _int(prototype + _CODE_COUNT)).from_address(code)
    marks = {index for index, constant in enumerate(_constants(prototype)) if _is_mark(constant, mark)}
    if not marks:
        return
    for at in range(len(words) - 2):
        load, number, call = words[at], words[at + 1], words[at + 2]
        if load & 0x7F != _LOAD_CONSTANT or load >> 15 not in marks:
            continue
        register = load >> 7 & 0xFF
        if number & 0x7FFF == _LOAD_NUMBER | (register + 1) << 7 and call == (
            _CALL | register << 7 | _CALL_WITH_ONE
        ):
            yield Switch((number >> 15) - 0xFFFF, code + 4 * at, load)


def _constants(prototype: int) -> Iterator[int]:
    first = _pointer(prototype + _CONSTANTS)
    for index in range(_int(prototype + _CONSTANT_COUNT)):
        yield first + _VALUE_SIZE * index


def _is_mark(constant: int, mark: int) -> bool:
    return (
        ctypes.c_uint8.from_address(constant + 8).value == _SHORT_STRING
        and ctypes.c_uint64.from_address(constant).value == mark
    )


def _pointer(address: int) -> int:
    return ctypes.c_uint64.from_address(address).value


def _int(address: int) -> int:
    return ctypes.c_int32.from_address(address).value
