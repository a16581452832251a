"""Telling the events of a session again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from llmspell_engine.api import session_types as types
from llmspell_engine.events.replaying import replay
from llmspell_engine.globals.event_channels import Channels
from llmspell_engine.globals.state_transactions import asked
from llmspell_engine.sessions.model import Session, SessionError
from llmspell_engine.sessions.recording import recorded
from llmspell_engine.state.exchange import iso

if TYPE_CHECKING:
    from llmspell_engine.events import PublishedEvent
    from llmspell_engine.globals.services import Run


class _Stopped(Exception):  # noqa: N818 - it ends what was asked to end at a failure
    """A failure ends the replay."""


async def replay_session(
    run: Run, session: Session, options: types.SessionReplayOptions
) -> types.SessionReplay:
    """What telling them came to. Raises SessionError where the session records none."""
    if not session.records:
        raise SessionError(f"the session '{session.called}' records no events; make it with 'record_events'")
    store = run.services.state
    events = await asked(store, lambda: recorded(store, session.id))
    retell = Channels(run).retelling(options.handler)
    errors: list[str] = []
    tried = succeeded = 0

    async def tell(event: PublishedEvent) -> None:
        nonlocal tried, succeeded
        tried += 1
        try:
            await retell(event)
            succeeded += 1
        except Exception as error:
            errors.append(f"{event.name}: {error}")
            if options.stop_on_error:
                raise _Stopped from error

    start, begin, is_complete = time.time(), time.perf_counter(), True
    try:
        async with asyncio.timeout(options.timeout_seconds):
            await replay(events, tell, options.speed)
    except (TimeoutError, _Stopped):
        is_complete = False
    return types.SessionReplay(
        session_id=session.id,
        start_time=iso(start),
        total_duration=round(time.perf_counter() - begin, 6),
        events_replayed=tried,
        successful_replays=succeeded,
        failed_replays=tried - succeeded,
        errors=errors,
        is_complete=is_complete,
        metadata=options.metadata,
    )
