"""Globals that a script has although it does not assign them by name.

A module it loads may make them, or the script itself by way of the table of globals: ``_G.name = 1``,
``globalThis.name = 1``. Where the table gets computed names nobody can tell which globals there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.nodes import Call, Name

if TYPE_CHECKING:
    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.workspace import Document

_TABLES = frozenset({"_G", "_ENV", "globalThis"})
_TABLE_CHANGERS = frozenset({"setmetatable", "rawset", "assign", "defineProperty", "defineProperties"})


def globals_of_modules(document: Document) -> set[str]:
    """The globals that a script and the modules it loads, and those they load, make."""
    seen: dict[str, Document] = {}
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if one.path in seen:
            continue
        seen[one.path] = one
        names = (found.path.value for found in one.source.program.imports)
        modules = (one.snapshot.module(one, name) for name in names if isinstance(name, str))
        waiting += [module for module in modules if module is not None]
    return {name for one in seen.values() for name in _made(one.source.program)}


def makes_globals_unseen(program: Program) -> bool:
    """Whether a script gives the table of globals computed names, or hands it to what may."""
    if any(found.is_write and _is_table(found.object) for found in program.indexes):
        return True
    return any(_changes_table(call) for call in program.calls)


def _made(program: Program) -> set[str]:
    accesses = program.member_accesses
    return set(program.globals) | {one.name for one in accesses if one.is_write and _is_table(one.object)}


def _changes_table(call: Call) -> bool:
    callee = call.callee
    return (
        getattr(callee, "name", "") in _TABLE_CHANGERS
        and bool(call.arguments)
        and _is_table(call.arguments[0])
    )


def _is_table(expression: Expression) -> bool:
    return isinstance(expression, Name) and expression.name in _TABLES
