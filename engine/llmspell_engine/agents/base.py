"""The hierarchy: everything that takes an input and gives an output is a BaseAgent.

::

    BaseAgent          a name, tools, state, events; takes an AgentRequest, gives an AgentAnswer
    ├── LLMAgent       asks a model, calls tools, hands over
    ├── Composite …    pipelines, routers, hierarchies, pools of other agents
    ├── ToolAgent      a tool run as an agent
    └── (workflows)

An agent runs on the engine's loop; what it needs of the run is its :class:`AgentScope`. Every execution goes
through :meth:`BaseAgent.execute` or :meth:`BaseAgent.stream`, which tell handlers, the bus and the tracer of
it; a kind of agent says only how it answers (``_perform``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, final

from llmspell_engine.agents.errors import AgentError
from llmspell_engine.agents.lifecycle import Lifecycle, Metrics
from llmspell_engine.hooks import NO_HOOKS, Hooks
from llmspell_engine.observability import NO_TRACER, Tracer
from llmspell_engine.providers.base import NO_USAGE, Media, Message, Usage
from llmspell_engine.providers.metering import Meter
from llmspell_engine.scheduling.cause import new_id

if TYPE_CHECKING:
    from llmspell_engine.agents.tools import AgentTool
    from llmspell_engine.events import EventBus
    from llmspell_engine.language import Language
    from llmspell_engine.state import StateStore

__all__ = [
    "AgentAnswer",
    "AgentChunk",
    "AgentError",
    "AgentRequest",
    "AgentScope",
    "BaseAgent",
    "ToolUse",
]


def _own_bus() -> EventBus:
    from llmspell_engine.events import EventBus

    return EventBus()


def _in_memory() -> StateStore:
    from llmspell_engine.state import MemoryStore

    return MemoryStore()


@dataclass(frozen=True, slots=True)
class AgentScope:
    """What agents need of the run they belong to."""

    meter: Meter = field(default_factory=Meter)
    tracer: Tracer = NO_TRACER
    hooks: Hooks = NO_HOOKS
    events: EventBus = field(default_factory=_own_bus)
    state: StateStore = field(default_factory=_in_memory)
    language: Language = "lua"
    """The language of the script that the agents belong to; events are told in its name."""


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """What an agent is asked.

    Attributes:
        text: the prompt.
        media: pictures, sounds and documents that belong to it.
        parameters: further inputs; variables of prompt templates.
        context: facts shared between agents of one task, handed on with a handoff.
        history: the conversation to go on with, in place of the agent's own.
        capability: what the agent that answers has to be able to do, where one of several is chosen.
    """

    text: str
    media: Sequence[Media] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    history: Sequence[Message] | None = None
    capability: str | None = None


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool call that an agent made on the way to its answer."""

    tool: str
    arguments: Mapping[str, Any]
    result: Any
    success: bool
    duration_ms: float


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """What an agent gives back.

    Attributes:
        data: the answer as a value, where a schema was asked for.
        agent: the name of the agent that answered in the end; another than the one asked after a handoff.
        path: the names of all agents that took part, in order.
    """

    text: str
    usage: Usage = NO_USAGE
    model: str | None = None
    agent: str = ""
    path: Sequence[str] = ()
    data: Any = None
    media: Sequence[Media] = ()
    tool_uses: Sequence[ToolUse] = ()
    finish_reason: str = "stop"
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentChunk:
    """A piece of an agent's streamed answer. The last one has no text and carries the whole answer."""

    text: str = ""
    agent: str = ""
    answer: AgentAnswer | None = None


class BaseAgent(ABC):
    """Takes a request and gives an answer, on the engine's loop."""

    kind: ClassVar[str]
    """A word for what sort of agent it is: ``llm``, ``pipeline``, ``workflow``, …"""

    def __init__(
        self,
        name: str | None,
        description: str | None,
        scope: AgentScope,
        capabilities: Sequence[str] = (),
    ) -> None:
        self.id = new_id()
        self.name = name or f"agent-{self.id[:8]}"
        self.description = description
        self.scope = scope
        self.capabilities = tuple(capabilities)
        self.metrics = Metrics()
        self.lifecycle = Lifecycle()

    @property
    def tools(self) -> Mapping[str, AgentTool]:
        """What it may call, by name."""
        return {}

    @property
    def parts(self) -> Sequence[BaseAgent]:
        """The agents that work for it."""
        return ()

    @final
    async def execute(self, request: AgentRequest) -> AgentAnswer:
        """Answer. Raises AgentError, ProviderError, ToolError, BudgetError, HookCancelledError."""
        from llmspell_engine.agents import execution

        await execution.begin(self)
        with execution.Execution(self) as under_way:
            answer = await execution.answer(self, request)
            under_way.done(answer)
            return answer

    @final
    async def stream(self, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
        """Answer piece by piece; closing the generator ends the work. Raises what ``execute`` raises."""
        from llmspell_engine.agents import execution

        await execution.begin(self)
        with execution.Execution(self) as under_way:
            async with aclosing(execution.pieces(self, request)) as chunks:
                async for chunk in chunks:
                    if chunk.answer:
                        under_way.done(chunk.answer)
                    yield chunk

    async def shut_down(self) -> None:
        """Be done for good: the handlers of shutdown are told, and nothing is answered any more."""
        from llmspell_engine.agents import execution

        await execution.end(self)

    @abstractmethod
    async def _perform(self, request: AgentRequest) -> AgentAnswer:
        """Answer, whoever listens."""

    async def _perform_streamed(self, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
        """Answer piece by piece, whoever listens. One piece unless overridden."""
        answer = await self._perform(request)
        yield AgentChunk(answer.text, self.name)
        yield AgentChunk(agent=self.name, answer=answer)
