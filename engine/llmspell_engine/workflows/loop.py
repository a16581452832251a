"""The same steps again and again: over a list, or while a condition holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.tools import as_text
from llmspell_engine.workflows.body import Body, in_order
from llmspell_engine.workflows.conditions import Expression
from llmspell_engine.workflows.results import Produced

if TYPE_CHECKING:
    from llmspell_engine.workflows.collections import Collection
    from llmspell_engine.workflows.conditions import Condition
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.step import Step

MOST_ROUNDS = 1000
"""How often a loop goes round that nothing else bounds."""


class Loop(Body):
    """Runs its steps once a round; the output is the list of what the last step gave in each.

    A loop over a list has its rounds from that; ``condition`` is looked at before each round, and ends the
    loop where it does not hold; ``breaks`` are looked at after each, and end it where one holds.
    """

    kind = "loop"

    def __init__(
        self,
        steps: Sequence[Step],
        collection: Collection | None = None,
        condition: Condition | None = None,
        breaks: Sequence[Condition] = (),
        most: int | None = None,
    ) -> None:
        self._steps = steps
        self._collection = collection
        self._condition = condition
        self._breaks = breaks
        self._most = most

    @property
    def steps(self) -> Sequence[Step]:
        """See the base class."""
        return self._steps

    async def run(self, place: Place) -> Produced:
        """See the base class."""
        items = await self._collection.items(place) if self._collection else None
        outputs: list[Any] = []
        reason = ""
        facts = place.run.facts
        facts.update(self._stated(items), iteration_outputs=outputs)
        while not reason:
            inside = self._round(place, items, outputs)
            reason = await self._end_before(inside, items, len(outputs))
            if not reason:
                last = await in_order(self._steps, inside)
                outputs.append(last.output if last else None)
                facts["iterations"] = len(outputs)
                if last is None or not last.restored:
                    await self._tell(inside, outputs)
                reason = "break_condition" if await self._breaks_off(inside) else ""
        facts["break_reason"] = reason
        return Produced(outputs, as_text(outputs))

    async def _tell(self, inside: Place, outputs: Sequence[Any]) -> None:
        told = inside.run.handlers.iteration_complete
        if told is not None:
            await told(len(outputs), outputs[-1], inside.facts())

    def _stated(self, items: Sequence[Any] | None) -> dict[str, Any]:
        """What is known of the loop before it begins."""
        return {
            "iterations": 0,
            "iterator_type": self._collection.kind if self._collection else "while_condition",
            "collection_size": None if items is None else len(items),
            "numbers": self._collection.numbers if self._collection else None,
            "condition": str(self._condition) if isinstance(self._condition, Expression) else None,
            "body_steps_count": len(self._steps),
            "max_iterations": self._limit(items),
        }

    def _limit(self, items: Sequence[Any] | None) -> int:
        return self._most or (MOST_ROUNDS if items is None else len(items))

    def _round(self, place: Place, items: Sequence[Any] | None, outputs: Sequence[Any]) -> Place:
        """The place of the next round, whose steps are given the item, or what the round before gave."""
        at = len(outputs)
        inside = place.inside(str(at + 1), index=at + 1, previous=outputs[-1] if outputs else None)
        if outputs:
            inside = inside.giving(outputs[-1])
        if items is not None and at < len(items):
            inside = inside.giving(items[at]).with_local(item=items[at])
        return inside

    async def _end_before(self, inside: Place, items: Sequence[Any] | None, done: int) -> str:
        """Why a round is not begun, or nothing where it is."""
        if items is not None and done >= len(items):
            return "finished"
        if done >= self._limit(items):
            return "max_iterations"
        return "" if await self._goes_on(inside) else "condition"

    async def _goes_on(self, place: Place) -> bool:
        condition = self._condition
        if condition is None:
            return True

        async def holds() -> bool:
            return await condition.holds(place, "while_condition")

        return bool(await place.decide("while", holds, at_once=False))

    async def _breaks_off(self, place: Place) -> bool:
        async def any_holds() -> bool:
            for number, condition in enumerate(self._breaks, 1):
                if await condition.holds(place, f"break_conditions[{number}]"):
                    return True
            return False

        return bool(self._breaks) and bool(await place.decide("break", any_holds, at_once=False))
