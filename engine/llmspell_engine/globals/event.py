"""The global ``Event``."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import event as api
from llmspell_engine.events import EventError
from llmspell_engine.globals.event_channels import Channels, EventHandler, record_of

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.globals.stream import Stream


class Event(api.Event):
    """Publishes and receives on the engine's bus."""

    def __init__(self, run: Run) -> None:
        self._channels = Channels(run)

    def publish(self, event_type: str, data: Any = None, options: api.PublishOptions | None = None) -> bool:
        return self._channels.publish(event_type, data, options, "Event.publish")

    async def publish_and_wait(
        self, event_type: str, data: Any = None, options: api.PublishOptions | None = None
    ) -> bool:
        return await self._channels.publish_and_wait(event_type, data, options, "Event.publish_and_wait")

    def subscribe(
        self,
        pattern: str,
        handler: EventHandler | api.SubscribeOptions | None = None,
        options: api.SubscribeOptions | None = None,
    ) -> str:
        if handler is None or isinstance(handler, api.SubscribeOptions):
            return self._channels.subscribe(pattern, handler or options or api.SubscribeOptions())
        return self.on(pattern, handler, options)

    def on(self, pattern: str, handler: EventHandler, options: api.SubscribeOptions | None = None) -> str:
        return self._channels.handle(pattern, handler, options or api.SubscribeOptions())

    async def receive(self, subscription_id: str, timeout_ms: int = 5000) -> api.EventRecord | None:
        return await self._channels.receive(subscription_id, timeout_ms)

    def wait_for(self, pattern: str, timeout_ms: int = 5000) -> Awaitable[api.EventRecord | None]:
        return self._channels.wait_for(pattern, timeout_ms)

    def stream(self, pattern: str, options: api.SubscribeOptions | None = None) -> Stream:
        return self._channels.stream(pattern, options or api.SubscribeOptions())

    def aggregate(self, pattern: str, options: api.AggregateOptions) -> Stream:
        if options.window_ms is None and options.count is None:
            raise EventError("Event.aggregate needs 'window_ms' or 'count', to know when a group is complete")
        return self._channels.aggregate(pattern, options)

    def history(self, filter: str | api.EventFilter | None = None) -> Sequence[api.EventRecord]:  # noqa: A002
        return [record_of(event) for event in self._channels.find(filter)]

    async def replay(
        self,
        filter: str | api.EventFilter,  # noqa: A002
        options: api.ReplayOptions | None = None,
    ) -> int:
        events = self._channels.find(filter)
        return await self._channels.replay(events, options or api.ReplayOptions())

    def unsubscribe(self, subscription_id: str) -> bool:
        return self._channels.unsubscribe(subscription_id)

    def list_subscriptions(self) -> Sequence[api.Subscription]:
        return self._channels.subscriptions()

    def get_stats(self) -> api.EventStats:
        return self._channels.stats()
