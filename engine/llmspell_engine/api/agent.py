"""Agents: a model with a name, a system prompt and the tools it may call."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Global, Handle, Options, Result, Waiting, complete, example, member
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.api.tool import ToolInfo, ToolResult

AgentName = Annotated[str, Field(min_length=1, max_length=128), complete("agent")]
ModelName = Annotated[
    str, Field(min_length=1, description="`provider/model`, or a model."), complete("model")
]
ToolName = Annotated[str, Field(min_length=1), complete("tool")]
AgentKind = Literal["llm", "basic"]
Temperature = Annotated[float, Field(ge=0, le=2)]
PositiveCount = Annotated[int, Field(ge=1)]


class ResourceLimits(Options):
    """Limits of one execution of an agent."""

    max_execution_time_secs: PositiveCount = Field(
        300, description="How long an execution may take, in seconds."
    )
    max_tool_calls: Annotated[int, Field(ge=0)] = Field(100, description="How many tool calls it may make.")


class CustomConfig(Options):
    """Settings of an agent that older scripts give in a table of their own."""

    system_prompt: str | None = Field(None, description="What the model is told before each prompt.")
    max_conversation_length: PositiveCount | None = Field(None, description="How many turns are remembered.")


class AgentOptions(Options):
    """How an agent is made."""

    name: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        None, description="The agent's name; made up when left out."
    )
    model: ModelName = Field(
        description="The model that answers: `provider/model`, or a model of `provider`.",
        json_schema_extra={"x-example": "echo"},
    )
    provider: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Who serves the model, where `model` does not say."
    )
    description: str | None = Field(None, description="What the agent is for, in a sentence.")
    system_prompt: str | None = Field(None, description="What the model is told before each prompt.")
    temperature: Temperature | None = Field(
        None, description="How freely the model answers: 0 is the most predictable."
    )
    max_tokens: PositiveCount | None = Field(None, description="The longest answer, in tokens.")
    max_conversation_length: PositiveCount | None = Field(None, description="How many turns are remembered.")
    allowed_tools: list[ToolName] = Field([], description="The tools that the agent may call.")
    type: AgentKind = Field("llm", description="`llm` asks the model; `basic` answers with the prompt.")
    resource_limits: ResourceLimits = Field(ResourceLimits(), description="Limits of one execution.")
    custom_config: CustomConfig | None = Field(None, description="Settings in the form of older scripts.")


class AgentInput(Options):
    """What an agent is asked."""

    text: Annotated[str, Field(min_length=1)] = Field(description="The prompt.")


class AgentResult(Result):
    """What an agent answers. A failure is raised as an error."""

    text: str = Field(description="The answer.")
    success: bool = Field(True, description="Always true: a failure is raised.")
    metadata: OutputMetadata = Field(description="The model, its tokens and the time it took.")


class AgentSummary(Result):
    """An agent in a list."""

    name: str = Field(description="The agent's name.")
    model: str = Field(description="The model that answers.")
    description: str | None = Field(None, description="What the agent is for.")


class AgentConfig(Result):
    """The settings of an agent, as they were made."""

    name: str = Field(description="The agent's name.")
    type: AgentKind = Field(description="`llm` asks the model; `basic` answers with the prompt.")
    model: str = Field(description="The model that answers.")
    provider: str = Field(description="Who serves the model.")
    description: str | None = Field(None, description="What the agent is for.")
    system_prompt: str | None = Field(None, description="What the model is told before each prompt.")
    temperature: float | None = Field(None, description="How freely the model answers.")
    max_tokens: int | None = Field(None, description="The longest answer, in tokens.")
    max_conversation_length: int | None = Field(None, description="How many turns are remembered.")
    allowed_tools: list[str] = Field(description="The tools that the agent may call.")
    resource_limits: ResourceLimits = Field(description="Limits of one execution.")


class AgentInstance(Handle):
    """An agent, ready to answer."""

    id: Annotated[str, Field(description="A name for this agent that no other has.")]
    name: Annotated[str, Field(description="The agent's name.")]

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local answer = agent:execute({ text = "Who are you?" })\nprint(answer.text)',
        javascript='const answer = agent.execute({ text: "Who are you?" });\nconsole.log(answer.text);',
    )
    def execute(self, request: AgentInput) -> Waiting[AgentResult]:
        """Ask the model and wait for its answer.

        Args:
            request: the prompt, as `text`.
        """

    @abstractmethod
    def get_config(self) -> AgentConfig:
        """The settings that the agent was made with."""

    @abstractmethod
    def get_state(self) -> Literal["ready", "running", "destroyed"]:
        """What the agent is doing."""

    @abstractmethod
    def discover_tools(self) -> Sequence[str]:
        """The names of the tools that the agent may call."""

    @abstractmethod
    def has_tool(self, tool_name: ToolName) -> bool:
        """Whether the agent may call a tool.

        Args:
            tool_name: the tool's name.
        """

    @abstractmethod
    def get_tool_metadata(self, tool_name: ToolName) -> ToolInfo | None:
        """Describe a tool that the agent may call; nothing for others.

        Args:
            tool_name: the tool's name.
        """

    @abstractmethod
    @member(waits=True)
    def invoke_tool(self, tool_name: ToolName, parameters: Mapping[str, Any]) -> Waiting[ToolResult]:
        """Run one of the agent's tools. A tool it may not call is an error.

        Args:
            tool_name: the tool's name.
            parameters: the tool's parameters.
        """

    @member(name="invokeTool", deprecated="invoke_tool", waits=True, languages=("lua",))
    def invoke_tool_in_camel_case(
        self, tool_name: ToolName, parameters: Mapping[str, Any]
    ) -> Waiting[ToolResult]:
        """Run one of the agent's tools.

        Args:
            tool_name: the tool's name.
            parameters: the tool's parameters.
        """
        return self.invoke_tool(tool_name, parameters)

    @abstractmethod
    def destroy(self) -> None:
        """Forget the agent. Its name is free again, and it answers no more."""


class AgentBuilder(Handle):
    """An agent in the making: every method but `build` sets something and gives the builder back."""

    @abstractmethod
    def name(self, name: Annotated[str, Field(min_length=1, max_length=128)]) -> AgentBuilder:
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
    def provider(self, name: Annotated[str, Field(min_length=1)]) -> AgentBuilder:
        """Choose who serves the model, where `model` does not say.

        Args:
            name: the provider's name.
        """

    @abstractmethod
    def system_prompt(self, text: str) -> AgentBuilder:
        """Set what the model is told before each prompt.

        Args:
            text: the instructions.
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
    def build(self) -> AgentInstance:
        """Make the agent and register it under its name. A model must have been chosen."""


