"""An execution of any agent: who is told of it, and who may step in."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, suppress
from contextvars import Token
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.base import AgentAnswer, AgentChunk, AgentError, AgentRequest
from llmspell_engine.agents.hooked_stream import HookedStream
from llmspell_engine.events import EventError
from llmspell_engine.hooks.base import Data, plain
from llmspell_engine.hooks.points import AGENT_EXECUTION, AGENT_INIT, AGENT_SHUTDOWN
from llmspell_engine.providers.base import NOTHING_USED, Usage
from llmspell_engine.scheduling.cause import CAUSE, new_cause

if TYPE_CHECKING:
    from llmspell_engine.agents.base import BaseAgent
    from llmspell_engine.observability import Span
    from llmspell_engine.scheduling.cause import Cause

DEEPEST = 32
"""How many agents may be answering for each other: more means that they ask in a circle."""


def callers() -> tuple[tuple[str, str], ...]:
    """The ids and names of the agents that are answering and have come to ask here, from the outermost."""
    cause = CAUSE.get()
    return cause.agents if cause else ()


class Execution:
    """The time of one execution: its span, its events, what is counted. A context manager."""

    __slots__ = ("_agent", "_answer", "_begin", "_cause", "_span", "_span_of", "_token")

    def __init__(self, agent: BaseAgent) -> None:
        outer = CAUSE.get() or new_cause()
        if len(outer.agents) >= DEEPEST:
            path = " -> ".join(name for _, name in (*outer.agents[-4:], (agent.id, agent.name)))
            raise AgentError(f"more than {DEEPEST} agents ask each other: … {path}; do they ask in a circle?")
        self._agent = agent
        self._cause = outer.of_agent(agent.id, agent.name)
        self._answer: AgentAnswer | None = None

    def __enter__(self) -> Execution:
        agent = self._agent
        agent.metrics.executions += 1
        agent.metrics.active += 1
        self._begin = time.perf_counter()
        self._token: Token[Cause | None] = CAUSE.set(self._cause)
        self._span_of: AbstractContextManager[Span] = agent.scope.tracer.span(
            "agent", f"agent {agent.name}", **{"gen_ai.agent.name": agent.name}
        )
        self._span = self._span_of.__enter__()
        self._tell("agent.started", {})
        return self

    def done(self, answer: AgentAnswer) -> None:
        """Take note of the answer; an execution that ends without has failed."""
        self._answer = answer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        elapsed = (time.perf_counter() - self._begin) * 1000
        metrics, answer = self._agent.metrics, self._answer
        metrics.active -= 1
        metrics.total_ms += elapsed
        if answer is None:
            metrics.failures += 1
            self._agent.lifecycle.last_error = problem = _told(error)
            self._tell("agent.failed", {"duration_ms": elapsed, "error": problem, "kind": _kind(error)})
        else:
            usage = answer.usage
            metrics.count(usage, len(answer.tool_uses))
            self._agent.lifecycle.last_error = None
            self._span.set(
                **{
                    "gen_ai.usage.input_tokens": usage.input_tokens,
                    "gen_ai.usage.output_tokens": usage.output_tokens,
                }
            )
            told = {"duration_ms": elapsed, "answered_by": answer.agent, "usage": usage_data(usage)}
            self._tell("agent.completed", told)
        # A generator may be closed in another context than it was begun in.
        with suppress(ValueError):
            CAUSE.reset(self._token)
        self._span_of.__exit__(kind, error, where)

    def _tell(self, event: str, data: Mapping[str, Any]) -> None:
        agent = self._agent
        facts = {"agent": agent.name, "agent_id": agent.id, "type": agent.kind, **data}
        # A subscription that has no room for it is told by the bus; the agent's work goes on.
        with suppress(EventError):
            agent.scope.events.publish(event, facts, agent.scope.language)


async def begin(agent: BaseAgent) -> None:
    """Let an agent be used. Raises AgentError where it may not be, and HookCancelledError."""
    lifecycle = agent.lifecycle
    lifecycle.check(agent.name)
    if lifecycle.standing == "uninitialized":
        await initialize(agent)


async def initialize(agent: BaseAgent, reason: str = "first use") -> None:
    """Let handlers know of an agent that has not been used so far."""
    # At once, so that executions which begin at the same time do not each do it.
    agent.lifecycle.change(agent.name, "ready", reason)
    if agent.scope.hooks.listens_around(AGENT_INIT):
        await agent.scope.hooks.around(AGENT_INIT, "agent", agent.name, _facts(agent), _nothing)


async def end(agent: BaseAgent) -> None:
    """Be done with an agent, once."""
    if agent.lifecycle.standing == "destroyed":
        return
    agent.lifecycle.change(agent.name, "destroyed", "destroyed")
    if agent.scope.hooks.listens_around(AGENT_SHUTDOWN):
        await agent.scope.hooks.around(AGENT_SHUTDOWN, "agent", agent.name, _facts(agent), _nothing)


async def answer(agent: BaseAgent, request: AgentRequest) -> AgentAnswer:
    """An agent's answer, and what handlers make of it."""
    hooks = agent.scope.hooks
    if not hooks.listens_around(AGENT_EXECUTION):
        return await agent._perform(request)
    given: AgentAnswer | None = None

    async def work(data: dict[str, Any]) -> dict[str, Any]:
        nonlocal given
        given = await agent._perform(_changed_request(request, data))
        return answer_data(given)

    data = await hooks.around(AGENT_EXECUTION, "agent", agent.name, _request_data(agent, request), work)
    return _changed_answer(agent, given, data)


