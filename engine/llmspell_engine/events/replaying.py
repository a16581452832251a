"""Telling events of the past again, at the pace they had or at another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from llmspell_engine.events.model import PublishedEvent

LONGEST_PAUSE_SECONDS = 60.0
"""Longer pauses between events are cut."""


async def replay(
    events: Sequence[PublishedEvent], tell: Callable[[PublishedEvent], Awaitable[object]], speed: float
) -> int:
    """Tell each event, one after the other; how many.

    A ``speed`` of 1 keeps the pauses between them, 2 halves them, 0 has none.
    """
    import anyio

    before: float | None = None
    for event in events:
        if speed and before is not None:
            await anyio.sleep(min(max(event.time - before, 0) / speed, LONGEST_PAUSE_SECONDS))
        before = event.time
        await tell(event)
    return len(events)
