"""One step for each item of a list, many at a time, and one that makes a whole of what they gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.tools import as_text
from llmspell_engine.workflows.body import Body
from llmspell_engine.workflows.collections import Collection
from llmspell_engine.workflows.parallel import together
from llmspell_engine.workflows.results import Produced

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.step import Step


class MapReduce(Body):
    """Maps each item, then reduces the list of outputs, which stand in the order of the items.

    Templates of the map step know ``item`` and ``index``; those of the reduce step know the list as
    ``previous``. An item whose step failed where the workflow goes on is left out of the list.
    """

    kind = "map_reduce"

    def __init__(
        self,
        collection: Collection,
        mapper: Step,
        reducer: Step | None = None,
        at_once: int | None = None,
        *,
        fail_fast: bool = True,
    ) -> None:
        self._collection = collection
        self._mapper = mapper
        self._reducer = reducer
        self._at_once = at_once
        self._fail_fast = fail_fast

    @property
    def steps(self) -> Sequence[Step]:
        """See the base class."""
        return [self._mapper, *([self._reducer] if self._reducer else [])]

    async def run(self, place: Place) -> Produced:
        """See the base class."""
        items = await self._collection.items(place)
        mapped = await self._mapped(items, place)
        if self._reducer is None:
            return Produced(mapped, as_text(mapped))
        result = await self._reducer.run(place.giving(mapped).with_local(previous=mapped))
        return Produced(result.output, result.text)

    async def _mapped(self, items: Sequence[Any], place: Place) -> list[Any]:
        outputs: dict[int, Any] = {}
        facts = place.run.facts
        facts.update(total_items=len(items), max_concurrency=self._at_once, fail_fast=self._fail_fast)

        async def take(number: int, item: Any) -> None:
            inside = place.inside(str(number), apart=True, item=item, index=number)
            result = await self._mapper.run(inside.giving(item))
            if result.success and not result.skipped:
                outputs[number] = result.output

        works = [lambda at=at, item=item: take(at, item) for at, item in enumerate(items, 1)]
        try:
            await together(works, self._at_once, fail_fast=self._fail_fast)
        finally:
            failed = sum(not step.success for step in place.run.results if step.name == self._mapper.name)
            facts.update(successful_items=len(outputs), failed_items=failed)
        return [outputs[number] for number in sorted(outputs)]

    def definition(self) -> object:
        """See the base class."""
        return [self._mapper.definition(), self._reducer.definition() if self._reducer else None]
