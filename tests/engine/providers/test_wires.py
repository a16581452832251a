"""Providers over real HTTP: what they send, what they make of answers, on each service's own wire."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest
from llmspell_engine.providers import standard_providers, wires
from llmspell_engine.providers.base import (
    AuthenticationError,
    Media,
    Message,
    ModelAnswer,
    ModelRequest,
    ProviderError,
    ToolCall,
    ToolDefinition,
)
from llmspell_engine.providers.description import describe
from llmspell_engine.providers.services import SERVICES
from llmspell_engine.providers.settings import ProviderSettings
from llmspell_engine.providers.wire import WireProvider
from support.model_server import Received, Reply, serving
from support.reaching import HI, KEY, formats, reaching, run
from support.wire_formats import FORMATS, OPENAI, Format, chat, gemini

PRICE = ToolDefinition("price_of", "The price of a fruit.", {
    "type": "object", "properties": {"fruit": {"type": "string"}}, "required": ["fruit"]})  # fmt: skip
SCHEMA = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"],
          "additionalProperties": False}  # fmt: skip
PICTURE = Media("image", "image/png", b"PNG")


def talk(*media: Media) -> list[Message]:
    return [
        Message("system", "be brief"),
        Message("user", "see", media=media),
        Message("assistant", "", tool_calls=[ToolCall("c1", "price_of", {"fruit": "pear"})]),
        Message("tool", "2", tool_call_id="c1", tool_name="price_of"),
    ]


def asked(
    wire: Format, *replies: Reply, settings: dict[str, Any] | None = None, path: str = "", **request: Any
) -> tuple[ModelAnswer, Received]:
    """The answer to one request, and what the server received."""
    how = {"headers": {"x-team": "red"}, **(settings or {})}

    async def ask(url: str) -> ModelAnswer:
        async with reaching(wire.service, url, path, **how) as provider:
            return await provider.complete(ModelRequest(wire.model, **request))

    with serving(*replies) as server:
        answer = run(lambda: ask(server.url))
        return answer, server.received[0]


@formats
def test_text_comes_with_its_usage_and_its_cost(wire: Format) -> None:
    answer, received = asked(wire, wire.hello, messages=HI)
    assert (answer.text, answer.finish_reason, answer.tool_calls) == ("hello", "stop", [])
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (1000, 500)
    assert answer.usage.cost is not None
    assert 0 < answer.usage.cost < 0.1
    header, before = wire.key
    assert received.path.removesuffix("?beta=true") == wire.path
    assert (received.headers[header], received.headers["x-team"]) == (before + KEY, "red")
    assert KEY not in {name: value for name, value in received.headers.items() if name != header}.values()


@formats
def test_a_tool_is_called_and_answered(wire: Format) -> None:
    answer, received = asked(wire, wire.call, messages=talk(), tools=[PRICE], max_tokens=9)
    assert (answer.tool_calls, answer.finish_reason) == (
        [ToolCall("c2", "price_of", {"fruit": "fig"})],
        "tool_calls",
    )
    sent = json.dumps(received.body)
    for what in ("be brief", "see", "pear", "price_of", "The price of a fruit.", '"required": ["fruit"]'):
        assert what in sent


@formats
def test_a_structured_answer_is_asked_for_by_the_wires_own_means(wire: Format) -> None:
    answer, received = asked(wire, wire.sums, messages=HI, schema=SCHEMA)
    assert (json.loads(answer.text), answer.tool_calls, answer.finish_reason) == ({"sum": 3}, [], "stop")
    assert '"sum": {"type": "integer"}' in json.dumps(received.body)


@formats
def test_a_stream_comes_in_pieces_and_ends_with_the_whole(wire: Format) -> None:
    async def read(url: str) -> tuple[list[str], ModelAnswer | None]:
        async with reaching(wire.service, url) as provider:
            request = ModelRequest(wire.model, HI, tools=[PRICE])
            chunks = [chunk async for chunk in provider.stream(request)]
            return [chunk.text for chunk in chunks[:-1]], chunks[-1].answer

    with serving(Reply(events=wire.stream)) as server:
        texts, answer = run(lambda: read(server.url))
        assert server.received[0].path.removesuffix("?beta=true") == wire.stream_path
    assert answer is not None
    assert (texts, answer.text, answer.finish_reason) == (["Hel", "lo"], "Hello", "tool_calls")
    assert answer.tool_calls == [ToolCall("c2", "price_of", {"fruit": "fig"})]
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (7, 3)


@formats
@pytest.mark.parametrize("is_cancelled", [False, True], ids=["closed", "cancelled"])
def test_a_stream_that_is_given_up_ends_its_connection(wire: Format, is_cancelled: bool) -> None:
    async def read(url: str, server: Any) -> None:
        async with reaching(wire.service, url) as provider:
            begun = asyncio.Event()

            async def take() -> None:
                async with aclosing(provider.stream(ModelRequest(wire.model, HI))) as chunks:
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

    with serving(Reply(events=wire.stream[: wire.begun], is_silent=True)) as server:
        run(lambda: read(server.url, server))


@formats
def test_pictures_go_along_where_the_wire_takes_them(wire: Format) -> None:
    if not wires.WIRES[wire.service].takes_media:  # type: ignore[index]
        with pytest.raises(ProviderError, match="takes texts alone over its own API"):
            asked(wire, wire.hello, messages=talk(PICTURE), tools=[PRICE])
        return
    _, received = asked(wire, wire.hello, messages=talk(PICTURE), tools=[PRICE])
    assert "UE5H" in json.dumps(received.body)


def test_openai_takes_all_settings() -> None:
    answer, received = asked(
        OPENAI, OPENAI.call, messages=talk(PICTURE), tools=[PRICE], tool_choice="required",
        temperature=0.5, max_tokens=9, seed=3, stop=["x"], extra={"user": "u1"},
    )  # fmt: skip
    assert answer.usage.cost == pytest.approx((1000 * 0.15 + 500 * 0.60) / 1e6)
    body = received.body
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["messages"][1]["content"][1]["image_url"]["url"] == "data:image/png;base64,UE5H"
    assert body["messages"][2]["tool_calls"][0]["function"]["name"] == "price_of"
    assert body["messages"][3] | {"tool_call_id": "c1", "content": "2"} == body["messages"][3]
    assert (body["tool_choice"], body["temperature"], body["seed"]) == ("required", 0.5, 3)
    assert (body["stop"], body["max_completion_tokens"], body["user"]) == (["x"], 9, "u1")


SENT = {
    "anthropic": {"max_tokens": 9, "temperature": 0.5, "stop_sequences": ["x"], "tool_choice.type": "any"},
    "google": {
        "generationConfig.maxOutputTokens": 9, "generationConfig.temperature": 0.5,
        "generationConfig.seed": 3, "generationConfig.stopSequences": ["x"],
        "toolConfig.functionCallingConfig.mode": "ANY",
    },
    "groq": {"max_tokens": 9, "temperature": 0.5, "seed": 3, "stop": ["x"], "tool_choice": "required"},
    "mistral": {"max_tokens": 9, "temperature": 0.5, "random_seed": 3, "stop": ["x"], "tool_choice": "any"},
    "cohere": {
        "max_tokens": 9, "temperature": 0.5, "seed": 3, "stop_sequences": ["x"], "tool_choice": "REQUIRED",
    },
}  # fmt: skip


@pytest.mark.parametrize("service", SENT)
def test_settings_are_named_as_the_service_names_them(service: str) -> None:
    wire = FORMATS[service]
    _, received = asked(
        wire, wire.call, messages=HI, tools=[PRICE], tool_choice="required",
        temperature=0.5, max_tokens=9, seed=3, stop=["x"],
    )  # fmt: skip
    for path, value in SENT[service].items():
        found = received.body
        for name in path.split("."):
            found = found[name]
        assert (path, found) == (path, value)


@pytest.mark.parametrize("service", ["google", "mistral", "cohere"])
def test_settings_that_a_wire_cannot_pass_on_are_told(service: str) -> None:
    wire = FORMATS[service]
    with pytest.raises(ProviderError, match=r"was given user; set wire = \"openai\" in \[providers\."):
        asked(wire, wire.hello, messages=HI, extra={"user": "u1"})


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_answers_over_the_chat_wire(service: str) -> None:
    async def ask(url: str) -> ModelAnswer:
        path = "/v1" if SERVICES[service].native else ""
        async with reaching(service, url, path, wire="openai") as provider:
            return await provider.complete(ModelRequest("some-model", HI))

    with serving(chat({"content": "hello"})) as server:
        answer = run(lambda: ask(server.url))
        assert (answer.text, answer.finish_reason, answer.usage.tokens) == ("hello", "stop", 1500)
        assert server.received[0].headers["authorization"] == f"Bearer {KEY}"


CHOSEN = [
    ("google", {}, True, "google"),
    ("google", {}, False, "openai"),
    ("google", {"wire": "openai"}, True, "openai"),
    ("google", {"base_url": "http://proxy/v1beta/openai/"}, True, "openai"),
    ("google", {"base_url": "http://proxy/v1beta"}, True, "google"),
    ("mistral", {"base_url": "http://proxy/v1"}, True, "openai"),
    ("mistral", {"base_url": "http://proxy/v1", "wire": "native"}, True, "mistral"),
    ("anthropic", {"base_url": "http://proxy/v1"}, True, "anthropic"),
    ("anthropic", {"wire": "openai"}, False, "openai"),
    ("deepseek", {"wire": "native"}, True, "openai"),
]


@pytest.mark.parametrize(("service", "settings", "is_installed", "wire"), CHOSEN)
def test_the_wire_is_the_services_own_where_it_can_be(
    service: str, settings: dict[str, Any], is_installed: bool, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_installed:
        monkeypatch.setattr(wires, "find_spec", lambda name: None)
    chosen = wires.wire_of(service, SERVICES[service], ProviderSettings(**settings))
    assert chosen.name == wire


@pytest.mark.parametrize(("service", "settings"), [("anthropic", {}), ("groq", {"wire": "native"})])
def test_a_missing_package_is_told(
    service: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wires, "find_spec", lambda name: None)
    with pytest.raises(ProviderError, match=rf"needs a package: pip install 'llmspell\[{service}\]'"):
        wires.wire_of(service, SERVICES[service], ProviderSettings(**settings))


PATHS = [
    ("anthropic", "/v1/"),
    ("google", "/v1beta"),
    ("groq", "/openai/v1"),
    ("mistral", "/v1/"),
    ("cohere", "/v2"),
]


@pytest.mark.parametrize(("service", "path"), PATHS)
def test_an_address_may_have_the_version(service: str, path: str) -> None:
    wire = FORMATS[service]
    _, received = asked(wire, wire.hello, messages=HI, path=path)
    assert received.path.removesuffix("?beta=true") == wire.path


@formats
def test_the_models_of_a_server_are_listed(wire: Format) -> None:
    async def ask(url: str) -> Any:
        async with reaching(wire.service, url) as provider:
            return await provider.list_models()

    with serving() as server:
        server.listing = wire.listing
        assert run(lambda: ask(server.url)) == ["known-model", "other"]
        header, before = wire.key
        assert server.listed[0].headers[header] == before + KEY


def test_a_prompt_that_gemini_blocks_is_an_answer_without_text() -> None:
    google = FORMATS["google"]
    blocked = gemini(reason="SAFETY")
    answer, _ = asked(google, Reply(blocked), messages=HI)
    assert (answer.text, answer.finish_reason) == ("", "content_filter")


def test_a_missing_key_names_the_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    provider = WireProvider("openai", SERVICES["openai"], ProviderSettings())
    with pytest.raises(AuthenticationError) as raised:
        run(lambda: provider.complete(ModelRequest("gpt-4o-mini", HI)))
    assert str(raised.value) == (
        "the provider 'openai' has no key; set the environment variable OPENAI_API_KEY, or the entry 'openai'"
        " of the service 'llmspell' in the keyring, or api_key in [providers.openai]"
    )


PRICES = {"input_per_million": 1.0, "output_per_million": 4.0}


@pytest.mark.parametrize(
    ("service", "prices", "cost"),
    [
        ("openai", {"gpt-4o-mini": PRICES}, 0.003),
        ("openai", {"another": PRICES}, 0.00045),
        ("google", {"gemini-2.5-flash": PRICES}, 0.003),
        ("openai", {"gpt-4o-mini": {"input_per_million": 0, "output_per_million": 0}}, 0.0),
    ],
)
def test_prices_of_the_settings_come_before_those_of_the_table(
    service: str, prices: dict[str, Any], cost: float
) -> None:
    wire = FORMATS[service]
    answer, _ = asked(wire, wire.hello, messages=HI, settings={"prices": prices})
    assert answer.usage.cost == pytest.approx(cost)


def test_prices_go_by_the_name_that_is_asked_or_that_answers() -> None:
    for name in ("office-model", "gpt-4o-mini"):  # what is asked, and what the server says it is

        async def ask(url: str, prices: dict[str, Any]) -> ModelAnswer:
            async with reaching("openai-compatible", url, prices=prices) as provider:
                return await provider.complete(ModelRequest("office-model", HI))

        with serving(OPENAI.hello, OPENAI.hello) as server:
            priced = run(lambda url=server.url, name=name: ask(url, {name: PRICES}))
            assert priced.usage.cost == pytest.approx(0.003)
            assert run(lambda url=server.url: ask(url, {})).usage.cost is None


@pytest.mark.parametrize(
    ("host", "settings", "address"),
    [
        (None, {}, "http://localhost:11434/v1"),
        ("0.0.0.0:4321", {}, "http://127.0.0.1:4321/v1"),
        ("0.0.0.0:4321", {"base_url": "http://office/v1"}, "http://office/v1"),
    ],
)
def test_ollama_is_where_its_variable_says(
    host: str | None, settings: dict[str, Any], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    if host:
        monkeypatch.setenv("OLLAMA_HOST", host)
    given = ProviderSettings(**settings)
    assert WireProvider("ollama", SERVICES["ollama"], given).base_url == address
    told = describe(standard_providers(settings={"ollama": given}), "ollama")
    assert told is not None
    assert told.base_url == address
