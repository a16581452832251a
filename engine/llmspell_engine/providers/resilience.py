"""Around a provider: its limits, and further tries after errors that may pass."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmspell_engine.providers.base import (
    Capabilities,
    Chunk,
    ModelAnswer,
    ModelRequest,
    Provider,
    ProviderError,
)

if TYPE_CHECKING:
    import anyio
    from aiolimiter import AsyncLimiter

    from llmspell_engine.providers.settings import ProviderSettings

Sleep = Callable[[float], Awaitable[None]]


async def _sleep(seconds: float) -> None:
    import anyio

    await anyio.sleep(seconds)


@dataclass(slots=True)
class ResilientProvider:
    """Asks another provider within its limits, and again after errors that may pass.

    A stream is tried again only before its first piece: what a script has seen is never taken back.
    Waits grow exponentially with full jitter, and are as long as the server asks where it does.
    """

    provider: Provider
    settings: ProviderSettings
    sleep: Sleep = _sleep
    jitter: Callable[[], float] = random.random
    """Between 0 and 1."""
    _rate: AsyncLimiter | None = None
    _places: anyio.Semaphore | None = None
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.provider.name

    @property
    def models(self) -> Sequence[str]:
        """See the protocol."""
        return self.provider.models

    @property
    def capabilities(self) -> Capabilities:
        """See the protocol."""
        return self.provider.capabilities

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        failed = 0
        while True:
            try:
                async with self._turn():
                    return await self.provider.complete(request)
            except ProviderError as error:
                failed += 1
                await self.sleep(self._wait(error, failed))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """See the protocol."""
        failed = 0
        while True:
            is_begun = False
            try:
                async with self._turn(), aclosing(self.provider.stream(request)) as chunks:
                    async for chunk in chunks:
                        is_begun = True
                        yield chunk
                    return
            except ProviderError as error:
                if is_begun:
                    raise
                failed += 1
                await self.sleep(self._wait(error, failed))

    async def close(self) -> None:
        """See the protocol."""
        await self.provider.close()

    def _wait(self, error: ProviderError, failed: int) -> float:
        """How long to wait before the next try. Raises the error where there is none."""
        settings = self.settings
        if not error.is_passing or failed > settings.max_retries:
            raise error
        if error.retry_after is not None:
            if error.retry_after > settings.backoff_max_seconds:
                raise error
            return error.retry_after
        longest: float = min(settings.backoff_max_seconds, settings.backoff_seconds * 2.0 ** (failed - 1))
        return longest * self.jitter()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait until one more request is allowed."""
        if self.settings.max_concurrent is None:
            await self._start()
            yield
            return
        if self._places is None:
            import anyio

            self._places = anyio.Semaphore(self.settings.max_concurrent)
        async with self._places:
            await self._start()
            yield

    async def _start(self) -> None:
        if self.settings.requests_per_minute is None:
            return
        if self._rate is None:
            from aiolimiter import AsyncLimiter

            self._rate = AsyncLimiter(self.settings.requests_per_minute, 60)
        await self._rate.acquire()
