"""What is told of agents: what they have done and used, how they were made, and pieces of their answers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from llmspell_engine.api.agent_options import ResourceLimits
from llmspell_engine.api.declare import Result


class AgentChunk(Result):
    """A piece of an answer."""

    text: str = Field(description="The piece.")
    agent: str = Field(description="Who speaks.")


class AgentMetrics(Result):
    """What an agent has done so far."""

    executions: int = Field(description="How often it was asked.")
    failures: int = Field(description="How often that failed.")
    average_ms: float = Field(description="How long an execution took on average, in milliseconds.")
    active: int = Field(0, description="How many executions are under way.")
    tool_calls: int = Field(0, description="How many tools it has called.")
    input_tokens: int = Field(0, description="Tokens of what its models were asked.")
    output_tokens: int = Field(0, description="Tokens of what they answered.")
    cost: float = Field(0.0, description="What it cost, in US dollars, as far as prices are known.")


class ModelUsage(Result):
    """What was used so far."""

    calls: int = Field(description="Calls of models.")
    tokens: int = Field(description="Tokens in and out together.")
    input_tokens: int = Field(description="Tokens of what models were asked.")
    output_tokens: int = Field(description="Tokens of what they answered.")
    cost: float = Field(description="What it cost, in US dollars, as far as prices are known.")
    unpriced_calls: int = Field(description="Calls whose price is not known.")


class RunUsage(ModelUsage):
    """What a run has used so far."""

    models: dict[str, ModelUsage] = Field(description="The same by model.")


class AgentSummary(Result):
    """An agent in a list."""

    name: str = Field(description="The agent's name.")
    model: str | None = Field(None, description="The model that answers.")
    description: str | None = Field(None, description="What the agent is for.")


class AgentConfig(Result):
    """The settings of an agent, as they were made."""

    name: str = Field(description="The agent's name.")
    type: str = Field(description="What sort of agent it is: `llm`, `basic`, `tool`, `pipeline`, …")
    model: str | None = Field(None, description="The model that answers.")
    provider: str | None = Field(None, description="Who serves the model.")
    description: str | None = Field(None, description="What the agent is for.")
    system_prompt: str | None = Field(None, description="What the model is told before each prompt.")
    temperature: float | None = Field(None, description="How freely the model answers.")
    max_tokens: int | None = Field(None, description="The longest answer, in tokens.")
    max_conversation_length: int | None = Field(None, description="How many turns are remembered.")
    allowed_tools: list[str] = Field(description="The tools that the agent may call.")
    resource_limits: ResourceLimits | None = Field(None, description="Limits of one execution.")
    capabilities: list[str] = Field([], description="What it is capable of.")
    base_url: str | None = Field(None, description="Where its model is served, if that is its own.")


class TemplateInfo(Result):
    """A ready-made kind of agent."""

    name: str = Field(description="The template's name.")
    description: str = Field(description="What such agents are for.")
    variables: dict[str, Any] = Field(description="The variables of its prompt, with their defaults.")


class PoolStatistics(Result):
    """What a pool did so far."""

    size: int = Field(description="How many prompts it answers at a time.")
    executions: int = Field(description="How many it has answered, or tried to.")
    failures: int = Field(description="How many of them failed.")
    busy: int = Field(description="How many it is answering now.")
    most_busy: int = Field(description="The most that it answered at a time.")
