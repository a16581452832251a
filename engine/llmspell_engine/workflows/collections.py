"""Lists that loops and maps go over: given, told by a template, or a range of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.tools import as_text
from llmspell_engine.workflows.results import WorkflowError
from llmspell_engine.workflows.templates import rendered

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Place


@dataclass(frozen=True, slots=True)
class Collection:
    """Items, or a template that gives them."""

    source: Any

    def items(self, place: Place) -> Sequence[Any]:
        """The items at a place in a run. Raises WorkflowError where a template gives something else."""
        found = rendered(self.source, place.variables, "collection")
        if isinstance(found, Mapping) and not found:
            return []
        if isinstance(found, str | bytes) or not isinstance(found, Sequence):
            raise WorkflowError(
                f"collection: a list is needed, but '{self.source}' gives {as_text(found)[:60]}; write a"
                ' list, or a template such as "{{ input.items }}"'
            )
        return found


def numbers(start: float, end: float, step: float) -> Collection:
    """The numbers from ``start`` up to ``end``, which is not one of them. Raises WorkflowError."""
    if step == 0:
        raise WorkflowError("range: 'step' is 0, so that it never ends; write step = 1")
    found: list[float] = []
    value = start
    while value < end if step > 0 else value > end:
        found.append(int(value) if float(value).is_integer() else value)
        value = start + step * len(found)
    return Collection(found)
