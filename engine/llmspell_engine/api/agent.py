"""Agents: a model with a name, a system prompt and the tools it may call."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.api.agent_builder import AgentBuilder, AgentOptions
from llmspell_engine.api.agent_instance import AgentInstance, AnyAgent, ContextId
from llmspell_engine.api.agent_options import (
    AgentName,
    AgentResult,
    Capability,
    GivenName,
    Prompt,
    ToolName,
)
from llmspell_engine.api.agent_pool import AgentPool
from llmspell_engine.api.declare import Global, Waiting, example, member
from llmspell_engine.api.later import later

if TYPE_CHECKING:
    from llmspell_engine.api.agent_contexts import ContextKey, ContextOptions, Inheritance, Scope
    from llmspell_engine.api.agent_forms import RegisterOptions, ToolAgentOptions, WrapOptions
    from llmspell_engine.api.agent_groups import PipelineOptions, PoolOptions, RoutingOptions, RoutingStrategy
    from llmspell_engine.api.agent_states import (
        AgentDetails,
        AgentHierarchy,
        AgentType,
        AgentTypeEntry,
        AgentTypeInfo,
        CapabilityInfo,
    )
    from llmspell_engine.api.agent_telling import AgentSummary, RunUsage, TemplateInfo

__getattr__ = later(
    __name__,
    agent_contexts=("ContextKey", "ContextOptions", "Inheritance", "Scope"),
    agent_forms=("RegisterOptions", "ToolAgentOptions", "WrapOptions"),
    agent_groups=("PipelineOptions", "PoolOptions", "RoutingOptions", "RoutingStrategy"),
    agent_states=(
        "AgentDetails", "AgentHierarchy", "AgentType", "AgentTypeEntry", "AgentTypeInfo", "CapabilityInfo",
    ),
    agent_telling=("AgentSummary", "RunUsage", "TemplateInfo"),
)  # fmt: skip

TemplateName = Literal["chat", "research", "code", "data", "planner", "orchestrator"]


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
    def execute(self, agent: AnyAgent, request: Prompt) -> Waiting[AgentResult]:
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
        agents: Sequence[AnyAgent],
        routing: RoutingOptions | RoutingStrategy | Callable[[str], Any],
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

    @abstractmethod
    @example(
        lua='Agent.create({ name = "writer", model = "echo" })\n'
        'local tool = Agent.wrap_as_tool("writer", { tool_name = "write" })\n'
        'print(Tool.execute(tool, { text = "hello" }).text)',
        javascript='Agent.create({ name: "writer", model: "echo" });\n'
        'const tool = Agent.wrapAsTool("writer", { toolName: "write" });\n'
        'console.log((await Tool.execute(tool, { text: "hello" })).text);',
    )
    def wrap_as_tool(self, agent: AnyAgent, options: WrapOptions | None = None) -> str:
        """Make a tool of an agent, which is found by its name as other tools are; its name.

        Args:
            agent: the agent, or its name.
            options: the tool's name and what it does.
        """

    @abstractmethod
    @example(
        lua='local sums = Agent.from_tool("calculator", { parameters = { operation = "evaluate" } })\n'
        'print(sums:execute("6 * 7").text)',
        javascript='const sums = Agent.fromTool("calculator", { parameters: { operation: "evaluate" } });\n'
        'console.log((await sums.execute("6 * 7")).text);',
    )
    def from_tool(self, tool_name: ToolName, options: ToolAgentOptions | None = None) -> AgentInstance:
        """Make an agent of a tool, which is run with the prompt and asks no model.

        Args:
            tool_name: the tool's name.
            options: the agent's name, and what the tool is given.
        """

    @abstractmethod
    def discover(self) -> Sequence[AgentTypeEntry]:
        """The sorts of agents there are."""

    @abstractmethod
    def get_info(self, type_name: AgentType) -> AgentTypeInfo:
        """Describe a sort of agent.

        Args:
            type_name: its name.
        """

    @abstractmethod
    def list_capabilities(self) -> Mapping[str, CapabilityInfo]:
        """What agents are capable of, by its name, and which agents are."""

    @abstractmethod
    def discover_by_capability(self, capability: Capability) -> Sequence[str]:
        """The names of the agents that are capable of something.

        Args:
            capability: what they are to be capable of.
        """

    @abstractmethod
    def get_details(self, name: AgentName) -> AgentDetails:
        """All about one agent. One that is not there is an error.

        Args:
            name: the agent's name.
        """

    @abstractmethod
    def get_hierarchy(self, name: AgentName) -> AgentHierarchy:
        """An agent and those that work for it: steps, members, and agents that it has as tools.

        Args:
            name: the agent's name.
        """

    @abstractmethod
    @example(
        lua='local context = Agent.create_context({ data = { customer = "ACME" } })',
        javascript='const context = Agent.createContext({ data: { customer: "ACME" } });',
    )
    def create_context(self, options: ContextOptions | None = None) -> str:
        """Make a context: facts that agents are told with `agent:execute_with_context`; its id.

        Args:
            options: the facts it begins with.
        """

    @abstractmethod
    def create_child_context(
        self, parent_id: ContextId, scope: Scope = "global", inheritance: Inheritance | None = None
    ) -> str:
        """Make a context that stands on another; its id.

        Args:
            parent_id: the other context.
            scope: whose shared memory is told along with it.
            inheritance: how it sees the other's data; as the other says when left out.
        """

    @abstractmethod
    def update_context(self, context_id: ContextId, key: ContextKey, value: Any) -> None:
        """Set a fact of a context; nothing removes it.

        Args:
            context_id: the context.
            key: the fact's name.
            value: what JSON can write.
        """

    @abstractmethod
    def get_context_data(self, context_id: ContextId, key: ContextKey) -> Any:
        """A fact of a context, be it its parent's; nothing where there is none.

        Args:
            context_id: the context.
            key: the fact's name.
        """

    @abstractmethod
    def remove_context(self, context_id: ContextId) -> None:
        """Forget a context, and those that stand on it.

        Args:
            context_id: the context.
        """

    @abstractmethod
    def set_shared_memory(self, scope: Scope, key: ContextKey, value: Any) -> None:
        """Keep a value in State for all agents of a scope; contexts of the scope tell it.

        Args:
            scope: `global`, or a table of `type` and `id`.
            key: the value's name.
            value: what JSON can write; nothing removes it.
        """

    @abstractmethod
    def get_shared_memory(self, scope: Scope, key: ContextKey) -> Any:
        """A value that is kept for all agents of a scope; nothing where there is none.

        Args:
            scope: `global`, or a table of `type` and `id`.
            key: the value's name.
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
