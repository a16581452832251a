"""Artifacts: what was made in a session, by the digest of its content.

The same content is kept once in a session, however many artifacts have it. Storing under a name that is there
makes a new version of it; the older ones stay until they are deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from heapq import nlargest
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.sessions.contents import bytes_of, content_of, digest_of, kept
from llmspell_engine.sessions.model import Session, SessionError
from llmspell_engine.sessions.records import (
    artifacts_of,
    contents_of,
    damaged,
    fields_of,
    numbered,
    read,
    versions_of,
    written,
)
from llmspell_engine.state.patterns import matcher

if TYPE_CHECKING:
    from mimetypes import MimeTypes

    from llmspell_engine.sessions.sessions import Sessions
    from llmspell_engine.state.transaction import Transaction

ArtifactType = Literal["agent_output", "tool_result", "user_input", "system_generated", "custom"]


@dataclass(frozen=True, slots=True)
class Artifact:
    """What is known of an artifact. Times are seconds since 1970, sizes bytes.

    Attributes:
        sequence: its number in the session, from 1.
        version: how many artifacts of this name had been stored, this one included.
    """

    session_id: str
    sequence: int
    digest: str
    type: ArtifactType
    name: str
    mime_type: str
    size: int
    created: float
    version: int = 1
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """What is to be stored."""

    type: ArtifactType
    name: str
    content: str | bytes
    mime_type: str | None = None
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which artifacts are wanted; all conditions must hold."""

    session_id: str | None = None
    type: ArtifactType | None = None
    name: str | None = None
    """A pattern of names."""
    mime_type: str | None = None
    """A pattern of media types."""
    tags: Sequence[str] = ()
    after: float | None = None
    before: float | None = None
    min_size: int | None = None
    max_size: int | None = None
    limit: int | None = None


