"""Agents: a model with a name, a system prompt and the tools it may call."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Literal

from pydantic import Field

from llmspell_engine.api.agent_builder import (
    AgentBuilder,
    AgentOptions,
    AgentPool,
    PipelineOptions,
    PoolOptions,
    RoutingOptions,
)
from llmspell_engine.api.agent_instance import AgentInstance, Prompt
from llmspell_engine.api.agent_options import (
    AgentKind,
    AgentName,
    AgentResult,
    AgentSummary,
    CustomConfig,
    GivenName,
    PositiveCount,
    ProviderName,
    ResourceLimits,
    RunUsage,
    Temperature,
    TemplateInfo,
    ToolName,
)
from llmspell_engine.api.declare import Global, Options, Waiting, example, member

TemplateName = Literal["chat", "research", "code", "data", "planner", "orchestrator"]


class RegisteredModel(Options):
    """A model in the form of older scripts."""

    provider: ProviderName | None = Field(None, description="Who serves it.")
    model_id: str = Field(description="The model's name.")
    temperature: Temperature | None = Field(None, description="How freely it answers.")
    max_tokens: PositiveCount | None = Field(None, description="The longest answer, in tokens.")


class RegisterOptions(Options):
    """How an agent is made, in the form of older scripts."""

    name: GivenName = Field(description="The agent's name.")
    description: str | None = Field(None, description="What the agent is for.")
    agent_type: AgentKind = Field("llm", description="`llm` asks the model; `basic` answers with the prompt.")
    model: RegisteredModel | None = Field(None, description="The model; `basic` agents need none.")
    allowed_tools: list[ToolName] = Field([], description="The tools that the agent may call.")
    custom_config: CustomConfig | None = Field(None, description="The system prompt and the conversation.")
    resource_limits: ResourceLimits = Field(ResourceLimits(), description="Limits of one execution.")


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

    @abstractmethod
    def list_instances(self) -> Sequence[str]:
        """The names of all agents."""

    @abstractmethod
    def register(self, options: RegisterOptions) -> str:
        """Make an agent from a table in the form of older scripts, and register it; its name.

        Args:
            options: its name, model, tools and limits.
        """

    @abstractmethod
    @member(waits=True)
    def execute(self, agent: AgentInstance | AgentName, request: Prompt) -> Waiting[AgentResult]:
        """Ask an agent and wait for its answer.

        Args:
            agent: the agent, or its name.
            request: the prompt, or a table with the prompt as `text`.
        """

    @abstractmethod
    def usage(self) -> RunUsage:
        """What the run has used so far: calls, tokens and cost, in all and by model."""

    @abstractmethod
    @example(
        lua='local both = Agent.pipeline({ steps = { "given", function(text) return text .. "!" end } })\n'
        'print(both:execute("hello").text)',
        javascript='const both = Agent.pipeline({ steps: ["given", (text) => `${text}!`] });\n'
        'console.log((await both.execute("hello")).text);',
    )
    def pipeline(self, options: PipelineOptions) -> AgentInstance:
        """An agent whose steps each work on what the one before gave.

        Args:
            options: the steps: agents, their names, and functions.
        """

    @abstractmethod
    def create_composite(
        self,
        name: GivenName,
        agents: Sequence[AgentInstance | AgentName],
        routing: RoutingOptions | Literal["first", "round_robin", "fallback", "all"] | Callable[[str], Any],
    ) -> AgentInstance:
        """An agent that lets one of several answer, or all of them.

        Args:
            name: the name of the whole.
            agents: the agents, or their names.
            routing: which answers; a function gets the prompt and gives an agent's name.
        """

    @abstractmethod
    @example(
        lua='local pool = Agent.pool({ agent = { model = "echo" }, size = 2 })',
        javascript='const pool = Agent.pool({ agent: { model: "echo" }, size: 2 });',
    )
    def pool(self, options: PoolOptions) -> AgentPool:
        """Several agents made alike, for many prompts.

        Args:
            options: how each is made, and how many there are.
        """

    @abstractmethod
    def list_templates(self) -> Sequence[TemplateInfo]:
        """The ready-made kinds of agents."""

    @abstractmethod
    @example(
        lua='local coder = Agent.template("code", { model = "echo", variables = { language = "Lua" } })',
        javascript='const coder = Agent.template("code", { model: "echo", variables: { language: "Lua" } });',
    )
    def template(self, name: TemplateName, options: AgentOptions) -> AgentInstance:
        """Make an agent of a ready-made kind.

        Args:
            name: the kind.
            options: the model, and what is to differ from the kind.
        """

    @abstractmethod
    def create_from_template(
        self, instance_name: GivenName, template_name: TemplateName, parameters: AgentOptions
    ) -> AgentInstance:
        """Make an agent of a ready-made kind, with a name.

        Args:
            instance_name: the agent's name.
            template_name: the kind.
            parameters: the model, and what is to differ from the kind.
        """

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
