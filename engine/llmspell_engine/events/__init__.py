"""Events between scripts and the host: publish, subscribe by pattern, receive in order."""

from llmspell_engine.events.bus import (
    BUFFER_SIZE,
    EventBus,
    PublishedEvent,
    SubscriptionState,
    UnknownSubscriptionError,
)

__all__ = ["BUFFER_SIZE", "EventBus", "PublishedEvent", "SubscriptionState", "UnknownSubscriptionError"]
