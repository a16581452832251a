"""Steps: whether a statement that was reached is the one a step was to stop at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llmspell_engine.debug.model import StepKind


@dataclass(frozen=True, slots=True)
class Step:
    """A step under way: from which line of execution and depth it began, and who waited for it then.

    ``inside`` names the statements at which it may end; None: any.
    """

    kind: StepKind
    line: Any
    depth: int
    waiting: tuple[Any, ...] = ()
    inside: frozenset[int] | None = None


def ends_at(step: Step, line: Any, depth: int, is_alive: Callable[[Any], bool]) -> bool:
    """Whether a step stops at a statement reached on a line of execution, so many frames deep.

    Depth is compared, never counted along the way: calls that ended by an error leave nothing behind.
    A step over a ``yield`` waits until its coroutine is resumed, and one that leaves a coroutine for
    good, or is told to step out of its first function, stops in whoever resumed it.
    """
    if step.kind == "step_in":
        return True
    if line == step.line:
        return depth < step.depth or (step.kind == "next" and depth == step.depth)
    leaves = step.kind == "step_out" or not is_alive(step.line)
    return leaves and line in step.waiting
