"""What `Session` takes and gives: names, options and results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Options, Result
from llmspell_engine.api.event_types import EventRecord
from llmspell_engine.api.state_types import Seconds

SessionId = Annotated[str, Field(min_length=1, description="The session's UUID.")]
SessionName = Annotated[str, Field(min_length=1, max_length=256)]
Description = Annotated[str, Field(max_length=10_000)]
Tag = Annotated[str, Field(min_length=1, max_length=128)]
SessionStatus = Literal["active", "suspended", "completed", "expired"]
Limit = Annotated[int, Field(ge=1)]
CheckpointId = Annotated[str, Field(min_length=1)]


class SessionOptions(Options):
    """What a session is made with."""

    name: SessionName | None = Field(None, description="The session's name; several may have the same.")
    description: Description | None = Field(None, description="What it is about.")
    tags: list[Tag] = Field([], description="Words to find it by.")
    metadata: Mapping[str, Any] = Field(default={}, description="Whatever else is to be known of it.")
    parent_session_id: SessionId | None = Field(None, description="The session that it is a part of.")
    ttl_seconds: Seconds | None = Field(
        None,
        description="After how many seconds without anything being done with it its time is up; what is"
        " configured, or never, if nothing is said.",
    )
    record_events: bool = Field(
        False, description="Whether events that are published in it are kept, for `Session.replay`."
    )


class SessionChanges(Options):
    """What is to be known of a session from now on; what is left out stays."""

    name: SessionName | None = Field(None, description="Another name.")
    description: Description | None = Field(None, description="Another description.")
    tags: list[Tag] | None = Field(None, description="Other tags, instead of those it has.")
    metadata: Mapping[str, Any] | None = Field(None, description="Other metadata, instead of what it has.")
    ttl_seconds: Seconds | None = Field(None, description="Another time to live.")


class SessionQuery(Options):
    """Which sessions are wanted; all conditions must hold."""

    status: SessionStatus | None = Field(None, description="Only those that are so.")
    tags: list[Tag] = Field([], description="Only those that have all these tags.")
    name: Annotated[str, Field(min_length=1, max_length=256)] | None = Field(
        None, description="A pattern of names; in it `*` is any text and `?` any character."
    )
    parent_session_id: SessionId | None = Field(None, description="Only the parts of this session.")
    limit: Limit | None = Field(None, description="Only the first so many.")
    order: Literal["newest", "oldest", "updated", "name"] = Field(
        "newest", description="What comes first: the newest, the oldest, the last changed, or by name."
    )


class SessionMeta(Result):
    """What is known of a session. Times are RFC 3339 in UTC."""

    id: str = Field(description="Its UUID.")
    name: str | None = Field(None, description="Its name.")
    description: str | None = Field(None, description="What it is about.")
    tags: list[str] = Field(description="Words to find it by.")
    status: SessionStatus = Field(
        description="`active`, `suspended`, `completed`, or `expired` where its time is up."
    )
    created_at: str = Field(description="When it was made.")
    updated_at: str = Field(description="When something was last done with it.")
    ended_at: str | None = Field(None, description="When it was completed.")
    expires_at: str | None = Field(None, description="When its time is up, if nothing is done with it.")
    parent_session_id: str | None = Field(None, description="The session that it is a part of.")
    custom_metadata: Mapping[str, Any] = Field(description="Whatever else is to be known of it.")
    artifact_count: int = Field(description="How many artifacts it has.")
    record_events: bool = Field(description="Whether its events are kept.")


class SessionCheckpoint(Result):
    """A moment that a session can be brought back to."""

    id: str = Field(description="The checkpoint's id, within the session.")
    label: str | None = Field(None, description="What it was called.")
    created_at: str = Field(description="When it was made, as an RFC 3339 time in UTC.")
    keys: list[str] = Field(description="The keys of the values that it has.")


class SessionReplayOptions(Options):
    """How the events of a session are told again."""

    speed: Annotated[float, Field(ge=0)] = Field(
        0, description="1 keeps the pauses between them, 2 halves them, 0 has none."
    )
    handler: Callable[[EventRecord], Any] | None = Field(
        None, description="Gets them; without any they are published again, with `replay_of`."
    )
    timeout_seconds: Seconds = Field(300, description="How long it may take; what is left then is not told.")
    stop_on_error: bool = Field(False, description="Whether the first failure ends it.")
    metadata: Mapping[str, Any] = Field(default={}, description="What the result is to have with it.")


class SessionReplay(Result):
    """What telling the events of a session again came to."""

    session_id: str = Field(description="The session.")
    start_time: str = Field(description="When it began, as an RFC 3339 time in UTC.")
    total_duration: float = Field(description="How long it took, in seconds.")
    events_replayed: int = Field(description="How many events were told, or tried to be.")
    successful_replays: int = Field(description="How many of them went well.")
    failed_replays: int = Field(description="How many failed: their handler did, or they had no room.")
    errors: list[str] = Field(description="Why they failed.")
    is_complete: bool = Field(
        description="Whether all events were told, neither time nor a failure ended it."
    )
    metadata: Mapping[str, Any] = Field(description="What was given.")


class ReplayMetadata(Result):
    """What is known of the events of a session."""

    session_id: str = Field(description="The session.")
    event_count: int = Field(description="How many events are kept.")
    event_types: Mapping[str, int] = Field(description="How many there are of each name.")
    first_event_at: str | None = Field(None, description="When the first one was published.")
    last_event_at: str | None = Field(None, description="When the last one was.")
