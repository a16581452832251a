"""What kinds of workflows have in common: steps, and a way to run them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from llmspell_engine.workflows.results import Produced, StepResult

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.step import Step

WorkflowKind = Literal["sequential", "parallel", "conditional", "loop", "map_reduce", "pipeline"]
KINDS: tuple[WorkflowKind, ...] = get_args(WorkflowKind)


class Body(ABC):
    """The steps of a workflow and the order of a kind."""

    kind: ClassVar[WorkflowKind]

    @property
    @abstractmethod
    def steps(self) -> Sequence[Step]:
        """All steps, of whichever branch."""

    @abstractmethod
    async def run(self, place: Place) -> Produced:
        """Run the steps. Raises StepFailedError where one fails and the workflow is not to go on."""

    def step_at(self, path: str, name: str) -> Step | None:
        """The step that has done something at a place in a run, if there is one of that name."""
        return next((step for step in self.steps if step.name == name), None)

    def definition(self) -> object:
        """The names and kinds of all steps, by which a changed workflow is told."""
        return definitions(self.steps)


async def in_order(steps: Sequence[Step], place: Place) -> StepResult | None:
    """Run steps one after the other; the result of the last that was not skipped."""
    last: StepResult | None = None
    before: Step | None = None
    for step in steps:
        if before is not None:
            await _tell_transition(before, step, place)
        result = await step.run(place)
        last = last if result.skipped else result
        before = step
    return last


def produced(last: StepResult | None) -> Produced:
    """What steps came to whose output is that of the last one."""
    return Produced(last.output if last else None, last.text if last else "")


def definitions(steps: Sequence[Step]) -> list[object]:
    """The definitions of steps."""
    return [step.definition() for step in steps]


async def _tell_transition(before: Step, step: Step, place: Place) -> None:
    hooks = place.run.scope.hooks
    if hooks.listens("WorkflowStageTransition"):
        data = {"run_id": place.run.id, "from": before.name, "to": step.name}
        await hooks.reach("WorkflowStageTransition", "workflow", place.run.workflow, data)
