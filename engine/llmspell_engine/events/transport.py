"""Events between engines on several machines: the contract of what carries them, and their form there."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any, Protocol

from llmspell_engine.events.model import EventError, PublishedEvent

_FIELDS = (
    "id",
    "name",
    "data",
    "time",
    "language",
    "correlation_id",
    "ttl_seconds",
    "causation_id",
    "depth",
    "replays",
    "session_id",
)


class TransportError(EventError):
    """What carries the events cannot be reached; the message says why."""


class EventTransport(Protocol):
    """Carries events from each engine to all others. On the engine's loop."""

    address: str
    """Where it is, for messages: without a password."""

    async def open(self) -> None:
        """Begin: what is sent from now on is received. Raises TransportError."""

    async def send(self, text: str) -> None:
        """Hand on an event. Raises TransportError."""

    def received(self) -> AsyncGenerator[str]:
        """Events as they come, those of this engine too, each once. Raises TransportError.

        Begun again after an error, it goes on after the last one that it gave.
        """

    async def close(self) -> None:
        """Be done."""


def packed(event: PublishedEvent, origin: str) -> str:
    """An event as text, with the engine that it comes from."""
    fields: dict[str, Any] = {name: getattr(event, name) for name in _FIELDS}
    return json.dumps({**fields, "origin": origin}, ensure_ascii=False)


def unpacked(text: str) -> PublishedEvent:
    """An event out of text. Raises EventError where it is none."""
    try:
        fields = json.loads(text)
        return PublishedEvent(
            sequence=0, origin=fields["origin"], **{name: fields.get(name) for name in _FIELDS}
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise EventError(f"what came is no event: {problem!r}") from None
