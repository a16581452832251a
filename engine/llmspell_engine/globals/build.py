"""All globals of a run, bound for its language.

Which members a global has is read from the catalog's short form, which costs little; its implementation, and
the validation library with it, is imported when a script first calls one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from llmspell_engine.catalog.members import members_of
from llmspell_engine.runtime.values import HostFunction, HostObject

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.runtime.binding import Binder

IMPLEMENTED = (
    "Agent", "Workflow", "Tool", "Tools", "Prompt", "Provider", "LocalLLM", "Config", "State", "Session",
    "Artifact", "Event", "Events", "Hook", "Hooks", "Logger", "Debug", "JSON",
)  # fmt: skip
"""The globals that this package implements, each in the module of its name in lower case."""
_INDEXED = frozenset({"Tool"})
"""Those whose implementation looks up names that are no members (``Tool.calculator``)."""


def build_globals(run: Run) -> dict[str, HostObject]:
    """The globals by name, those of the run's language only."""
    bound = _Bound(run)
    members = members_of(run.language)
    return {name: _deferred(name, members[name], bound) for name in IMPLEMENTED if name in members}


class _Bound:
    """The bound implementations of a run, each made when it is first asked for."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._objects: dict[str, HostObject] = {}
        self._binder: Binder | None = None

    def __getitem__(self, name: str) -> HostObject:
        if name not in self._objects:
            self._objects[name] = self._bind(name)
        return self._objects[name]

    def _bind(self, name: str) -> HostObject:
        from llmspell_engine.runtime.binding import Binder

        self._binder = self._binder or Binder(self._run.language)
        module = import_module(f"llmspell_engine.globals.{name.lower()}")
        return self._binder.global_(getattr(module, name)(self._run))


def _deferred(name: str, waiting: Mapping[str, bool], bound: _Bound) -> HostObject:
    methods = {
        member: HostFunction(f"{name}.{member}", _method(name, member, bound), waits)
        for member, waits in waiting.items()
    }
    index = HostFunction(name, _index(name, bound)) if name in _INDEXED else None
    return HostObject(name, methods, index=index)


def _method(owner: str, name: str, bound: _Bound) -> Callable[..., Any]:
    made: Callable[..., Any] | None = None

    def call(*arguments: Any) -> Any:
        nonlocal made
        if made is None:
            made = bound[owner].methods[name].call
        return made(*arguments)

    return call


def _index(owner: str, bound: _Bound) -> Callable[..., Any]:
    def look_up(name: Any) -> Any:
        lookup = bound[owner].index
        return lookup(name) if lookup else None

    return look_up
