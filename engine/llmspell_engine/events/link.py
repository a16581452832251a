"""Links the bus of an engine to the others, over what carries events between them.

Threads: :class:`Link` is made on any thread, and works in one operation on the engine's loop, which begins
with :meth:`Link.open` and ends with the loop. Events that are published here are queued by their publishers'
threads; where the others cannot be reached, the newest ones wait until they can.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from llmspell_engine.events.model import EventError, FullError, PublishedEvent
from llmspell_engine.events.transport import EventTransport, TransportError, packed, unpacked
from llmspell_engine.observability.log import tell
from llmspell_engine.scheduling.cause import new_id

if TYPE_CHECKING:
    import asyncio

    from llmspell_engine.events.bus import EventBus
    from llmspell_engine.scheduling import EngineLoop

WAITING = 10_000
"""How many events wait to be sent; further ones push out the oldest."""
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 10.0
_LAST_SECONDS = 3.0
"""How long what is left may take to be sent in the end."""


class Link:
    """Sends what is published here, and delivers here what is published elsewhere."""

    def __init__(self, bus: EventBus, transport: EventTransport, loop: EngineLoop) -> None:
        self._bus = bus
        self._transport = transport
        self._loop = loop
        self.origin = new_id()
        self.lost = 0
        """How many events pushed each other out while they waited to be sent."""
        self._waiting: deque[str] = deque()
        self._changed: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def open(self) -> None:
        """Link from now on. Raises TransportError."""
        self._loop.run(self._transport.open)
        self._bus.published_here.append(self._queue)
        self._loop.start(self._serve, lambda _outcome: None)

    def _queue(self, event: PublishedEvent) -> None:
        if len(self._waiting) >= WAITING:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(packed(event, self.origin))
        if self._changed:
            loop, changed = self._changed
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed.set)

    # On the loop

    async def _serve(self) -> None:
        import anyio

        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._send_all)
                group.start_soon(self._receive_all)
        finally:
            self._bus.published_here.remove(self._queue)
            with anyio.CancelScope(shield=True), anyio.move_on_after(_LAST_SECONDS):
                await self._send_rest()
                with suppress(TransportError):
                    await self._transport.close()

    async def _send_all(self) -> None:
        import asyncio

        import anyio

        changed = asyncio.Event()
        self._changed = (asyncio.get_running_loop(), changed)
        pause = _FIRST_PAUSE_SECONDS
        while True:
            changed.clear()
            try:
                await self._send_waiting()
            except TransportError as problem:
                self._tell(problem, pause)
                await anyio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            else:
                pause = _FIRST_PAUSE_SECONDS
                if not self._waiting:
                    await changed.wait()

    async def _send_waiting(self) -> None:
        while self._waiting:
            text = self._waiting[0]
            await self._transport.send(text)
            # Publishers may have pushed it out meanwhile.
            if self._waiting and self._waiting[0] is text:
                self._waiting.popleft()

    async def _send_rest(self) -> None:
        try:
            await self._send_waiting()
        except TransportError as problem:
            tell(
                "warn",
                "events",
                "events were not sent to other engines",
                count=len(self._waiting),
                error=problem,
            )

    async def _receive_all(self) -> None:
        import anyio

        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                async for text in self._transport.received():
                    pause = _FIRST_PAUSE_SECONDS
                    await self._take(text)
            except TransportError as problem:
                self._tell(problem, pause)
                await anyio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _take(self, text: str) -> None:
        try:
            event = unpacked(text)
            if event.origin != self.origin:
                await self._deliver(event)
        except EventError as problem:
            tell("warn", "events", "an event of another engine is not delivered", error=problem)

    async def _deliver(self, event: PublishedEvent) -> None:
        """Where a subscription has its publishers wait, nothing more is received until it has room."""
        while True:
            try:
                self._bus.deliver(event)
            except FullError as full:
                await self._bus.room(full)
            else:
                return

    def _tell(self, problem: TransportError, pause: float) -> None:
        address = self._transport.address
        tell(
            "warn",
            "events",
            "other engines are not reached",
            address=address,
            error=problem,
            again_in_s=pause,
        )
