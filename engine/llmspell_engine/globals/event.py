"""The global ``Event``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import event as api
from llmspell_engine.events import PublishedEvent, SubscriptionState
from llmspell_engine.state.encoding import encode

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run


class Event(api.Event):
    """Publishes and receives on the engine's bus."""

    def __init__(self, run: Run) -> None:
        self._bus = run.services.events
        self._language = run.language

    def publish(self, event_type: str, data: Any = None, options: api.PublishOptions | None = None) -> bool:
        # A copy is delivered: what the publisher changes later is nothing to the receivers.
        copied = json.loads(encode(data, "Event.publish"))
        asked = options or api.PublishOptions()
        self._bus.publish(
            event_type,
            copied,
            self._language,
            correlation_id=asked.correlation_id,
            ttl_seconds=asked.ttl_seconds,
        )
        return True

    def subscribe(self, pattern: str, options: api.SubscribeOptions | None = None) -> str:
        return self._bus.subscribe(pattern, options.language if options else None)

    async def receive(self, subscription_id: str, timeout_ms: int = 5000) -> api.EventRecord | None:
        event = await self._bus.receive(subscription_id, timeout_ms / 1000)
        return _record(event) if event else None

    def unsubscribe(self, subscription_id: str) -> bool:
        return self._bus.unsubscribe(subscription_id)

    def list_subscriptions(self) -> Sequence[api.Subscription]:
        return [_subscription(each) for each in self._bus.subscriptions]

    def get_stats(self) -> api.EventStats:
        bound = Counter(each.language for each in self._bus.subscriptions if each.language)
        return api.EventStats(
            event_bus_stats=api.EventBusStats(
                events_processed=self._bus.published, buffer_size=self._bus.buffer_size
            ),
            bridge_stats=api.EventBridgeStats(
                active_subscriptions=len(self._bus.subscriptions), subscriptions_by_language=dict(bound)
            ),
        )


def _record(event: PublishedEvent) -> api.EventRecord:
    return api.EventRecord(
        id=event.id,
        event_type=event.name,
        data=event.data,
        timestamp=datetime.fromtimestamp(event.time, UTC).isoformat().replace("+00:00", "Z"),
        sequence=event.sequence,
        language=event.language,
        correlation_id=event.correlation_id,
        ttl=event.ttl_seconds,
    )


def _subscription(state: SubscriptionState) -> api.Subscription:
    return api.Subscription(id=state.id, pattern=state.pattern, language=state.language)
