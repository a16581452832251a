"""Prompts and answers as attributes of spans, by OpenTelemetry's conventions for generative AI.

They are recorded by the tracers that are asked to (``SpanTracer.content``), and by no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.observability.around import AROUND

if TYPE_CHECKING:
    from llmspell_engine.providers.base import Message, ModelAnswer, ModelRequest

CONTENT = frozenset(
    {
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
    }
)
"""The attributes that hold what people and models said."""


def wants_content() -> bool:
    """Whether any tracer of the work at hand records content."""
    return any(tracer.content for tracer in AROUND.get().spans)


def of_request(request: ModelRequest) -> dict[str, str]:
    """What a model is asked; empty where nobody wants it."""
    if not wants_content():
        return {}
    instructions = [_text_part(each.text) for each in request.messages if each.role == "system"]
    messages = [_message(each) for each in request.messages if each.role != "system"]
    found = {"gen_ai.input.messages": _json(messages)}
    return {**found, "gen_ai.system_instructions": _json(instructions)} if instructions else found


def of_answer(answer: ModelAnswer) -> dict[str, str]:
    """What a model answered; empty where nobody wants it."""
    if not wants_content():
        return {}
    parts = [_text_part(answer.text)] if answer.text else []
    parts += [_call_part(call.id, call.name, call.arguments) for call in answer.tool_calls]
    message = {"role": "assistant", "parts": parts, "finish_reason": answer.finish_reason}
    return {"gen_ai.output.messages": _json([message])}


def of_tool_call(arguments: Mapping[str, Any]) -> dict[str, str]:
    """What a tool is called with; empty where nobody wants it."""
    return {"gen_ai.tool.call.arguments": _json(dict(arguments))} if wants_content() else {}


def of_tool_result(result: Any) -> dict[str, str]:
    """What a tool gave back; empty where nobody wants it."""
    return {"gen_ai.tool.call.result": _json(result)} if wants_content() else {}


def _message(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        part = {"type": "tool_call_response", "id": message.tool_call_id, "response": message.text}
        return {"role": "tool", "parts": [part]}
    parts = [_text_part(message.text)] if message.text else []
    parts += [{"type": "blob", "mime_type": each.media_type} for each in message.media]
    parts += [_call_part(call.id, call.name, call.arguments) for call in message.tool_calls]
    return {"role": message.role, "parts": parts}


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "text", "content": text}


def _call_part(id_: str, name: str, arguments: Any) -> dict[str, Any]:
    return {"type": "tool_call", "id": id_, "name": name, "arguments": arguments}


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, default=repr)
