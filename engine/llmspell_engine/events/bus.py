"""The event bus of one engine, in memory.

Each subscription has a queue of its own, which keeps the newest events. Publishing never waits.
The bus may be used from several threads; one lock guards everything. Receivers wait on their event loop.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

    from llmspell_engine.language import Language

BUFFER_SIZE = 1000
"""How many events a subscription keeps before the oldest is dropped, where nothing else is set."""


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event; times are seconds since the epoch."""

    id: str
    name: str
    data: Any
    time: float
    sequence: int
    language: Language
    correlation_id: str | None = None
    ttl_seconds: int | None = None

    def is_expired(self, now: float) -> bool:
        """Whether its lifetime has passed."""
        return self.ttl_seconds is not None and now > self.time + self.ttl_seconds


@dataclass(slots=True)
class SubscriptionState:
    """A subscription and the events that wait in it."""

    id: str
    pattern: str
    language: Language | None
    buffer_size: int = BUFFER_SIZE
    waiting: deque[PublishedEvent] = field(init=False)

    def __post_init__(self) -> None:
        self.waiting = deque(maxlen=self.buffer_size)

    def wants(self, event: PublishedEvent) -> bool:
        """Whether an event matches; a star at the end of a pattern stands for any ending."""
        if self.language is not None and event.language != self.language:
            return False
        if self.pattern.endswith("*"):
            return event.name.startswith(self.pattern[:-1])
        return event.name == self.pattern


class UnknownSubscriptionError(Exception):
    """There is no open subscription of that id."""


class EventBus:
    """Delivers events to subscriptions, each of which keeps at most ``buffer_size`` of them."""

    def __init__(self, buffer_size: int = BUFFER_SIZE) -> None:
        self.buffer_size = buffer_size
        self._lock = threading.Lock()
        self._receivers: set[Callable[[], None]] = set()
        self._subscriptions: dict[str, SubscriptionState] = {}
        self._published = 0

    @property
    def published(self) -> int:
        """How many events were published."""
        return self._published

    @property
    def subscriptions(self) -> tuple[SubscriptionState, ...]:
        """The open subscriptions, in the order in which they were made."""
        with self._lock:
            return tuple(self._subscriptions.values())

    def publish(
        self,
        name: str,
        data: Any,
        language: Language,
        *,
        correlation_id: str | None = None,
        ttl_seconds: int | None = None,
    ) -> PublishedEvent:
        """Hand an event to every subscription that wants it."""
        with self._lock:
            self._published += 1
            event = PublishedEvent(
                str(uuid.uuid4()),
                name,
                data,
                time.time(),
                self._published,
                language,
                correlation_id,
                ttl_seconds,
            )
            for subscription in self._subscriptions.values():
                if subscription.wants(event):
                    subscription.waiting.append(event)
            self._notify()
        return event

    def subscribe(self, pattern: str, language: Language | None = None) -> str:
        """Listen from now on; the result is the subscription's id."""
        subscription = SubscriptionState(str(uuid.uuid4()), pattern, language, self.buffer_size)
        with self._lock:
            self._subscriptions[subscription.id] = subscription
        return subscription.id

    def unsubscribe(self, subscription_id: str) -> bool:
        """Close a subscription; whether it was open. A receiver that waits for it gets nothing."""
        with self._lock:
            found = self._subscriptions.pop(subscription_id, None)
            self._notify()
        return found is not None

    async def receive(self, subscription_id: str, seconds: float) -> PublishedEvent | None:
        """The next event of a subscription, or None when none came within ``seconds``.

        On an event loop. Raises UnknownSubscriptionError.
        """
        if subscription_id not in self._subscriptions:
            raise UnknownSubscriptionError(f"there is no open subscription '{subscription_id}'")
        import asyncio

        import anyio

        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def notify() -> None:
            loop.call_soon_threadsafe(changed.set)

        with self._lock:
            self._receivers.add(notify)
        try:
            with anyio.move_on_after(seconds):
                return await self._received(subscription_id, changed)
            with self._lock:
                return self._next(subscription_id)
        finally:
            with self._lock:
                self._receivers.discard(notify)

    async def _received(self, subscription_id: str, changed: asyncio.Event) -> PublishedEvent | None:
        while True:
            changed.clear()
            with self._lock:
                event = self._next(subscription_id)
                is_open = subscription_id in self._subscriptions
            if event or not is_open:
                return event
            await changed.wait()

    def _notify(self) -> None:
        """Let the receivers look again. The lock is held."""
        for notify in self._receivers:
            notify()

    def _next(self, subscription_id: str) -> PublishedEvent | None:
        subscription = self._subscriptions.get(subscription_id)
        waiting = subscription.waiting if subscription else deque()
        while waiting:
            event = waiting.popleft()
            if not event.is_expired(time.time()):
                return event
        return None
