"""What is known of the columns of a table, row by row: no more is held than what the facts need.

Each different cell is held once, with how often it is there. Where a table has more different cells than
memory should be spent on, the column with the most of them is from then on known by its type and, where it
has numbers, by these, at eight bytes each.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate, chain, repeat
from operator import mul

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import stop_if_cancelled
from llmspell_engine.tools.data.tables import Block, ColumnType, type_of

MOST_DIFFERENT = 3_000_000
"""The different cells of a table that are held."""
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


def facts_of(columns: Sequence[str], blocks: Iterable[Block]) -> tuple[int, list[ColumnFacts]]:
    """How many rows there are, and what is known of each column."""
    found = [_Column() for _ in columns]
    count = 0
    for block in blocks:
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
            told = _number_facts(self._numbers, [1] * len(self._numbers))
            return ColumnFacts(name=name, type=self._kind, filled=self._filled, empty=self._empty, **told)
        empty = _take_empty(self.counts)
        kind, times = type_of(self.counts), list(self.counts.values())
        told = _number_facts(map(float, self.counts), times) if kind in _NUMERIC else {}
        return ColumnFacts(
            name=name,
            type=kind,
            filled=sum(times),
            empty=empty,
            unique=len(times),
            most_frequent=_most_frequent(self.counts, times),
            **told,
        )

    def _take(self, counts: Counter[str]) -> None:
        self._empty += _take_empty(counts)
        self._filled += counts.total()
        self._kind = _wider(self._kind, type_of(counts))
        if self._kind in _NUMERIC:
            self._numbers.extend(chain.from_iterable(map(repeat, map(float, counts), counts.values())))
        else:
            self._numbers = array("d")


def _take_empty(counts: Counter[str]) -> int:
    """Take out the cells that are empty; how many there were."""
    empty = [cell for cell in ("", *filter(str.isspace, counts)) if cell in counts]
    return sum(counts.pop(cell) for cell in empty)


def _most_frequent(cells: Iterable[str], times: Sequence[int]) -> str | None:
    """The cell that is there most often, and of several the first."""
    most = max(times, default=0)
    return next((cell for cell, count in zip(cells, times, strict=True) if count == most), None)


def _wider(one: ColumnType, other: ColumnType) -> ColumnType:
    """The narrowest type that has the cells of both."""
    if other in (one, "empty"):
        return one
    if one == "empty":
        return other
    return "number" if one in _NUMERIC and other in _NUMERIC else "string"


def _number_facts(found: Iterable[float], times: Collection[int]) -> dict[str, float]:
    """The facts of numbers, each there as often as is said; of none, nothing."""
    if not times:
        return {}
    numbers, weights = _sorted(found, times)
    until = list(accumulate(weights))
    count = until[-1]
    mean = math.fsum(map(mul, numbers, weights)) / count
    middle = (numbers[bisect_right(until, place)] for place in ((count - 1) // 2, count // 2))
    return {
        "min": numbers[0],
        "max": numbers[-1],
        "mean": mean,
        "median": sum(middle) / 2,
        "standard_deviation": _deviation(numbers, weights, mean, count),
    }


def _sorted(numbers: Iterable[float], times: Collection[int]) -> tuple[Sequence[float], Collection[int]]:
    if sum(times) == len(times):
        return sorted(numbers), times
    numbers, times = zip(*sorted(zip(numbers, times, strict=True)), strict=True)
    return numbers, times


def _deviation(numbers: Sequence[float], weights: Iterable[int], mean: float, count: int) -> float:
    """That of a sample; in units of the farthest number, whose square may be no number any more."""
    farthest = max(numbers[-1] - mean, mean - numbers[0])
    if count < 2 or not farthest:
        return 0.0
    distances = [(number - mean) / farthest for number in numbers]
    squares = map(mul, distances, distances)
    return math.sqrt(math.fsum(map(mul, squares, weights)) / (count - 1)) * farthest
