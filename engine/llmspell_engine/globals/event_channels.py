"""What the globals ``Event`` and ``Events`` do: a run's way to the engine's bus."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import event_types
from llmspell_engine.catalog.spelling import spelled
from llmspell_engine.events import EventFilter, PublishedEvent, SubscriptionState
from llmspell_engine.events.aggregating import Aggregate, Window, aggregate
from llmspell_engine.events.handling import Handlers, Wanted, cause_of
from llmspell_engine.events.replaying import replay
from llmspell_engine.globals.stream import Stream
from llmspell_engine.hooks.points import EVENT_EMIT
from llmspell_engine.hooks.registry import REDIRECT
from llmspell_engine.scheduling import CAUSE
from llmspell_engine.state.encoding import encode

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.hooks.base import Data

EventHandler = Callable[[event_types.EventRecord], Any]


class Channels:
    """Publishes, subscribes and looks back for one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._bus = run.services.events
        self._handlers: Handlers | None = None
        self._names = {name: spelled(name, run.language) for name in event_types.EventRecord.model_fields}

    # Publishing

    def publish(self, name: str, data: Any, options: event_types.PublishOptions | None, where: str) -> bool:
        """Publish, with the hooks around it. Raises EventError, HookCancelledError."""
        given = {"event_type": name, "data": _copied(data, where), **_asked(options)}
        hooks = self._run.hooks
        if hooks.listens_around(EVENT_EMIT):
            hooks.around_now(EVENT_EMIT, "event", name, given, self._publish)
        else:
            self._publish(given)
        return True

    async def publish_and_wait(
        self, name: str, data: Any, options: event_types.PublishOptions | None, where: str
    ) -> bool:
        """The same, waiting for room."""
        given = {"event_type": name, "data": _copied(data, where), **_asked(options)}
        await self._run.hooks.around(EVENT_EMIT, "event", name, given, self._publish_and_wait)
        return True

    def _publish(self, data: Data) -> Data:
        event = self._bus.publish(**self._arguments(data))
        return {**data, "id": event.id}

    async def _publish_and_wait(self, data: Data) -> Data:
        event = await self._bus.publish_and_wait(**self._arguments(data))
        return {**data, "id": event.id}

    def _arguments(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What hooks left of an event, as the bus takes it."""
        return {
            "name": data.get(REDIRECT) or data["event_type"],
            "data": data.get("data"),
            "language": data.get("language") or self._run.language,
            "correlation_id": data.get("correlation_id"),
            "ttl_seconds": data.get("ttl_seconds"),
        }

    # Subscribing

    def subscribe(self, pattern: str, options: event_types.SubscribeOptions) -> str:
        """Open a subscription to receive from."""
        return self._bus.subscribe(
            pattern, options.language, buffer_size=options.buffer_size, when_full=options.when_full
        )

    def handle(self, pattern: str, handler: EventHandler, options: event_types.SubscribeOptions) -> str:
        """Call a function of the script for each event."""
        if self._handlers is None:
            self._handlers = Handlers(self._bus, self._run.scheduler, self._tell_failure)
        wanted = Wanted(
            pattern,
            options.language,
            options.buffer_size,
            options.when_full,
            options.once,
            options.timeout_ms / 1000,
        )

        async def handle(event: PublishedEvent) -> None:
            await self._run.scheduler.call(handler, self._told(event))

        return self._handlers.add(wanted, handle)

    def unsubscribe(self, subscription_id: str) -> bool:
        """Close a subscription."""
        if self._handlers:
            self._handlers.forget(subscription_id)
        return self._bus.unsubscribe(subscription_id)

    async def receive(self, subscription_id: str, timeout_ms: int) -> event_types.EventRecord | None:
        """The next event of a subscription."""
        event = await self._bus.receive(subscription_id, timeout_ms / 1000)
        return record_of(event) if event else None

    def wait_for(self, pattern: str, timeout_ms: int) -> Awaitable[event_types.EventRecord | None]:
        """The next event of a pattern, from this call on; a subscription for that long."""
        subscription_id = self._bus.subscribe(pattern)

        async def wait() -> event_types.EventRecord | None:
            try:
                return await self.receive(subscription_id, timeout_ms)
            finally:
                self._bus.unsubscribe(subscription_id)

        return wait()

    def stream(self, pattern: str, options: event_types.SubscribeOptions) -> Stream:
        """The events of a pattern, one after the other."""
        subscription_id = self.subscribe(pattern, options)
        return self._stream(subscription_id, lambda: self._records(subscription_id))

    def aggregate(self, pattern: str, options: event_types.AggregateOptions) -> Stream:
        """The events of a pattern in groups."""
        seconds = None if options.window_ms is None else options.window_ms / 1000
        window = Window(seconds, options.count, options.by)
        subscription_id = self._bus.subscribe(pattern)
        return self._stream(subscription_id, lambda: self._groups(subscription_id, window))

    def _stream(self, subscription_id: str, source: Callable[[], AsyncGenerator[Any]]) -> Stream:
        return _Subscribed(source, self._run, lambda: self._bus.unsubscribe(subscription_id))

    async def _records(self, subscription_id: str) -> AsyncGenerator[event_types.EventRecord]:
        while (event := await self._bus.receive(subscription_id, None)) is not None:
            yield record_of(event)

    async def _groups(
        self, subscription_id: str, window: Window
    ) -> AsyncGenerator[event_types.EventAggregate]:
        async for one in aggregate(self._bus, subscription_id, window):
            yield _group(one, window.by)

    # Looking back

    def find(self, wanted: str | event_types.EventFilter | None) -> Sequence[PublishedEvent]:
        """The events of the past that are wanted."""
        asked = (
            event_types.EventFilter(pattern=wanted)
            if isinstance(wanted, str)
            else wanted or event_types.EventFilter()
        )
        return self._bus.find(EventFilter(**asked.model_dump()))

    async def replay(self, events: Sequence[PublishedEvent], options: event_types.ReplayOptions) -> int:
        """Tell events again."""
        return await replay(events, self.retelling(options.handler), options.speed)

    def retelling(self, handler: EventHandler | None) -> Callable[[PublishedEvent], Awaitable[None]]:
        """What tells an event again: to a function of the script, or to all by publishing it."""

        async def tell(event: PublishedEvent) -> None:
            if handler is None:
                self._bus.repeat(event)
                return
            token = CAUSE.set(cause_of(event))
            try:
                await self._run.scheduler.call(handler, self._told(event))
            finally:
                CAUSE.reset(token)

        return tell

    # Telling

    def stats(self) -> event_types.EventStats:
        """Counters of events and subscriptions."""
        bus = self._bus
        bound = Counter(each.language for each in bus.subscriptions if each.language)
        return event_types.EventStats(
            event_bus_stats=event_types.EventBusStats(
                events_processed=bus.published,
                events_dropped=bus.dropped,
                rate_limit_violations=bus.refused,
                buffer_size=bus.buffer_size,
            ),
            bridge_stats=event_types.EventBridgeStats(
                active_subscriptions=len(bus.subscriptions), subscriptions_by_language=dict(bound)
            ),
        )

    def subscriptions(self) -> Sequence[event_types.Subscription]:
        """The open subscriptions."""
        return [_subscription(each) for each in self._bus.subscriptions]

    def _told(self, event: PublishedEvent) -> dict[str, Any]:
        """An event as a function of the script gets it."""
        fields = _fields(event)
        return {self._names[name]: value for name, value in fields.items() if value is not None}

    async def _tell_failure(self, event: PublishedEvent, pattern: str, error: Exception) -> None:
        told = {"event_type": event.name, "pattern": pattern, "event_id": event.id, "error": str(error)}
        self._run.log.put("warn", "an event handler failed", told, "llmspell.events")
        await self._run.hooks.reach("EventHandlerError", "event", event.name, told)


class _Subscribed(Stream):
    """A stream whose subscription is closed with it."""

    def __init__(
        self, source: Callable[[], AsyncGenerator[Any]], run: Run, unsubscribe: Callable[[], object]
    ) -> None:
        super().__init__(source, run.services.loop)
        self._unsubscribe = unsubscribe
        run.scheduler.closing.append(self.close)

    def close(self) -> None:
        self._unsubscribe()
        super().close()


def record_of(event: PublishedEvent) -> event_types.EventRecord:
    """An event as scripts get it."""
    return event_types.EventRecord(**_fields(event))


def _fields(event: PublishedEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "event_type": event.name,
        "data": event.data,
        "timestamp": datetime.fromtimestamp(event.time, UTC).isoformat().replace("+00:00", "Z"),
        "sequence": event.sequence,
        "language": event.language,
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "session_id": event.session_id,
        "replay_of": event.replays,
        "ttl": event.ttl_seconds,
    }


def _copied(data: Any, where: str) -> Any:
    """A copy is delivered: what the publisher changes later is nothing to the receivers."""
    return json.loads(encode(data, where))


def _asked(options: event_types.PublishOptions | None) -> dict[str, Any]:
    return options.model_dump(exclude_none=True) if options else {}


def _subscription(state: SubscriptionState) -> event_types.Subscription:
    return event_types.Subscription(
        id=state.id,
        pattern=state.pattern,
        language=state.language,
        when_full=state.when_full,
        waiting=len(state.waiting),
        received=state.received,
        dropped=state.dropped,
    )


def _group(one: Aggregate, by: str) -> event_types.EventAggregate:
    return event_types.EventAggregate(
        count=len(one.events),
        groups=one.groups(by),
        events=[record_of(event) for event in one.events],
        duration_ms=round((one.end - one.begin) * 1000, 3),
    )
