"""Steps in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmspell_engine.workflows.body import Body, in_order, produced

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.results import Produced
    from llmspell_engine.workflows.step import Step


class Sequential(Body):
    """Each step begins when the one before it is done; the output is the last one's."""

    kind = "sequential"

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps

    @property
    def steps(self) -> Sequence[Step]:
        """See the base class."""
        return self._steps

    async def run(self, place: Place) -> Produced:
        """See the base class."""
        return produced(await in_order(self._steps, place))
