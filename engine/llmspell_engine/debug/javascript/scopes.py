"""The scopes of a frame: local, closure, module and global variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import quickjs

from llmspell_engine.debug.backend import BackendScope, BackendValue, EvaluationError

if TYPE_CHECKING:
    from llmspell_engine.debug.javascript.frames import Frame, Variable
    from llmspell_engine.debug.javascript.memory import Memory
    from llmspell_engine.debug.javascript.values import Inspector
    from llmspell_engine.debug.model import ScopeKind

Group = Literal["local", "closure", "module", "global"]


@dataclass(frozen=True, slots=True)
class ScopeToken:
    """One group of the variables of a frame."""

    frame: Frame
    group: Group


class Scopes:
    """Shows and changes the variables of frames."""

    def __init__(self, context: Any, memory: Memory, inspector: Inspector) -> None:
        self._memory, self._inspector = memory, inspector
        self._global = context.get("globalThis")
        self._standard = _standard_names()

    def of(self, frame: Frame) -> list[BackendScope]:
        """The scopes of a frame that have variables, innermost first."""
        groups: list[tuple[str, ScopeKind, Group, bool]] = [
            ("Locals", "locals", "local", not frame.known.is_module),
            ("Closure", "closure", "closure", False),
            (
                "Module",
                "locals" if frame.known.is_module and not frame.locals else "closure",
                "module",
                False,
            ),
        ]
        found = []
        for name, kind, group, always in groups:
            count = len(_variables(frame, group))
            if count or always:
                found.append(BackendScope(name, kind, ScopeToken(frame, group), named=count))
        return [*found, BackendScope("Globals", "globals", ScopeToken(frame, "global"), expensive=True)]

    def variables(
        self,
        token: ScopeToken,
        kind: Literal["named", "indexed"] | None,
        start: int,
        count: int | None,
        *,
        hex_numbers: bool,
    ) -> list[BackendValue]:
        """The variables of a scope."""
        if kind == "indexed":
            return []
        end = None if count is None else start + count
        if token.group == "global":
            return self._globals(hex_numbers=hex_numbers)[start:end]
        variables = list(_variables(token.frame, token.group).values())[start:end]
        return self._inspector.variables(token.frame, variables, hex_numbers=hex_numbers)

    def assign(self, token: ScopeToken, name: str, number: int) -> str:
        """Give a variable the value of a number; the expression that names it. Raises EvaluationError."""
        if token.group == "global":
            self._inspector.assign(self._inspector.keep_object(self._global), name, number)
            return name
        variable = _variables(token.frame, token.group).get(name)
        if variable is None:
            raise EvaluationError(f"there is no variable '{name}' in this scope")
        if variable.is_constant or name == "this":
            raise EvaluationError(f"TypeError: '{name}' is read-only")
        if token.frame.is_uninitialized(variable):
            raise EvaluationError(f"ReferenceError: {name} is not initialized")
        value = self._inspector.raw(number)
        self._memory.store(variable.address, value)
        self._memory.free(value)
        return name

    def _globals(self, *, hex_numbers: bool) -> list[BackendValue]:
        """The globals that are not the language's own: the script's, then the host's."""
        number = self._inspector.keep_object(self._global)
        shown = self._inspector.globals(number, self._standard, hex_numbers=hex_numbers)
        return list(reversed(shown))


def _variables(frame: Frame, group: Group) -> dict[str, Variable]:
    if group == "local":
        return frame.locals
    if group == "closure":
        return frame.closure
    return frame.module_variables if group == "module" else {}


def _standard_names() -> frozenset[str]:
    """The names that a bare interpreter has."""
    names: str = quickjs.Context().eval("Object.getOwnPropertyNames(globalThis).join()")
    return frozenset(names.split(","))