class Artifacts:
    """The artifacts of the sessions of a store."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._store = sessions.store

    # Storing

    def store(self, session_id: str, made: Made) -> Artifact:
        """Keep an artifact. Raises SessionError where that is not possible, JSONError, StateError."""
        data = bytes_of(made.content)
        self.check_size(made.name, len(data))
        digest = digest_of(data)
        stored: list[Artifact] = []

        def store(transaction: Transaction, session: Session) -> Session:
            self._check_count(session)
            artifact = Artifact(
                session.id,
                session.stored + 1,
                digest,
                made.type,
                made.name,
                made.mime_type or media_type(made.name, made.content),
                len(data),
                session.updated,
                _next_version(transaction, session.id, made.name),
                tuple(made.tags),
                made.metadata,
            )
            put_artifact(transaction, artifact)
            scope = contents_of(session.id)
            if transaction.load(scope, digest) is None:
                transaction.save(scope, digest, written(kept(made.content), "Artifact.store"))
            stored.append(artifact)
            return replace(session, stored=artifact.sequence, artifacts=session.artifacts + 1)

        self._sessions.change(session_id, "store", store)
        return stored[-1]

    def check_size(self, name: str, size: int) -> None:
        """Raises SessionError where an artifact is too large."""
        most = self._sessions.limits.max_artifact_bytes
        if size > most:
            raise SessionError(
                f"the artifact '{name}' has {size} bytes, and {most} are allowed; raise"
                " 'max_artifact_bytes' in [sessions], or store less"
            )

    def _check_count(self, session: Session) -> None:
        most = self._sessions.limits.max_artifacts
        if session.artifacts >= most:
            raise SessionError(
                f"the session '{session.called}' has {session.artifacts} artifacts, and {most} are allowed;"
                " delete some, or raise 'max_artifacts' in [sessions]"
            )

    # Looking

    def all(self, session_id: str) -> list[Artifact]:
        """All artifacts of a session, in the order in which they were stored. Raises SessionError."""
        return self._read(self._sessions.known(session_id).id)

    def find(self, session_id: str, sequence: int, digest: str) -> Artifact | None:
        """The artifact of an id, or None. Raises SessionError where there is no such session."""
        text = self._store.load(artifacts_of(self._sessions.known(session_id).id), numbered(sequence))
        found = None if text is None else _artifact(text, session_id)
        return found if found is not None and found.digest == digest else None

    def newest(self, session_id: str, name: str) -> Artifact | None:
        """The newest version of a name, or None. Raises SessionError where there is no such session."""
        return next((one for one in reversed(self.all(session_id)) if one.name == name), None)

    def content(self, artifact: Artifact) -> str | bytes:
        """What an artifact holds. Raises StateError where it is damaged, SessionError where it is gone."""
        what = f"the artifact '{artifact.name}' of the session '{artifact.session_id}'"
        text = self._store.load(contents_of(artifact.session_id), artifact.digest)
        if text is None:
            raise SessionError(f"{what} was deleted meanwhile")
        return content_of(read(text, what), artifact.digest, what)

    def query(self, wanted: Wanted) -> list[Artifact]:
        """The artifacts that are wanted, the newest first. Raises SessionError."""
        found = self._each() if wanted.session_id is None else iter(self.all(wanted.session_id))
        meeting = (one for one in found if _meets(one, wanted))
        if wanted.limit is None:
            return sorted(meeting, key=_age, reverse=True)
        return nlargest(wanted.limit, meeting, key=_age)

    def _each(self) -> Iterator[Artifact]:
        """Those of all sessions, of which only those of one at a time are held."""
        for session in self._sessions.all():
            if session.artifacts:
                yield from self._read(session.id)

    def _read(self, session_id: str) -> list[Artifact]:
        return [
            _artifact(one.text, session_id) for one in self._store.entries(artifacts_of(session_id)).values()
        ]

    # Deleting

    def delete(self, artifact: Artifact) -> None:
        """Forget an artifact, and its content where no other one has it. It is no error when it is gone."""
        key = numbered(artifact.sequence)

        def delete(transaction: Transaction, session: Session) -> Session:
            if transaction.load(artifacts_of(session.id), key) is None:
                return session
            transaction.delete(artifacts_of(session.id), key)
            others = (one for one in self._read(session.id) if one.sequence != artifact.sequence)
            if all(one.digest != artifact.digest for one in others):
                transaction.delete(contents_of(session.id), artifact.digest)
            return replace(session, artifacts=session.artifacts - 1)

        self._sessions.change(artifact.session_id, "forget", delete)


def _age(artifact: Artifact) -> tuple[Any, int]:
    return artifact.created, artifact.sequence


def media_type(name: str, content: str | bytes) -> str:
    """The media type of a content, by its name where that tells."""
    found, coding = _media_types().guess_type(name)
    if found and not coding:
        return found
    return "text/plain" if isinstance(content, str) else "application/octet-stream"


@cache
def _media_types() -> MimeTypes:
    """Not those of the machine's own tables: the same name is the same type everywhere."""
    from mimetypes import MimeTypes

    types = MimeTypes()
    for ending, name in {".md": "text/markdown", ".yaml": "application/yaml", ".lua": "text/x-lua"}.items():
        types.add_type(name, ending)
    return types


def _next_version(transaction: Transaction, session_id: str, name: str) -> int:
    scope = versions_of(session_id)
    text = transaction.load(scope, name)
    what = f"the versions of the artifact '{name}'"
    version = 1 if text is None else int(read(text, what)["version"]) + 1
    transaction.save(scope, name, written({"version": version}, "Artifact.store"))
    return version


def put_artifact(transaction: Transaction, artifact: Artifact) -> None:
    """Keep what is known of an artifact. Raises JSONError."""
    text = written(fields_of(artifact), "Artifact.store")
    transaction.save(artifacts_of(artifact.session_id), numbered(artifact.sequence), text)


def _artifact(text: str, session_id: str) -> Artifact:
    what = f"an artifact of the session '{session_id}'"
    found = read(text, what)
    try:
        return Artifact(**{**found, "tags": tuple(found["tags"])})
    except (KeyError, TypeError):
        raise damaged(what) from None


def _meets(artifact: Artifact, wanted: Wanted) -> bool:
    return (
        (wanted.type is None or artifact.type == wanted.type)
        and (wanted.name is None or matcher(wanted.name)(artifact.name))
        and (wanted.mime_type is None or matcher(wanted.mime_type)(artifact.mime_type))
        and set(wanted.tags) <= set(artifact.tags)
        and (wanted.after is None or artifact.created >= wanted.after)
        and (wanted.before is None or artifact.created <= wanted.before)
        and (wanted.min_size is None or artifact.size >= wanted.min_size)
        and (wanted.max_size is None or artifact.size <= wanted.max_size)
    )
