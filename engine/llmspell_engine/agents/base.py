"""The hierarchy: everything that takes an input and gives an output is a BaseAgent.

::

    BaseAgent          a name, tools, state, events; takes an AgentRequest, gives an AgentAnswer
    ├── LLMAgent       asks a model, calls tools, hands over
    ├── Composite …    pipelines, routers, hierarchies, pools of other agents
    ├── ToolAgent      a tool run as an agent
    └── (workflows)

An agent runs on the engine's loop; what it needs of the run is its :class:`AgentScope`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llmspell_engine.events import EventBus
from llmspell_engine.hooks import NO_HOOKS, Hooks
from llmspell_engine.observability import NO_TRACER, Tracer
from llmspell_engine.providers.base import NO_USAGE, Media, Usage
from llmspell_engine.providers.metering import Meter
from llmspell_engine.state import MemoryStore, StateStore


class AgentError(Exception):
    """An agent cannot be made or cannot do what is asked; the message says why."""

    kind = "AgentError"


@dataclass(frozen=True, slots=True)
class AgentScope:
    """What agents need of the run they belong to."""

    meter: Meter = field(default_factory=Meter)
    tracer: Tracer = NO_TRACER
    hooks: Hooks = NO_HOOKS
    events: EventBus = field(default_factory=EventBus)
    state: StateStore = field(default_factory=MemoryStore)


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """What an agent is asked.

    Attributes:
        text: the prompt.
        media: pictures, sounds and documents that belong to it.
        parameters: further inputs; variables of prompt templates.
        context: facts shared between agents of one task, handed on with a handoff.
    """

    text: str
    media: Sequence[Media] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)


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

    id: str
    name: str
    description: str | None

    @abstractmethod
    async def execute(self, request: AgentRequest) -> AgentAnswer:
        """Answer. Raises AgentError, ProviderError, ToolError, BudgetError."""

    async def stream(self, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
        """Answer piece by piece; closing the generator ends the work. One piece unless overridden."""
        answer = await self.execute(request)
        yield AgentChunk(answer.text, self.name)
        yield AgentChunk(agent=self.name, answer=answer)
