"""Branches of which conditions choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.workflows.body import Body, definitions, in_order, produced

if TYPE_CHECKING:
    from llmspell_engine.workflows.conditions import Condition
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.results import Produced
    from llmspell_engine.workflows.step import Step


@dataclass(frozen=True, slots=True)
class Choice:
    """A branch and when it is taken; one without a condition is taken where no other is."""

    name: str
    steps: Sequence[Step]
    condition: Condition | None = None


class Conditional(Body):
    """Takes the first branch whose condition holds, or each one, and the default where none does.

    ``first`` are steps that run before that, so that conditions may look at what they gave.
    """

    kind = "conditional"

    def __init__(
        self, choices: Sequence[Choice], first: Sequence[Step] = (), *, all_matching: bool = False
    ) -> None:
        self._choices = choices
        self._first = first
        self._all_matching = all_matching

    @property
    def steps(self) -> Sequence[Step]:
        """See the base class."""
        return [*self._first, *(step for choice in self._choices for step in choice.steps)]

    async def run(self, place: Place) -> Produced:
        """See the base class."""

        async def choose() -> list[str]:
            return await self._matching(place)

        facts = place.run.facts
        facts.update(
            branch_count=len(self._choices),
            total_branches=len(self._choices),
            execute_all_matching=self._all_matching,
            short_circuit_evaluation=not self._all_matching,
            executed_branches=0,
        )
        last = await in_order(self._first, place)
        names = await place.decide("branches", choose)
        conditions = [choice.name for choice in self._choices if choice.condition is not None]
        facts.update(
            matched_branches=len([name for name in names if name in conditions]),
            branch_taken=names[0] if names else None,
            branches_taken=names,
        )
        for choice in self._choices:
            if choice.name in names:
                last = await in_order(choice.steps, place) or last
                facts["executed_branches"] += 1
        return produced(last)

    async def _matching(self, place: Place) -> list[str]:
        names: list[str] = []
        for choice in self._choices:
            where = f"the branch '{choice.name}': condition"
            if choice.condition is not None and await choice.condition.holds(place, where):
                names.append(choice.name)
                if not self._all_matching:
                    return names
        return names or [choice.name for choice in self._choices if choice.condition is None][:1]

    def definition(self) -> object:
        """See the base class."""
        branches: list[object] = [[choice.name, definitions(choice.steps)] for choice in self._choices]
        return [*definitions(self._first), *branches]
