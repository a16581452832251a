"""A limit of tokens a minute, of which a request's number is known only after it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import anyio

    from llmspell_engine.providers.base import ModelRequest

_MINUTE = 60.0
_CHARACTERS_A_TOKEN = 4
_MEDIA_TOKENS = 1000
_CLOSE = 1e-6


def asked_tokens(request: ModelRequest) -> int:
    """About how many tokens a request has, by the length of its texts."""
    texts = sum(len(message.text) for message in request.messages)
    texts += sum(len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
    media = sum(len(message.media) for message in request.messages)
    return texts // _CHARACTERS_A_TOKEN + media * _MEDIA_TOKENS + 1


def estimated_tokens(request: ModelRequest) -> int:
    """About how many tokens a request takes: what it has, and all that may be answered."""
    return asked_tokens(request) + (request.max_tokens or 0)


@dataclass(slots=True)
class TokenRate:
    """A bucket that drains by the limit each minute. On the engine's loop only.

    A request takes its estimate, in the order in which requests come, and waits until that fits; afterwards
    the estimate is put right, so that the bucket may hold more than the limit for a while. A request that is
    larger than the limit has the bucket to itself.
    """

    per_minute: int
    sleep: Callable[[float], Awaitable[None]]
    clock: Callable[[], float] = time.monotonic
    _held: float = 0.0
    _at: float = 0.0
    _queue: anyio.Lock | None = None

    async def take(self, tokens: int) -> int:
        """Wait until so many fit. Gives how many were taken."""
        import anyio

        tokens = min(tokens, self.per_minute)
        self._queue = self._queue or anyio.Lock()
        async with self._queue:
            while (over := self._drained() + tokens - self.per_minute) > _CLOSE:
                await self.sleep(over * _MINUTE / self.per_minute)
            self._held += tokens
        return tokens

    def correct(self, taken: int, used: int) -> None:
        """Put right what a request took, now that it is known."""
        self._held = max(0.0, self._drained() + used - taken)

    def _drained(self) -> float:
        now = self.clock()
        self._held = max(0.0, self._held - (now - self._at) * self.per_minute / _MINUTE)
        self._at = now
        return self._held
