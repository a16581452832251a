"""What scripts are told of an agent's state, health and place among others."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from llmspell_engine.api.agent_options import AgentState
from llmspell_engine.api.agent_telling import AgentMetrics
from llmspell_engine.api.declare import Result

AgentType = Literal["llm", "basic", "tool", "pipeline", "composite", "pool"]


class StateTransition(Result):
    """A change of an agent's state."""

    from_: str = Field(alias="from", description="The state before.")
    to: str = Field(description="The state after.")
    timestamp: str = Field(description="When, in ISO 8601.")
    elapsed: float = Field(description="How long the agent was in the state before, in seconds.")
    reason: str | None = Field(None, description="Why.")


class AgentHealth(Result):
    """How an agent does."""

    status: Literal["healthy", "degraded", "unavailable"] = Field(
        description="`degraded` after an execution that failed; `unavailable` where it does not answer."
    )
    message: str = Field(description="The same in a sentence.")
    timestamp: str = Field(description="Now, in ISO 8601.")


class AgentPerformance(Result):
    """How often and how fast an agent has answered."""

    total_executions: int = Field(description="How often it was asked.")
    avg_execution_time_ms: float = Field(description="How long that took on average, in milliseconds.")
    success_rate: float = Field(description="The share of answers, from 0 to 1; 1 where it was never asked.")
    error_rate: float = Field(description="The share of failures, from 0 to 1.")


class AgentTypeEntry(Result):
    """A sort of agent in a list."""

    type: AgentType = Field(description="Its name.")
    description: str = Field(description="What such agents do.")


class AgentTypeInfo(Result):
    """A sort of agent."""

    name: AgentType = Field(description="Its name.")
    description: str = Field(description="What such agents do.")
    category: Literal["model", "tool", "composite", "test"] = Field(description="What they are made of.")
    made_by: str = Field(description="The member of `Agent` that makes them.")
    required_parameters: list[str] = Field(description="The options that must be given.")
    optional_parameters: list[str] = Field(description="The options that may be left out.")


class CapabilityInfo(Result):
    """Something that agents are capable of."""

    name: str = Field(description="The capability.")
    agents: list[str] = Field(description="The agents that are capable of it.")


class AgentDetails(Result):
    """All about one agent."""

    id: str = Field(description="A name for this agent that no other has.")
    name: str = Field(description="The agent's name.")
    type: str = Field(description="What sort of agent it is.")
    description: str | None = Field(None, description="What the agent is for.")
    model: str | None = Field(None, description="The model that answers.")
    state: AgentState = Field(description="What it is doing.")
    capabilities: list[str] = Field(description="What it is capable of.")
    tools: list[str] = Field(description="The tools that it may call.")
    handoffs: list[str] = Field(description="The agents that it may hand over to.")
    agents: list[str] = Field(description="The agents that work for it.")
    metrics: AgentMetrics = Field(description="What it has done so far.")


class AgentNode(Result):
    """An agent in a tree, with those that work for it."""

    name: str = Field(description="The agent's name.")
    type: str = Field(description="What sort of agent it is.")
    id: str = Field(description="A name for this agent that no other has.")
    children: list[AgentNode] = Field(description="The agents that work for it.")


class AgentHierarchy(Result):
    """An agent and all that work for it."""

    root: AgentNode = Field(description="The agent.")
