"""Events: publish under a name, subscribe to a pattern, handle or receive them, and look back at them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import (
    Global,
    Holds,
    Options,
    Result,
    Waiting,
    complete,
    example,
    member,
)
from llmspell_engine.api.streaming import Stream
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


class _Waits(ABC):
    """What `Event` and `Events` have in common."""

    @abstractmethod
    def unsubscribe(self, subscription_id: SubscriptionId) -> bool:
        """Close a subscription, with or without a handler; tells whether it was open.

        Args:
            subscription_id: what `subscribe` gave.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local event = Event.wait_for("release.*", 1000)',
        javascript='const event = await Event.waitFor("release.*", 1000);',
    )
    def wait_for(self, pattern: Pattern, timeout_ms: Milliseconds = 5000) -> Waiting[EventRecord | None]:
        """Wait for one event that matches; nothing when none came in time.

        Args:
            pattern: which event.
            timeout_ms: how long to wait, in milliseconds.
        """

    @abstractmethod
    def get_stats(self) -> EventStats:
        """Counters of events and subscriptions."""


class Event(_Waits, Global):
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
    @member(waits=True)
    @example(
        lua='Event.publish_and_wait("page.read", { number = 1 })',
        javascript='await Event.publishAndWait("page.read", { number: 1 });',
    )
    def publish_and_wait(
        self, event_type: EventType, data: Any = None, options: PublishOptions | None = None
    ) -> Waiting[bool]:
        """Publish an event, after waiting for room in subscriptions whose policy is `block`.

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
    def subscribe(
        self,
        pattern: Pattern,
        handler: EventHandler | SubscribeOptions | None = None,
        options: SubscribeOptions | None = None,
    ) -> str:
        """Listen to events from now on; gives the id that `Event.receive` takes.

        Args:
            pattern: a name; `*` is a segment, `**` are several, a star at the end is any ending.
            handler: what to call for each event, as with `Event.on`; or the options.
            options: further conditions.
        """

    @abstractmethod
    @example(
        lua='Event.on("release.*", function(event)\n  print(event.event_type, event.data.version)\nend)',
        javascript='Event.on("release.*", (event) => {\n'
        "  console.log(event.eventType, event.data.version);\n});",
    )
    def on(self, pattern: Pattern, handler: EventHandler, options: SubscribeOptions | None = None) -> str:
        """Call a function for each event, one after the other; gives the id that `Event.unsubscribe` takes.

        The script does not end before its handlers have had the events that wait for them.

        Args:
            pattern: a name; `*` is a segment, `**` are several, a star at the end is any ending.
            handler: gets the event; may wait.
            options: further conditions.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua="local event = Event.receive(releases, 1000)\nif event then print(event.event_type) end",
        javascript="const event = await Event.receive(releases, 1000);\n"
        "if (event) console.log(event.eventType);",
    )
    def receive(
        self, subscription_id: SubscriptionId, timeout_ms: Milliseconds = 5000
    ) -> Waiting[EventRecord | None]:
        """The next event of a subscription, or nothing when none came in time.

        Args:
            subscription_id: what `Event.subscribe` gave.
            timeout_ms: how long to wait, in milliseconds.
        """

    @abstractmethod
    @example(
        lua='for event in Event.stream("release.*"):iter() do\n  print(event.event_type)\n  break\nend',
        javascript='for await (const event of Event.stream("release.*")) {\n'
        "  console.log(event.eventType);\n  break;\n}",
    )
    def stream(
        self, pattern: Pattern, options: SubscribeOptions | None = None
    ) -> Annotated[Stream, Holds(EventRecord)]:
        """The events that match, to loop over, from now on.

        Args:
            pattern: a name; `*` is a segment, `**` are several, a star at the end is any ending.
            options: further conditions.
        """

    @abstractmethod
    @example(
        lua='local groups = Event.aggregate("request.*", { count = 2, by = "data.user" })\n'
        'Event.publish("request.read", { user = "ann" })\n'
        'Event.publish("request.write", { user = "ann" })\n'
        "print(groups:next().groups.ann)",
        javascript='const groups = Event.aggregate("request.*", { count: 2, by: "data.user" });\n'
        'Event.publish("request.read", { user: "ann" });\n'
        'Event.publish("request.write", { user: "ann" });\n'
        "console.log((await groups.next()).groups.ann);",
    )
    def aggregate(
        self, pattern: Pattern, options: AggregateOptions
    ) -> Annotated[Stream, Holds(EventAggregate)]:
        """Events in groups, to loop over: those of a time, or so many, counted by what they are.

        Args:
            pattern: a name; `*` is a segment, `**` are several, a star at the end is any ending.
            options: when a group is complete.
        """

    @abstractmethod
    @example(
        lua='for _, event in ipairs(Event.history({ pattern = "release.*", limit = 10 })) do\n'
        "  print(event.sequence, event.event_type)\nend",
        javascript='for (const event of Event.history({ pattern: "release.*", limit: 10 })) {\n'
        "  console.log(event.sequence, event.eventType);\n}",
    )
    def history(self, filter: Pattern | EventFilter | None = None) -> Sequence[EventRecord]:  # noqa: A002
        """Events of the past, oldest first. The newest 10,000 are kept.

        Args:
            filter: a pattern, or conditions.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local count = Event.replay("release.*", {\n'
        "  handler = function(event) print(event.event_type) end,\n})",
        javascript='const count = await Event.replay("release.*", {\n'
        "  handler: (event) => console.log(event.eventType),\n});",
    )
    def replay(
        self,
        filter: Pattern | EventFilter,  # noqa: A002
        options: ReplayOptions | None = None,
    ) -> Waiting[int]:
        """Tell events of the past again, oldest first; gives how many.

        Args:
            filter: a pattern, or conditions.
            options: to whom, and how fast.
        """

    @abstractmethod
    def list_subscriptions(self) -> Sequence[Subscription]:
        """The open subscriptions, in the order in which they were made."""

    @member(deprecated="Event.publish")
    def emit(self, event_type: EventType, data: Any = None) -> None:
        """Publish an event.

        Args:
            event_type: the event's name.
            data: what to tell.
        """
        self.publish(event_type, data)


class Events(_Waits, Global):
    """The events of `Event`, with handlers first."""

    name = "Events"

    @abstractmethod
    @example(
        lua='Events.emit("release.written", { version = "1.4.0" })',
        javascript='Events.emit("release.written", { version: "1.4.0" });',
    )
    def emit(self, event_type: EventType, data: Any = None, options: PublishOptions | None = None) -> None:
        """Publish an event to every subscription whose pattern matches.

        Args:
            event_type: the event's name.
            data: what to tell; any value that JSON can write.
            options: a correlation and a lifetime.
        """

    @abstractmethod
    def subscribe(
        self, event_type: Pattern, handler: EventHandler, options: SubscribeOptions | None = None
    ) -> str:
        """Call a function for each event; gives the id that `Events.unsubscribe` takes.

        Args:
            event_type: a name; `*` is a segment, `**` are several, a star at the end is any ending.
            handler: gets the event; may wait.
            options: further conditions.
        """

    @abstractmethod
    def query(self, filter: Pattern | EventFilter) -> Sequence[EventRecord]:  # noqa: A002
        """Events of the past, oldest first.

        Args:
            filter: a pattern, or conditions.
        """

    @abstractmethod
    @member(waits=True)
    def sleep(self, seconds: Annotated[float, Field(ge=0)]) -> Waiting[None]:
        """Wait, while handlers are called.

        Args:
            seconds: how long.
        """
