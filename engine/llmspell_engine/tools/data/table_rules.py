"""What the cells of a table must be, and those that are not."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from pydantic import Field

from llmspell_engine.api.declare import Options, Result
from llmspell_engine.tools.base import stop_if_cancelled
from llmspell_engine.tools.data.table_changes import check_column
from llmspell_engine.tools.data.tables import ColumnType, Table, number_of, type_of
from llmspell_engine.tools.utility.patterns import PatternSettings, compiled, told_when_slow

_ROWS_BETWEEN_LOOKS = 100


class ColumnRule(Options):
    """What the cells of a column must be."""

    required: bool = Field(False, description="Whether no cell may be empty.")
    unique: bool = Field(False, description="Whether no two cells may be the same.")
    type: ColumnType | None = Field(None, description="The type of the cells.")
    min: float | None = Field(None, description="The least number.")
    max: float | None = Field(None, description="The greatest number.")
    pattern: str | None = Field(None, description="A regular expression that the whole cell matches.")
    allowed: list[str] | None = Field(None, description="The only texts there may be.")


class CellFault(Result):
    """A cell that is not what a rule asks for."""

    row: int = Field(description="The row, from 1, without the line that names the columns.")
    column: str = Field(description="The column.")
    value: str = Field(description="The cell.")
    message: str = Field(description="What is wrong with it.")


def faults_of(table: Table, rules: Mapping[str, ColumnRule], most: int) -> tuple[list[CellFault], int]:
    """The first cells that break the rules of their columns, by rows, and how many do. Raises ToolError."""
    for name in rules:
        check_column(name, table.columns)
    found = heapq.merge(*(_faults(name, table.values(name), rule) for name, rule in rules.items()), key=_row)
    first = [
        CellFault(row=row, column=name, value=cell, message=told)
        for row, name, cell, told in islice(found, most)
    ]
    return first, len(first) + sum(1 for _ in found)


_Found = tuple[int, str, str, str]


def _row(found: _Found) -> int:
    return found[0]


def _faults(name: str, cells: Sequence[str], rule: ColumnRule) -> Iterator[_Found]:
    matches = _matcher(rule.pattern)
    seen: set[str] = set()
    for row, cell in enumerate(cells, 1):
        if row % _ROWS_BETWEEN_LOOKS == 0:
            stop_if_cancelled()
        if (told := _fault(cell, rule, matches, seen)) is not None:
            yield row, name, cell, told
        if rule.unique:
            seen.add(cell)


def _fault(cell: str, rule: ColumnRule, matches: Callable[[str], bool], seen: set[str]) -> str | None:
    if not cell.strip():
        return "it is empty" if rule.required else None
    if rule.type is not None and type_of([cell]) not in _TYPES.get(rule.type, (rule.type,)):
        return f"it is no {rule.type}"
    if rule.unique and cell in seen:
        return "it is there twice"
    if rule.allowed is not None and cell not in rule.allowed:
        return f"it is none of {', '.join(rule.allowed)}"
    if not matches(cell):
        return f"it does not match {rule.pattern}"
    return _out_of_range(number_of(cell), rule)


def _out_of_range(number: float | None, rule: ColumnRule) -> str | None:
    if rule.min is None and rule.max is None:
        return None
    if number is None:
        return "it is no number"
    if rule.min is not None and number < rule.min:
        return f"it is less than {rule.min:g}"
    return f"it is more than {rule.max:g}" if rule.max is not None and number > rule.max else None


_TYPES: dict[str, tuple[ColumnType, ...]] = {
    "number": ("integer", "number"),
    "string": ("integer", "number", "boolean", "date", "string"),
}
"""The types of single cells that a wider type takes."""


def _matcher(pattern: str | None) -> Callable[[str], bool]:
    if pattern is None:
        return lambda _: True
    expression = compiled(pattern, PatternSettings())

    def matches(cell: str) -> bool:
        with told_when_slow(pattern):
            return expression.fullmatch(cell, timeout=1) is not None

    return matches
