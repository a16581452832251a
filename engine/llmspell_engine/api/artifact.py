"""Artifacts: what was made in a session."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Global, Options, Result, complete, example
from llmspell_engine.api.session_types import Limit, SessionId, Tag

ArtifactType = Literal["agent_output", "tool_result", "user_input", "system_generated", "custom"]
ArtifactName = Annotated[str, Field(min_length=1, max_length=256)]
Content = str | bytes
ArtifactMetadata = Annotated[
    Mapping[str, Any],
    Field(description="Whatever is to be known of it; `tags` (a list) and `mime_type` can be searched for."),
]
Time = Annotated[str, Field(min_length=1, description="An RFC 3339 time, such as `2026-01-31T12:00:00Z`.")]
Size = Annotated[int, Field(ge=0)]


class ArtifactId(Options):
    """What an artifact is known by."""

    content_hash: Annotated[str, Field(min_length=1)] = Field(
        description="The SHA-256 of its content, in hexadecimal digits."
    )
    session_id: SessionId = Field(description="The session that it was made in.")
    sequence: Annotated[int, Field(ge=1)] = Field(description="Its number in the session.")


class ArtifactInfo(Result):
    """What is known of an artifact."""

    id: ArtifactId = Field(description="What it is known by.")
    name: str = Field(description="Its name.")
    artifact_type: ArtifactType = Field(description="What it is.")
    mime_type: str = Field(description="The media type of its content.")
    size: int = Field(description="The size of its content, in bytes.")
    version: int = Field(description="The how manieth of its name it is, from 1.")
    created_at: str = Field(description="When it was stored, as an RFC 3339 time in UTC.")
    tags: list[str] = Field(description="Words to find it by.")
    custom_metadata: Mapping[str, Any] = Field(description="Whatever else is to be known of it.")


class ArtifactRecord(Result):
    """An artifact with its content."""

    metadata: ArtifactInfo = Field(description="What is known of it.")
    content: Content = Field(description="Its text, or its bytes, as it was stored.")


class ArtifactQuery(Options):
    """Which artifacts are wanted; all conditions must hold."""

    session_id: SessionId | None = Field(None, description="Only those of this session.")
    type: ArtifactType | None = Field(None, description="Only what is this.")
    name_pattern: Annotated[str, Field(min_length=1, max_length=256)] | None = Field(
        None, description="A pattern of names; in it `*` is any text and `?` any character."
    )
    mime_type: Annotated[str, Field(min_length=1, max_length=256)] | None = Field(
        None, description="A pattern of media types, such as `image/*`."
    )
    tags: list[Tag] = Field([], description="Only those that have all these tags.")
    created_after: Time | float | None = Field(
        None, description="Only those stored at this time or later; a number is in seconds since 1970."
    )
    created_before: Time | float | None = Field(
        None, description="Only those stored at this time or before; a number is in seconds since 1970."
    )
    min_size: Size | None = Field(None, description="Only those of at least so many bytes.")
    max_size: Size | None = Field(None, description="Only those of at most so many bytes.")
    limit: Limit | None = Field(None, description="Only the newest so many.")


class Artifact(Global):
    """What was made in sessions: texts and files, each known by the hash of its content."""

    name = "Artifact"

    @abstractmethod
    @example(
        lua="local id = Session.create()\n"
        'local report = Artifact.store(id, "agent_output", "report.md", "# Tides", { tags = { "draft" } })\n'
        "print(Artifact.get(id, report).content)",
        javascript="const id = Session.create();\n"
        'const report = Artifact.store(id, "agent_output", "report.md", "# Tides", { tags: ["draft"] });\n'
        "console.log(Artifact.get(id, report).content);",
    )
    def store(
        self,
        session_id: SessionId,
        artifact_type: ArtifactType,
        name: ArtifactName,
        content: Content,
        metadata: ArtifactMetadata | None = None,
    ) -> ArtifactId:
        """Keep a text or bytes; a name that is there gets a new version.

        Args:
            session_id: the session that it was made in, which must be active.
            artifact_type: what it is.
            name: its name, by whose ending the media type is told.
            content: what to keep; the same content is kept once in a session.
            metadata: what else is to be known of it.
        """

    @abstractmethod
    @example(
        lua='local id = Session.create()\nArtifact.store_file(id, "README.md", "user_input")',
        javascript='const id = Session.create();\nArtifact.storeFile(id, "README.md", "user_input");',
    )
    def store_file(
        self,
        session_id: SessionId,
        path: Annotated[str, Field(min_length=1, max_length=4096), complete("path")],
        artifact_type: ArtifactType,
        metadata: ArtifactMetadata | None = None,
    ) -> ArtifactId:
        """Keep what a file holds now, under its name.

        Args:
            session_id: the session that it was made in, which must be active.
            path: the file, which the script may read.
            artifact_type: what it is.
            metadata: what else is to be known of it.
        """

    @abstractmethod
    def get(self, session_id: SessionId, artifact_id: ArtifactId | ArtifactName) -> ArtifactRecord | None:
        """An artifact with its content, or nothing.

        Args:
            session_id: the session that it was made in.
            artifact_id: what `Artifact.store` gave; or its name, for the newest version.
        """

    @abstractmethod
    def list(self, session_id: SessionId) -> Sequence[ArtifactInfo]:
        """The artifacts of a session, all versions, in the order in which they were stored.

        Args:
            session_id: the session.
        """

    @abstractmethod
    def delete(self, session_id: SessionId, artifact_id: ArtifactId) -> None:
        """Forget an artifact. It is no error when there is none.

        Args:
            session_id: the session that it was made in.
            artifact_id: what `Artifact.store` gave.
        """

    @abstractmethod
    @example(
        lua='for _, one in ipairs(Artifact.query({ name_pattern = "*.md", tags = { "draft" } })) do\n'
        "  print(one.name, one.version, one.size)\nend",
        javascript='for (const one of Artifact.query({ namePattern: "*.md", tags: ["draft"] })) {\n'
        "  console.log(one.name, one.version, one.size);\n}",
    )
    def query(self, query: ArtifactQuery) -> Sequence[ArtifactInfo]:
        """The artifacts that are wanted, of all sessions if none is named, the newest first.

        Args:
            query: which ones.
        """
