"""Providers over real HTTP: what they send, what they make of answers, and what they say of faults."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from llmspell_engine.providers.base import (
    AuthenticationError,
    ConnectionFailedError,
    MalformedAnswerError,
    Media,
    Message,
    ModelAnswer,
    ModelRequest,
    ModelTimeoutError,
    ProviderError,
    RateLimitError,
    ToolCall,
    ToolDefinition,
)
from llmspell_engine.providers.services import SERVICES
from llmspell_engine.providers.settings import ProviderSettings
from llmspell_engine.providers.wire import WireProvider
from support.model_server import Reply, data, named, serving

KEY = "sk-very-secret"
PRICE = ToolDefinition("price_of", "The price of a fruit.", {
    "type": "object", "properties": {"fruit": {"type": "string"}}, "required": ["fruit"]})  # fmt: skip
SCHEMA = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"],
          "additionalProperties": False}  # fmt: skip
TALK = [
    Message("system", "be brief"),
    Message("user", "see", media=[Media("image", "image/png", b"PNG")]),
    Message("assistant", "", tool_calls=[ToolCall("c1", "price_of", {"fruit": "pear"})]),
    Message("tool", "2", tool_call_id="c1", tool_name="price_of"),
]


def chat(message: Mapping[str, Any], reason: str = "stop") -> Reply:
    """An answer of the OpenAI API."""
    return Reply({
        "id": "1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
        "choices": [{"index": 0, "finish_reason": reason, "message": {"role": "assistant", **message}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
    })  # fmt: skip


def claude(*content: Mapping[str, Any], reason: str = "end_turn") -> Reply:
    """An answer of the Anthropic API."""
    return Reply({
        "id": "1", "type": "message", "role": "assistant", "model": "claude-3-5-haiku-latest",
        "content": list(content), "stop_reason": reason, "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 500},
    })  # fmt: skip


def piece(delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
    """A piece of a stream of the OpenAI API."""
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}  # fmt: skip


CALLED = {"id": "c2", "type": "function", "function": {"name": "price_of", "arguments": '{"fruit":"fig"}'}}
CHAT_STREAM = data(
    piece({"role": "assistant", "content": "Hel"}),
    piece({"content": "lo"}),
    piece({"tool_calls": [{"index": 0, "id": "c2", "type": "function",
                           "function": {"name": "price_of", "arguments": '{"fru'}}]}),
    piece({"tool_calls": [{"index": 0, "function": {"arguments": 'it":"fig"}'}}]}),
    piece({}, "tool_calls"),
    {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini", "choices": [],
     "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}},
    "[DONE]",
)  # fmt: skip
CLAUDE_STREAM = named(
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
)  # fmt: skip
STREAMS = {"openai": CHAT_STREAM, "anthropic": CLAUDE_STREAM}
MODELS = {"openai": "gpt-4o-mini", "anthropic": "claude-3-5-haiku-latest"}


@asynccontextmanager
async def reaching(service: str, url: str, **settings: Any) -> AsyncIterator[WireProvider]:
    """A provider of a service whose server is at ``url``."""
    path = "/v1" if SERVICES[service].wire == "openai" else ""
    made = ProviderSettings(base_url=url + path, api_key=KEY, api_key_env="LLMSPELL_TEST_NO_KEY", **settings)
    provider = WireProvider(service, SERVICES[service], made)
    try:
        yield provider
    finally:
        await provider.close()


def asked(service: str, *replies: Reply, **request: Any) -> tuple[ModelAnswer, Any]:
    """The answer to one request, and what the server received."""

    async def ask(url: str) -> ModelAnswer:
        async with reaching(service, url, headers={"x-team": "red"}) as provider:
            return await provider.complete(ModelRequest(MODELS.get(service, "some-model"), **request))

    with serving(*replies) as server:
        answer = run(lambda: ask(server.url))
        return answer, server.received[0]


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(20):
            return await work()

    return asyncio.run(limited())


def test_openai_takes_the_whole_conversation() -> None:
    answer, received = asked(
        "openai", chat({"content": None, "tool_calls": [CALLED]}, "tool_calls"),
        messages=TALK, tools=[PRICE], tool_choice="required",
        temperature=0.5, max_tokens=9, seed=3, stop=["x"],
    )  # fmt: skip
    assert (answer.tool_calls, answer.finish_reason) == (
        [ToolCall("c2", "price_of", {"fruit": "fig"})],
        "tool_calls",
    )
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (1000, 500)
    assert answer.usage.cost == pytest.approx((1000 * 0.15 + 500 * 0.60) / 1e6)
    assert received.path == "/v1/chat/completions"
    assert (received.headers["authorization"], received.headers["x-team"]) == (f"Bearer {KEY}", "red")
    body = received.body
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["messages"][1]["content"][1]["image_url"]["url"] == "data:image/png;base64,UE5H"
    assert body["messages"][2]["tool_calls"][0]["function"]["name"] == "price_of"
    assert body["messages"][3] | {"tool_call_id": "c1", "content": "2"} == body["messages"][3]
    assert (body["tool_choice"], body["temperature"], body["seed"]) == ("required", 0.5, 3)
    assert (body["stop"], body["max_completion_tokens"]) == (["x"], 9)
    assert body["tools"][0]["function"]["parameters"]["properties"] == {"fruit": {"type": "string"}}


def test_anthropic_takes_the_whole_conversation() -> None:
    answer, received = asked(
        "anthropic",
        claude(
            {"type": "tool_use", "id": "c2", "name": "price_of", "input": {"fruit": "fig"}}, reason="tool_use"
        ),
        messages=TALK, tools=[PRICE], max_tokens=9,
    )  # fmt: skip
    assert (answer.tool_calls, answer.finish_reason) == (
        [ToolCall("c2", "price_of", {"fruit": "fig"})],
        "tool_calls",
    )
    assert answer.usage.cost == pytest.approx((1000 * 0.80 + 500 * 4.0) / 1e6)
    assert received.path.partition("?")[0] == "/v1/messages"
    sent = received.headers
    assert (sent.get("x-api-key", sent.get("authorization", "").removeprefix("Bearer ")), sent["x-team"]) == (
        KEY,
        "red",
    )
    body = received.body
    assert "be brief" in json.dumps(body["system"])
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][0]["content"][1]["source"]["data"] == "UE5H"
    assert body["messages"][2]["content"][0]["tool_use_id"] == "c1"
    assert (body["max_tokens"], body["tools"][0]["input_schema"]["required"]) == (9, ["fruit"])


@pytest.mark.parametrize("service", [name for name, each in SERVICES.items() if each.wire == "openai"])
def test_each_service_of_the_chat_wire_answers(service: str) -> None:
    answer, received = asked(service, chat({"content": "hello"}), messages=[Message("user", "hi")])
    assert (answer.text, answer.finish_reason, answer.usage.tokens) == ("hello", "stop", 1500)
    assert received.headers["authorization"] == f"Bearer {KEY}"


def test_a_structured_answer_is_asked_for_by_the_wires_own_means() -> None:
    answer, received = asked(
        "openai", chat({"content": '{"sum": 3}'}), messages=[Message("user", "1+2")], schema=SCHEMA
    )
    assert json.loads(answer.text) == {"sum": 3}
    assert received.body["response_format"]["json_schema"]["schema"]["properties"] == SCHEMA["properties"]
    answer, received = asked(
        "anthropic",
        claude(
            {"type": "tool_use", "id": "c2", "name": "give_answer", "input": {"sum": 3}}, reason="tool_use"
        ),
        messages=[Message("user", "1+2")],
        schema=SCHEMA,
    )
    assert (json.loads(answer.text), answer.tool_calls, answer.finish_reason) == ({"sum": 3}, [], "stop")
    assert received.body["tools"][0]["input_schema"]["properties"] == SCHEMA["properties"]


@pytest.mark.parametrize("service", STREAMS)
def test_a_stream_comes_in_pieces_and_ends_with_the_whole(service: str) -> None:
    async def read(url: str) -> tuple[list[str], ModelAnswer | None]:
        async with reaching(service, url) as provider:
            request = ModelRequest(MODELS[service], [Message("user", "hi")], tools=[PRICE])
            chunks = [chunk async for chunk in provider.stream(request)]
            return [chunk.text for chunk in chunks[:-1]], chunks[-1].answer

    with serving(Reply(events=STREAMS[service])) as server:
        texts, answer = run(lambda: read(server.url))
        assert server.received[0].body["stream"] is True
    assert answer is not None
    assert (texts, answer.text, answer.finish_reason) == (["Hel", "lo"], "Hello", "tool_calls")
    assert answer.tool_calls == [ToolCall("c2", "price_of", {"fruit": "fig"})]
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (7, 3)


@pytest.mark.parametrize("service", STREAMS)
@pytest.mark.parametrize("is_cut", [True, False], ids=["dropped", "ended early"])
def test_a_stream_without_its_end_is_an_error(service: str, is_cut: bool) -> None:
    seen = []

    async def read(url: str) -> None:
        async with reaching(service, url) as provider:
            request = ModelRequest(MODELS[service], [Message("user", "hi")])
            async for chunk in provider.stream(request):
                seen.append(chunk)  # noqa: PERF401 - what came before the error counts

    events = STREAMS[service][: 2 if service == "openai" else 4]
    with serving(Reply(events=events, is_cut=is_cut)) as server, pytest.raises(ConnectionFailedError):
        run(lambda: read(server.url))
    assert all(chunk.answer is None for chunk in seen)


FAULTS = {
    "wrong key": (
        Reply({"error": {"message": f"Incorrect API key provided: {KEY}"}}, 401),
        AuthenticationError, "does not accept the key; set the environment variable LLMSPELL_TEST", False,
    ),
    "unknown model": (Reply({"error": {"message": "no such"}}, 404), ProviderError, "has no model '", False),
    "too many": (
        Reply({"error": {"message": "slow down"}}, 429, {"retry-after": "7"}),
        RateLimitError, "refuses more requests for now: slow down", True,
    ),
    "broken": (Reply({"error": {"message": "oops"}}, 500), ProviderError, "with status 500: oops", True),
    "malformed": (Reply(b'{"choices": ['), MalformedAnswerError, "gave an answer that cannot be read", True),
    "no JSON": (
        Reply(b"<html>", headers={"content-type": "text/html"}),
        MalformedAnswerError, "gave an answer that cannot be read", True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("service", STREAMS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told(service: str, fault: str) -> None:
    reply, kind, words, is_passing = FAULTS[fault]
    with pytest.raises(kind) as raised:
        asked(service, reply, messages=[Message("user", "hi")])
    error = raised.value
    assert words in str(error)
    assert f"the provider '{service}' at http://127.0.0.1:" in str(error)
    assert (error.is_passing, KEY in f"{error!r}{error.__cause__!r}") == (is_passing, False)
    assert error.retry_after == (7.0 if fault == "too many" else None)


@pytest.mark.parametrize("service", STREAMS)
def test_a_server_that_is_not_there_is_told(service: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    async def ask() -> None:
        async with reaching(service, url) as provider:
            await provider.complete(ModelRequest(MODELS[service], [Message("user", "hi")]))

    with pytest.raises(ConnectionFailedError, match="is the server running"):
        run(ask)


@pytest.mark.parametrize("service", STREAMS)
@pytest.mark.parametrize("is_stream", [False, True])
def test_a_server_that_never_answers_ends_by_timeout_and_is_let_go(service: str, is_stream: bool) -> None:
    async def ask(url: str) -> None:
        async with reaching(service, url) as provider:
            request = ModelRequest(MODELS[service], [Message("user", "hi")], timeout=0.3)
            if not is_stream:
                await provider.complete(request)
            async with aclosing(provider.stream(request)) as chunks:
                await anext(chunks)

    with serving(Reply(is_silent=True)) as server:
        with pytest.raises(ModelTimeoutError, match=r"did not answer within 0\.3 seconds"):
            run(lambda: ask(server.url))
        assert server.hung_up.wait(10)


@pytest.mark.parametrize("service", STREAMS)
@pytest.mark.parametrize("is_cancelled", [False, True], ids=["closed", "cancelled"])
def test_a_stream_that_is_given_up_ends_its_connection(service: str, is_cancelled: bool) -> None:
    async def read(url: str, server: Any) -> None:
        async with reaching(service, url) as provider:
            request = ModelRequest(MODELS[service], [Message("user", "hi")])
            begun = asyncio.Event()

            async def take() -> None:
                async with aclosing(provider.stream(request)) as chunks:
                    assert (await anext(chunks)).text == "Hel"
                    begun.set()
                    if is_cancelled:
                        await anext(chunks)

            task = asyncio.create_task(take())
            await begun.wait()
            if is_cancelled:
                task.cancel()
            await asyncio.wait([task])
            assert task.cancelled() is is_cancelled
            assert await asyncio.to_thread(server.hung_up.wait, 10)  # before the provider is closed

    events = STREAMS[service][: 1 if service == "openai" else 3]
    with serving(Reply(events=events, is_silent=True)) as server:
        run(lambda: read(server.url, server))


def test_a_missing_key_names_the_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    provider = WireProvider("openai", SERVICES["openai"], ProviderSettings())
    with pytest.raises(AuthenticationError) as raised:
        run(lambda: provider.complete(ModelRequest("gpt-4o-mini", [Message("user", "hi")])))
    assert str(raised.value) == (
        "the provider 'openai' has no key; set the environment variable OPENAI_API_KEY, or the entry 'openai'"
        " of the service 'llmspell' in the keyring, or api_key in [providers.openai]"
    )
