"""Contexts: facts that agents are told, one context standing on another; and memory that agents share.

Contexts live as long as the run. Shared memory is kept in the run's state, a scope of it for each owner.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from llmspell_engine.agents.errors import AgentError
from llmspell_engine.state import StateStore
from llmspell_engine.state.encoding import decode, encode

Inheritance = Literal["isolate", "copy", "share", "inherit"]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a context or a shared value belongs to."""

    kind: str = "global"
    id: str | None = None

    def __post_init__(self) -> None:
        """Raise AgentError where it does not say which one, or says it of the only one."""
        if (self.kind == "global") != (self.id is None):
            needed = "has no id" if self.kind == "global" else "needs an id"
            raise AgentError(f"a scope of the type '{self.kind}' {needed}")

    @property
    def state_scope(self) -> str:
        """Where its shared memory is kept."""
        return f"shared:{self.kind}" + (f":{self.id}" if self.id else "")


GLOBAL = Owner()


@dataclass(slots=True)
class _Context:
    owner: Owner
    inheritance: Inheritance
    data: dict[str, Any]
    parent: _Context | None = None
    """Whose facts are seen through this one's own."""
    children: list[str] = field(default_factory=list)


class Contexts:
    """The contexts of a run. Any thread."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._contexts: dict[str, _Context] = {}
        self._lock = threading.Lock()

    def create(
        self, data: Mapping[str, Any], owner: Owner = GLOBAL, inheritance: Inheritance = "inherit"
    ) -> str:
        """A context with some facts; its id."""
        return self._added(_Context(owner, inheritance, _copied(dict(data))))

    def create_child(self, parent_id: str, owner: Owner, inheritance: Inheritance | None) -> str:
        """A context that stands on another; its id."""
        parent = self._found(parent_id)
        how = inheritance or parent.inheritance
        data, behind = {}, None
        match how:
            case "copy":
                data = _copied(dict(_seen(parent)))
            case "share":
                data, behind = parent.data, parent.parent
            case "inherit":
                behind = parent
        made = self._added(_Context(owner, how, data, behind))
        parent.children.append(made)
        return made

    def update(self, context_id: str, key: str, value: Any) -> None:
        """Set a fact; None removes it."""
        context = self._found(context_id)
        with self._lock:
            if value is None:
                context.data.pop(key, None)
            else:
                context.data[key] = _copied(value)

    def get(self, context_id: str, key: str) -> Any:
        """A fact, the context's own or one that it stands on; None where there is none."""
        return _copied(self._facts(self._found(context_id)).get(key))

    def facts(self, context_id: str) -> dict[str, Any]:
        """All that agents are told: the memory shared in its scope, and its own facts over it."""
        context = self._found(context_id)
        shared = {key: self.shared(context.owner, key) for key in self._state.keys(context.owner.state_scope)}
        return {**shared, **_copied(self._facts(context))}

    def remove(self, context_id: str) -> None:
        """Forget a context and those that stand on it."""
        context = self._found(context_id)
        del self._contexts[context_id]
        for child in context.children:
            if child in self._contexts:
                self.remove(child)

    def share(self, owner: Owner, key: str, value: Any) -> None:
        """Keep a value for all agents of a scope; None removes it."""
        if value is None:
            self._state.delete(owner.state_scope, key)
        else:
            self._state.save(owner.state_scope, key, encode(value, "Agent.set_shared_memory"))

    def shared(self, owner: Owner, key: str) -> Any:
        """A value that is kept for all agents of a scope; None where there is none."""
        text = self._state.load(owner.state_scope, key)
        return None if text is None else decode(text)

    def _facts(self, context: _Context) -> dict[str, Any]:
        with self._lock:
            return dict(_seen(context))

    def _added(self, context: _Context) -> str:
        from uuid import uuid4

        made = str(uuid4())
        self._contexts[made] = context
        return made

    def _found(self, context_id: str) -> _Context:
        found = self._contexts.get(context_id)
        if found is None:
            raise AgentError(f"there is no context '{context_id}'; Agent.create_context makes one")
        return found


def _seen(context: _Context) -> Iterator[tuple[str, Any]]:
    """The facts of a context, those of the ones it stands on first."""
    if context.parent is not None:
        yield from _seen(context.parent)
    yield from context.data.items()


def _copied(value: Any) -> Any:
    """A copy, so that what a script changes later changes nothing here. Raises JSONError."""
    return json.loads(encode(value, "a context")) if value is not None else None
