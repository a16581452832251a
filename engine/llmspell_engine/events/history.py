"""The events that were, and which of them somebody wants to see again."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.events.model import PublishedEvent
from llmspell_engine.events.patterns import matcher

if TYPE_CHECKING:
    from llmspell_engine.language import Language

KEPT = 10_000
"""How many events are kept."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; all conditions must hold. Times are seconds since the epoch.

    Attributes:
        after_sequence: only events with a higher number.
        limit: only the newest so many of them.
    """

    pattern: str = "*"
    language: Language | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    session_id: str | None = None
    since: float | None = None
    until: float | None = None
    after_sequence: int = 0
    limit: int | None = None

    def wants(self, event: PublishedEvent) -> bool:
        """Whether an event is one of them."""
        return (
            event.sequence > self.after_sequence
            and (self.language is None or event.language == self.language)
            and (self.correlation_id is None or event.correlation_id == self.correlation_id)
            and (self.causation_id is None or event.causation_id == self.causation_id)
            and (self.session_id is None or event.session_id == self.session_id)
            and (self.since is None or event.time >= self.since)
            and (self.until is None or event.time <= self.until)
            and matcher(self.pattern)(event.name)
        )


class History:
    """The newest events. Safe to use from any thread."""

    def __init__(self, size: int = KEPT) -> None:
        self._lock = threading.Lock()
        self._events: deque[PublishedEvent] = deque(maxlen=size)

    def add(self, event: PublishedEvent) -> None:
        """Keep an event, in the place of the oldest one if need be."""
        with self._lock:
            self._events.append(event)

    def find(self, wanted: EventFilter) -> Sequence[PublishedEvent]:
        """The events that are wanted, oldest first."""
        with self._lock:
            events = list(self._events)
        found = [event for event in events if wanted.wants(event)]
        return found if wanted.limit is None else found[max(len(found) - wanted.limit, 0) :]
