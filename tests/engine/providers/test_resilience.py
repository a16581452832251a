"""Further tries and limits around a provider, with waits that are recorded instead of slept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from llmspell_engine.providers.base import (
    AuthenticationError,
    Capabilities,
    Chunk,
    Message,
    ModelAnswer,
    ModelRequest,
    ProviderError,
    RateLimitError,
)
from llmspell_engine.providers.resilience import ResilientProvider
from llmspell_engine.providers.settings import ProviderSettings

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
