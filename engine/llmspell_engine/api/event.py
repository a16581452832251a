"""Events: publish under a name, subscribe to a pattern, handle or receive them, and look back at them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import (
    Global,
    Holds,
    Waiting,
    example,
    member,
)
from llmspell_engine.api.event_types import (
    AggregateOptions,
    EventAggregate,
    EventFilter,
    EventHandler,
    EventRecord,
    EventStats,
    EventType,
    Milliseconds,
    Pattern,
    PublishOptions,
    ReplayOptions,
    SubscribeOptions,
    Subscription,
    SubscriptionId,
)
from llmspell_engine.api.streaming import Stream


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
            options: a correlation, a lifetime, and the language that it is said to come from.
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
            options: a correlation, a lifetime, and the language that it is said to come from.
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
            options: a correlation, a lifetime, and the language that it is said to come from.
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
