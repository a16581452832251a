"""Handlers of events: each subscription's events, one after the other, on the engine's loop.

Threads: :meth:`Handlers.add`, :meth:`Handlers.forget` and :meth:`Handlers.close` run on the script's thread.
Each handler has an operation on the loop, begun by ``add`` and ended when its subscription is closed. While
events wait for handlers the script does not end: an operation of the script is under way until none waits.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from llmspell_engine.events.model import PublishedEvent, UnknownSubscriptionError
from llmspell_engine.scheduling.cause import CAUSE, Cause

if TYPE_CHECKING:
    import asyncio

    from llmspell_engine.events.bus import EventBus
    from llmspell_engine.events.subscription import WhenFull
    from llmspell_engine.language import Language
    from llmspell_engine.scheduling import Operation, Scheduler

Handle = Callable[[PublishedEvent], Awaitable[Any]]
TellFailure = Callable[[PublishedEvent, str, Exception], Awaitable[None]]
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a handler wants of the events of its pattern, and how it is called."""

    pattern: str
    language: Language | None = None
    buffer_size: int | None = None
    when_full: WhenFull = "drop_oldest"
    once: bool = False
    timeout_seconds: float = TIMEOUT_SECONDS


class Handlers:
    """The handlers of one run."""

    def __init__(self, bus: EventBus, scheduler: Scheduler, tell_failure: TellFailure) -> None:
        self._bus = bus
        self._scheduler = scheduler
        self._tell_failure = tell_failure
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._operations: dict[str, Operation] = {}
        self._running = 0
        self._is_held = False
        self._is_closed = False
        self._idle: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        scheduler.closing.append(self.close)

    def add(self, wanted: Wanted, handle: Handle) -> str:
        """Call a function for each event of a pattern from now on; the id of the subscription."""
        subscription_id = self._bus.subscribe(
            wanted.pattern,
            wanted.language,
            buffer_size=wanted.buffer_size,
            when_full=wanted.when_full,
            arrived=self._arrived,
        )
        work = partial(self._serve, subscription_id, wanted, handle)
        self._operations[subscription_id] = self._scheduler.loop.start(work, lambda _outcome: self._look())
        return subscription_id

    def forget(self, subscription_id: str) -> None:
        """A subscription is about to be closed. What its handler does at the moment it may do to its end."""
        self._operations.pop(subscription_id, None)

    def close(self) -> None:
        """Call none any more."""
        self._is_closed = True
        operations, self._operations = self._operations, {}
        for subscription_id, operation in operations.items():
            self._bus.unsubscribe(subscription_id)
            operation.cancel()

    # On the loop

    async def _serve(self, subscription_id: str, wanted: Wanted, handle: Handle) -> None:
        while True:
            try:
                event = await self._bus.receive(subscription_id, None)
            except UnknownSubscriptionError:
                return
            if event is None:
                return
            self._running += 1
            try:
                if wanted.once:
                    self._bus.unsubscribe(subscription_id)
                await self._handled(event, wanted, handle)
            finally:
                self._running -= 1
                self._look()

    async def _handled(self, event: PublishedEvent, wanted: Wanted, handle: Handle) -> None:
        import asyncio

        token = CAUSE.set(cause_of(event))
        try:
            async with asyncio.timeout(wanted.timeout_seconds):
                await handle(event)
        except TimeoutError:
            late = TimeoutError(f"it took longer than {wanted.timeout_seconds:g} s")
            await self._tell_failure(event, wanted.pattern, late)
        except Exception as error:  # noqa: BLE001 - a handler never ends the others
            await self._tell_failure(event, wanted.pattern, error)
        finally:
            CAUSE.reset(token)

    # Holding the script

    def _arrived(self) -> None:
        with self._lock:
            if self._is_held:
                return
            self._is_held = True
        if threading.get_ident() == self._thread:
            self._hold()
        else:
            self._scheduler.tell(self._hold)

    def _hold(self) -> None:
        if self._is_closed:
            return
        token = CAUSE.set(None)
        try:
            self._scheduler.begin(self._until_idle)
        finally:
            CAUSE.reset(token)

    async def _until_idle(self) -> None:
        import asyncio

        changed = asyncio.Event()
        self._idle = (asyncio.get_running_loop(), changed)
        try:
            while not self._let_go():
                changed.clear()
                await changed.wait()
        finally:
            self._is_held = False

    def _let_go(self) -> bool:
        with self._lock:
            is_busy = self._running or any(self._bus.waiting(one) for one in list(self._operations))
            if not is_busy:
                self._is_held = False
            return not is_busy

    def _look(self) -> None:
        """Let who waits for the end of all handling look again."""
        if self._idle:
            loop, changed = self._idle
            loop.call_soon_threadsafe(changed.set)


def cause_of(event: PublishedEvent) -> Cause:
    """What follows from an event while it is handled."""
    before = CAUSE.get()
    base = before._replace(depth=event.depth) if before else Cause(event.id, depth=event.depth)
    return base.of_event(event.correlation_id or event.id, event.id)
