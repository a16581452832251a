"""Stages that each work on what the one before gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.tools import as_text
from llmspell_engine.workflows.body import Body, produced
from llmspell_engine.workflows.parallel import together
from llmspell_engine.workflows.results import Produced

if TYPE_CHECKING:
    from anyio import Lock

    from llmspell_engine.workflows.collections import Collection
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.results import StepResult
    from llmspell_engine.workflows.step import Step


class Pipeline(Body):
    """The input of a stage is the output of the one before, which templates call ``previous``.

    Items of a list go through it one after the other: each stage works on one of them at a time, all stages
    at once, and no more than ``at_once`` are on their way, so that a slow stage holds up those before it.
    Without a number there are as many as stages. The output is then the list of what the last stage gave.
    """

    kind = "pipeline"

    def __init__(
        self,
        stages: Sequence[Step],
        collection: Collection | None = None,
        at_once: int | None = None,
        *,
        fail_fast: bool = True,
    ) -> None:
        self._stages = stages
        self._collection = collection
        self._at_once = at_once or len(stages)
        self._fail_fast = fail_fast

    @property
    def steps(self) -> Sequence[Step]:
        """See the base class."""
        return self._stages

    async def run(self, place: Place) -> Produced:
        """See the base class."""
        facts = place.run.facts
        facts.update(total_stages=len(self._stages), completed_stages=0)
        if self._collection is None:
            return produced(await self._through(place, place.given))
        items = await self._collection.items(place)
        facts.update(total_items=len(items), max_concurrency=self._at_once, fail_fast=self._fail_fast)
        outputs = await self._all_through(items, place)
        return Produced(outputs, as_text(outputs))

    async def _all_through(self, items: Sequence[Any], place: Place) -> list[Any]:
        import anyio

        gates = [anyio.Lock() for _ in self._stages]
        outputs: dict[int, Any] = {}

        async def take(number: int, item: Any) -> None:
            inside = place.inside(str(number), apart=True, item=item, index=number)
            last = await self._through(inside, item, gates)
            outputs[number] = last.output if last else item

        works = [lambda at=at, item=item: take(at, item) for at, item in enumerate(items, 1)]
        try:
            await together(works, self._at_once, fail_fast=self._fail_fast)
        finally:
            place.run.facts["successful_items"] = len(outputs)
        return [outputs[number] for number in sorted(outputs)]

    async def _through(
        self, place: Place, value: Any, gates: Sequence[Lock] | None = None
    ) -> StepResult | None:
        """Lead a value through all stages; what came of the last that was done."""
        last: StepResult | None = None
        for at, stage in enumerate(self._stages):
            here = place.giving(value).with_local(previous=value)
            if gates is None:
                result = await stage.run(here)
            else:
                async with gates[at]:
                    result = await stage.run(here)
            if result.success and not result.skipped:
                last, value = result, result.output
                place.run.facts["completed_stages"] += 1
        return last
