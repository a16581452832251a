"""Stages that each work on what the one before gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmspell_engine.workflows.body import Body, produced

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.results import Produced, StepResult
    from llmspell_engine.workflows.step import Step


class Pipeline(Body):
    """The input of a stage is the output of the one before, which templates call ``previous``."""

    kind = "pipeline"

    def __init__(self, stages: Sequence[Step]) -> None:
        self._stages = stages

    @property
    def steps(self) -> Sequence[Step]:
        """See the base class."""
        return self._stages

    async def run(self, place: Place) -> Produced:
        """See the base class."""
        last: StepResult | None = None
        facts = place.run.facts
        facts.update(total_stages=len(self._stages), completed_stages=0)
        value = place.given
        for stage in self._stages:
            result = await stage.run(place.giving(value).with_local(previous=value))
            if result.success and not result.skipped:
                last, value = result, result.output
                facts["completed_stages"] += 1
        return produced(last)
