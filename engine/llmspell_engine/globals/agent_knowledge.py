"""The part of the global ``Agent`` that tells what agents there are, of which sorts, and what they can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.base import AgentError, BaseAgent
from llmspell_engine.agents.llm import LLMAgent
from llmspell_engine.globals.agent_states import metrics_of

if TYPE_CHECKING:
    from llmspell_engine.api import agent_states as api
    from llmspell_engine.globals.configured_agents import RunAgents


class AgentKnowledge:
    """What is known of agents."""

    _agents: RunAgents

    def discover(self) -> Sequence[api.AgentTypeEntry]:
        from llmspell_engine.api import agent_states as api
        from llmspell_engine.globals.agent_sorts import SORTS

        return [api.AgentTypeEntry(type=name, description=one.description) for name, one in SORTS.items()]

    def get_info(self, type_name: api.AgentType) -> api.AgentTypeInfo:
        from llmspell_engine.api import agent_states as api
        from llmspell_engine.globals.agent_sorts import SORTS

        sort = SORTS[type_name]
        fields = sort.options.model_fields.items()
        return api.AgentTypeInfo(
            name=type_name,
            description=sort.description,
            category=sort.category,
            made_by=sort.made_by,
            required_parameters=[*sort.positional, *(name for name, one in fields if one.is_required())],
            optional_parameters=[name for name, one in fields if not one.is_required()],
        )

    def list_capabilities(self) -> Mapping[str, api.CapabilityInfo]:
        from llmspell_engine.api import agent_states as api

        found: dict[str, list[str]] = {}
        for one in self._known():
            for capability in one.capabilities:
                found.setdefault(capability, []).append(one.name)
        return {name: api.CapabilityInfo(name=name, agents=agents) for name, agents in found.items()}

    def discover_by_capability(self, capability: str) -> Sequence[str]:
        return [one.name for one in self._known() if capability in one.capabilities]

    def get_details(self, name: str) -> api.AgentDetails:
        from llmspell_engine.api import agent_states as api

        handle = self._agents.find(name)
        found = self._named(name)
        asked = getattr(handle, "get_agent_state", lambda: found.lifecycle.standing)
        handoffs = found.settings.handoffs if isinstance(found, LLMAgent) else ()
        return api.AgentDetails(
            id=found.id,
            name=found.name,
            type=found.kind,
            description=found.description,
            model=found.model_name if isinstance(found, LLMAgent) else None,
            state=asked(),
            capabilities=list(found.capabilities),
            tools=list(found.tools),
            handoffs=[one.agent.name for one in handoffs],
            agents=[part.name for part in found.parts],
            metrics=metrics_of(found),
        )

    def get_hierarchy(self, name: str) -> api.AgentHierarchy:
        from llmspell_engine.api import agent_states as api

        return api.AgentHierarchy(root=_node(self._named(name), frozenset()))

    def _known(self) -> list[BaseAgent]:
        handles = [*self._agents.values(), *self._agents.workflows.values()]
        agents = (getattr(handle, "agent", None) for handle in handles)
        return [one for one in agents if isinstance(one, BaseAgent)]

    def _named(self, name: str) -> BaseAgent:
        found = getattr(self._agents.find(name), "agent", None)
        if not isinstance(found, BaseAgent):
            raise self._unknown(name)
        return found

    def _unknown(self, name: Any) -> AgentError:
        known = ", ".join(f"'{one.name}'" for one in self._known()) or "none yet"
        return AgentError(f"there is no agent '{name}'; there is {known}")


def _node(one: BaseAgent, above: frozenset[str]) -> api.AgentNode:
    """An agent and those that work for it; one that works for itself is shown once."""
    from llmspell_engine.api import agent_states as api

    inside = above | {one.id}
    parts = [_node(part, inside) for part in one.parts if part.id not in inside]
    return api.AgentNode(name=one.name, type=one.kind, id=one.id, children=parts)
