"""What providers say of faults, on each wire over real HTTP; and that no key is in any of it."""

from __future__ import annotations

import json
import logging
import socket
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.observability.trace_file import FileTracer
from llmspell_engine.providers import ModelRequest, Providers
from llmspell_engine.providers.base import (
    AuthenticationError,
    Chunk,
    ConnectionFailedError,
    MalformedAnswerError,
    ModelTimeoutError,
    ProviderError,
    RateLimitError,
)
from llmspell_engine.providers.cassette import CassetteProviders, open_cassette
from llmspell_engine.providers.metering import Meter
from llmspell_engine.providers.services import SERVICES
from llmspell_engine.providers.wire import WireProvider
from support.model_server import ModelServer, Reply, serving
from support.reaching import HI, KEY, formats, reaching, run
from support.wire_formats import FORMATS, Format


@dataclass(frozen=True)
class Fault:
    """What the server does, and what is to be said."""

    reply: Callable[[Format], Reply]
    kind: type[ProviderError]
    words: str
    is_passing: bool
    retry_after: float | None = None


def refusing(status: int, message: str, **headers: str) -> Callable[[Format], Reply]:
    return lambda wire: Reply(wire.error(message, status), status, headers)


FAULTS = {
    "wrong key": Fault(
        refusing(401, f"Incorrect API key provided: {KEY}"), AuthenticationError,
        "does not accept the key; set the environment variable LLMSPELL_TEST", False,
    ),
    "the key in a message": Fault(
        refusing(400, f"cannot use {KEY} here"), ProviderError, "status 400: cannot use [secret] here", False
    ),
    "unknown model": Fault(refusing(404, "no such"), ProviderError, "has no model '", False),
    "too many": Fault(
        refusing(429, "slow down", **{"retry-after": "7"}), RateLimitError,
        "refuses more requests for now: slow down", True, 7.0,
    ),
    "broken": Fault(refusing(500, "oops"), ProviderError, "with status 500: oops", True),
    "broken without a word": Fault(
        lambda wire: Reply(b"<html>bad gateway</html>", 502, {"content-type": "text/html"}), ProviderError,
        "with status 502", True,
    ),
    "malformed": Fault(
        lambda wire: Reply(b'{"choices": ['), MalformedAnswerError, "gave an answer that cannot be read", True
    ),
    "wrong shape": Fault(
        lambda wire: Reply({"hello": "world"}), MalformedAnswerError,
        "gave an answer that cannot be read", True,
    ),
    "no JSON": Fault(
        lambda wire: Reply(b"<html>", headers={"content-type": "text/html"}), MalformedAnswerError,
        "gave an answer that cannot be read", True,
    ),
}  # fmt: skip
faults = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


def ask(url: str, wire: Format, **settings: Any) -> Callable[[], Awaitable[Any]]:
    async def asking() -> None:
        async with reaching(wire.service, url, **settings) as provider:
            await provider.complete(ModelRequest(wire.model, HI))

    return asking


def read(url: str, wire: Format, seen: list[Chunk], **request: Any) -> Callable[[], Awaitable[Any]]:
    async def reading() -> None:
        asked = ModelRequest(wire.model, HI, **request)
        async with reaching(wire.service, url) as provider, aclosing(provider.stream(asked)) as chunks:
            async for chunk in chunks:
                seen.append(chunk)  # noqa: PERF401 - what came before the error counts

    return reading


@formats
@faults
def test_a_fault_is_told(wire: Format, fault: Fault) -> None:
    with serving(fault.reply(wire)) as server, pytest.raises(fault.kind) as raised:
        run(ask(server.url, wire))
    check_told(raised.value, wire, fault)


@formats
@pytest.mark.parametrize("name", ["wrong key", "the key in a message", "too many", "broken", "no JSON"])
def test_a_fault_is_told_when_a_stream_is_asked_for(wire: Format, name: str) -> None:
    fault = FAULTS[name]
    seen: list[Chunk] = []
    with serving(fault.reply(wire)) as server, pytest.raises(ProviderError) as raised:
        run(read(server.url, wire, seen))
    assert seen == []
    if name == "no JSON":  # to a reader of events it is a stream that ends without one
        assert isinstance(raised.value, MalformedAnswerError | ConnectionFailedError)
        assert raised.value.is_passing
    else:
        check_told(raised.value, wire, fault)


