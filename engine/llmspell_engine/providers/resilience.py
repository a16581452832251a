"""Around a provider: its limits, and further tries after errors that may pass."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from llmspell_engine.observability import tell
from llmspell_engine.providers.base import (
    Capabilities,
    Chunk,
    ModelAnswer,
    ModelRequest,
    ModelTimeoutError,
    Provider,
    ProviderError,
)

if TYPE_CHECKING:
    import anyio
    from aiolimiter import AsyncLimiter

    from llmspell_engine.providers.settings import ProviderSettings
    from llmspell_engine.providers.token_rate import TokenRate

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


async def _sleep(seconds: float) -> None:
    import anyio

    await anyio.sleep(seconds)


@dataclass(slots=True)
class _Progress:
    """How far a request has come, for the message if its time is up."""

    end: float | None
    """When its time is up, on the clock of the loop."""
    failed: int = 0
    last: ProviderError | None = None
    waits_for: str | None = None
    """The limit that it waits for."""


class _Turn:
    """One attempt; ``used`` is told by who has an answer."""

    used: int = 0


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
    clock: Callable[[], float] = time.monotonic
    """What the tokens of a minute are counted by."""
    _requests: AsyncLimiter | None = None
    _tokens: TokenRate | None = None
    _places: anyio.Semaphore | None = None
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.provider.name

    @property
    def models(self) -> Sequence[str]:
        """See the protocol."""
        return self.settings.models or self.provider.models

    @property
    def capabilities(self) -> Capabilities:
        """See the protocol."""
        return self.provider.capabilities

    def limit(self, settings: ProviderSettings) -> None:
        """Go by other limits from the next request on; those under way keep theirs."""
        self.settings = settings
        self._requests = self._tokens = self._places = None

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        progress = self._begun()
        while True:
            try:
                return await self._in_time(self._attempt(request, progress), progress)
            except ProviderError as error:
                wait = self._wait(error, progress)
            await self._in_time(self.sleep(wait), progress)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """See the protocol."""
        progress = self._begun()
        while True:
            is_begun = False
            try:
                async with AsyncExitStack() as stack:
                    entering = stack.enter_async_context(self._turn(request, progress))
                    turn = await self._in_time(entering, progress)
                    chunks = await stack.enter_async_context(aclosing(self.provider.stream(request)))
                    while (chunk := await self._in_time(anext(chunks, None), progress)) is not None:
                        is_begun = True
                        if chunk.answer is not None:
                            turn.used = chunk.answer.usage.tokens
                        yield chunk
                    return
            except ProviderError as error:
                if is_begun:
                    raise
                wait = self._wait(error, progress)
            await self._in_time(self.sleep(wait), progress)

    async def close(self) -> None:
        """See the protocol."""
        await self.provider.close()

    def _begun(self) -> _Progress:
        import anyio

        seconds = self.settings.total_timeout_seconds
        return _Progress(None if seconds is None else anyio.current_time() + seconds)

    async def _attempt(self, request: ModelRequest, progress: _Progress) -> ModelAnswer:
        async with self._turn(request, progress) as turn:
            answer = await self.provider.complete(request)
            turn.used = answer.usage.tokens
            return answer

    async def _in_time(self, work: Awaitable[T], progress: _Progress) -> T:
        """Do a step of a request, unless the time of the whole is up before its end."""
        if progress.end is None:
            return await work
        import anyio

        with anyio.move_on_after(max(0.0, progress.end - anyio.current_time())):
            return await work
        raise self._too_long(progress)

    def _too_long(self, progress: _Progress) -> ModelTimeoutError:
        setting = f"[providers.{self.name}]"
        message = (
            f"the provider '{self.name}' gave no whole answer within {self.settings.total_timeout_seconds:g}"
            f" seconds; raise total_timeout_seconds in {setting}"
        )
        if progress.waits_for is not None:
            limit = getattr(self.settings, progress.waits_for)
            message += f", or {progress.waits_for}, which is {limit} and kept the request waiting"
        if progress.last is not None:
            message += f". Attempts that failed: {progress.failed}, the last by this: {progress.last}"
        return ModelTimeoutError(message)

    def _wait(self, error: ProviderError, progress: _Progress) -> float:
        """How long to wait before the next try. Raises the error where there is none."""
        progress.failed += 1
        progress.last = error
        settings = self.settings
        if not error.is_passing or progress.failed > settings.max_retries:
            raise error
        if error.retry_after is not None:
            if error.retry_after > settings.backoff_max_seconds:
                raise error
            wait = error.retry_after
        else:
            grown = settings.backoff_seconds * 2.0 ** (progress.failed - 1)
            wait = min(settings.backoff_max_seconds, grown) * self.jitter()
        facts = {"failed": progress.failed, "most": settings.max_retries, "wait_seconds": round(wait, 3)}
        tell("warn", "providers", f"{self.name} is asked again", error=error, **facts)
        return wait

    @asynccontextmanager
    async def _turn(self, request: ModelRequest, progress: _Progress) -> AsyncIterator[_Turn]:
        """Wait until one more request is allowed."""
        async with AsyncExitStack() as stack:
            if self.settings.max_concurrent is not None:
                progress.waits_for = "max_concurrent"
                await stack.enter_async_context(self._place(self.settings.max_concurrent))
            if self.settings.requests_per_minute is not None:
                progress.waits_for = "requests_per_minute"
                await self._request(self.settings.requests_per_minute)
            turn = _Turn()
            if self.settings.tokens_per_minute is not None:
                progress.waits_for = "tokens_per_minute"
                await stack.enter_async_context(self._counted(self.settings.tokens_per_minute, request, turn))
            progress.waits_for = None
            yield turn

    def _place(self, at_once: int) -> anyio.Semaphore:
        if self._places is None:
            import anyio

            self._places = anyio.Semaphore(at_once)
        return self._places

    async def _request(self, per_minute: int) -> None:
        if self._requests is None:
            from aiolimiter import AsyncLimiter

            self._requests = AsyncLimiter(per_minute, 60)
        await self._requests.acquire()

    @asynccontextmanager
    async def _counted(self, per_minute: int, request: ModelRequest, turn: _Turn) -> AsyncIterator[None]:
        """Take the tokens of a request; what it did not use, it gives back."""
        from llmspell_engine.providers.token_rate import TokenRate, estimated_tokens

        if self._tokens is None:
            self._tokens = TokenRate(per_minute, self.sleep, self.clock)
        rate = self._tokens
        taken = await rate.take(estimated_tokens(request))
        try:
            yield
        finally:
            rate.correct(taken, turn.used)
