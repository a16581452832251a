"""The global ``Event``."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import event as api
from llmspell_engine.api import event_types
from llmspell_engine.events import EventError
from llmspell_engine.globals.event_channels import Channels, EventHandler, record_of

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.globals.stream import Stream


class Event(api.Event):
    """Publishes and receives on the engine's bus."""

    def __init__(self, run: Run) -> None:
        self._channels = Channels(run)

    def publish(
        self, event_type: str, data: Any = None, options: event_types.PublishOptions | None = None
    ) -> bool:
        return self._channels.publish(event_type, data, options, "Event.publish")

    async def publish_and_wait(
        self, event_type: str, data: Any = None, options: event_types.PublishOptions | None = None
    ) -> bool:
        return await self._channels.publish_and_wait(event_type, data, options, "Event.publish_and_wait")

    def subscribe(
        self,
        pattern: str,
        handler: EventHandler | event_types.SubscribeOptions | None = None,
        options: event_types.SubscribeOptions | None = None,
    ) -> str:
        if handler is None or isinstance(handler, event_types.SubscribeOptions):
            return self._channels.subscribe(pattern, handler or options or event_types.SubscribeOptions())
        return self.on(pattern, handler, options)

    def on(
        self, pattern: str, handler: EventHandler, options: event_types.SubscribeOptions | None = None
    ) -> str:
        return self._channels.handle(pattern, handler, options or event_types.SubscribeOptions())

    async def receive(self, subscription_id: str, timeout_ms: int = 5000) -> event_types.EventRecord | None:
        return await self._channels.receive(subscription_id, timeout_ms)

    def wait_for(self, pattern: str, timeout_ms: int = 5000) -> Awaitable[event_types.EventRecord | None]:
        return self._channels.wait_for(pattern, timeout_ms)

    def stream(self, pattern: str, options: event_types.SubscribeOptions | None = None) -> Stream:
        return self._channels.stream(pattern, options or event_types.SubscribeOptions())

    def aggregate(self, pattern: str, options: event_types.AggregateOptions) -> Stream:
        if options.window_ms is None and options.count is None:
            raise EventError("Event.aggregate needs 'window_ms' or 'count', to know when a group is complete")
        return self._channels.aggregate(pattern, options)

    def history(
        self,
        filter: str | event_types.EventFilter | None = None,  # noqa: A002
    ) -> Sequence[event_types.EventRecord]:
        return [record_of(event) for event in self._channels.find(filter)]

    async def replay(
        self,
        filter: str | event_types.EventFilter,  # noqa: A002
        options: event_types.ReplayOptions | None = None,
    ) -> int:
        events = self._channels.find(filter)
        return await self._channels.replay(events, options or event_types.ReplayOptions())

    def unsubscribe(self, subscription_id: str) -> bool:
        return self._channels.unsubscribe(subscription_id)

    def list_subscriptions(self) -> Sequence[event_types.Subscription]:
        return self._channels.subscriptions()

    def get_stats(self) -> event_types.EventStats:
        return self._channels.stats()
