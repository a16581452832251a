"""A subscription: which events it wants, those that wait in it, and what happens where there is no room."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from llmspell_engine.events.model import PublishedEvent
from llmspell_engine.events.patterns import Matcher, matcher
from llmspell_engine.observability import tell
from llmspell_engine.scheduling.cause import new_id

if TYPE_CHECKING:
    from llmspell_engine.language import Language

WhenFull = Literal["drop_oldest", "drop_newest", "block", "error"]
"""Lose the oldest event, or the new one; or have its publisher wait, or fail."""
BUFFER_SIZE = 1000
"""How many events a subscription keeps, where nothing else is set."""


@dataclass(slots=True, eq=False)
class SubscriptionState:
    """A subscription and the events that wait in it. What changes is guarded by the lock of its bus."""

    pattern: str
    language: Language | None = None
    buffer_size: int = BUFFER_SIZE
    when_full: WhenFull = "drop_oldest"
    arrived: Callable[[], None] | None = None
    """Called when an event has come, on the publisher's thread."""
    id: str = field(default_factory=new_id)
    waiting: deque[PublishedEvent] = field(default_factory=deque)
    received: int = 0
    dropped: int = 0
    receivers: set[Callable[[], None]] = field(default_factory=set)
    """Wake who waits for an event."""
    senders: set[Callable[[], None]] = field(default_factory=set)
    """Wake who waits for room."""
    _matches: Matcher = field(init=False)

    def __post_init__(self) -> None:
        self._matches = matcher(self.pattern)

    def wants(self, event: PublishedEvent) -> bool:
        """Whether an event matches."""
        return (self.language is None or event.language == self.language) and self._matches(event.name)

    @property
    def is_full(self) -> bool:
        """Whether there is no room."""
        return len(self.waiting) >= self.buffer_size

    def put(self, event: PublishedEvent) -> None:
        """Take an event in; where there is no room, one is lost."""
        if self.is_full:
            self.dropped += 1
            if self.dropped == 1:
                self._tell_dropping()
            if self.when_full == "drop_newest":
                return
            self.waiting.popleft()
        self.waiting.append(event)
        for wake in self.receivers:
            wake()

    def _tell_dropping(self) -> None:
        facts = {"pattern": self.pattern, "buffer_size": self.buffer_size, "when_full": self.when_full}
        tell("warn", "events", "a subscription loses events, for nobody receives them in time", **facts)

    def take(self) -> PublishedEvent | None:
        """The next event that has not expired, if there is one."""
        while self.waiting:
            event = self.waiting.popleft()
            for wake in self.senders:
                wake()
            if not event.is_expired(time.time()):
                self.received += 1
                return event
        return None

    def wake(self) -> None:
        """Let all who wait look again."""
        for wake in (*self.receivers, *self.senders):
            wake()
