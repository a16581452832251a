"""Events over a stream of Redis or Valkey: each engine adds its own, and reads those of all.

The stream keeps the newest ``max_length`` events, so an engine that was cut off catches up when it is back.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llmspell_engine.events.transport import TransportError

if TYPE_CHECKING:
    from redis.asyncio import Redis

STREAM = "llmspell:events"
MAX_LENGTH = 10_000
_FIELD = "event"
_BLOCK_MILLISECONDS = 1000
_BATCH = 100


class RedisStream:
    """Carries events over one stream. ``url``: ``redis://host:6379/0``, or ``rediss`` with TLS."""

    def __init__(self, url: str, stream: str = STREAM, max_length: int = MAX_LENGTH) -> None:
        parts = urlsplit(url)
        self.address = f"{parts.hostname or 'localhost'}:{parts.port or 6379}{parts.path} {stream}"
        self._url = url
        self._stream = stream
        self._max_length = max_length
        self._client: Redis | None = None
        self._last = "0-0"
        """The last entry that was read."""

    async def open(self) -> None:
        """See the contract."""
        client = self._made()
        with self._told():
            # By its id and not as "$", so that nothing is missed between two reads.
            newest: Any = await client.xrevrange(self._stream, count=1)
        self._client = client
        self._last = newest[0][0] if newest else "0-0"

    async def send(self, text: str) -> None:
        """See the contract."""
        with self._told():
            await self._opened.xadd(self._stream, {_FIELD: text}, maxlen=self._max_length, approximate=True)

    async def received(self) -> AsyncGenerator[str]:
        """See the contract."""
        while True:
            with self._told():
                found: Any = await self._opened.xread(
                    {self._stream: self._last}, count=_BATCH, block=_BLOCK_MILLISECONDS
                )
            for entry, fields in _entries(found):
                self._last = entry
                if _FIELD in fields:
                    yield fields[_FIELD]

    async def close(self) -> None:
        """See the contract."""
        if self._client is not None:
            with self._told():
                await self._client.aclose()

    @property
    def _opened(self) -> Redis:
        assert self._client is not None, "it is opened first"
        return self._client

    def _made(self) -> Redis:
        try:
            from redis.asyncio import Redis
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
        except ImportError:
            raise TransportError(
                "events over Redis need the extra 'redis': pip install 'llmspell[redis]'"
            ) from None
        try:
            # The link tries again by itself, and tells of it.
            return Redis.from_url(self._url, decode_responses=True, retry=Retry(NoBackoff(), 0))
        except ValueError as problem:
            raise TransportError(f"the address of the events' Redis is wrong: {problem}") from None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn failures of the client into errors that name the address."""
        from redis.exceptions import RedisError

        try:
            yield
        except (RedisError, OSError) as problem:
            raise TransportError(f"events over Redis at {self.address}: {problem}") from None


def _entries(found: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """The entries of one stream in an answer, which protocols give in two forms."""
    streams = found.items() if isinstance(found, dict) else found or ()
    for _, entries in streams:
        for entry in entries:
            yield from entry if entry and isinstance(entry[0], list | tuple) else (entry,)
