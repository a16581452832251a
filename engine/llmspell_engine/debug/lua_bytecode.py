"""Switching probes on and off inside compiled Lua functions.

A probe is a call of a string, ``("mark 7")()``, which Lua compiles to two instructions: load the string,
call it. The string, a constant of the function, is replaced by a hook; and while the probe is off its
first instruction is overwritten by the one that skips the next (``LFALSESKIP``, which also puts a
``false`` where the string would have gone). So a probe that is off costs one cheap instruction, one that
is on is a plain call, and switching is one aligned store of four bytes, which another thread may do
while a loop runs.

This leans on how Lua 5.4 lays out a compiled function on 64-bit machines, which its interface does not
promise; :func:`is_supported` says where it holds. Nothing is written that was not found as expected.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Offsets in bytes of LClosure, Proto and TString, and the size of a value.
_PROTOTYPE = 24
_CONSTANT_COUNT, _CODE_COUNT, _NESTED_COUNT = 20, 24, 32
_CONSTANTS, _CODE, _NESTED = 56, 64, 72
_STRING_LENGTH, _STRING_BYTES = 11, 24
_VALUE_SIZE = 16
_SHORT_STRING, _LUA_CLOSURE = 0x44, 0x46
"""Type tags of constants: what a mark is, and what replaces it."""

# Instructions: the operation is in the low seven bits, then the register.
_LOAD_CONSTANT, _SKIP_NEXT, _CALL = 3, 6, 68
_REGISTER = 0xFF << 7
_CALL_WITH_NOTHING = 1 << 16 | 1 << 24
"""The operands of a call with no argument and no result."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A probe in a compiled function: the addresses of its first instruction and of its constant."""

    id: int
    """The number in its mark."""
    address: int
    on: int
    """The first instruction of the probe when it is on."""
    constant: int

    def set(self, on: bool) -> None:
        """Let the probe report itself, or not. Callable from any thread."""
        off = _SKIP_NEXT | (self.on & _REGISTER)
        ctypes.c_uint32.from_address(self.address).value = self.on if on else off

    def install(self, hook: int) -> None:
        """Put a hook, the address of a Lua function kept alive elsewhere, in the place of the mark."""
        ctypes.c_uint64.from_address(self.constant).value = hook
        ctypes.c_uint8.from_address(self.constant + 8).value = _LUA_CLOSURE


def is_supported(version: tuple[int, int]) -> bool:
    """Whether compiled functions are laid out here as this module knows them."""
    return version == (5, 4) and ctypes.sizeof(ctypes.c_void_p) == 8 and sys.byteorder == "little"


def find_switches(closure: int, mark: bytes) -> list[Switch]:
    """The probes of a compiled function and of the functions in it, given the function's address."""
    prototypes = _prototypes(_pointer(closure + _PROTOTYPE))
    return [switch for prototype in prototypes for switch in _scan(prototype, mark)]


def _prototypes(prototype: int) -> Iterator[int]:
    """A function's compiled form and those of the functions inside it."""
    yield prototype
    count = _int(prototype + _NESTED_COUNT)
    if count:
        for nested in (ctypes.c_uint64 * count).from_address(_pointer(prototype + _NESTED)):
            yield from _prototypes(nested)


def _scan(prototype: int, mark: bytes) -> Iterator[Switch]:
    marks = _marks(prototype, mark)
    if not marks:
        return
    code, constants = _pointer(prototype + _CODE), _pointer(prototype + _CONSTANTS)
    words = (ctypes.c_uint32 * _int(prototype + _CODE_COUNT)).from_address(code)[:]
    for at, load in enumerate(words[:-1]):
        call = _CALL | (load & _REGISTER) | _CALL_WITH_NOTHING
        if load & 0x7F == _LOAD_CONSTANT and words[at + 1] == call and load >> 15 in marks:
            constant = load >> 15
            yield Switch(marks[constant], code + 4 * at, load, constants + _VALUE_SIZE * constant)


def _marks(prototype: int, mark: bytes) -> dict[int, int]:
    """The constants of a function that are marks, and the numbers in them."""
    count = _int(prototype + _CONSTANT_COUNT)
    if not count:
        return {}
    values = (ctypes.c_uint64 * (2 * count)).from_address(_pointer(prototype + _CONSTANTS))[:]
    found = {}
    for index in range(count):
        if values[2 * index + 1] & 0xFF == _SHORT_STRING:
            text = _short_string(values[2 * index])
            if text.startswith(mark):
                found[index] = int(text.removeprefix(mark))
    return found


def _short_string(address: int) -> bytes:
    length = ctypes.c_uint8.from_address(address + _STRING_LENGTH).value
    return ctypes.string_at(address + _STRING_BYTES, length)


def _pointer(address: int) -> int:
    return ctypes.c_uint64.from_address(address).value


def _int(address: int) -> int:
    return ctypes.c_int32.from_address(address).value