class Agent(Global):
    """Makes agents and finds them again by name."""

    name = "Agent"

    @abstractmethod
    @example(
        lua='local agent = Agent.builder():name("writer"):model("echo"):build()',
        javascript='const agent = Agent.builder().name("writer").model("echo").build();',
    )
    def builder(self) -> AgentBuilder:
        """Start an agent, to be described call by call."""

    @abstractmethod
    @example(
        lua='local agent = Agent.create({ name = "writer", model = "echo" })',
        javascript='const agent = Agent.create({ name: "writer", model: "echo" });',
    )
    def create(self, options: AgentOptions) -> AgentInstance:
        """Make an agent from a table of options and register it under its name.

        Args:
            options: the model, and what else is wanted.
        """

    @abstractmethod
    def get(self, name: AgentName) -> AgentInstance | None:
        """The agent of a name, or nothing.

        Args:
            name: the agent's name.
        """

    @abstractmethod
    def list(self) -> Sequence[AgentSummary]:
        """All agents, in the order in which they were made."""

    @member(name="createAsync", deprecated="Agent.create")
    def create_async(self, options: AgentOptions) -> AgentInstance:
        """Make an agent from a table of options.

        Args:
            options: the model, and what else is wanted.
        """
        return self.create(options)

    @member(deprecated="Agent.create")
    def new(self, options: AgentOptions) -> AgentInstance:
        """Make an agent from a table of options.

        Args:
            options: the model, and what else is wanted.
        """
        return self.create(options)
