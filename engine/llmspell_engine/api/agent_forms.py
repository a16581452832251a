"""Options of agents in the form of older scripts, of agents as tools, and of tools as agents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from llmspell_engine.api.agent_options import (
    AgentKind,
    Capability,
    CustomConfig,
    GivenName,
    PositiveCount,
    ProviderName,
    ResourceLimits,
    Temperature,
    ToolName,
)
from llmspell_engine.api.declare import Options, names
from llmspell_engine.api.older import WithOlderNames
from llmspell_engine.api.tool_handle import Category, Security


class RegisteredModel(WithOlderNames):
    """A model in the form of older scripts."""

    without_effect: ClassVar[tuple[str, ...]] = ("settings",)

    provider: ProviderName | None = Field(None, description="Who serves it.")
    model_id: str = Field(description="The model's name.")
    temperature: Temperature | None = Field(None, description="How freely it answers.")
    max_tokens: PositiveCount | None = Field(None, description="The longest answer, in tokens.")


class RegisterOptions(WithOlderNames):
    """How an agent is made, in the form of older scripts."""

    older_names: ClassVar[dict[str, str]] = {"type": "agent_type"}

    name: GivenName | None = Field(None, description="The agent's name; made up when left out.")
    description: str | None = Field(None, description="What the agent is for.")
    agent_type: AgentKind = Field("llm", description="`llm` asks the model; `basic` answers with the prompt.")
    model: RegisteredModel | None = Field(None, description="The model; `basic` agents need none.")
    allowed_tools: list[ToolName] = Field([], description="The tools that the agent may call.")
    custom_config: CustomConfig | None = Field(None, description="The system prompt and the conversation.")
    resource_limits: ResourceLimits = Field(
        ResourceLimits.model_construct(), description="Limits of one execution."
    )


class WrapOptions(WithOlderNames):
    """What an agent is as a tool."""

    older_names: ClassVar[dict[str, str]] = {"name": "tool_name"}
    without_effect: ClassVar[tuple[str, ...]] = ("parameters",)

    tool_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$"), names("tool")] | None = Field(
        None, description="The tool's name; made of the agent's when left out."
    )
    description: str | None = Field(None, description="What it does, for models and for `Tool.list`.")
    category: Category = Field("custom", description="The field it works in.")
    security_level: Security = Field("safe", description="What it may touch.")


class ToolAgentOptions(Options):
    """How a tool becomes an agent."""

    name: GivenName | None = Field(None, description="The agent's name; the tool's when left out.")
    description: str | None = Field(None, description="What the agent is for.")
    parameters: Mapping[str, Any] = Field(
        {}, description="Parameters that the tool is given each time; those of a request go before them."
    )
    takes_text: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="The parameter that a prompt goes into; `input`, where the tool has it."
    )
    capabilities: list[Capability] = Field([], description="What the agent is capable of.")
