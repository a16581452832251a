"""Agents as scripts hold them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.agent_options import (
    AgentChunk,
    AgentConfig,
    AgentInput,
    AgentMetrics,
    AgentResult,
    AgentState,
    ConversationTurn,
    ToolName,
)
from llmspell_engine.api.declare import Handle, Holds, Waiting, example, member
from llmspell_engine.api.streaming import Stream
from llmspell_engine.api.tool import ToolInfo, ToolResult

Prompt = AgentInput | Annotated[str, Field(min_length=1)]


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
    def get_state(self) -> AgentState:
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
