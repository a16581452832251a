"""The events of sessions that record theirs: kept as they are published, and read again for a replay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.events.model import PublishedEvent
from llmspell_engine.observability.log import tell
from llmspell_engine.sessions.model import SessionLimits
from llmspell_engine.sessions.records import damaged, events_of, fields_of, find, read, written
from llmspell_engine.state import StateError
from llmspell_engine.state.encoding import JSONError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_engine.state import StateStore
    from llmspell_engine.state.transaction import Transaction


class Recorder:
    """Keeps events. Called by the bus with each that is published here, on the publisher's thread."""

    def __init__(self, store: StateStore, limits: SessionLimits) -> None:
        self._store = store
        self._most = limits.max_events
        self._kept: dict[str, int | None] = {}
        """How many events are kept of a session; None where it does not record them, or no more."""

    def __call__(self, event: PublishedEvent) -> None:
        """Keep an event, if its session records them. What keeps it from that is told; the event goes on."""
        if event.session_id is None or event.replays is not None:
            return
        try:
            self._keep(event, event.session_id)
        except (StateError, JSONError) as error:
            tell("warn", "sessions", "an event is not recorded", session=event.session_id, error=error)

    def _keep(self, event: PublishedEvent, session_id: str) -> None:
        if session_id not in self._kept:
            session = find(self._store, session_id)
            records = session is not None and session.records
            self._kept[session_id] = len(self._store.keys(events_of(session_id))) if records else None
        count = self._kept[session_id]
        if count is None:
            return
        if count >= self._most:
            self._kept[session_id] = None
            tell("warn", "sessions", "no more events are recorded", session=session_id, kept=count)
            return
        self._kept[session_id] = count + 1
        put_event(self._store, session_id, event)


def put_event(store: StateStore | Transaction, session_id: str, event: PublishedEvent) -> None:
    """Keep an event. Raises JSONError, StateError."""
    text = written(fields_of(event), f"the event '{event.name}'")
    store.save(events_of(session_id), _key(event), text)


@dataclass(frozen=True, slots=True)
class Recording:
    """What is known of the events of a session; times are seconds since 1970."""

    count: int
    types: Mapping[str, int]
    first: float | None
    last: float | None


def recorded(store: StateStore, session_id: str) -> list[PublishedEvent]:
    """The events of a session, in the order in which they were published. Raises StateError."""
    return [_event(one.text, session_id) for one in store.entries(events_of(session_id)).values()]


def recording_of(store: StateStore, session_id: str) -> Recording:
    """What is known of them. Raises StateError."""
    events = recorded(store, session_id)
    times = [event.time for event in events]
    types = Counter(event.name for event in events)
    return Recording(len(events), types, min(times, default=None), max(times, default=None))


def _key(event: PublishedEvent) -> str:
    """What sorts events of several runs as they came."""
    return f"{int(event.time * 1_000_000):020d}-{event.sequence:010d}-{event.id}"


def _event(text: str, session_id: str) -> PublishedEvent:
    what = f"an event of the session '{session_id}'"
    try:
        return PublishedEvent(**read(text, what))
    except TypeError:
        raise damaged(what) from None
