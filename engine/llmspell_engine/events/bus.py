"""The event bus of one engine, in memory.

Each subscription has a queue of its own. Publishing never waits, apart from
:meth:`EventBus.publish_and_wait`; where a queue has no room, its policy says what is lost, or that publishing
fails before anybody hears of the event. What an event follows from is told by :data:`CAUSE`.

The bus may be used from several threads; one lock guards everything. Receivers wait on their event loop.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_engine.events.history import EventFilter, History
from llmspell_engine.events.model import EventError, FullError, PublishedEvent, UnknownSubscriptionError
from llmspell_engine.events.subscription import BUFFER_SIZE, SubscriptionState, WhenFull
from llmspell_engine.observability.around import AROUND
from llmspell_engine.scheduling.cause import CAUSE, new_id

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator, Sequence

    from llmspell_engine.language import Language

DEEPEST = 100
"""How many events may lead to each other: more means that handlers answer each other without end."""


class EventBus:
    """Delivers events to subscriptions, each of which keeps at most ``buffer_size`` of them."""

    def __init__(self, buffer_size: int = BUFFER_SIZE) -> None:
        self.buffer_size = buffer_size
        self.history = History()
        self.published_here: list[Callable[[PublishedEvent], None]] = []
        """Told of each event that is published in this engine; on the publisher's thread."""
        self._lock = threading.Lock()
        self._subscriptions: dict[str, SubscriptionState] = {}
        self._published = 0
        self._refused = 0
        self._dropped = 0

    @property
    def published(self) -> int:
        """How many events were published."""
        return self._published

    @property
    def refused(self) -> int:
        """How many events could not be published, because a subscription had no room."""
        return self._refused

    @property
    def dropped(self) -> int:
        """How many events subscriptions have lost, those that are closed too."""
        with self._lock:
            return self._dropped + sum(one.dropped for one in self._subscriptions.values())

    @property
    def subscriptions(self) -> tuple[SubscriptionState, ...]:
        """The open subscriptions, in the order in which they were made."""
        with self._lock:
            return tuple(self._subscriptions.values())

    # Publishing

    def publish(
        self,
        name: str,
        data: Any,
        language: Language,
        *,
        correlation_id: str | None = None,
        ttl_seconds: int | None = None,
    ) -> PublishedEvent:
        """Hand an event to every subscription that wants it.

        Raises FullError, and EventError where events lead to each other without end.
        """
        cause = CAUSE.get()
        depth = cause.depth if cause else 0
        if depth >= DEEPEST:
            raise EventError(
                f"'{name}' is not published: {DEEPEST} events led to each other; do they go in a circle?"
            )
        event_id = new_id()
        event = PublishedEvent(
            event_id,
            name,
            data,
            time.time(),
            0,
            language,
            correlation_id or (cause.correlation_id if cause else event_id),
            ttl_seconds,
            cause.event_id if cause else None,
            depth,
            session_id=AROUND.get().session_id,
        )
        return self._publish(event)

    def repeat(self, event: PublishedEvent) -> PublishedEvent:
        """Publish an event of the past as a new one that says which it repeats. Raises FullError."""
        again = replace(event, id=new_id(), time=time.time(), origin=None, replays=event.id)
        return self._publish(again)

    def _publish(self, event: PublishedEvent) -> PublishedEvent:
        self.deliver(event)
        for tell in self.published_here:
            tell(event)
        return event

    async def publish_and_wait(self, name: str, data: Any, language: Language, **more: Any) -> PublishedEvent:
        """The same, after waiting for room in subscriptions that have their publishers wait."""
        while True:
            try:
                return self.publish(name, data, language, **more)
            except FullError as full:
                await self.room(full)

    async def room(self, full: FullError) -> None:
        """Wait until a subscription may have room. Raises the error where it has nobody wait for that."""
        subscription = self._subscriptions.get(full.subscription_id)
        if subscription and subscription.when_full == "error":
            raise full
        if subscription:
            await self._wait_for_room(subscription)

    def deliver(self, event: PublishedEvent) -> PublishedEvent:
        """Hand an event that is there to every subscription that wants it, as the next in order.

        Raises FullError; nobody has heard of the event then.
        """
        with self._lock:
            wanting = [one for one in self._subscriptions.values() if one.wants(event)]
            for subscription in wanting:
                if subscription.when_full in ("block", "error") and subscription.is_full:
                    self._refused += 1
                    raise FullError(_full(event.name, subscription), subscription.id)
            self._published += 1
            object.__setattr__(event, "sequence", self._published)
            for subscription in wanting:
                subscription.put(event)
        self.history.add(event)
        for subscription in wanting:
            if subscription.arrived:
                subscription.arrived()
        return event

    # Subscribing

    def subscribe(
        self,
        pattern: str,
        language: Language | None = None,
        *,
        buffer_size: int | None = None,
        when_full: WhenFull = "drop_oldest",
        arrived: Callable[[], None] | None = None,
    ) -> str:
        """Listen from now on; the result is the subscription's id."""
        made = SubscriptionState(pattern, language, buffer_size or self.buffer_size, when_full, arrived)
        with self._lock:
            self._subscriptions[made.id] = made
        return made.id

    def unsubscribe(self, subscription_id: str) -> bool:
        """Close a subscription; whether it was open. A receiver that waits for it gets nothing."""
        with self._lock:
            found = self._subscriptions.pop(subscription_id, None)
            if found:
                self._dropped += found.dropped
                found.wake()
        return found is not None

    def waiting(self, subscription_id: str) -> int:
        """How many events wait in a subscription; none in one that is closed."""
        with self._lock:
            found = self._subscriptions.get(subscription_id)
            return len(found.waiting) if found else 0

    def find(self, wanted: EventFilter) -> Sequence[PublishedEvent]:
        """The events of the past that are wanted, oldest first."""
        return self.history.find(wanted)

    # Receiving, on an event loop

    async def receive(self, subscription_id: str, seconds: float | None) -> PublishedEvent | None:
        """The next event of a subscription, or None when none came within ``seconds`` or it was closed.

        Raises UnknownSubscriptionError.
        """
        subscription = self._subscriptions.get(subscription_id)
        if subscription is None:
            raise UnknownSubscriptionError(f"there is no open subscription '{subscription_id}'")
        with self._lock:
            event = subscription.take()
        if event is not None or seconds == 0:
            return event
        import anyio

        with anyio.move_on_after(seconds):
            return await self._received(subscription)
        with self._lock:
            return subscription.take()

    async def _received(self, subscription: SubscriptionState) -> PublishedEvent | None:
        with self._waking(subscription.receivers) as changed:
            while True:
                changed.clear()
                with self._lock:
                    event = subscription.take()
                    is_open = subscription.id in self._subscriptions
                if event or not is_open:
                    return event
                await changed.wait()

    async def _wait_for_room(self, subscription: SubscriptionState) -> None:
        with self._waking(subscription.senders) as changed:
            while True:
                changed.clear()
                with self._lock:
                    if not subscription.is_full or subscription.id not in self._subscriptions:
                        return
                await changed.wait()

    @contextmanager
    def _waking(self, group: set[Callable[[], None]]) -> Iterator[asyncio.Event]:
        """An event of this loop that is set when a subscription wakes a group of those who wait for it."""
        import asyncio

        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(changed.set)

        with self._lock:
            group.add(wake)
        try:
            yield changed
        finally:
            with self._lock:
                group.discard(wake)


def _full(name: str, subscription: SubscriptionState) -> str:
    hint = "; Event.publish_and_wait waits for room" if subscription.when_full == "block" else ""
    return (
        f"'{name}' is not published: the subscription to '{subscription.pattern}' has no room,"
        f" {subscription.buffer_size} events wait in it{hint}"
    )
