"""What the services' servers say: the same few answers in each service's own format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from support.model_server import Reply, data, named

FIG = {"fruit": "fig"}
FIG_TEXT = json.dumps(FIG)


@dataclass(frozen=True)
class Format:
    """The format of one service's own API. All answers use 1000 and 500 tokens, all streams 7 and 3."""

    service: str
    model: str
    path: str
    """Where a model is asked."""
    stream_path: str
    key: tuple[str, str]
    """The header of the key, and what stands before the key in it."""
    hello: Reply
    """An answer of the text `hello`."""
    call: Reply
    """An answer that calls `price_of` for a fig, as call `c2`."""
    sums: Reply
    """An answer of the structure `{"sum": 3}`, by the means that the wire has for one."""
    stream: Sequence[str]
    """The texts `Hel` and `lo`, and the call."""
    begun: int
    """How many events of the stream bring its first text."""
    listing: Any
    """What a list of the models `known-model` and `other` looks like."""
    error: Any
    """What holds the message of an error: a function of the message and its status."""


def chat(message: Mapping[str, Any], reason: str = "stop", model: str = "gpt-4o-mini") -> Reply:
    """An answer of the OpenAI API, which others share."""
    return Reply({
        "id": "1", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{"index": 0, "finish_reason": reason, "message": {"role": "assistant", **message}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
    })  # fmt: skip


def piece(delta: Mapping[str, Any], reason: str | None = None, **more: Any) -> dict[str, Any]:
    """A piece of a stream of the OpenAI API."""
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more}  # fmt: skip


def claude(*content: Mapping[str, Any], reason: str = "end_turn") -> Reply:
    """An answer of the Anthropic API."""
    return Reply({
        "id": "1", "type": "message", "role": "assistant", "model": "claude-3-5-haiku-latest",
        "content": list(content), "stop_reason": reason, "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 500},
    })  # fmt: skip


def gemini(
    *parts: Mapping[str, Any], reason: str | None = "STOP", tokens: Sequence[int] = (1000, 500)
) -> Any:
    """An answer of the Gemini API, or a piece of one."""
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return {
        "candidates": [candidate], "modelVersion": "gemini-2.5-flash", "responseId": "r1",
        "usageMetadata": {"promptTokenCount": tokens[0], "candidatesTokenCount": tokens[1],
                          "totalTokenCount": sum(tokens)},
    }  # fmt: skip


def command(reason: str = "COMPLETE", **message: Any) -> Reply:
    """An answer of the Cohere API."""
    return Reply({"id": "1", "finish_reason": reason, "message": {"role": "assistant", **message},
                  "usage": _cohere_usage(1000, 500)})  # fmt: skip


def _cohere_usage(asked: int, answered: int) -> dict[str, Any]:
    counts = {"input_tokens": asked, "output_tokens": answered}
    return {"billed_units": counts, "tokens": counts}


