"""Streams that the host gives to scripts, such as a model's answer as it comes.

One operation on the engine's loop produces, and stands still while the buffer is full; each ``next`` of
the script takes one thing out.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from llmspell_engine.api.streaming import Stream as DeclaredStream
from llmspell_engine.scheduling.loop import CancelledError

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from llmspell_engine.scheduling import EngineLoop, Operation
    from llmspell_engine.scheduling.loop import Outcome

BUFFER = 16
"""How many things may wait to be taken."""


class Stream(DeclaredStream):
    """What an asynchronous generator gives, one thing after the other. It starts with the first ``next``."""

    def __init__(self, source: Callable[[], AsyncGenerator[Any]], loop: EngineLoop) -> None:
        self._source = source
        self._loop = loop
        self._received: MemoryObjectReceiveStream[Any] | None = None
        self._operation: Operation | None = None
        self._error: BaseException | None = None
        self._is_over = False
        self._has_ended = False

    async def next(self) -> Any | None:
        import anyio

        if self._is_over:
            return None
        received = self._received or self._start()
        try:
            return await received.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            was_over, self._is_over = self._is_over, True
            received.close()
            if self._error and not was_over:
                raise self._error from None
            return None

    def is_done(self) -> bool:
        return self._is_over

    async def collect(self) -> Sequence[Any]:
        items = []
        while (item := await self.next()) is not None:
            items.append(item)
        return items

    def close(self) -> None:
        self._is_over = True
        if self._operation is not None:
            self._operation.cancel()
        self._let_go()

    def __del__(self) -> None:
        # A script may drop a stream whose end it never came to.
        if self._received is not None:
            self._received.close()

    def _start(self) -> MemoryObjectReceiveStream[Any]:
        import anyio

        sent: MemoryObjectSendStream[Any]
        sent, received = anyio.create_memory_object_stream(BUFFER)
        self._received = received

        async def produce() -> None:
            with sent:
                async with aclosing(self._source()) as items:
                    async for item in items:
                        await sent.send(item)

        self._operation = self._loop.start(produce, self._ended)
        return received

    def _ended(self, outcome: Outcome) -> None:
        self._error = outcome.error
        self._has_ended = True
        self._is_over = self._is_over or isinstance(outcome.error, CancelledError)
        self._let_go()

    def _let_go(self) -> None:
        """Close the end that is taken from, once nothing gives any more and nobody takes. Any thread."""
        if self._is_over and self._has_ended and self._received is not None:
            self._received.close()
