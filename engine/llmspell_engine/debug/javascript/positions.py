"""The table that tells which line and column each instruction of a function comes from.

It is a list of steps: how far on in the bytecode, how many lines and columns on. Small steps have a
short form, numbers are in base 128.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.debug.javascript.code import Code


def position(code: Code, place: int) -> tuple[int, int]:
    """The line and the column (from 1, in UTF-8 bytes) of a place in a function's bytecode."""
    line, column = code.line, code.column
    for at, next_line, next_column in positions(code):
        if place < at:
            break
        line, column = next_line, next_column
    return line, column


def positions(code: Code) -> Iterator[tuple[int, int, int]]:
    """A function's position table: from which place on, which line and column."""
    table, at = code.table, 0
    place, line, column = 0, code.line, code.column
    while at < len(table):
        operation = table[at]
        at += 1
        if operation:
            place, line = place + (operation - 1) // 5, line + (operation - 1) % 5 - 1
        else:
            step, at = _unsigned(table, at)
            difference, at = _signed(table, at)
            place, line = place + step, line + difference
        difference, at = _signed(table, at)
        column += difference
        yield place, line, column


def encoded(entries: list[tuple[int, int, int]], line: int, column: int) -> bytes:
    """A position table that begins at a function's line and column."""
    out, place = bytearray(), 0
    for next_place, next_line, next_column in entries:
        out.append(0)
        _put_unsigned(out, next_place - place)
        _put_signed(out, next_line - line)
        _put_signed(out, next_column - column)
        place, line, column = next_place, next_line, next_column
    return bytes(out)


def _unsigned(table: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = table[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _signed(table: bytes, at: int) -> tuple[int, int]:
    value, at = _unsigned(table, at)
    return (value >> 1) ^ -(value & 1), at


def _put_unsigned(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _put_signed(out: bytearray, value: int) -> None:
    _put_unsigned(out, value << 1 if value >= 0 else (-value << 1) - 1)
