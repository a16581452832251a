"""Streams that the host gives to scripts, such as a model's answer as it comes.

One operation on the engine's loop produces, and stands still while the buffer is full; each ``next`` of
the script takes one thing out. What waits in the buffer is taken on the script's thread, without the loop,
but only so many things in a row: a script that loops over a stream gets round to its other work too.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

from llmspell_engine.api.streaming import Stream as DeclaredStream
from llmspell_engine.scheduling.loop import CancelledError

if TYPE_CHECKING:
    import asyncio

    from llmspell_engine.scheduling import EngineLoop, Operation
    from llmspell_engine.scheduling.loop import Outcome

BUFFER = 16
"""How many things may wait to be taken, and how many are taken in a row."""


class Stream(DeclaredStream):
    """What an asynchronous generator gives, one thing after the other. It starts with the first ``next``.

    The producer and those who wait are on the loop; what they share with the script's thread is guarded.
    """

    def __init__(self, source: Callable[[], AsyncGenerator[Any]], loop: EngineLoop) -> None:
        self._source = source
        self._loop = loop
        self._operation: Operation | None = None
        self._error: BaseException | None = None
        self._is_over = False
        self._has_ended = False
        self._lock = threading.Lock()
        self._items: deque[Any] = deque()
        self._takers: deque[object] = deque()
        """Those who wait for a thing, in the order in which they asked."""
        self._taken_in_a_row = 0
        self._is_full = False
        """Whether the producer waits for room."""
        self._arrived, self._room = _Bell(), _Bell()

    def next(self) -> Any | Awaitable[Any | None] | None:
        if self._is_over:
            return None
        with self._lock:
            if not self._takers and self._taken_in_a_row < BUFFER:
                if self._items:
                    self._taken_in_a_row += 1
                    return self._taken()
                if self._has_ended:
                    self._end()
                    return None
            taker = object()
            self._takers.append(taker)
            # Guarded too: who collects asks on the loop, and may be the first at the same time.
            if self._operation is None:
                self._operation = self._loop.start(self._produce, self._ended)
        return self._wait(taker)

    def is_done(self) -> bool:
        return self._is_over

    async def collect(self) -> Sequence[Any]:
        items = []
        while (item := await self._one()) is not None:
            items.append(item)
        return items

    def close(self) -> None:
        self._is_over = True
        if self._operation is not None:
            self._operation.cancel()

    async def _one(self) -> Any | None:
        found = self.next()
        return await found if isinstance(found, Awaitable) else found

    async def _wait(self, taker: object) -> Any | None:
        """The next thing, when it is this one's turn. Raises what the source raises."""
        from anyio.lowlevel import checkpoint_if_cancelled

        try:
            await checkpoint_if_cancelled()  # who is cancelled takes nothing
            while True:
                with self._lock:
                    if self._items and self._takers[0] is taker:
                        self._taken_in_a_row = 0
                        return self._taken()
                    if self._has_ended and not self._items:
                        self._end()
                        return None
                await self._arrived.rung()
        finally:
            with self._lock:
                self._takers.remove(taker)
            self._arrived.ring()

    async def _produce(self) -> None:
        self._room.hang()
        async with aclosing(self._source()) as items:
            async for item in items:
                with self._lock:
                    self._items.append(item)
                    self._is_full = len(self._items) >= BUFFER
                self._arrived.ring()
                while self._is_full:
                    await self._room.rung()

    def _ended(self, outcome: Outcome) -> None:
        self._error = outcome.error
        self._has_ended = True
        self._is_over = self._is_over or isinstance(outcome.error, CancelledError)
        self._arrived.ring()

    def _taken(self) -> Any:
        """Take the first thing out; half of the buffer at a time is filled again. The lock is held."""
        item = self._items.popleft()
        if self._is_full and len(self._items) <= BUFFER // 2:
            self._is_full = False
            self._room.ring_from_afar()
        return item

    def _end(self) -> None:
        """Note that all was taken. Raises what the source raised, once."""
        was_over, self._is_over = self._is_over, True
        if self._error and not was_over:
            raise self._error from None


class _Bell:
    """Wakes all who wait for it on the loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[asyncio.Future[None]] = []

    def hang(self) -> None:
        """Have it ring on this loop; to be done before others may ring it from afar."""
        import asyncio

        self._loop = asyncio.get_running_loop()

    async def rung(self) -> None:
        """Wait until it rings. On the loop."""
        import asyncio

        heard = asyncio.get_running_loop().create_future()
        self._waiting.append(heard)
        await heard

    def ring(self) -> None:
        """On the loop."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)

    def ring_from_afar(self) -> None:
        """From any thread. Once the loop is closed nobody waits."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self.ring)
