"""The sorts of agents there are, and the options of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from llmspell_engine.api.agent_builder import AgentOptions
from llmspell_engine.api.agent_forms import ToolAgentOptions
from llmspell_engine.api.agent_groups import PipelineOptions, PoolOptions, RoutingOptions

if TYPE_CHECKING:
    from pydantic import BaseModel

    from llmspell_engine.api.agent_states import AgentType


@dataclass(frozen=True, slots=True)
class Sort:
    """How agents of a sort are made."""

    description: str
    category: Literal["model", "tool", "composite", "test"]
    made_by: str
    options: type[BaseModel]
    positional: tuple[str, ...] = ()


SORTS: Mapping[AgentType, Sort] = {
    "llm": Sort(
        "Asks a model, calls tools, hands over to other agents.",
        "model",
        "Agent.create",
        AgentOptions,
    ),
    "basic": Sort(
        "Answers with the prompt; for trying out what is around it.",
        "test",
        "Agent.create",
        AgentOptions,
    ),
    "tool": Sort(
        "Runs one tool with the prompt; asks no model.",
        "tool",
        "Agent.from_tool",
        ToolAgentOptions,
        ("tool_name",),
    ),
    "pipeline": Sort(
        "Agents and functions in a row, each working on what the one before gave.",
        "composite",
        "Agent.pipeline",
        PipelineOptions,
    ),
    "composite": Sort(
        "Lets one of several agents answer, or all of them.",
        "composite",
        "Agent.create_composite",
        RoutingOptions,
        ("name", "agents"),
    ),
    "pool": Sort(
        "Several agents made alike, for many prompts at a time.",
        "composite",
        "Agent.pool",
        PoolOptions,
    ),
}
