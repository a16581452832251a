"""Lists that loops and maps go over: given, told by a template, or a range of numbers."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from llmspell_engine.agents.tools import as_text
from llmspell_engine.workflows.results import WorkflowError
from llmspell_engine.workflows.templates import rendered

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Facts, Place


@dataclass(frozen=True, slots=True)
class Collection:
    """Items, or a template that gives them; or the numbers of a range, by its start, end and step.

    Attributes:
        function: gives the items where ``source`` does not.
        batch_size: how many of them are one item, which is a list then.
    """

    source: Any
    numbers: tuple[float, float, float] | None = None
    function: Callable[[Facts], Awaitable[Any]] | None = None
    batch_size: int | None = None

    @property
    def kind(self) -> str:
        """Where the items come from, in the word of scripts."""
        return "range" if self.numbers else "collection"

    async def items(self, place: Place) -> Sequence[Any]:
        """The items at a place in a run. Raises WorkflowError where something else is given."""
        found = await self._found(place)
        if isinstance(found, Mapping) and not found:
            return []
        if isinstance(found, str | bytes) or not isinstance(found, Sequence):
            by = "the function" if self.function else f"'{self.source}'"
            raise WorkflowError(
                f"collection: a list is needed, but {by} gives {as_text(found)[:60]}; write a"
                ' list, or a template such as "{{ input.items }}"'
            )
        size = self.batch_size
        return found if size is None else [found[at : at + size] for at in range(0, len(found), size)]

    async def _found(self, place: Place) -> Any:
        function = self.function
        if function is None:
            return rendered(self.source, place.variables, "collection")

        async def call() -> Any:
            return await function(place.facts())

        # A run that is taken up again goes on with the items with which it began.
        return await place.decide("collection", call)


def numbers(start: float, end: float, step: float) -> Collection:
    """The numbers from ``start`` up to ``end``, which is not one of them. Raises WorkflowError."""
    if step == 0:
        raise WorkflowError("range: 'step' is 0, so that it never ends; write step = 1")
    if not all(math.isfinite(one) for one in (start, end, step)):
        raise WorkflowError("range: 'start', 'end' and 'step' are finite numbers")
    return Collection(Numbers(start, step, max(math.ceil((end - start) / step), 0)), (start, end, step))


class Numbers(Sequence[float]):
    """So many numbers, each a step after the one before; whole ones are integers. None of them is kept."""

    def __init__(self, start: float, step: float, count: int) -> None:
        self._start = start
        self._step = step
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> float: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[float]: ...

    def __getitem__(self, index: int | slice) -> float | Sequence[float]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(self._count))]
        if not 0 <= index < self._count:
            raise IndexError(index)
        value = self._start + self._step * index
        return int(value) if float(value).is_integer() else value
