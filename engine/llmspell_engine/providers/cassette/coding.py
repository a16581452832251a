"""Requests, answers and errors as plain values, and back. What is not said is left out.

Media are written as the SHA-256 of their bytes; the bytes stand once, in a line of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llmspell_engine.providers.base import (
    Media,
    Message,
    ModelAnswer,
    ModelRequest,
    ProviderError,
    ToolCall,
    Usage,
)

Plain = dict[str, Any]


def plain_request(provider: str, request: ModelRequest, streamed: bool) -> Plain:
    """What decides about the answer. How long one waits for it does not."""
    return _said(
        provider=provider,
        model=request.model,
        stream=streamed or None,
        messages=[_plain_message(message) for message in request.messages],
        temperature=request.temperature,
        max_tokens=request.max_tokens,
        top_p=request.top_p,
        stop=list(request.stop),
        seed=request.seed,
        tools=[
            {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
            for tool in request.tools
        ],
        tool_choice=None if request.tool_choice == "auto" else request.tool_choice,
        schema=request.schema,
        extra=request.extra,
    )


def plain_answer(answer: ModelAnswer) -> Plain:
    """An answer as a cassette keeps it."""
    usage = answer.usage
    return _said(
        text=answer.text,
        tool_calls=_plain_calls(answer.tool_calls),
        media=_plain_media(answer.media),
        finish_reason=answer.finish_reason,
        model=answer.model,
        usage=_said(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, cost=usage.cost),
        details=answer.details,
    )


def read_answer(plain: Mapping[str, Any], bytes_of: Callable[[str], bytes]) -> ModelAnswer:
    """The answer that was recorded."""
    return ModelAnswer(
        text=plain.get("text", ""),
        usage=Usage(**plain.get("usage", {})),
        tool_calls=[
            ToolCall(each["id"], each["name"], each["arguments"]) for each in plain.get("tool_calls", ())
        ],
        media=[_read_media(each, bytes_of) for each in plain.get("media", ())],
        finish_reason=plain.get("finish_reason", "stop"),
        model=plain.get("model"),
        details=plain.get("details", {}),
    )


def plain_error(error: ProviderError) -> Plain:
    """An error as a cassette keeps it."""
    return _said(
        kind=error.kind,
        message=str(error),
        status=error.status,
        retry_after=error.retry_after,
        is_passing=error.is_passing or None,
    )


def read_error(plain: Mapping[str, Any]) -> ProviderError:
    """The error of that kind; a ProviderError where the kind is not known any more."""
    make = _kinds(ProviderError).get(plain.get("kind", ""), ProviderError)
    return make(
        plain.get("message", ""),
        status=plain.get("status"),
        retry_after=plain.get("retry_after"),
        is_passing=plain.get("is_passing", False),
    )


def media_of(messages: Sequence[Message]) -> list[Media]:
    """All media of a conversation."""
    return [each for message in messages for each in message.media]


def digest(data: bytes) -> str:
    """What names the bytes of a medium."""
    return hashlib.sha256(data).hexdigest()


def _said(**facts: Any) -> Plain:
    return {name: fact for name, fact in facts.items() if fact is not None and fact not in ([], {})}


def _plain_message(message: Message) -> Plain:
    return _said(
        role=message.role,
        text=message.text,
        media=_plain_media(message.media),
        tool_calls=_plain_calls(message.tool_calls),
        tool_call_id=message.tool_call_id,
        tool_name=message.tool_name,
    )


def _plain_calls(calls: Sequence[ToolCall]) -> list[Plain]:
    return [{"id": call.id, "name": call.name, "arguments": dict(call.arguments)} for call in calls]


def _plain_media(media: Sequence[Media]) -> list[Plain]:
    return [
        _said(
            kind=each.kind,
            media_type=each.media_type,
            sha256=None if each.data is None else digest(each.data),
            url=each.url,
        )
        for each in media
    ]


def _read_media(plain: Mapping[str, Any], bytes_of: Callable[[str], bytes]) -> Media:
    data = bytes_of(plain["sha256"]) if "sha256" in plain else None
    return Media(plain["kind"], plain["media_type"], data, plain.get("url"))


def _kinds(base: type[ProviderError]) -> dict[str, type[ProviderError]]:
    found = {base.kind: base}
    for each in base.__subclasses__():
        found = {**_kinds(each), **found}
    return found
