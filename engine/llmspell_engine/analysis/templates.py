"""Templates in texts of workflows, ``{{ sum.text }}``: the steps that they may name, and what those have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_engine.analysis.model import Completion, Location
from llmspell_engine.analysis.nodes import Call, Field, Literal
from llmspell_engine.analysis.values import HostFunction
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.inference import Inference
    from llmspell_engine.analysis.nodes import Expression, Table
    from llmspell_engine.analysis.placement import Placement
    from llmspell_engine.analysis.workspace import Document

_OWNERS = frozenset({"Workflow", "WorkflowBuilder"})
_DOES = ("tool", "agent", "execute", "workflow")
"""One of these makes a table a step."""
_OPEN = re.compile(r"\{\{((?:(?!\}\}).)*)$", re.DOTALL)
_WHOLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_NAME = re.compile(r"(?:(?<=\bsteps\.)|(?<![\w.\"']))[^\W\d]\w*")
_WORD = re.compile(r"(?:(?P<owner>[^\W\d]\w*)\.)?(?P<word>\w*)$")
_KNOWN = {
    "input": "what the workflow was given",
    "steps": "the steps by their names",
    "state": "the shared data",
    "item": "in loops, maps and pipelines: what is worked on",
    "index": "in loops and maps: the round, from 1",
    "previous": "in loops: what the round before gave",
    "context": "the facts that agents of one task share",
}
_OF_STEPS = {
    "text": "what it gave, as text",
    "data": "the payload: a tool's result, an agent's data",
    "output": "all that it gave",
    "success": "whether it has succeeded",
    "error": "why it has failed",
    "skipped": "whether a condition has left it out",
    "attempts": "how often it was tried",
    "duration_ms": "how long it took",
}


def template_completions(placement: Placement) -> list[Completion] | None:
    """What may be written in the template at the cursor; None outside of templates."""
    node, offset = placement.node, placement.fragment.replace.start
    text = placement.document.text.value
    cursor = placement.cursor
    begun = _OPEN.search(text[offset:cursor])
    if begun is None or not isinstance(node, Literal):
        return None
    root = _workflow(placement.semantics.inference, node)
    if root is None:
        return None
    found = _WORD.search(begun[1])
    owner, word = (found["owner"], found["word"]) if found is not None else (None, "")
    steps = [str(name.value) for name in _step_names(placement.semantics.inference, root)]
    named = {name: "a step" for name in steps if name.isidentifier()}
    if owner == "steps":
        offered = named
    elif owner is not None:
        offered = _OF_STEPS if owner in steps else {}
    else:
        offered = {**named, **_KNOWN}
    replace = Span(cursor - len(word), cursor)
    return [
        Completion(name, "value", name, replace, detail=detail, sort=f"{index:02}")
        for index, (name, detail) in enumerate(offered.items())
    ]


def step_at(document: Document, string: Literal, offset: int) -> tuple[Location, ...]:
    """Where the step is that a template names at an offset."""
    root = _workflow(document.inference, string)
    if root is None:
        return ()
    text = document.text.value
    for whole in _WHOLE.finditer(text, string.start, string.end):
        for name in _NAME.finditer(text, whole.start(), whole.end()):
            if name.start() <= offset <= name.end():
                found = (one for one in _step_names(document.inference, root) if one.value == name[0])
                return tuple(Location(document.path, one.content) for one in found if one.content is not None)
    return ()


def _workflow(inference: Inference, node: Expression) -> Expression | None:
    """The outermost expression around a text of a workflow; None for texts of anything else."""
    root, is_workflow = node, False
    current: Expression | Field = node
    while current.parent is not None:
        current = current.parent
        if isinstance(current, Field):
            continue
        root = current
        if isinstance(current, Call):
            target = inference.called(current).target
            is_workflow |= isinstance(target, HostFunction) and target.owner.name in _OWNERS
    return root if is_workflow else None


def _step_names(inference: Inference, root: Expression) -> Iterator[Literal]:
    """The names of the steps within an expression."""
    for table in inference.program.tables:
        entry = table.field("name")
        is_step = entry is not None and any(table.field(key) is not None for key in _DOES)
        if is_step and entry is not None and isinstance(entry.value, Literal) and _within(table, root):
            yield entry.value


def _within(table: Table, root: Expression) -> bool:
    return root.start <= table.start and table.end <= root.end