def _function(name: str, arguments: Any) -> dict[str, Any]:
    return {"id": "c2", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


def _compatible_error(message: str, status: int) -> Any:
    return {"error": {"message": message, "type": "error", "code": status}}


_CALLS = [
    piece({"tool_calls": [{"index": 0, "id": "c2", "type": "function",
                           "function": {"name": "price_of", "arguments": '{"fru'}}]}),
    piece({"tool_calls": [{"index": 0, "function": {"arguments": 'it":"fig"}'}}]}),
]  # fmt: skip
_USED = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
_LISTED = {"object": "list", "data": [{"id": "known-model", "object": "model"}, {"id": "other"}]}

OPENAI = Format(
    "openai", "gpt-4o-mini", "/v1/chat/completions", "/v1/chat/completions", ("authorization", "Bearer "),
    hello=chat({"content": "hello"}),
    call=chat({"content": None, "tool_calls": [_function("price_of", FIG)]}, "tool_calls"),
    sums=chat({"content": '{"sum": 3}'}),
    stream=data(
        piece({"role": "assistant", "content": "Hel"}), piece({"content": "lo"}), *_CALLS,
        piece({}, "tool_calls"), {**piece({}), "choices": [], "usage": _USED}, "[DONE]",
    ),
    begun=1, listing=_LISTED, error=_compatible_error,
)  # fmt: skip

ANTHROPIC = Format(
    "anthropic", "claude-3-5-haiku-latest", "/v1/messages", "/v1/messages", ("x-api-key", ""),
    hello=claude({"type": "text", "text": "hello"}),
    call=claude({"type": "tool_use", "id": "c2", "name": "price_of", "input": FIG}, reason="tool_use"),
    sums=claude({"type": "tool_use", "id": "c2", "name": "give_answer", "input": {"sum": 3}},
                reason="tool_use"),
    stream=named(
        {"type": "message_start", "message": {**claude().body, "stop_reason": None,
                                              "usage": {"input_tokens": 7, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1,
         "content_block": {"type": "tool_use", "id": "c2", "name": "price_of", "input": {}}},
        {"type": "content_block_delta", "index": 1,
         "delta": {"type": "input_json_delta", "partial_json": '{"fruit":'}},
        {"type": "content_block_delta", "index": 1,
         "delta": {"type": "input_json_delta", "partial_json": '"fig"}'}},
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None},
         "usage": {"output_tokens": 3}},
        {"type": "message_stop"},
    ),
    begun=3, listing={"data": _LISTED["data"], "has_more": False},
    error=lambda message, status: {"type": "error", "error": {"type": "api_error", "message": message}},
)  # fmt: skip

GOOGLE = Format(
    "google", "gemini-2.5-flash",
    "/v1beta/models/gemini-2.5-flash:generateContent",
    "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", ("x-goog-api-key", ""),
    hello=Reply(gemini({"text": "hello"})),
    call=Reply(gemini({"functionCall": {"id": "c2", "name": "price_of", "args": FIG}})),
    sums=Reply(gemini({"text": '{"sum": 3}'})),
    stream=data(
        gemini({"text": "Hel"}, reason=None, tokens=(7, 1)),
        gemini({"text": "lo"}, reason=None, tokens=(7, 2)),
        gemini({"functionCall": {"id": "c2", "name": "price_of", "args": FIG}}, tokens=(7, 3)),
    ),
    begun=1,
    listing={"models": [{"name": "models/known-model", "supportedGenerationMethods": ["generateContent"]},
                        {"name": "models/other"}]},
    error=lambda message, status: {"error": {"code": status, "message": message, "status": "FAILED"}},
)  # fmt: skip

GROQ = Format(
    "groq", "llama-3.3-70b-versatile", "/openai/v1/chat/completions", "/openai/v1/chat/completions",
    ("authorization", "Bearer "),
    hello=chat({"content": "hello"}, model="llama-3.3-70b-versatile"),
    call=chat({"content": None, "tool_calls": [_function("price_of", FIG)]}, "tool_calls"),
    sums=chat({"content": None, "tool_calls": [_function("give_answer", {"sum": 3})]}, "tool_calls"),
    stream=data(
        piece({"role": "assistant", "content": "Hel"}), piece({"content": "lo"}), *_CALLS,
        piece({}, "tool_calls", x_groq={"id": "r1", "usage": _USED}), "[DONE]",
    ),
    begun=1, listing=_LISTED, error=_compatible_error,
)  # fmt: skip

MISTRAL = Format(
    "mistral", "mistral-small-latest", "/v1/chat/completions", "/v1/chat/completions",
    ("authorization", "Bearer "),
    hello=chat({"content": "hello"}, model="mistral-small-latest"),
    call=chat({"content": "", "tool_calls": [_function("price_of", FIG)]}, "tool_calls"),
    sums=chat({"content": "", "tool_calls": [_function("give_answer", {"sum": 3})]}, "tool_calls"),
    stream=data(
        piece({"role": "assistant", "content": "Hel"}), piece({"content": "lo"}),
        piece({"tool_calls": [{"index": 0, **_function("price_of", FIG)}]}, "tool_calls", usage=_USED),
        "[DONE]",
    ),
    begun=1, listing=_LISTED,
    error=lambda message, status: {"object": "error", "message": message, "type": "error", "code": "1"},
)  # fmt: skip

COHERE = Format(
    "cohere", "command-a-03-2025", "/v2/chat", "/v2/chat", ("authorization", "Bearer "),
    hello=command(content=[{"type": "text", "text": "hello"}]),
    call=command("TOOL_CALL", tool_calls=[_function("price_of", FIG)]),
    sums=command("TOOL_CALL", tool_calls=[_function("give_answer", {"sum": 3})]),
    stream=named(
        {"type": "message-start", "id": "1", "delta": {"message": {"role": "assistant"}}},
        {"type": "content-start", "index": 0,
         "delta": {"message": {"content": {"type": "text", "text": ""}}}},
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Hel"}}}},
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "lo"}}}},
        {"type": "content-end", "index": 0},
        {"type": "tool-call-start", "index": 0, "delta": {"message": {"tool_calls": {
            "id": "c2", "type": "function", "function": {"name": "price_of", "arguments": ""}}}}},
        {"type": "tool-call-delta", "index": 0,
         "delta": {"message": {"tool_calls": {"function": {"arguments": '{"fruit":'}}}}},
        {"type": "tool-call-delta", "index": 0,
         "delta": {"message": {"tool_calls": {"function": {"arguments": '"fig"}'}}}}},
        {"type": "tool-call-end", "index": 0},
        {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "usage": _cohere_usage(7, 3)}},
    ),
    begun=3, listing={"models": [{"name": "known-model"}, {"name": "other"}]},
    error=lambda message, status: {"id": "1", "message": message},
)  # fmt: skip

FORMATS = {each.service: each for each in (OPENAI, ANTHROPIC, GOOGLE, GROQ, MISTRAL, COHERE)}
