"""The global ``Events``."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import event as api
from llmspell_engine.api import event_types
from llmspell_engine.globals.event_channels import Channels, EventHandler, record_of

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run


class Events(api.Events):
    """Publishes and handles on the engine's bus."""

    def __init__(self, run: Run) -> None:
        self._channels = Channels(run)

    def emit(
        self, event_type: str, data: Any = None, options: event_types.PublishOptions | None = None
    ) -> None:
        self._channels.publish(event_type, data, options, "Events.emit")

    def subscribe(
        self, event_type: str, handler: EventHandler, options: event_types.SubscribeOptions | None = None
    ) -> str:
        return self._channels.handle(event_type, handler, options or event_types.SubscribeOptions())

    def unsubscribe(self, subscription_id: str) -> bool:
        return self._channels.unsubscribe(subscription_id)

    def query(self, filter: str | event_types.EventFilter) -> Sequence[event_types.EventRecord]:  # noqa: A002
        return [record_of(event) for event in self._channels.find(filter)]

    def wait_for(self, pattern: str, timeout_ms: int = 5000) -> Awaitable[event_types.EventRecord | None]:
        return self._channels.wait_for(pattern, timeout_ms)

    async def sleep(self, seconds: float) -> None:
        import anyio

        await anyio.sleep(seconds)

    def get_stats(self) -> event_types.EventStats:
        return self._channels.stats()
