"""Asking a model on behalf of an agent: handlers may step in, and errors that may pass are tried again."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from llmspell_engine.agents import transcript
from llmspell_engine.agents.base import AgentScope
from llmspell_engine.agents.execution import usage_data
from llmspell_engine.agents.hooked_stream import HookedStream
from llmspell_engine.hooks.base import Data, plain
from llmspell_engine.hooks.points import MODEL_CALL
from llmspell_engine.providers.base import (
    NOTHING_USED,
    Chunk,
    ModelAnswer,
    ModelRequest,
    Provider,
    ProviderError,
    ToolCall,
)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often an agent asks its model again after an error that may pass, beyond what its provider does.

    The wait before a try is drawn between nothing and its longest, which doubles from try to try.
    """

    attempts: int = 1
    backoff_seconds: float = 0.5
    max_backoff_seconds: float = 30.0

    def wait(self, error: ProviderError, failed: int) -> float | None:
        """How long to wait before the next try, after so many; None where there is none."""
        if not error.is_passing or failed >= self.attempts:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.max_backoff_seconds else None
        longest = min(self.max_backoff_seconds, self.backoff_seconds * 2.0 ** (failed - 1))
        return longest * random.random()  # noqa: S311 - it only spreads tries


async def complete(scope: AgentScope, agent: str, provider: Provider, request: ModelRequest) -> ModelAnswer:
    """A model's answer, and what handlers make of it."""
    if not scope.hooks.listens_around(MODEL_CALL):
        return await scope.meter.complete(provider, request)
    given: ModelAnswer | None = None

    async def work(data: dict[str, Any]) -> dict[str, Any]:
        nonlocal given
        given = await scope.meter.complete(provider, _changed_request(request, data))
        return _answer_data(given)

    data = _request_data(agent, provider, request)
    return _changed_answer(
        given, await scope.hooks.around(MODEL_CALL, "model", _name(provider, request), data, work)
    )


async def stream(
    scope: AgentScope, agent: str, provider: Provider, request: ModelRequest
) -> AsyncGenerator[Chunk]:
    """A model's streamed answer, and what handlers make of it; the last chunk has the whole of it."""
    if not scope.hooks.listens_around(MODEL_CALL):
        async with aclosing(scope.meter.stream(provider, request)) as chunks:
            async for chunk in chunks:
                yield chunk
        return
    given: ModelAnswer | None = None

    async def produce(data: Data, give: Callable[[Chunk], Awaitable[None]]) -> Data:
        nonlocal given
        async with aclosing(scope.meter.stream(provider, _changed_request(request, data))) as chunks:
            async for chunk in chunks:
                given = chunk.answer or given
                if chunk.text:
                    await give(chunk)
        assert given is not None, "a stream ends with the whole answer"
        return _answer_data(given)

    data = _request_data(agent, provider, request)
    stream = HookedStream(scope.hooks, MODEL_CALL, "model", _name(provider, request), data, produce)
    async with aclosing(stream.pieces()) as chunks:
        async for chunk in chunks:
            yield chunk
    whole = _changed_answer(given, stream.result)
    if given is None and whole.text:
        yield Chunk(whole.text)
    yield Chunk(answer=whole)


def _name(provider: Provider, request: ModelRequest) -> str:
    return f"{provider.name}/{request.model}"


def _request_data(agent: str, provider: Provider, request: ModelRequest) -> dict[str, Any]:
    return plain(
        {
            "agent": agent,
            "provider": provider.name,
            "model": request.model,
            "messages": transcript.data(request.messages),
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "tools": [tool.name for tool in request.tools],
        }
    )


def _changed_request(request: ModelRequest, data: Mapping[str, Any]) -> ModelRequest:
    messages = data.get("messages")
    return replace(
        request,
        messages=request.messages if messages is None else transcript.read(request.messages, messages),
        temperature=data.get("temperature", request.temperature),
        max_tokens=_whole(data.get("max_tokens", request.max_tokens)),
    )


def _answer_data(answer: ModelAnswer) -> dict[str, Any]:
    return plain(
        {
            "text": answer.text,
            "tool_calls": [
                {"id": call.id, "name": call.name, "arguments": dict(call.arguments)}
                for call in answer.tool_calls
            ],
            "finish_reason": answer.finish_reason,
            "model": answer.model,
            "usage": usage_data(answer.usage),
        }
    )


def _changed_answer(given: ModelAnswer | None, data: Mapping[str, Any]) -> ModelAnswer:
    """The answer with what handlers changed; the one that they gave in its place where there is none."""
    text = str(data.get("text", given.text if given else ""))
    if given is not None:
        return given if text == given.text else replace(given, text=text)
    calls = [
        ToolCall(str(call.get("id", f"call-{number}")), str(call["name"]), call.get("arguments") or {})
        for number, call in enumerate(data.get("tool_calls") or (), 1)
    ]
    return ModelAnswer(
        text,
        NOTHING_USED,
        calls,
        finish_reason="tool_calls" if calls else "stop",
        model=data.get("model"),
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
