"""A session out of the document that :mod:`.document` makes of one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from llmspell_engine.events.model import PublishedEvent
from llmspell_engine.sessions.artifacts import Artifact, put_artifact
from llmspell_engine.sessions.checkpoints import Checkpoint, put_checkpoint
from llmspell_engine.sessions.contents import bytes_of, digest_of, kept
from llmspell_engine.sessions.document import FORMAT, VERSION
from llmspell_engine.sessions.model import Session, SessionError
from llmspell_engine.sessions.recording import put_event
from llmspell_engine.sessions.records import at_once, contents_of, find, put, values_of, versions_of, written
from llmspell_engine.state.encoding import encode

if TYPE_CHECKING:
    from llmspell_engine.sessions.sessions import Sessions
    from llmspell_engine.state.transaction import Transaction


def import_session(sessions: Sessions, document: Any) -> Session:
    """Take over the session of a document, all or nothing.

    Raises SessionError where it is none, or where there is a session of its id.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise SessionError(f"this is no export of a session: its 'format' is not '{FORMAT}'")
    if document.get("format_version") != VERSION:
        raise SessionError(
            f"the export has format_version {document.get('format_version')!r}; this llmspell knows {VERSION}"
        )

    def work(transaction: Transaction) -> Session:
        return _Taking(transaction, document, sessions.clock()).all()

    try:
        return at_once(sessions.store, "the session", work)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise SessionError(f"the export of the session is damaged: {error!r}") from None


class _Taking:
    """Takes a document over, part by part."""

    def __init__(self, transaction: Transaction, document: Mapping[str, Any], now: float) -> None:
        self._transaction = transaction
        self._document = document
        self._now = now
        self._id = str(UUID(document["session"]["id"]))

    def all(self) -> Session:
        """Write all of it; the session."""
        if find(self._transaction, self._id) is not None:
            raise SessionError(f"there is a session '{self._id}' already; delete it before")
        session = self._session()
        self._take_values()
        for one in self._document["checkpoints"]:
            put_checkpoint(self._transaction, self._id, self._checkpoint(one))
        for one in self._document["artifacts"]:
            self._take_artifact(one)
        for one in self._document["events"]:
            put_event(self._transaction, self._id, PublishedEvent(**{**one, "session_id": self._id}))
        put(session, self._transaction)
        return session

    def _session(self) -> Session:
        told = self._document["session"]
        status = told["status"]
        if status not in ("active", "suspended", "completed", "expired"):
            raise SessionError(f"the session of the export is '{status}', which is no status")
        return Session(
            id=self._id,
            created=_seconds(told["created_at"]),
            updated=_seconds(told["updated_at"]),
            status="active" if status == "expired" else status,
            name=_text(told["name"]),
            description=_text(told["description"]),
            tags=tuple(str(tag) for tag in told["tags"]),
            metadata=dict(told["custom_metadata"]),
            parent=told["parent_session_id"],
            ttl_seconds=told["ttl_seconds"],
            expires=_optional(told["expires_at"]),
            ended=_optional(told["ended_at"]),
            artifacts=len(self._document["artifacts"]),
            stored=int(told["last_artifact"]),
            checkpoints=int(told["last_checkpoint"]),
            records=bool(told["record_events"]),
        )

    def _take_values(self) -> None:
        for key, (value, expires) in _read_values(self._document).items():
            ttl = None if expires is None else expires - self._now
            if ttl is None or ttl > 0:
                self._transaction.save(values_of(self._id), key, encode(value, "session import"), ttl)

    def _checkpoint(self, one: Mapping[str, Any]) -> Checkpoint:
        facts = {"description": one["description"], "tags": list(one["tags"])}
        facts["metadata"] = one["custom_metadata"]
        return Checkpoint(one["id"], one["label"], _seconds(one["created_at"]), _read_values(one), facts)

    def _take_artifact(self, one: Mapping[str, Any]) -> None:
        content: str | bytes = one["content"]
        if one["encoding"] == "base64":
            content = base64.b64decode(one["content"], validate=True)
        digest = digest_of(bytes_of(content))
        if digest != one["content_hash"]:
            raise SessionError(f"the artifact '{one['name']}' of the export is not what its hash says")
        artifact = Artifact(
            session_id=self._id,
            sequence=one["sequence"],
            digest=digest,
            type=one["artifact_type"],
            name=one["name"],
            mime_type=one["mime_type"],
            size=one["size"],
            created=_seconds(one["created_at"]),
            version=one["version"],
            tags=tuple(one["tags"]),
            metadata=dict(one["custom_metadata"]),
        )
        put_artifact(self._transaction, artifact)
        text = written(kept(content), "session import")
        self._transaction.save(contents_of(self._id), digest, text)
        versions = written({"version": artifact.version}, "session import")
        self._transaction.save(versions_of(self._id), artifact.name, versions)


def _read_values(told: Mapping[str, Any]) -> dict[str, tuple[Any, float | None]]:
    expiring = told["expiring"]
    return {key: (value, _optional(expiring.get(key))) for key, value in told["values"].items()}


def _text(given: Any) -> str | None:
    if given is not None and not isinstance(given, str):
        raise TypeError(f"{given!r} is no text")
    return given


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _optional(moment: str | None) -> float | None:
    return None if moment is None else _seconds(moment)
