"""Between the project's requests and answers and those of pydantic-ai. Importing it imports pydantic-ai."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from pydantic_ai import messages as wire
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition as WireTool
from pydantic_ai.usage import RequestUsage

from llmspell_engine.providers.base import (
    FinishReason,
    MalformedAnswerError,
    Media,
    Message,
    ModelAnswer,
    ModelRequest,
    ProviderError,
    ToolCall,
    Usage,
)

ANSWER_TOOL = "give_answer"
"""The tool through which a model gives a structured answer where its wire has no other way."""

_URLS: Mapping[str, Any] = {
    "image": wire.ImageUrl,
    "audio": wire.AudioUrl,
    "video": wire.VideoUrl,
    "document": wire.DocumentUrl,
}


def to_messages(messages: Iterable[Message]) -> list[wire.ModelMessage]:
    """A conversation; neighbouring turns that are not the model's become one."""
    found: list[wire.ModelMessage] = []
    asked: list[wire.ModelRequestPart] = []
    for message in messages:
        if message.role != "assistant":
            asked.append(_request_part(message))
            continue
        if asked:
            found.append(wire.ModelRequest(parts=asked))
            asked = []
        found.append(wire.ModelResponse(parts=list(_response_parts(message))))
    return [*found, wire.ModelRequest(parts=asked)] if asked else found


def to_parameters(request: ModelRequest, model: Model[Any]) -> ModelRequestParameters:
    """The tools, and how the answer is to be shaped."""
    tools = [
        WireTool(name=tool.name, description=tool.description, parameters_json_schema=dict(tool.parameters))
        for tool in request.tools
    ]
    if request.schema is None:
        return ModelRequestParameters(function_tools=tools)
    if model.profile.get("supports_json_schema_output"):
        shape = OutputObjectDefinition(json_schema=dict(request.schema), name="answer")
        return ModelRequestParameters(function_tools=tools, output_mode="native", output_object=shape)
    answer = WireTool(
        name=ANSWER_TOOL,
        description="Give the answer.",
        parameters_json_schema=dict(request.schema),
        kind="output",
    )
    return ModelRequestParameters(
        function_tools=tools, output_mode="tool", output_tools=[answer], allow_text_output=False
    )


def to_settings(request: ModelRequest) -> ModelSettings:
    """How the model is to answer; what is not set is left to it."""
    chosen = {
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "top_p": request.top_p,
        "seed": request.seed,
        "stop_sequences": list(request.stop) or None,
        "tool_choice": request.tool_choice if request.tools and request.tool_choice != "auto" else None,
        "extra_body": dict(request.extra) or None,
    }
    return cast(ModelSettings, {name: value for name, value in chosen.items() if value is not None})


Priced = Callable[[RequestUsage, str | None], float | None]
"""What the usage of a model, by its name, costs; None where that is not known."""


def to_answer(response: wire.ModelResponse, priced: Priced) -> ModelAnswer:
    """What the model answered. Raises MalformedAnswerError."""
    calls = []
    text = response.text or ""
    for part in response.tool_calls:
        if part.tool_name == ANSWER_TOOL:
            text = json.dumps(_arguments(part), ensure_ascii=False)
        else:
            calls.append(ToolCall(part.tool_call_id, part.tool_name, _arguments(part)))
    usage = response.usage
    return ModelAnswer(
        text,
        Usage(usage.input_tokens, usage.output_tokens, priced(usage, response.model_name)),
        calls,
        [Media(_kind(file.media_type), file.media_type, file.data) for file in response.files],
        _finish_reason(response, calls),
        response.model_name,
    )


def _request_part(message: Message) -> wire.ModelRequestPart:
    if message.role == "system":
        return wire.SystemPromptPart(content=message.text)
    if message.role == "tool":
        if message.tool_call_id is None:
            raise ProviderError("a message of the role 'tool' needs the tool_call_id of the call it answers")
        return wire.ToolReturnPart(
            tool_name=message.tool_name or "tool", content=message.text, tool_call_id=message.tool_call_id
        )
    if not message.media:
        return wire.UserPromptPart(content=message.text)
    return wire.UserPromptPart(content=[message.text, *map(_to_media, message.media)])


def _response_parts(message: Message) -> Iterator[wire.ModelResponsePart]:
    if message.text:
        yield wire.TextPart(content=message.text)
    for call in message.tool_calls:
        yield wire.ToolCallPart(tool_name=call.name, args=dict(call.arguments), tool_call_id=call.id)


def _to_media(media: Media) -> Any:
    if media.data is not None:
        return wire.BinaryContent(data=media.data, media_type=media.media_type)
    if media.url is None:
        raise ProviderError(f"a medium of the kind '{media.kind}' has neither data nor a url")
    return _URLS[media.kind](url=media.url, media_type=media.media_type or None)


def _arguments(part: wire.ToolCallPart) -> dict[str, Any]:
    if isinstance(part.args, dict):
        return part.args
    try:
        found = json.loads(part.args or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise MalformedAnswerError(
            f"the model called the tool '{part.tool_name}' with arguments that are no JSON object:"
            f" {str(part.args)[:200]!r}",
            is_passing=True,
        )
    return found


def _finish_reason(response: wire.ModelResponse, calls: list[ToolCall]) -> FinishReason:
    if calls:
        return "tool_calls"
    reason = response.finish_reason
    return "stop" if reason in (None, "tool_call") else cast(FinishReason, reason)


def _kind(media_type: str) -> Any:
    kind = media_type.partition("/")[0]
    return kind if kind in _URLS else "document"
