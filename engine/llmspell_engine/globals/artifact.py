"""The global ``Artifact``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import artifact as api
from llmspell_engine.globals.session import sessions_of
from llmspell_engine.globals.tool import tool_context
from llmspell_engine.sessions.artifacts import Artifact as Kept
from llmspell_engine.sessions.artifacts import Artifacts, Made, Wanted
from llmspell_engine.sessions.contents import text_or_bytes
from llmspell_engine.sessions.model import SessionError
from llmspell_engine.state.exchange import iso

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run


class Artifact(api.Artifact):
    """The artifacts of the sessions of the run's store."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._sessions = sessions_of(run)
        self._artifacts = Artifacts(self._sessions)

    def store(
        self,
        session_id: str,
        artifact_type: api.ArtifactType,
        name: str,
        content: str | bytes,
        metadata: Mapping[str, Any] | None = None,
    ) -> api.ArtifactId:
        facts = _facts(metadata or {}, "Artifact.store")
        return _id_of(self._artifacts.store(session_id, Made(artifact_type, name, content, **facts)))

    def store_file(
        self,
        session_id: str,
        path: str,
        artifact_type: api.ArtifactType,
        metadata: Mapping[str, Any] | None = None,
    ) -> api.ArtifactId:
        from llmspell_engine.tools.files import open_file

        facts = _facts(metadata or {}, "Artifact.store_file")
        most = self._sessions.limits.max_artifact_bytes
        found = tool_context(self._run).path(path)
        with open_file(found, path) as stream:
            data = stream.read(most + 1)
            size = max(len(data), found.stat().st_size)
        self._artifacts.check_size(found.name, size)
        made = Made(artifact_type, found.name, text_or_bytes(data), **facts)
        return _id_of(self._artifacts.store(session_id, made))

    def get(self, session_id: str, artifact_id: api.ArtifactId | str) -> api.ArtifactRecord | None:
        if isinstance(artifact_id, str):
            found = self._artifacts.newest(session_id, artifact_id)
        else:
            found = self._found(session_id, artifact_id)
        if found is None:
            return None
        return api.ArtifactRecord(metadata=_info(found), content=self._artifacts.content(found))

    def list(self, session_id: str) -> Sequence[api.ArtifactInfo]:
        return [_info(one) for one in self._artifacts.all(session_id)]

    def delete(self, session_id: str, artifact_id: api.ArtifactId) -> None:
        found = self._found(session_id, artifact_id)
        if found is not None:
            self._artifacts.delete(found)

    def query(self, query: api.ArtifactQuery) -> Sequence[api.ArtifactInfo]:
        wanted = Wanted(
            session_id=query.session_id,
            type=query.type,
            name=query.name_pattern,
            mime_type=query.mime_type,
            tags=query.tags,
            after=_moment(query.created_after, "created_after"),
            before=_moment(query.created_before, "created_before"),
            min_size=query.min_size,
            max_size=query.max_size,
            limit=query.limit,
        )
        return [_info(one) for one in self._artifacts.query(wanted)]

    def _found(self, session_id: str, given: api.ArtifactId) -> Kept | None:
        if given.session_id != session_id:
            raise SessionError(
                f"the artifact is one of the session '{given.session_id}', and not of '{session_id}'"
            )
        return self._artifacts.find(session_id, given.sequence, given.content_hash)


def _id_of(artifact: Kept) -> api.ArtifactId:
    return api.ArtifactId(
        content_hash=artifact.digest, session_id=artifact.session_id, sequence=artifact.sequence
    )


def _info(artifact: Kept) -> api.ArtifactInfo:
    return api.ArtifactInfo(
        id=_id_of(artifact),
        name=artifact.name,
        artifact_type=artifact.type,
        mime_type=artifact.mime_type,
        size=artifact.size,
        version=artifact.version,
        created_at=iso(artifact.created),
        tags=list(artifact.tags),
        custom_metadata=artifact.metadata,
    )


def _facts(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """What the metadata say that an artifact is searched by, and the rest of them. Raises SessionError."""
    rest = dict(given)
    tags = rest.pop("tags", None) or []
    mime_type = rest.pop("mime_type", None) or rest.pop("mimeType", None)
    if not isinstance(tags, list | tuple) or not all(isinstance(one, str) and one for one in tags):
        raise SessionError(f"{where}: the 'tags' of the metadata are no list of texts")
    if mime_type is not None and not (isinstance(mime_type, str) and "/" in mime_type):
        raise SessionError(f"{where}: the media type of the metadata is no text such as 'text/plain'")
    return {"tags": tuple(tags), "mime_type": mime_type, "metadata": rest}


def _moment(given: str | float | None, name: str) -> float | None:
    """A time in seconds since 1970; one without an offset is in UTC. Raises SessionError."""
    if given is None or isinstance(given, float | int):
        return given
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        raise SessionError(
            f"Artifact.query: '{name}' is no RFC 3339 time such as 2026-01-31T12:00:00Z: '{given}'"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
