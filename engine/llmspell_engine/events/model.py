"""What an event is, and what can go wrong with events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.language import Language


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event; times are seconds since the epoch.

    Attributes:
        correlation_id: shared by all events that one led to; that one's own id if nothing else was said.
        causation_id: the event in whose handler it was published.
        depth: how many events led to each other before it.
        origin: the engine that it was published in, if that is another one.
        replays: the event that it repeats.
        session_id: the session that it was published in.
    """

    id: str
    name: str
    data: Any
    time: float
    sequence: int
    language: Language
    correlation_id: str | None = None
    ttl_seconds: int | None = None
    causation_id: str | None = None
    depth: int = 0
    origin: str | None = None
    replays: str | None = None
    session_id: str | None = None

    def is_expired(self, now: float) -> bool:
        """Whether its lifetime has passed."""
        return self.ttl_seconds is not None and now > self.time + self.ttl_seconds


class EventError(Exception):
    """An event cannot be published or received so; the message says why."""

    kind = "EventError"


class UnknownSubscriptionError(EventError):
    """There is no open subscription of that id."""


class FullError(EventError):
    """A subscription that loses nothing has no room; ``subscription_id`` says which."""

    def __init__(self, message: str, subscription_id: str) -> None:
        super().__init__(message)
        self.subscription_id = subscription_id
