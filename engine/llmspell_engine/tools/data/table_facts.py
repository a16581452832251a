"""What is known of the columns of a table, row by row: no more is held than what the facts need.

Each different cell is held once, with how often it is there. Where a table has more different cells than
memory should be spent on, the column with the most of them is from then on known by its type and, where it
has numbers, by these, at eight bytes each.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import stop_if_cancelled
from llmspell_engine.tools.data.tables import ColumnType, type_of

MOST_DIFFERENT = 3_000_000
"""The different cells of a table that are held."""
_BLOCK = 10_000
"""Rows that are counted at a time."""
_NUMERIC = ("integer", "number")


class ColumnFacts(Result):
    """What is known of a column."""

    name: str = Field(description="The column.")
    type: ColumnType = Field(description="The type of its cells.")
    filled: int = Field(description="How many cells are not empty.")
    empty: int = Field(description="How many are.")
    unique: int | None = Field(
        None,
        description="How many different cells there are; absent in the columns with the most of them, "
        "where a table has more than three million.",
    )
    most_frequent: str | None = Field(
        None, description="The text that stands most often; absent where `unique` is."
    )
    min: float | None = Field(None, description="The least number.")
    max: float | None = Field(None, description="The greatest number.")
    mean: float | None = Field(None, description="The mean of the numbers.")
    median: float | None = Field(None, description="The median of the numbers.")
    standard_deviation: float | None = Field(None, description="How far the numbers spread.")


def facts_of(columns: Sequence[str], rows: Iterator[list[str]]) -> tuple[int, list[ColumnFacts]]:
    """How many rows there are, and what is known of each column."""
    found = [_Column() for _ in columns]
    count = 0
    while block := list(islice(rows, _BLOCK)):
        stop_if_cancelled()
        count += len(block)
        for column, cells in zip(found, zip(*block, strict=True), strict=True):
            column.add(cells)
        _bound(found)
    return count, [column.facts(name) for name, column in zip(columns, found, strict=True)]


def _bound(columns: Sequence[_Column]) -> None:
    while sum(len(column.counts) for column in columns) > MOST_DIFFERENT:
        max(columns, key=lambda column: len(column.counts)).forget_cells()


class _Column:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """Its different cells, as long as they are held."""
        self._is_counted = True
        self._kind: ColumnType = "empty"
        self._numbers = array("d")
        self._filled = self._empty = 0

    def add(self, cells: Iterable[str]) -> None:
        """Go on with more cells."""
        if self._is_counted:
            self.counts.update(cells)
        else:
            self._take(Counter(cells))

    def forget_cells(self) -> None:
        """Hold the cells no longer, but only what sums them up."""
        self._is_counted = False
        counts, self.counts = self.counts, Counter()
        self._take(counts)

    def facts(self, name: str) -> ColumnFacts:
        """What is known of it in the end."""
        stop_if_cancelled()
        if not self._is_counted:
            numbers = sorted(self._numbers) if self._kind in _NUMERIC else []
            return ColumnFacts(
                name=name,
                type=self._kind,
                filled=self._filled,
                empty=self._empty,
                **_number_facts(numbers, [1] * len(numbers)),
            )
        filled = _filled(self.counts)
        kind, count = type_of(list(filled)), sum(filled.values())
        told: dict[str, float] = {}
        if kind in _NUMERIC:
            pairs = sorted((float(cell), times) for cell, times in filled.items())
            told = _number_facts([number for number, _ in pairs], [times for _, times in pairs])
        return ColumnFacts(
            name=name,
            type=kind,
            filled=count,
            empty=self.counts.total() - count,
            unique=len(filled),
            most_frequent=max(filled, key=filled.__getitem__, default=None),
            **told,
        )

    def _take(self, counts: Counter[str]) -> None:
        filled = _filled(counts)
        self._filled += (count := sum(filled.values()))
        self._empty += counts.total() - count
        self._kind = _wider(self._kind, type_of(list(filled)))
        if self._kind in _NUMERIC:
            self._numbers.extend(chain.from_iterable(repeat(float(cell), n) for cell, n in filled.items()))
        else:
            self._numbers = array("d")


def _filled(counts: Mapping[str, int]) -> dict[str, int]:
    return {cell: times for cell, times in counts.items() if cell.strip()}


def _wider(one: ColumnType, other: ColumnType) -> ColumnType:
    """The narrowest type that has the cells of both."""
    if other in (one, "empty"):
        return one
    if one == "empty":
        return other
    return "number" if one in _NUMERIC and other in _NUMERIC else "string"


def _number_facts(numbers: Sequence[float], weights: Sequence[int]) -> dict[str, float]:
    """The facts of sorted numbers, each there as often as its weight says; of none, nothing."""
    if not numbers:
        return {}
    count = sum(weights)
    mean = _sum(numbers, weights) / count
    return {
        "min": numbers[0],
        "max": numbers[-1],
        "mean": mean,
        "median": (_nth(numbers, weights, (count - 1) // 2) + _nth(numbers, weights, count // 2)) / 2,
        "standard_deviation": _deviation(numbers, weights, mean, count),
    }


def _sum(numbers: Iterable[float], weights: Iterable[int]) -> float:
    return math.fsum(map(float.__mul__, numbers, map(float, weights)))


def _nth(numbers: Sequence[float], weights: Sequence[int], place: int) -> float:
    for number, weight in zip(numbers, weights, strict=True):
        place -= weight
        if place < 0:
            return number
    raise IndexError(place)


def _deviation(numbers: Sequence[float], weights: Sequence[int], mean: float, count: int) -> float:
    """That of a sample; in units of the farthest number, whose square may be no number any more."""
    farthest = max(numbers[-1] - mean, mean - numbers[0])
    if count < 2 or not farthest:
        return 0.0
    squares = (((number - mean) / farthest) ** 2 for number in numbers)
    return math.sqrt(_sum(squares, weights) / (count - 1)) * farthest
