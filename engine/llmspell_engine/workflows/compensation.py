"""Undoing steps after a failure, and cleaning up at the end.

Both run to their ends also where the run is cancelled, for at most :data:`PATIENCE_SECONDS`, and go on after
a step of theirs that fails: what can be undone is undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmspell_engine.workflows.results import StepResult
from llmspell_engine.workflows.seen import account

if TYPE_CHECKING:
    from anyio import CancelScope

    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.step import Step

PATIENCE_SECONDS = 30.0


async def undo(place: Place) -> Sequence[tuple[str, StepResult]]:
    """Undo what was done, the newest first; the names of the steps with what came of undoing them.

    What was undone is forgotten, so that a run taken up again does it anew.
    """
    run, done = place.run, list(reversed(place.run.undo))
    if run.scope.hooks.listens("WorkflowRollback"):
        names = [step.name for step, _, _ in done]
        await run.scope.hooks.reach(
            "WorkflowRollback", "workflow", run.workflow, {"run_id": run.id, "steps": names}
        )
    results: list[tuple[str, StepResult]] = []
    with _patience():
        for step, result, where in done:
            assert step.compensation is not None
            inside = where.inside("compensate").giving(result.output)
            inside = inside.with_local(previous=result.output, undone=account(result))
            undone, _ = await step.compensation.tried(inside)
            results.append((step.name, undone))
            run.tell("workflow.step.compensated", {"step": step.name, "success": undone.success})
        await run.journal.forget(place.prefix)
    run.undo.clear()
    return results


async def clean_up(steps: Sequence[Step], place: Place) -> Sequence[StepResult]:
    """Run the clean-up steps in order; what came of them."""
    results: list[StepResult] = []
    with _patience():
        for step in steps:
            result, _ = await step.tried(place.inside("cleanup"))
            results.append(result)
    return results


def _patience() -> CancelScope:
    import anyio

    return anyio.move_on_after(PATIENCE_SECONDS, shield=True)
