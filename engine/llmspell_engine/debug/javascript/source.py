"""A probed source of JavaScript, and how its places map back to the script's own."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from llmspell_engine.debug.backend import ProbedSource
from llmspell_engine.debug.javascript.declarations import Function
from llmspell_engine.syntax import SyntaxTree, parse
from llmspell_engine.text import Position, Text


@dataclass(frozen=True)
class JavaScriptSource(ProbedSource):
    """A probed source with what is needed to read its frames."""

    key: int = 0
    """The number by which the running module names itself."""
    prefix: str = ""
    insertions: tuple[tuple[int, str], ...] = ()
    """Offsets in the original and what stands in front of them now, in order."""
    scopes: tuple[Function, ...] = ()
    """The functions with their names and blocks, outer before inner; number 0 is the module."""
    debugger_statements: frozenset[int] = frozenset()
    """The probes of ``debugger`` statements, which always report themselves."""
    flags: dict[int, str] = field(default_factory=dict)
    """The flag's name of each probe."""

    @cached_property
    def lines(self) -> dict[int, _LineMap]:
        """For each line (from 1) with insertions, how its columns map back."""
        found: dict[int, _LineMap] = {}
        for offset, text in self.insertions:
            place = self.index.position(offset, "utf-8")
            found.setdefault(place.line + 1, _LineMap()).add(place.column, len(text))
        return found

    @cached_property
    def index(self) -> Text:
        """The original with its lines."""
        return Text(self.original)

    @cached_property
    def tree(self) -> SyntaxTree:
        """The syntax of the original."""
        return parse(self.original, "javascript")

    def column(self, line: int, column: int) -> int:
        """The column in the original of a column in the probed text, both from 1 and in UTF-8 bytes."""
        mapped = self.lines.get(line)
        return mapped.back(column - 1) + 1 if mapped else column

    def is_inserted(self, line: int, column: int) -> bool:
        """Whether a place of the probed text, from 1 and in UTF-8 bytes, was put in."""
        mapped = self.lines.get(line)
        return mapped is not None and mapped.is_inserted(column - 1)

    def characters(self, line: int, column: int) -> int:
        """A column of the original in code points, of one in UTF-8 bytes, both from 1."""
        if self.index.ascii:
            return column
        offset = self.index.offset(Position(line - 1, column - 1), "utf-8")
        return self.index.position(offset).column + 1

    def offset(self, line: int, column: int) -> int:
        """The offset in the original of a line and column of the original, both from 1."""
        return self.index.offset(Position(line - 1, column - 1))

    def without_probes(self, text: str) -> str:
        """A part of the probed text as the script wrote it."""
        return self._inserted.sub("", text)

    @cached_property
    def _inserted(self) -> re.Pattern[str]:
        return _inserted(self.prefix)


class _LineMap:
    """The insertions of one line: where each begins in the probed line, and how long they are by then."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._before: list[int] = []
        self._after: list[int] = []
        self._total = 0

    def add(self, column: int, length: int) -> None:
        self._begins.append(column + self._total)
        self._before.append(self._total)
        self._total += length
        self._after.append(self._total)

    def back(self, column: int) -> int:
        """The original column; every place inside an insertion is the place where it was put.

        But its last character stands for the one before: on a first line the compiler now and then
        gives a statement the column before its own.
        """
        index = bisect_right(self._begins, column) - 1
        if index < 0:
            return column
        return max(self._begins[index] - self._before[index], column - self._after[index]) - (
            column == self._last(index)
        )

    def is_inserted(self, column: int) -> bool:
        """Whether a place is inside an insertion, before its last character."""
        index = bisect_right(self._begins, column) - 1
        return index >= 0 and column < self._last(index)

    def _last(self, index: int) -> int:
        return self._begins[index] + self._after[index] - self._before[index] - 1


def _inserted(prefix: str) -> re.Pattern[str]:
    """Everything that is ever inserted into a function's text."""
    name = re.escape(prefix)
    check = rf"{name}\d+&&{name}\(\d+(?:,\(\)=>this)?\)"
    comment = rf"/\*{name}\*/"
    opening = rf"{comment}(?:\{{{check}; ?|\({check}, ?|{name}\.thrown\(\()"
    closing = rf"{comment}[}})]|/\*{name}!\*/\)\)"
    return re.compile(rf"{opening}|{closing}|{check}; ?")