async def pieces(agent: BaseAgent, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
    """An agent's streamed answer, and what handlers make of it; the last chunk has the whole of it."""
    hooks = agent.scope.hooks
    if not hooks.listens_around(AGENT_EXECUTION):
        async with aclosing(agent._perform_streamed(request)) as chunks:
            async for chunk in chunks:
                yield chunk
        return
    given: AgentAnswer | None = None

    async def produce(data: Data, give: Callable[[AgentChunk], Awaitable[None]]) -> Data:
        nonlocal given
        async with aclosing(agent._perform_streamed(_changed_request(request, data))) as chunks:
            async for chunk in chunks:
                given = chunk.answer or given
                if chunk.text:
                    await give(chunk)
        assert given is not None, "a stream ends with the whole answer"
        return answer_data(given)

    data = _request_data(agent, request)
    stream = HookedStream(hooks, AGENT_EXECUTION, "agent", agent.name, data, produce)
    async with aclosing(stream.pieces()) as chunks:
        async for chunk in chunks:
            yield chunk
    whole = _changed_answer(agent, given, stream.result)
    if given is None:
        yield AgentChunk(whole.text, agent.name)
    yield AgentChunk(agent=agent.name, answer=whole)


def usage_data(usage: Usage) -> dict[str, Any]:
    """What was used, as plain data."""
    return plain(
        {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens, "cost": usage.cost}
    )


def answer_data(answer: AgentAnswer) -> dict[str, Any]:
    """An answer, as plain data."""
    return plain(
        {
            "text": answer.text,
            "data": answer.data,
            "agent": answer.agent,
            "path": list(answer.path),
            "model": answer.model,
            "usage": usage_data(answer.usage),
            "finish_reason": answer.finish_reason,
        }
    )


def _facts(agent: BaseAgent) -> dict[str, Any]:
    return plain({"id": agent.id, "type": agent.kind, "description": agent.description})


def _request_data(agent: BaseAgent, request: AgentRequest) -> dict[str, Any]:
    return {
        "text": request.text,
        "parameters": dict(request.parameters),
        "context": dict(request.context),
        "type": agent.kind,
    }


def _changed_request(request: AgentRequest, data: Mapping[str, Any]) -> AgentRequest:
    return replace(
        request,
        text=str(data.get("text", request.text)),
        parameters=data.get("parameters", request.parameters),
        context=data.get("context", request.context),
    )


def _changed_answer(agent: BaseAgent, given: AgentAnswer | None, data: Mapping[str, Any]) -> AgentAnswer:
    """The answer with what handlers changed; the one that they gave in its place where there is none."""
    if given is None:
        found = str(data.get("text", ""))
        return AgentAnswer(
            found, NOTHING_USED, data.get("model"), agent.name, (agent.name,), data.get("data")
        )
    text, value = data.get("text", given.text), data.get("data", given.data)
    if text == given.text and value == given.data:
        return given
    return replace(given, text=str(text), data=value)


def _told(error: BaseException | None) -> str:
    return str(error) if isinstance(error, Exception) else "it was cancelled"


def _kind(error: BaseException | None) -> str:
    return str(getattr(error, "kind", type(error).__name__)) if isinstance(error, Exception) else "Cancelled"


async def _nothing(data: dict[str, Any]) -> dict[str, Any]:
    return data
