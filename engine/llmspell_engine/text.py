"""Positions in text: offsets, lines and columns in every unit an editor may ask for.

The engine speaks **offsets**: indices into a Python string, in Unicode code points, from 0.
Lines and columns exist at the edges only, and this module is the one place that converts.
A line ends with ``\\n``, ``\\r\\n`` or ``\\r``, as in the Language Server Protocol.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]
"""The unit a column counts: UTF-8 bytes, UTF-16 code units, or code points."""

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of offsets, ``start`` included and ``end`` excluded."""

    start: int
    end: int

    def contains(self, offset: int) -> bool:
        """Whether ``offset`` lies in the span or at its end, where a cursor may stand."""
        return self.start <= offset <= self.end


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A line and a column, both from 0; the unit of the column is the caller's."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """An immutable document text with an index of its lines."""

    value: str
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """The offset at which each line begins; the first is 0."""
    ascii: bool = field(init=False, repr=False, compare=False)
    """Whether every character is ASCII, where all column units agree."""

    def __post_init__(self) -> None:
        starts = (0, *(match.end() for match in _LINE_END.finditer(self.value)))
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "ascii", self.value.isascii())

    def __len__(self) -> int:
        return len(self.value)

    @property
    def line_count(self) -> int:
        """The number of lines; an empty text has one."""
        return len(self.starts)

    def line_of(self, offset: int) -> int:
        """The line, from 0, in which ``offset`` lies; offsets past the end are on the last."""
        return bisect_right(self.starts, max(offset, 0)) - 1

    def line_span(self, line: int) -> Span:
        """The span of ``line`` without its line end. Raises IndexError for no such line."""
        start = self.starts[line]
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.value)
        while end > start and self.value[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def position(self, offset: int, encoding: Encoding = "utf-32") -> Position:
        """The line and column of ``offset``, which is clamped to the text."""
        offset = min(max(offset, 0), len(self.value))
        line = self.line_of(offset)
        start = self.starts[line]
        if self.ascii or encoding == "utf-32":
            return Position(line, offset - start)
        return Position(line, width(self.value[start:offset], encoding))

    def offset(self, position: Position, encoding: Encoding = "utf-32") -> int:
        """The offset of a position; lines and columns past an end are clamped to it."""
        if position.line < 0:
            return 0
        if position.line >= len(self.starts):
            return len(self.value)
        span = self.line_span(position.line)
        if self.ascii or encoding == "utf-32":
            return min(span.start + max(position.column, 0), span.end)
        return span.start + _prefix(self.value[span.start : span.end], position.column, encoding)

    def replace(self, span: Span, new: str) -> Text:
        """This text with ``span`` replaced by ``new``."""
        return Text(self.value[: span.start] + new + self.value[span.end :])


def width(text: str, encoding: Encoding) -> int:
    """How many units of ``encoding`` the text takes."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def _prefix(line: str, units: int, encoding: Encoding) -> int:
    """The largest number of characters of ``line`` that take at most ``units`` units."""
    used = 0
    for index, character in enumerate(line):
        used += width(character, encoding)
        if used > units:
            return index
    return len(line)
