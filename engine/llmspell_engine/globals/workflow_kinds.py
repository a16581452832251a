"""The kinds of workflows and the options that each takes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import workflow_options as api
from llmspell_engine.workflows.body import KINDS
from llmspell_engine.workflows.results import WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.workflows.body import WorkflowKind

OPTIONS: dict[WorkflowKind, type[api.CommonOptions]] = {
    "sequential": api.SequentialWorkflowOptions,
    "parallel": api.ParallelWorkflowOptions,
    "conditional": api.ConditionalWorkflowOptions,
    "loop": api.LoopWorkflowOptions,
    "map_reduce": api.MapReduceWorkflowOptions,
    "pipeline": api.PipelineWorkflowOptions,
}


def checked_kind(given: Any, where: str) -> WorkflowKind:
    """A kind that was given; ``sequential`` where none is. Raises WorkflowError beginning with ``where``."""
    if given is None:
        return "sequential"
    found = next((kind for kind in KINDS if kind == given), None)
    if found is None:
        near = get_close_matches(str(given), KINDS, n=1, cutoff=0.6)
        hint = f"did you mean '{near[0]}'?" if near else f"there is {', '.join(KINDS)}"
        raise WorkflowError(f"{where}: there is no kind '{given}'; {hint}")
    return found


def kind_of(options: api.CommonOptions) -> WorkflowKind:
    """The kind that takes some options."""
    return next(kind for kind, model in OPTIONS.items() if isinstance(options, model))
