"""What `Event` and `Events` take and give: names, options and results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Options, Result, complete
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
        min_length=1,
        max_length=256,
        description="A name; in it `*` is a segment, `**` are several, a star at the end is any ending.",
    ),
    complete("event"),
]
SubscriptionId = Annotated[str, Field(min_length=1)]
WhenFull = Literal["drop_oldest", "drop_newest", "block", "error"]
Milliseconds = Annotated[int, Field(ge=0)]


class PublishOptions(Options):
    """How an event is published."""

    correlation_id: Annotated[str, Field(pattern=_UUID)] | None = Field(
        None, description="The UUID that events of one cause share."
    )
    ttl_seconds: Annotated[int, Field(ge=1)] | None = Field(
        None, description="After how many seconds the event is no longer delivered."
    )
    language: Language | None = Field(
        None, description="The language that the event is said to come from; the script's own otherwise."
    )


class SubscribeOptions(Options):
    """Which events are wanted beside the pattern, and what happens where they come too fast."""

    language: Language | None = Field(None, description="Only events of scripts in this language.")
    buffer_size: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="How many events wait at most; 1000, if nothing else is configured."
    )
    when_full: WhenFull = Field(
        "drop_oldest",
        description="Where one more comes: lose the oldest or the newest; or have `publish` fail, which with"
        " `block` `publish_and_wait` waits for.",
    )
    once: bool = Field(False, description="Whether a handler is called for one event only.")
    timeout_ms: Annotated[int, Field(ge=1)] = Field(
        30_000, description="How long a handler may take for an event; then comes the next."
    )


class EventFilter(Options):
    """Which events of the past are wanted; all conditions must hold."""

    pattern: Pattern = Field("*", description="A pattern of their names.")
    language: Language | None = Field(None, description="Only events of scripts in this language.")
    correlation_id: str | None = Field(None, description="Only events of this cause.")
    causation_id: str | None = Field(None, description="Only events published while this one was handled.")
    session_id: str | None = Field(None, description="Only events published in this session.")
    since: float | None = Field(None, description="Only events from this time on, in seconds since 1970.")
    until: float | None = Field(None, description="Only events up to this time, in seconds since 1970.")
    after_sequence: Annotated[int, Field(ge=0)] = Field(0, description="Only events after this number.")
    limit: Annotated[int, Field(ge=1)] | None = Field(None, description="Only the newest so many.")


class AggregateOptions(Options):
    """When a group of events is complete. One of `window_ms` and `count` is given, or both."""

    window_ms: Annotated[int, Field(ge=1)] | None = Field(
        None, description="After so many milliseconds, if any came."
    )
    count: Annotated[int, Field(ge=1)] | None = Field(None, description="When so many have come.")
    by: Annotated[str, Field(min_length=1)] = Field(
        "event_type",
        description="What they are counted by: `event_type`, `language`, or a path into the data.",
    )


class EventRecord(Result):
    """An event that was received."""

    id: str = Field(description="The event's UUID.")
    event_type: str = Field(description="The name that it was published under.")
    data: Any = Field(None, description="What was published.")
    timestamp: str = Field(description="When it was published, as an RFC 3339 time in UTC.")
    sequence: int = Field(description="The number of the event, from 1.")
    language: Language = Field(description="The language of the script that published it.")
    correlation_id: str | None = Field(
        None, description="Shared by all events that one led to: its id, if nothing else was said."
    )
    causation_id: str | None = Field(None, description="The event in whose handler it was published.")
    session_id: str | None = Field(None, description="The session that it was published in.")
    replay_of: str | None = Field(None, description="The event that it repeats.")
    ttl: int | None = Field(None, description="Its lifetime in seconds.")


class ReplayOptions(Options):
    """How events are told again."""

    speed: Annotated[float, Field(ge=0)] = Field(
        0, description="1 keeps the pauses between them, 2 halves them, 0 has none."
    )
    handler: Callable[[EventRecord], Any] | None = Field(
        None, description="Gets them; without any they are published again, with `replay_of`."
    )


class EventAggregate(Result):
    """Events that belong together."""

    count: int = Field(description="How many there are.")
    groups: Mapping[str, int] = Field(description="How many of each kind.")
    events: list[EventRecord] = Field(description="The events, oldest first.")
    duration_ms: float = Field(description="How long it took until they were complete.")


EventHandler = Callable[[EventRecord], Any]


class Subscription(Result):
    """A subscription that is open."""

    id: str = Field(description="What `Event.receive` takes.")
    pattern: str = Field(description="The pattern that names of events must match.")
    language: Language | None = Field(None, description="The only language it listens to.")
    when_full: WhenFull = Field(description="What happens where there is no room.")
    waiting: int = Field(description="How many events wait in it.")
    received: int = Field(description="How many were taken out of it.")
    dropped: int = Field(description="How many it has lost.")


class EventBusStats(Result):
    """Counters of the events."""

    events_processed: int = Field(description="How many events were published.")
    events_dropped: int = Field(description="How many were lost by a subscription that had no room.")
    rate_limit_violations: int = Field(
        0, description="How many events were refused because they came too fast for a subscription."
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
