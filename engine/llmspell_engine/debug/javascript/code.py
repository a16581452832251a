"""A function's bytecode as QuickJS keeps it: names, variables, position table and text."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from llmspell_engine.debug.javascript.layout import TAG_FUNCTION_BYTECODE, VALUE_SIZE

if TYPE_CHECKING:
    from llmspell_engine.debug.javascript.memory import Memory

_CODE = struct.Struct("<QiIQQHHHHHHiQQIiiiiiQQ")
"""The function's bytecode from byte 24 on: buffer, length, name, variables, closure, counts (arguments,
variables, defined arguments, stack, references, closure), constants' count, realm, constants, file,
line, column, source length, position table's length (and padding), table, source."""
_CODE_AT = 24
_VARIABLE = struct.Struct("<IiiBxHi")
_CLOSURE = struct.Struct("<BxHI")
_PC2LINE_LENGTH, _PC2LINE, _SOURCE_LENGTH, _SOURCE, _COLUMN = 104, 112, 100, 120, 96


@dataclass(frozen=True, slots=True)
class Slot:
    """A variable of a function: where it is kept, and how it was declared."""

    name: str
    index: int
    is_argument: bool
    is_lexical: bool
    is_constant: bool
    is_function_name: bool


class Code:
    """A function's bytecode. Read once: it does not change while the function lives."""

    def __init__(self, memory: Memory, address: int) -> None:
        self.address = address
        self._memory = memory
        fields = _CODE.unpack(memory.bytes_at(address + _CODE_AT, _CODE.size))
        (self.start, _, self._name, self._variables, self._closure, self._arguments, self._count,
         _, _, _, self._closure_count, self._constant_count, _, self._constants, self._file,
         self.line, self.column, self._source_length, self._table_length, _, self._table,
         self._source) = fields  # fmt: skip

    @cached_property
    def name(self) -> str:
        """The function's own name, which may be empty."""
        return self._memory.atom(self._name)

    @cached_property
    def file(self) -> str:
        """The file it was compiled from."""
        return self._memory.atom(self._file)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Arguments, then variables, in the order of their declaration."""
        return tuple(self._slot(index) for index in range(self._arguments + self._count))

    @cached_property
    def closure(self) -> tuple[Slot, ...]:
        """The variables of enclosing functions that it uses."""
        found = []
        for index in range(self._closure_count):
            bits, _, name = _CLOSURE.unpack(self._memory.bytes_at(self._closure + 8 * index, 8))
            slot = Slot(self._memory.atom(name), index, False, bool(bits & 8), bool(bits & 16), False)
            found.append(slot)
        return tuple(found)

    def children(self) -> Iterator[Code]:
        """The functions written inside it."""
        for index in range(self._constant_count):
            value = self._memory.value_at(self._constants + VALUE_SIZE * index)
            if value.tag == TAG_FUNCTION_BYTECODE:
                yield Code(self._memory, value.payload)

    @cached_property
    def source(self) -> bytes:
        """Its text, as ``toString`` shows it."""
        return self._memory.bytes_at(self._source, self._source_length) if self._source else b""

    @cached_property
    def table(self) -> bytes:
        """The table from places in the bytecode to lines and columns."""
        return self._memory.bytes_at(self._table, self._table_length) if self._table else b""

    def replace_source(self, text: bytes) -> None:
        """Let ``toString`` show another text."""
        self._replace(_SOURCE, _SOURCE_LENGTH, text)
        self.__dict__.pop("source", None)

    def replace_table(self, table: bytes, column: int) -> None:
        """Let stack traces show other positions."""
        self._replace(_PC2LINE, _PC2LINE_LENGTH, table)
        ctypes.c_int32.from_address(self.address + _COLUMN).value = column
        self.column = column
        self.__dict__["table"] = table

    def _replace(self, pointer: int, length: int, new: bytes) -> None:
        cell = ctypes.c_uint64.from_address(self.address + pointer)
        fresh = 0
        if new:
            fresh = self._memory.c.js_malloc_rt(self._memory.runtime, len(new) + 1)
            ctypes.memmove(fresh, new + b"\0", len(new) + 1)
        old, cell.value = cell.value, fresh
        ctypes.c_int32.from_address(self.address + length).value = len(new)
        self._memory.c.js_free_rt(self._memory.runtime, old)

    def _slot(self, index: int) -> Slot:
        at = self._variables + _VARIABLE.size * index
        name, _, _, bits, _, _ = _VARIABLE.unpack(self._memory.bytes_at(at, _VARIABLE.size))
        is_argument = index < self._arguments
        place = index if is_argument else index - self._arguments
        kind = bits >> 4
        return Slot(self._memory.atom(name), place, is_argument, bool(bits & 2), bool(bits & 1), kind == 4)
