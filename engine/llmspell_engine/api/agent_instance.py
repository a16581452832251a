"""Agents as scripts hold them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.agent_options import (
    AgentName,
    AgentResult,
    AgentState,
    ConversationTurn,
    Prompt,
    ToolName,
)
from llmspell_engine.api.agent_pool import AgentPool
from llmspell_engine.api.declare import Handle, Holds, Options, Waiting, example, member
from llmspell_engine.api.later import later
from llmspell_engine.api.workflow_instance import WorkflowInstance

if TYPE_CHECKING:
    from llmspell_engine.api.agent_states import AgentHealth, AgentPerformance, StateTransition
    from llmspell_engine.api.agent_telling import AgentChunk, AgentConfig, AgentMetrics
    from llmspell_engine.api.streaming import Stream
    from llmspell_engine.api.tool_results import ToolInfo, ToolResult

__getattr__ = later(
    __name__,
    agent_states=("AgentHealth", "AgentPerformance", "StateTransition"),
    agent_telling=("AgentChunk", "AgentConfig", "AgentMetrics"),
    streaming=("Stream",),
    tool_results=("ToolInfo", "ToolResult"),
)

History = Literal["full", "last", "summary", "none"] | Annotated[int, Field(ge=0)]
"""How much of a conversation is handed over: all, the last turn, a summary, nothing, or so many turns."""
ConversationFilter = Callable[[list[ConversationTurn]], Any]
"""Gets what was said; gives what is left of it, as a list of the same form or as a text."""
ContextId = Annotated[str, Field(min_length=1)]


class HandoverOptions(Options):
    """What goes along when a script hands over."""

    history: History | ConversationFilter = Field(
        "full",
        description="How much of the conversation the other gets: all, the last turn, so many turns, a"
        " summary by the agent that hands over, or none; or a function that gets it and gives what is left.",
    )
    context: Mapping[str, Any] = Field({}, description="Facts that the other is told.")
    parameters: Mapping[str, Any] = Field({}, description="The variables of prompt templates.")


class AgentInstance(Handle):
    """An agent, ready to answer."""

    id: Annotated[str, Field(description="A name for this agent that no other has.")]
    name: Annotated[str, Field(description="The agent's name.")]

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local answer = agent:execute({ text = "Who are you?" })\nprint(answer.text)',
        javascript='const answer = await agent.execute({ text: "Who are you?" });\nconsole.log(answer.text);',
    )
    def execute(self, request: Prompt) -> Waiting[AgentResult]:
        """Ask the agent and wait for its answer.

        Args:
            request: the prompt, or a table with the prompt as `text`.
        """

    @member(deprecated="execute", waits=True)
    def complete(self, request: Prompt) -> Waiting[AgentResult]:
        """Ask the agent and wait for its answer.

        Args:
            request: the prompt, or a table with the prompt as `text`.
        """
        return self.execute(request)

    @member(deprecated="execute", waits=True)
    def invoke(self, request: Prompt) -> Waiting[AgentResult]:
        """Ask the agent and wait for its answer.

        Args:
            request: the prompt, or a table with the prompt as `text`.
        """
        return self.execute(request)

    @abstractmethod
    @example(
        lua='for chunk in agent:stream("Tell me more.") do io.write(chunk.text) end',
        javascript='for await (const chunk of agent.stream("Tell me more.")) console.log(chunk.text);',
    )
    def stream(self, request: Prompt) -> Annotated[Stream, Holds(AgentChunk)]:
        """Ask the agent for an answer that comes piece by piece; closing the stream ends the work.

        Args:
            request: the prompt, or a table with the prompt as `text`.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='agent:invoke_stream("Tell me more.", function(chunk) io.write(chunk.text) end)',
        javascript='await agent.invokeStream("Tell me more.", (chunk) => console.log(chunk.text));',
    )
    def invoke_stream(
        self, request: Prompt, callback: Callable[[AgentChunk], Any]
    ) -> Waiting[AgentResult | None]:
        """Ask the agent and call a function with each piece of its answer; nothing when that ended it early.

        Args:
            request: the prompt, or a table with the prompt as `text`.
            callback: gets each piece; no more come once it gives `false`.
        """

    @member(name="invokeStream", deprecated="invoke_stream", waits=True, languages=("lua",))
    def invoke_stream_in_camel_case(
        self, request: Prompt, callback: Callable[[AgentChunk], Any]
    ) -> Waiting[AgentResult | None]:
        """Ask the agent and call a function with each piece of its answer.

        Args:
            request: the prompt, or a table with the prompt as `text`.
            callback: gets each piece.
        """
        return self.invoke_stream(request, callback)

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local other = Agent.create({ name = "other", model = "echo" })\n'
        'print(agent:handoff(other, "Please go on.", { history = "last" }).text)',
        javascript='const other = Agent.create({ name: "other", model: "echo" });\n'
        'console.log((await agent.handoff(other, "Please go on.", { history: "last" })).text);',
    )
    def handoff(
        self,
        target: AnyAgent,
        message: str | None = None,
        options: HandoverOptions | None = None,
    ) -> Waiting[AgentResult]:
        """Let another agent go on with the conversation, and wait for its answer.

        Args:
            target: the other agent, or its name. One that asks no model gets the message only.
            message: what the other is asked; what was asked last when left out.
            options: how much of the conversation it gets, and further facts.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local context = Agent.create_context({ data = { language = "Lua" } })\n'
        'print(agent:execute_with_context("Write a loop.", context).text)',
        javascript='const context = Agent.createContext({ data: { language: "JavaScript" } });\n'
        'console.log((await agent.executeWithContext("Write a loop.", context)).text);',
    )
    def execute_with_context(self, request: Prompt, context_id: ContextId) -> Waiting[AgentResult]:
        """Ask the agent, which is told what a context holds. Facts of the request go before those.

        Args:
            request: the prompt, or a table with the prompt as `text`.
            context_id: what `Agent.create_context` gave.
        """

    @abstractmethod
    def get_conversation(self) -> Sequence[ConversationTurn]:
        """What was said so far and is remembered, oldest first."""

    @abstractmethod
    def clear_conversation(self) -> None:
        """Forget what was said."""

    @abstractmethod
    def save_state(self) -> None:
        """Keep the conversation in State, under the agent's name."""

    @abstractmethod
    def load_state(self) -> bool:
        """Take up the conversation that was kept; whether there was one."""

    @abstractmethod
    def delete_state(self) -> None:
        """Forget the conversation that was kept."""

    @abstractmethod
    def get_metrics(self) -> AgentMetrics:
        """What the agent has done so far."""

    @abstractmethod
    def get_config(self) -> AgentConfig:
        """The settings that the agent was made with."""

    @abstractmethod
    def get_state(self, key: str | None = None) -> Any:
        """What the agent is doing; with a key, the value that was kept for the agent under it.

        Args:
            key: a key of `set_state`.
        """

    @abstractmethod
    @example(
        lua='agent:set_state({ topic = "rivers" })\nprint(agent:get_state("topic"))',
        javascript='agent.setState({ topic: "rivers" });\nconsole.log(agent.getState("topic"));',
    )
    def set_state(self, values: Mapping[str, Any]) -> None:
        """Keep values for the agent in State, in the scope `agent:` and its name. Other keys stay.

        Args:
            values: values by their keys.
        """

    @abstractmethod
    def get_agent_state(self) -> AgentState:
        """What the agent is doing."""

    @abstractmethod
    def get_state_history(self) -> Sequence[StateTransition]:
        """How the agent's state has changed, oldest first. Executions are no changes."""

    @abstractmethod
    @member(waits=True)
    def initialize(self) -> Waiting[None]:
        """Make the agent ready, as its first execution does: hooks of its beginning are told."""

    @abstractmethod
    def start(self) -> None:
        """Let an agent that was stopped, or not used so far, answer."""

    @abstractmethod
    def pause(self) -> None:
        """Let the agent answer no more for now; an execution that is under way goes on."""

    @abstractmethod
    def resume(self) -> None:
        """Let an agent that was paused answer again. One that is stopped is an error."""

    @abstractmethod
    def stop(self) -> None:
        """Let the agent answer no more until it is started; an execution that is under way goes on."""

    @abstractmethod
    @member(waits=True)
    def terminate(self) -> Waiting[None]:
        """Forget the agent, as `destroy` does."""

    @abstractmethod
    def get_last_error(self) -> str | None:
        """Why the last execution failed; nothing where it did not."""

    @abstractmethod
    def is_healthy(self) -> bool:
        """Whether the agent answers and its last execution did not fail."""

    @abstractmethod
    def get_health(self) -> AgentHealth:
        """Whether the agent answers, and how its last execution ended."""

    @abstractmethod
    def get_performance(self) -> AgentPerformance:
        """How often and how fast the agent has answered."""

    @abstractmethod
    def log_event(self, event_type: Annotated[str, Field(min_length=1)], message: str) -> None:
        """Publish an event of the agent, `agent.log`, and log it.

        Args:
            event_type: a word for what happened.
            message: what happened.
        """

    @member(name="logEvent", deprecated="log_event", languages=("lua",))
    def log_event_in_camel_case(self, event_type: Annotated[str, Field(min_length=1)], message: str) -> None:
        """Publish an event of the agent and log it.

        Args:
            event_type: a word for what happened.
            message: what happened.
        """
        return self.log_event(event_type, message)

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
    def get_all_tool_metadata(self) -> Mapping[str, ToolInfo]:
        """Describe the tools that the agent may call, by their names."""

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
    @member(waits=True)
    def destroy(self) -> Waiting[None]:
        """Forget the agent: its name is free again at once, and it answers no more."""


AgentHandle = AgentInstance | AgentPool | WorkflowInstance
"""Whatever can answer."""
AnyAgent = AgentHandle | AgentName
"""The same, or its name."""