def check_told(error: ProviderError, wire: Format, fault: Fault) -> None:
    assert type(error).kind == fault.kind.kind
    assert fault.words in str(error)
    assert f"the provider '{wire.service}' at http://127.0.0.1:" in str(error)
    assert (error.is_passing, error.retry_after) == (fault.is_passing, fault.retry_after)
    assert KEY not in "".join(traceback.format_exception(error))


@formats
@pytest.mark.parametrize("is_cut", [True, False], ids=["dropped", "ended early"])
def test_a_stream_without_its_end_is_an_error(wire: Format, is_cut: bool) -> None:
    seen: list[Chunk] = []
    events = wire.stream[: wire.begun + 1]
    with serving(Reply(events=events, is_cut=is_cut)) as server, pytest.raises(ConnectionFailedError):
        run(read(server.url, wire, seen))
    assert "".join(chunk.text for chunk in seen) == "Hello"
    assert all(chunk.answer is None for chunk in seen)


@formats
def test_garbage_in_a_stream_is_an_error(wire: Format) -> None:
    seen: list[Chunk] = []
    events = [*wire.stream[: wire.begun], "data: {not json\n\n"]
    with serving(Reply(events=events)) as server, pytest.raises(ProviderError) as raised:
        run(read(server.url, wire, seen))
    assert isinstance(raised.value, MalformedAnswerError | ConnectionFailedError)
    assert raised.value.is_passing


@formats
def test_a_slow_server_is_waited_for(wire: Format) -> None:
    seen: list[Chunk] = []
    with serving(Reply(events=wire.stream, pause=0.02)) as server:
        run(read(server.url, wire, seen, timeout=5.0))
    assert seen[-1].answer is not None
    assert seen[-1].answer.text == "Hello"


@formats
@pytest.mark.parametrize("is_stream", [False, True])
def test_a_server_that_never_answers_ends_by_timeout_and_is_let_go(wire: Format, is_stream: bool) -> None:
    async def asking(url: str) -> None:
        async with reaching(wire.service, url) as provider:
            request = ModelRequest(wire.model, HI, timeout=1.0)
            if not is_stream:
                await provider.complete(request)
            async with aclosing(provider.stream(request)) as chunks:
                await anext(chunks)

    with serving(Reply(is_silent=True)) as server:
        with pytest.raises(ModelTimeoutError, match=r"did not answer within 1 seconds; .*timeout_seconds"):
            run(lambda: asking(server.url))
        assert server.hung_up.wait(10)


@formats
def test_a_server_that_falls_silent_in_mid_stream_ends_by_timeout(wire: Format) -> None:
    seen: list[Chunk] = []
    with serving(Reply(events=wire.stream[: wire.begun], is_silent=True)) as server:
        with pytest.raises(ModelTimeoutError, match=r"did not answer within 1 seconds"):
            run(read(server.url, wire, seen, timeout=1.0))
        assert server.hung_up.wait(10)
    assert [chunk.text for chunk in seen] == ["Hel"]


@formats
def test_a_server_that_is_not_there_is_told(wire: Format) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ConnectionFailedError, match="is the server running"):
        run(ask(url, wire))


