"""All of a session as one value that JSON can write."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.sessions.artifacts import Artifact, Artifacts
from llmspell_engine.sessions.checkpoints import Checkpoint
from llmspell_engine.sessions.model import Session
from llmspell_engine.sessions.recording import recorded
from llmspell_engine.sessions.records import fields_of, values_of
from llmspell_engine.state.encoding import decode
from llmspell_engine.state.exchange import iso

if TYPE_CHECKING:
    from llmspell_engine.sessions.sessions import Sessions

FORMAT = "llmspell-session"
VERSION = 1


def summary(session: Session) -> dict[str, Any]:
    """What is known of a session, as its results in scripts have it."""
    return {
        "id": session.id,
        "name": session.name,
        "description": session.description,
        "status": session.status,
        "tags": list(session.tags),
        "created_at": iso(session.created),
        "updated_at": iso(session.updated),
        "ended_at": _moment(session.ended),
        "expires_at": _moment(session.expires),
        "parent_session_id": session.parent,
        "custom_metadata": session.metadata,
        "artifact_count": session.artifacts,
        "record_events": session.records,
    }


def described(sessions: Sessions, session: Session) -> dict[str, Any]:
    """The same with what it has; artifacts without their contents."""
    return {
        **summary(session),
        "values": _values(sessions, session.id)["values"],
        "checkpoints": [_told_briefly(one) for one in sessions.checkpoints(session.id)],
        "artifacts": [_artifact(one) for one in Artifacts(sessions).all(session.id)],
    }


def exported(sessions: Sessions, session: Session) -> dict[str, Any]:
    """The document of a session. Raises StateError where something of it is damaged."""
    artifacts = Artifacts(sessions)
    return {
        "format": FORMAT,
        "format_version": VERSION,
        "exported_at": iso(sessions.clock()),
        "session": {
            **summary(session),
            "ttl_seconds": session.ttl_seconds,
            "last_artifact": session.stored,
            "last_checkpoint": session.checkpoints,
        },
        **_values(sessions, session.id),
        "checkpoints": [_checkpoint(one) for one in sessions.checkpoints(session.id)],
        "artifacts": [
            {**_artifact(one), **_content(artifacts.content(one))} for one in artifacts.all(session.id)
        ],
        "events": [fields_of(one) for one in recorded(sessions.store, session.id)],
    }


def _values(sessions: Sessions, session_id: str) -> dict[str, Any]:
    entries = sessions.store.entries(values_of(session_id))
    return _told_values({key: (decode(one.text), one.expires) for key, one in entries.items()})


def _told_values(values: Mapping[str, tuple[Any, float | None]]) -> dict[str, Any]:
    expiring = {key: iso(expires) for key, (_, expires) in values.items() if expires is not None}
    return {"values": {key: value for key, (value, _) in values.items()}, "expiring": expiring}


def _told_briefly(checkpoint: Checkpoint) -> dict[str, Any]:
    created = iso(checkpoint.created)
    return {
        "id": checkpoint.id,
        "label": checkpoint.label,
        "created_at": created,
        "keys": [*checkpoint.values],
    }


def _checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    facts = {**checkpoint.facts, "tags": list(checkpoint.facts["tags"])}
    custom = facts.pop("metadata")
    return {
        **_told_briefly(checkpoint),
        **facts,
        "custom_metadata": custom,
        **_told_values(checkpoint.values),
    }


def _artifact(one: Artifact) -> dict[str, Any]:
    return {
        "sequence": one.sequence,
        "content_hash": one.digest,
        "artifact_type": one.type,
        "name": one.name,
        "version": one.version,
        "mime_type": one.mime_type,
        "size": one.size,
        "created_at": iso(one.created),
        "tags": list(one.tags),
        "custom_metadata": one.metadata,
    }


def _content(content: str | bytes) -> dict[str, str]:
    """Text as it is, bytes in Base64."""
    if isinstance(content, str):
        return {"encoding": "text", "content": content}
    return {"encoding": "base64", "content": base64.b64encode(content).decode()}


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else iso(seconds)
