"""What a JavaScript module exports, what it passes on from other modules included."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmspell_engine.analysis.nodes import MemberAccess
from llmspell_engine.analysis.values import ModuleValue

if TYPE_CHECKING:
    from llmspell_engine.analysis.inference import Inference
    from llmspell_engine.analysis.nodes import Expression


@dataclass(frozen=True, slots=True)
class Export:
    """One export: its value, and the file that writes it."""

    home: Inference
    value: Expression


@dataclass(slots=True)
class Exports:
    """All exports of a module, by name."""

    values: dict[str, Export] = field(default_factory=dict)
    is_whole: bool = True
    """Whether nothing is hidden in a module that cannot be found or read to its end."""


def exports_of(module: Inference) -> Exports:
    """The exports of a module, its own before those of ``export * from``; modules may go in a circle."""
    found = Exports()
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        one = waiting.pop(0)
        if one.path in seen:
            continue
        seen.add(one.path)
        found.is_whole &= not one.program.tree.is_broken
        for name, value in one.program.exports.items():
            if one is module or name != "default":
                found.values.setdefault(name, Export(one, value))
        for path in one.program.passed_on:
            passed = one.module(path)
            found.is_whole &= passed is not None
            waiting += [passed] if passed is not None else []
    return found


def origin_of(exported: Export) -> Export | None:
    """Where an export comes from, when modules pass it on by name: ``export { a } from "m"``.

    None when it comes from nowhere: modules pass it on in a circle, or the last one does not have it.
    """
    seen: set[Expression] = set()
    found: Export | None = exported
    while found is not None and isinstance(found.value, MemberAccess):
        owner = found.home.type_of(found.value.object)
        if not isinstance(owner, ModuleValue):
            return found
        if found.value in seen:
            return None
        seen.add(found.value)
        found = exports_of(owner.home).values.get(found.value.name)
    return found