@contextmanager
def full_backlog() -> Iterator[str]:
    """A server that takes no connection: its queue of them is full."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        place = server.getsockname()
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(place)
        yield f"http://127.0.0.1:{place[1]}"
        for each in waiting:
            each.close()


@formats
def test_a_server_that_takes_no_connection_ends_by_the_timeout_for_that(wire: Format) -> None:
    with full_backlog() as url, pytest.raises(ModelTimeoutError) as raised:
        run(ask(url, wire, connect_timeout_seconds=0.3))
    assert "took no connection within 0.3 seconds" in str(raised.value)
    assert f"raise connect_timeout_seconds in [providers.{wire.service}]" in str(raised.value)


def test_gemini_tells_a_wrong_key_and_a_wait_in_its_own_way() -> None:
    google = FORMATS["google"]
    key = {"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT",
                     "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo",
                                  "reason": "API_KEY_INVALID"}]}}  # fmt: skip
    with (
        serving(Reply(key, 400)) as server,
        pytest.raises(AuthenticationError, match="does not accept the key"),
    ):
        run(ask(server.url, google))
    later = {"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED",
                       "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo",
                                    "retryDelay": "14s"}]}}  # fmt: skip
    with serving(Reply(later, 429)) as server, pytest.raises(RateLimitError) as raised:
        run(ask(server.url, google))
    assert raised.value.retry_after == 14.0


def test_mistral_tells_an_unknown_model_in_its_own_way() -> None:
    mistral = FORMATS["mistral"]
    reply = Reply({"object": "error", "message": "Invalid model: nope", "type": "invalid_model"}, 400)
    with serving(reply) as server, pytest.raises(ProviderError, match="has no model 'mistral-small-latest'"):
        run(ask(server.url, mistral))


@pytest.mark.parametrize(
    ("listing", "hint"),
    [(["known-models", "unrelated"], "; it has 'known-models'"), (["unrelated"], ""), (None, "")],
    ids=["near", "none near", "no list"],
)
def test_an_unknown_model_is_answered_with_near_ones(listing: list[str] | None, hint: str) -> None:
    refused = Reply({"error": {"message": "gone"}}, 404)

    async def asking(url: str) -> list[str]:
        told = []
        async with reaching("openai", url) as provider:
            for _ in range(2):
                with pytest.raises(ProviderError) as raised:
                    await provider.complete(ModelRequest("known-modle", HI))
                told.append(str(raised.value))
        return told

    with serving(refused, refused) as server:
        if listing is not None:
            server.listing = {"data": [{"id": name} for name in listing]}
        told = run(lambda: asking(server.url))
        assert len(server.listed) == 1  # the list is kept
    assert told == [f"the provider 'openai' at {server.url}/v1 has no model 'known-modle': gone{hint}"] * 2


@formats
@faults
def test_no_key_lands_anywhere(
    wire: Format, fault: Fault, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Errors, logs, the trace file and the cassette, all at once; the server even repeats the key."""
    caplog.set_level(logging.DEBUG)
    cassette, trace = tmp_path / "c.jsonl", tmp_path / "t.jsonl"
    tracer = FileTracer(trace)

    async def asking(server: ModelServer) -> str:
        async with reaching(wire.service, server.url, headers={"x-secret": "hidden-value"}) as provider:
            providers = CassetteProviders(Providers([provider]), open_cassette(cassette, "record"))
            found, model = providers.resolve(f"{wire.service}/{wire.model}")
            meter = Meter(tracer=tracer)
            with pytest.raises(ProviderError) as raised:
                await meter.complete(found, ModelRequest(model, HI))
            assert repr(provider).count(KEY) == 0
            return "".join(traceback.format_exception(raised.value))

    with serving(fault.reply(wire)) as server:
        told = run(lambda: asking(server))
        assert server.received[0].headers["x-secret"] == "hidden-value"
    tracer.close()
    written = told + caplog.text + cassette.read_text() + trace.read_text()
    assert fault.words in written
    assert json.loads(cassette.read_text().splitlines()[1])["error"]["kind"] == fault.kind.kind
    for secret in (KEY, "hidden-value"):
        assert secret not in written


def test_the_key_of_one_agents_own_is_asked_for_where_it_was_given() -> None:
    async def asking(url: str) -> None:
        from llmspell_engine.providers.settings import ProviderSettings

        settings = ProviderSettings(base_url=f"{url}/v1")
        provider = WireProvider("openai", SERVICES["openai"], settings, own_key="")
        try:
            await provider.complete(ModelRequest("m", HI))
        finally:
            await provider.close()

    with serving(Reply({}, 401)) as server:
        with pytest.raises(AuthenticationError, match="give the right api_key beside base_url"):
            run(lambda: asking(server.url))
        assert server.received[0].headers["authorization"] == "Bearer none"
