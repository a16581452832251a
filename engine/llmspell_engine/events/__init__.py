"""Events between scripts and the host: publish, subscribe by pattern, receive in order, look back."""

from llmspell_engine.events.bus import EventBus
from llmspell_engine.events.history import EventFilter
from llmspell_engine.events.model import EventError, FullError, PublishedEvent, UnknownSubscriptionError
from llmspell_engine.events.subscription import BUFFER_SIZE, SubscriptionState, WhenFull

__all__ = [
    "BUFFER_SIZE",
    "EventBus",
    "EventError",
    "EventFilter",
    "FullError",
    "PublishedEvent",
    "SubscriptionState",
    "UnknownSubscriptionError",
    "WhenFull",
]
