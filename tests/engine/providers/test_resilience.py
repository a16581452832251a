"""Further tries and limits around a provider, with waits that are recorded instead of slept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from llmspell_engine.providers.base import (
    AuthenticationError,
    Capabilities,
    Chunk,
    Media,
    Message,
    ModelAnswer,
    ModelRequest,
    ModelTimeoutError,
    ProviderError,
    RateLimitError,
    ToolDefinition,
    Usage,
)
from llmspell_engine.providers.resilience import ResilientProvider
from llmspell_engine.providers.settings import ProviderSettings
from llmspell_engine.providers.token_rate import estimated_tokens

REQUEST = ModelRequest("m", [Message("user", "hi")])
BROKEN = ProviderError("broken", is_passing=True)


@dataclass
class Failing:
    """Fails as told, then answers; streams a piece before each failure where told so."""

    failures: list[ProviderError]
    is_begun: bool = False
    name: str = "failing"
    models: Sequence[str] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)
    asked: int = 0
    now: int = 0
    most: int = 0

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        if self.failures:
            raise self.failures.pop(0)
        return ModelAnswer("ok")

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        if self.is_begun:
            yield Chunk("ok")
        yield Chunk(answer=await self.complete(request))

    async def close(self) -> None:
        self.asked = -1


@dataclass
class Spending(Failing):
    """Uses so many tokens a call."""

    tokens: int = 0

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        await super().complete(request)
        return ModelAnswer("ok", Usage(self.tokens, 0))


@dataclass
class Slow(Failing):
    """Answers never; a stream brings a piece before."""

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked += 1
        await asyncio.Event().wait()
        raise AssertionError


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.now += seconds
        await asyncio.sleep(0)


def wrapped(provider: Failing, **settings: Any) -> tuple[ResilientProvider, list[float]]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return ResilientProvider(provider, ProviderSettings(**settings), sleep, lambda: 0.5), waits


@pytest.mark.parametrize(
    ("failures", "waits", "error"),
    [
        ([BROKEN, BROKEN], [0.5, 1.0], None),
        ([BROKEN, BROKEN, BROKEN, BROKEN], [0.5, 1.0, 1.5], BROKEN),
        ([RateLimitError("later", retry_after=2.5, is_passing=True)], [2.5], None),
        ([RateLimitError("much later", retry_after=4, is_passing=True)], [], RateLimitError),
        ([AuthenticationError("no")], [], AuthenticationError),
    ],
    ids=["passing", "too often", "when the server asks", "not when it asks for too long", "lasting"],
)
@pytest.mark.parametrize("is_stream", [False, True])
def test_what_may_pass_is_tried_again(
    failures: list[ProviderError], waits: list[float], error: Any, is_stream: bool
) -> None:
    asked = Failing(list(failures))
    provider, waited = wrapped(asked, max_retries=3, backoff_seconds=1, backoff_max_seconds=3)

    async def ask() -> ModelAnswer | None:
        if is_stream:
            return [chunk async for chunk in provider.stream(REQUEST)][-1].answer
        return await provider.complete(REQUEST)

    if error is None:
        answer = asyncio.run(ask())
        assert answer is not None
        assert answer.text == "ok"
    else:
        with pytest.raises(error if isinstance(error, type) else ProviderError):
            asyncio.run(ask())
    assert (waited, asked.asked) == (waits, len(waits) + 1)


def test_a_stream_that_has_begun_is_not_tried_again() -> None:
    asked = Failing([BROKEN], is_begun=True)
    provider, waited = wrapped(asked)
    seen: list[str] = []

    async def read() -> None:
        async for chunk in provider.stream(REQUEST):
            seen.append(chunk.text)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(ProviderError, match="broken"):
        asyncio.run(read())
    assert (seen, waited, asked.asked) == (["ok"], [], 1)


@pytest.mark.parametrize(("limit", "most"), [(2, 2), (None, 6)])
def test_only_so_many_are_under_way_at_once(limit: int | None, most: int) -> None:
    asked = Failing([])
    provider, _ = wrapped(asked, max_concurrent=limit)

    async def ask() -> None:
        await asyncio.gather(*(provider.complete(REQUEST) for _ in range(6)))

    asyncio.run(ask())
    assert (asked.asked, asked.most) == (6, most)


def test_only_so_many_are_started_a_minute() -> None:
    asked = Failing([])
    provider, _ = wrapped(asked, requests_per_minute=3)

    async def ask() -> None:
        async with asyncio.timeout(0.2):  # the fourth would wait for 20 seconds
            await asyncio.gather(*(provider.complete(REQUEST) for _ in range(4)))

    with pytest.raises(TimeoutError):
        asyncio.run(ask())
    assert asked.asked == 3


WORDS = ModelRequest("m", [Message("user", "x" * 396)])
"""A request of an estimated 100 tokens."""


@pytest.mark.parametrize(
    ("per_minute", "used", "waits"),
    [
        (300, 100, [20.0]),  # three at once; the fourth when a third of a minute has drained
        (300, 0, []),  # what was estimated too high is given back
        (300, 300, [20.0, 60.0, 60.0]),  # what was estimated too low is made up for
        (50, 50, [60.0, 60.0, 60.0]),  # one that is larger than the limit has it to itself
        (100_000, 100, []),
    ],
)
@pytest.mark.parametrize("is_stream", [False, True])
def test_only_so_many_tokens_are_used_a_minute(
    per_minute: int, used: int, waits: list[float], is_stream: bool
) -> None:
    time = FakeTime()
    settings = ProviderSettings(tokens_per_minute=per_minute)
    provider = ResilientProvider(Spending([], tokens=used), settings, time.sleep, clock=time)

    async def ask() -> None:
        for _ in range(4):
            if is_stream:
                assert [chunk async for chunk in provider.stream(WORDS)][-1].answer is not None
            else:
                await provider.complete(WORDS)

    asyncio.run(ask())
    assert time.waits == waits


def test_parallel_requests_wait_for_tokens_in_their_order() -> None:
    time = FakeTime()
    provider = ResilientProvider(
        Spending([], tokens=100), ProviderSettings(tokens_per_minute=100), time.sleep, clock=time
    )
    done: list[int] = []

    async def ask(number: int) -> None:
        await provider.complete(WORDS)
        done.append(number)

    async def all_of_them() -> None:
        await asyncio.gather(*map(ask, range(4)))

    asyncio.run(all_of_them())
    assert (done, time.now) == ([0, 1, 2, 3], pytest.approx(180))


def test_a_failed_request_gives_its_tokens_back() -> None:
    time = FakeTime()
    settings = ProviderSettings(tokens_per_minute=100, max_retries=1, backoff_seconds=1)
    provider = ResilientProvider(Spending([BROKEN], tokens=100), settings, time.sleep, lambda: 0.5, time)
    asyncio.run(provider.complete(WORDS))
    assert time.waits == [0.5]  # of the backoff alone


def test_messages_tools_and_what_may_be_answered_are_estimated() -> None:
    tool = ToolDefinition("t", "d" * 400, {})
    picture = Media("image", "image/png", b"")
    request = ModelRequest("m", [Message("user", "x" * 40, [picture])], tools=[tool], max_tokens=50)
    assert 10 + 100 + 50 + 1000 <= estimated_tokens(request) <= 10 + 100 + 50 + 1000 + 10


TOO_LONG = [
    (Slow([]), {}, REQUEST, r"raise total_timeout_seconds in \[providers.failing\]$"),
    (
        Failing([BROKEN] * 9),
        {"backoff_seconds": 60, "backoff_max_seconds": 60},
        REQUEST,
        r"Attempts that failed: 1, the last by this: broken$",
    ),
    (
        Spending([], tokens=100),
        {"tokens_per_minute": 100},
        WORDS,
        "or tokens_per_minute, which is 100 and kept",
    ),
    (Failing([]), {"requests_per_minute": 1}, REQUEST, "or requests_per_minute, which is 1 and kept"),
    (Slow([]), {"max_concurrent": 1}, REQUEST, "or max_concurrent, which is 1 and kept the request waiting"),
]


@pytest.mark.parametrize(("asked", "settings", "request_", "words"), TOO_LONG)
@pytest.mark.parametrize("is_stream", [False, True])
def test_a_request_ends_when_its_whole_time_is_up(
    asked: Failing, settings: dict[str, Any], request_: ModelRequest, words: str, is_stream: bool
) -> None:
    asked = replace(asked)
    provider = ResilientProvider(asked, ProviderSettings(**settings), jitter=lambda: 0.5)

    async def one() -> None:
        if is_stream:
            async for _ in provider.stream(request_):
                pass
        else:
            await provider.complete(request_)

    async def after_another() -> None:
        """Ask while another request, which has all the time, is under way or was just before."""
        first = asyncio.create_task(one())
        while not asked.asked:  # noqa: ASYNC110 - the request has no event to wait for
            await asyncio.sleep(0)
        provider.settings = ProviderSettings(total_timeout_seconds=0.1, **settings)
        try:
            async with asyncio.timeout(20):
                await one()
        finally:
            first.cancel()

    with pytest.raises(ModelTimeoutError, match=words) as raised:
        asyncio.run(after_another())
    assert str(raised.value).startswith(
        "the provider 'failing' gave no whole answer within 0.1 seconds; raise total_timeout_seconds"
    )


def test_a_stream_that_takes_too_long_ends_after_its_pieces() -> None:
    provider = ResilientProvider(Slow([], is_begun=True), ProviderSettings(total_timeout_seconds=0.1))
    seen: list[str] = []

    async def read() -> None:
        async for chunk in provider.stream(REQUEST):
            seen.append(chunk.text)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(ModelTimeoutError, match="gave no whole answer"):
        asyncio.run(read())
    assert seen == ["ok"]


def test_limits_can_be_changed_between_requests() -> None:
    asked = Failing([])
    provider, _ = wrapped(asked, max_concurrent=1)

    async def ask() -> int:
        asked.most = 0
        await asyncio.gather(*(provider.complete(REQUEST) for _ in range(6)))
        return asked.most

    assert asyncio.run(ask()) == 1
    provider.limit(ProviderSettings(max_concurrent=3))
    assert asyncio.run(ask()) == 3


@pytest.mark.parametrize(
    ("configured", "own", "models"),
    [((), (), ()), ((), ("a",), ("a",)), (("b", "c"), ("a",), ("b", "c")), (("b",), (), ("b",))],
)
def test_the_models_of_the_settings_come_before_those_of_the_provider(
    configured: Sequence[str], own: Sequence[str], models: Sequence[str]
) -> None:
    assert wrapped(Failing([], models=own), models=configured)[0].models == models
