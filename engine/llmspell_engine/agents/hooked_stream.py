"""A stream that handlers step in around, as they do around other work: it may be replaced or tried again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from llmspell_engine.hooks import Component, Hooks, Stage

T = TypeVar("T")
Data = dict[str, Any]
Produce = Callable[[Data, Callable[[T], Awaitable[None]]], Awaitable[Data]]
"""Works with some data, gives its pieces to the function, and gives its result as data."""


@dataclass(slots=True)
class HookedStream(Generic[T]):
    """The pieces of work at a stage; ``result`` holds what handlers left of its result when they are through.

    The work is a task of its own, for a generator must not stand still within the time limits of handlers.
    It waits while its last piece has not been taken. Once a piece was given it is not done again.
    """

    hooks: Hooks
    stage: Stage
    component: Component
    name: str
    data: Data
    produce: Produce[T]
    result: Data = field(default_factory=dict)
    _failure: Exception | None = None
    _is_seen: bool = False

    async def pieces(self) -> AsyncGenerator[T]:
        """The pieces; closing the generator ends the work. Raises what the work raises."""
        import asyncio

        import anyio

        sent, received = anyio.create_memory_object_stream[T](0)

        async def give(piece: T) -> None:
            self._is_seen = True
            await sent.send(piece)

        async def work(data: Data) -> Data:
            if self._is_seen and self._failure is not None:
                raise self._failure
            try:
                return await self.produce(data, give)
            except Exception as failure:
                self._failure = failure
                raise

        async def run() -> Data:
            with sent:
                return await self.hooks.around(self.stage, self.component, self.name, self.data, work)

        task = asyncio.create_task(run())
        try:
            with received:
                async for piece in received:
                    yield piece
            self.result = await task
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
