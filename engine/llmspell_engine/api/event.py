"""Events: publish under a name, subscribe to a pattern, receive one after the other."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Global, Options, Result, Waiting, complete, example, member
from llmspell_engine.language import Language

_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

EventType = Annotated[
    str,
    Field(min_length=1, max_length=256, description="A dotted name, such as `release.written`."),
    complete("event"),
]
Pattern = Annotated[
    str,
    Field(
        pattern=r"^[^*]*\*?$",
        min_length=1,
        max_length=256,
        description="A name, a beginning with a star (`release.*`), or `*` for every event.",
    ),
    complete("event"),
]
SubscriptionId = Annotated[str, Field(min_length=1)]


class PublishOptions(Options):
    """How an event is published."""

    correlation_id: Annotated[str, Field(pattern=_UUID)] | None = Field(
        None, description="The UUID that events of one cause share."
    )
    ttl_seconds: Annotated[int, Field(ge=1)] | None = Field(
        None, description="After how many seconds the event is no longer delivered."
    )


class SubscribeOptions(Options):
    """Which events are wanted beside the pattern."""

    language: Language | None = Field(None, description="Only events of scripts in this language.")


class EventRecord(Result):
    """An event that was received."""

    id: str = Field(description="The event's UUID.")
    event_type: str = Field(description="The name that it was published under.")
    data: Any = Field(None, description="What was published.")
    timestamp: str = Field(description="When it was published, as an RFC 3339 time in UTC.")
    sequence: int = Field(description="The number of the event, from 1.")
    language: Language = Field(description="The language of the script that published it.")
    correlation_id: str | None = Field(None, description="The UUID that events of one cause share.")
    ttl: int | None = Field(None, description="Its lifetime in seconds.")


class Subscription(Result):
    """A subscription that is open."""

    id: str = Field(description="What `Event.receive` takes.")
    pattern: str = Field(description="The pattern that names of events must match.")
    language: Language | None = Field(None, description="The only language it listens to.")


class EventBusStats(Result):
    """Counters of the events."""

    events_processed: int = Field(description="How many events were published.")
    rate_limit_violations: int = Field(
        0, description="How many events were refused because they came too fast."
    )
    buffer_size: int = Field(description="How many events a subscription keeps before it drops the oldest.")


class EventBridgeStats(Result):
    """Counters of the subscriptions."""

    active_subscriptions: int = Field(description="How many subscriptions are open.")
    subscriptions_by_language: dict[str, int] = Field(description="How many of them are bound to a language.")


class EventStats(Result):
    """Counters of events and subscriptions."""

    event_bus_stats: EventBusStats = Field(description="Counters of the events.")
    bridge_stats: EventBridgeStats = Field(description="Counters of the subscriptions.")


class Event(Global):
    """Tells others what happened, and hears of it."""

    name = "Event"

    @abstractmethod
    @example(
        lua='Event.publish("release.written", { version = "1.4.0" })',
        javascript='Event.publish("release.written", { version: "1.4.0" });',
    )
    def publish(self, event_type: EventType, data: Any = None, options: PublishOptions | None = None) -> bool:
        """Publish an event to every subscription whose pattern matches.

        Args:
            event_type: the event's name.
            data: what to tell; any value that JSON can write.
            options: a correlation and a lifetime.
        """

    @abstractmethod
    @example(
        lua='local releases = Event.subscribe("release.*")',
        javascript='const releases = Event.subscribe("release.*");',
    )
    def subscribe(self, pattern: Pattern, options: SubscribeOptions | None = None) -> str:
        """Listen to events from now on; gives the id that `Event.receive` takes.

        Args:
            pattern: a name, a beginning with a star, or `*` for every event.
            options: further conditions.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua="local event = Event.receive(releases, 1000)\nif event then print(event.event_type) end",
        javascript="const event = Event.receive(releases, 1000);\nif (event) console.log(event.eventType);",
    )
    def receive(
        self, subscription_id: SubscriptionId, timeout_ms: Annotated[int, Field(ge=0)] = 5000
    ) -> Waiting[EventRecord | None]:
        """The next event of a subscription, or nothing when none came in time.

        Args:
            subscription_id: what `Event.subscribe` gave.
            timeout_ms: how long to wait, in milliseconds.
        """

    @abstractmethod
    def unsubscribe(self, subscription_id: SubscriptionId) -> bool:
        """Close a subscription; tells whether it was open.

        Args:
            subscription_id: what `Event.subscribe` gave.
        """

    @abstractmethod
    def list_subscriptions(self) -> Sequence[Subscription]:
        """The open subscriptions, in the order in which they were made."""

    @abstractmethod
    def get_stats(self) -> EventStats:
        """Counters of events and subscriptions."""

    @member(deprecated="Event.publish")
    def emit(self, event_type: EventType, data: Any = None) -> None:
        """Publish an event.

        Args:
            event_type: the event's name.
            data: what to tell.
        """
        self.publish(event_type, data)
