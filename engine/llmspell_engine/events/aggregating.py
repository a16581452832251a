"""Several events as one: how many came in a time or by a number, and of which kinds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmspell_engine.events.model import PublishedEvent

if TYPE_CHECKING:
    from llmspell_engine.events.bus import EventBus


@dataclass(frozen=True, slots=True)
class Window:
    """When a group of events is complete: after a time, a number of events, or whichever comes first.

    Attributes:
        by: what they are counted by: ``event_type``, ``language``, or a dotted path into their data.
    """

    seconds: float | None = None
    count: int | None = None
    by: str = "event_type"


@dataclass(slots=True)
class Aggregate:
    """Events that belong to one window."""

    begin: float
    end: float = 0.0
    events: list[PublishedEvent] = field(default_factory=list)

    def groups(self, by: str) -> dict[str, int]:
        """How many there are of each kind."""
        return dict(Counter(key_of(event, by) for event in self.events))


async def aggregate(bus: EventBus, subscription_id: str, window: Window) -> AsyncGenerator[Aggregate]:
    """What came of a subscription, window by window. A window without events is left out.

    It ends when the subscription is closed; what came until then is the last.
    """
    current = Aggregate(time.time())
    deadline = _deadline(window)
    while True:
        left = None if deadline is None else max(deadline - time.monotonic(), 0)
        event = await bus.receive(subscription_id, left) if _is_open(bus, subscription_id) else None
        if event is not None:
            current.events.append(event)
        is_closed = not _is_open(bus, subscription_id)
        is_over = deadline is not None and time.monotonic() >= deadline
        if is_closed or is_over or (window.count is not None and len(current.events) >= window.count):
            if current.events:
                current.end = time.time()
                yield current
            if is_closed:
                return
            current, deadline = Aggregate(time.time()), _deadline(window)


def key_of(event: PublishedEvent, by: str) -> str:
    """What an event is counted by, as a text."""
    if by == "event_type":
        return event.name
    if by == "language":
        return event.language
    value: Any = event.data
    for step in by.removeprefix("data.").split("."):
        value = _part(value, step)
    return "" if value is None else str(value)


def _part(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, Sequence) and step.isdigit() and int(step) < len(value):
        return value[int(step)]
    return None


def _deadline(window: Window) -> float | None:
    return None if window.seconds is None else time.monotonic() + window.seconds


def _is_open(bus: EventBus, subscription_id: str) -> bool:
    return any(one.id == subscription_id for one in bus.subscriptions)
