"""The part of the global ``Agent`` that is about contexts and shared memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.contexts import GLOBAL, Contexts, Owner

if TYPE_CHECKING:
    from llmspell_engine.api import agent_contexts as api

_FACTS = ("conversation_id", "user_id", "session_id")


class AgentContexts:
    """Contexts by their ids."""

    _contexts: Contexts

    def create_context(self, options: api.ContextOptions | None = None) -> str:
        from llmspell_engine.api.agent_contexts import ContextOptions

        asked = options or ContextOptions()
        facts = {name: value for name in _FACTS if (value := getattr(asked, name)) is not None}
        return self._contexts.create({**facts, **asked.data}, _owner(asked.scope), asked.inheritance)

    def create_child_context(
        self, parent_id: str, scope: api.Scope = "global", inheritance: api.Inheritance | None = None
    ) -> str:
        return self._contexts.create_child(parent_id, _owner(scope), inheritance)

    def update_context(self, context_id: str, key: str, value: Any) -> None:
        self._contexts.update(context_id, key, value)

    def get_context_data(self, context_id: str, key: str) -> Any:
        return self._contexts.get(context_id, key)

    def remove_context(self, context_id: str) -> None:
        self._contexts.remove(context_id)

    def set_shared_memory(self, scope: api.Scope, key: str, value: Any) -> None:
        self._contexts.share(_owner(scope), key, value)

    def get_shared_memory(self, scope: api.Scope, key: str) -> Any:
        return self._contexts.shared(_owner(scope), key)


def _owner(scope: api.Scope) -> Owner:
    return GLOBAL if isinstance(scope, str) else Owner(scope.type, scope.id)
