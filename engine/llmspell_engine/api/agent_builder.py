"""Making agents: their options, call by call or in one table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.agent_instance import (
    AgentHandle,
    AgentInstance,
    AnyAgent,
    ConversationFilter,
    History,
)
from llmspell_engine.api.agent_options import (
    AgentKind,
    AgentRetries,
    BaseURL,
    Capability,
    CustomConfig,
    GivenName,
    Key,
    ModelName,
    PositiveCount,
    ProviderName,
    ResourceLimits,
    Schema,
    ScriptTool,
    Temperature,
    ToolName,
)
from llmspell_engine.api.declare import Handle, Options, example
from llmspell_engine.api.prompt import PromptTemplate
from llmspell_engine.api.tool_handle import ToolHandle


class HandoffOptions(Options):
    """Someone to hand over to."""

    agent: AnyAgent = Field(description="The other agent, or its name.")
    description: str | None = Field(None, description="When to hand over, for the model.")
    history: History | ConversationFilter = Field(
        "full",
        description="How much of the conversation the other gets: all, the last turn, so many turns, a"
        " summary by the agent that hands over, or none; or a function that gets it and gives what is left.",
    )


class AgentToolOptions(Options):
    """An agent that another may call as a tool."""

    agent: AnyAgent = Field(description="The agent, or its name.")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = Field(
        None, description="What the model calls it."
    )
    description: str | None = Field(None, description="What it does, for the model.")


Handover = AnyAgent | HandoffOptions
AgentTool = AgentHandle | ScriptTool | AgentToolOptions | ToolHandle | ToolName


class AgentOptions(Options):
    """How an agent is made."""

    name: GivenName | None = Field(None, description="The agent's name; made up when left out.")
    model: ModelName = Field(
        description="The model that answers: `provider/model`, or a model of `provider`.",
        json_schema_extra={"x-example": "echo"},
    )
    provider: ProviderName | None = Field(
        None, description="Who serves the model, where `model` does not say."
    )
    base_url: BaseURL | None = Field(
        None,
        description="The address of the model's server, `http://…` or `https://…`, with the version in its"
        " path; for this agent alone.",
    )
    api_key: Key | None = Field(None, description="The key, for this agent alone; it is never shown.")
    description: str | None = Field(None, description="What the agent is for, in a sentence.")
    capabilities: list[Capability] = Field(
        [], description="What it is capable of, in words by which it is found and chosen."
    )
    system_prompt: PromptTemplate | str | None = Field(
        None,
        description="What the model is told before each prompt: a text that may have `{{ variables }}`, or a"
        " template as `Prompt.get` gives it.",
    )
    variables: Mapping[str, Any] = Field({}, description="Variables of the prompts, with their values.")
    temperature: Temperature | None = Field(
        None, description="How freely the model answers: 0 is the most predictable."
    )
    max_tokens: PositiveCount | None = Field(None, description="The longest answer, in tokens.")
    top_p: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="Only the likeliest words that together reach this probability."
    )
    stop: list[str] = Field([], description="Texts at which the answer ends.")
    seed: int | None = Field(None, description="Makes answers repeatable, where the provider can.")
    timeout_seconds: Annotated[float, Field(gt=0)] | None = Field(
        None, description="How long one call of the model may take."
    )
    retries: AgentRetries | None = Field(
        None, description="Further tries after errors of the model that may pass; none when left out."
    )
    max_conversation_length: PositiveCount | None = Field(None, description="How many turns are remembered.")
    allowed_tools: list[ToolName] = Field([], description="The tools that the agent may call.")
    tools: list[AgentTool] = Field(
        [], description="What it may call besides: functions of the script, other agents, tools."
    )
    handoffs: list[Handover] = Field([], description="The agents that it may hand the conversation over to.")
    max_handoffs: Annotated[int, Field(ge=0)] = Field(
        10, description="How often agents may hand over in one execution."
    )
    output_schema: Schema | None = Field(
        None, description="A JSON Schema that answers must fit; they come as `data`."
    )
    output_retries: Annotated[int, Field(ge=0)] = Field(
        1, description="How often an answer that does not fit is sent back."
    )
    type: AgentKind = Field("llm", description="`llm` asks the model; `basic` answers with the prompt.")
    resource_limits: ResourceLimits = Field(
        ResourceLimits.model_construct(), description="Limits of one execution."
    )
    custom_config: CustomConfig | None = Field(None, description="Settings in the form of older scripts.")


class AgentBuilder(Handle):
    """An agent in the making: every method but `build` sets something and gives the builder back."""

    @abstractmethod
    def name(self, name: GivenName) -> AgentBuilder:
        """Name the agent; a name is made up otherwise.

        Args:
            name: the agent's name.
        """

    @abstractmethod
    def description(self, text: str) -> AgentBuilder:
        """Say what the agent is for.

        Args:
            text: a sentence.
        """

    @abstractmethod
    @example(
        lua='builder:model("echo")',
        javascript='builder.model("echo")',
    )
    def model(self, model: ModelName) -> AgentBuilder:
        """Choose the model that answers.

        Args:
            model: `provider/model`, or a model of the provider named by `provider`.
        """

    @abstractmethod
    def provider(self, name: ProviderName) -> AgentBuilder:
        """Choose who serves the model, where `model` does not say.

        Args:
            name: the provider's name.
        """

    @abstractmethod
    def system_prompt(self, text: PromptTemplate | str) -> AgentBuilder:
        """Set what the model is told before each prompt.

        Args:
            text: the instructions, or a template as `Prompt.get` gives it.
        """

    @abstractmethod
    def temperature(self, value: Temperature) -> AgentBuilder:
        """Set how freely the model answers.

        Args:
            value: from 0, the most predictable, to 2.
        """

    @abstractmethod
    def max_tokens(self, count: PositiveCount) -> AgentBuilder:
        """Limit the length of an answer.

        Args:
            count: the longest answer, in tokens.
        """

    @abstractmethod
    def max_conversation_length(self, count: PositiveCount) -> AgentBuilder:
        """Limit how much of the conversation is remembered.

        Args:
            count: turns; one is a prompt and its answer.
        """

    @abstractmethod
    def allow_tool(self, tool_name: ToolName) -> AgentBuilder:
        """Let the agent call one more tool.

        Args:
            tool_name: the tool's name.
        """

    @abstractmethod
    def allowed_tools(self, tool_names: Sequence[ToolName]) -> AgentBuilder:
        """Set which tools the agent may call, in place of those allowed before.

        Args:
            tool_names: the tools' names.
        """

    @abstractmethod
    def max_execution_time(self, seconds: PositiveCount) -> AgentBuilder:
        """Limit how long one execution may take.

        Args:
            seconds: the limit.
        """

    @abstractmethod
    def max_tool_calls(self, count: Annotated[int, Field(ge=0)]) -> AgentBuilder:
        """Limit how many tools one execution may call.

        Args:
            count: the limit.
        """

    def max_memory_mb(self, mb: PositiveCount) -> AgentBuilder:
        """Of older scripts; it has no effect. What a run may take is `memory_mb` of its profile.

        Args:
            mb: the megabytes.
        """
        return self

    def max_recursion_depth(self, depth: PositiveCount) -> AgentBuilder:
        """Of older scripts; it has no effect. `max_tool_calls` limits how many agents one may ask.

        Args:
            depth: how many agents may ask each other.
        """
        return self

    @abstractmethod
    def resource_limits(self, limits: ResourceLimits) -> AgentBuilder:
        """Set the limits of one execution.

        Args:
            limits: those to set; others get their defaults.
        """

    @abstractmethod
    def type(self, agent_type: AgentKind) -> AgentBuilder:
        """Choose the kind of agent.

        Args:
            agent_type: `llm` asks the model; `basic` answers with the prompt.
        """

    @abstractmethod
    def custom_config(self, config: CustomConfig) -> AgentBuilder:
        """Set the system prompt and the conversation length in the form of older scripts.

        Args:
            config: the settings.
        """

    @abstractmethod
    def variables(self, variables: Mapping[str, Any]) -> AgentBuilder:
        """Set variables of the prompts.

        Args:
            variables: their names and values.
        """

    @abstractmethod
    def tool(self, tool: AgentTool) -> AgentBuilder:
        """Let the agent call one more thing.

        Args:
            tool: a function of the script with its description, another agent, or a tool's name.
        """

    @abstractmethod
    def handoffs(self, agents: Sequence[Handover]) -> AgentBuilder:
        """Set the agents that this one may hand the conversation over to.

        Args:
            agents: agents, their names, or tables that say when.
        """

    @abstractmethod
    def output_schema(self, schema: Schema) -> AgentBuilder:
        """Set what answers must fit.

        Args:
            schema: a JSON Schema.
        """

    @abstractmethod
    def timeout(self, seconds: Annotated[float, Field(gt=0)]) -> AgentBuilder:
        """Limit how long one call of the model may take.

        Args:
            seconds: the limit.
        """

    @abstractmethod
    def base_url(self, url: BaseURL) -> AgentBuilder:
        """Choose where the model is served, for this agent alone.

        Args:
            url: the address, with the version in the path.
        """

    @abstractmethod
    def api_key(self, key: Key) -> AgentBuilder:
        """Set the key for the model's service, for this agent alone. It is never shown.

        Args:
            key: the key.
        """

    @abstractmethod
    def retries(self, retries: AgentRetries) -> AgentBuilder:
        """Let the model be asked again after errors that may pass.

        Args:
            retries: how often, and how soon.
        """

    @abstractmethod
    def capabilities(self, names: Sequence[Capability]) -> AgentBuilder:
        """Say what the agent is capable of, in place of what was said before.

        Args:
            names: words by which it is found and chosen.
        """

    @abstractmethod
    def capability(self, name: Capability) -> AgentBuilder:
        """Say one more thing that the agent is capable of.

        Args:
            name: a word by which it is found and chosen.
        """

    @abstractmethod
    def build(self) -> AgentInstance:
        """Make the agent and register it under its name. A model must have been chosen."""
