"""Undoing steps after a failure, and cleaning up at the end.

Both run to their ends also where the run is cancelled, for at most :data:`PATIENCE_SECONDS`, and go on after
a step of theirs that fails: what can be undone is undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from llmspell_engine.workflows.context import Undo
from llmspell_engine.workflows.results import StepResult
from llmspell_engine.workflows.seen import account

if TYPE_CHECKING:
    from anyio import CancelScope

    from llmspell_engine.workflows.body import Body
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.step import Step

PATIENCE_SECONDS = 30.0


async def undo(place: Place) -> Sequence[tuple[str, StepResult]]:
    """Undo what was done, the newest first; the names of the steps with what came of undoing them.

    What was undone is forgotten, so that a run taken up again does it anew. What could not be undone, or not
    before the script's end, is still done, and so is all before it that nothing undoes.
    """
    run, done = place.run, list(reversed(place.run.undo))
    if run.scope.hooks.listens("WorkflowRollback"):
        names = [one.step.name for one in done]
        await run.scope.hooks.reach(
            "WorkflowRollback", "workflow", run.workflow, {"run_id": run.id, "steps": names}
        )
    results: list[tuple[str, StepResult]] = []
    with _patience():
        for one in done:
            compensation, output = one.step.compensation, one.result.output
            assert compensation is not None
            inside = one.place.inside("compensate").giving(output)
            undone = await compensation.tried(inside.with_local(previous=output, undone=account(one.result)))
            results.append((one.step.name, undone.result))
            run.tell("workflow.step.compensated", {"step": one.step.name, "success": undone.result.success})
    told = zip(done, results, strict=False)  # Of what there was no time for, nothing is told.
    undone_paths = [one.result.path for one, (_, undone) in told if undone.success]
    left = [one.result.path for one in done if one.result.path not in undone_paths]
    with _patience():
        await run.journal.forget(place.prefix, undone_paths, left)
    run.undo.clear()
    return results


def undoable(body: Body, place: Place) -> Sequence[Undo]:
    """What earlier tries of a run did below a place that can be undone, in the order in which it ended."""
    found: list[Undo] = []
    inside: tuple[str, ...] = ()
    for result in reversed(place.run.journal.below(place.prefix)):
        if result.path.startswith(inside):
            continue  # It belongs to a workflow that is a step here, and ended before that did.
        step = body.step_at(result.path.removeprefix(place.prefix), result.name)
        where = replace(place, prefix=result.path.removesuffix(result.name))
        if result.kind == "workflow":
            inside = (*inside, f"{result.path}/")
        if step is None or not result.success or result.skipped:
            continue
        if step.compensation is not None:
            found.append(Undo(step, result, where))
        else:
            found.extend(reversed(step.action.undoable(where, step.name)))
    return found[::-1]


async def clean_up(steps: Sequence[Step], place: Place) -> Sequence[StepResult]:
    """Run the clean-up steps in order; what came of them."""
    results: list[StepResult] = []
    with _patience():
        for step in steps:
            tried = await step.tried(place.inside("cleanup"))
            results.append(tried.result)
    return results


def _patience() -> CancelScope:
    import anyio

    return anyio.move_on_after(PATIENCE_SECONDS, shield=True)
