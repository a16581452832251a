"""Sessions: pieces of work that last longer than a run."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from llmspell_engine.api.declare import Global, Handle, Waiting, example, member
from llmspell_engine.api.session_types import (
    CheckpointId,
    Description,
    ReplayMetadata,
    SessionChanges,
    SessionCheckpoint,
    SessionId,
    SessionMeta,
    SessionName,
    SessionOptions,
    SessionQuery,
    SessionReplay,
    SessionReplayOptions,
    Tag,
)

__all__ = ["Session", "SessionBuilder"]


class SessionBuilder(Handle):
    """A session in the making: every method but `build` sets something and gives the builder back."""

    @abstractmethod
    def name(self, name: SessionName) -> SessionBuilder:
        """Name the session.

        Args:
            name: its name; several may have the same.
        """

    @abstractmethod
    def description(self, text: Description) -> SessionBuilder:
        """Say what the session is about.

        Args:
            text: a sentence.
        """

    @abstractmethod
    def tag(self, tag: Tag) -> SessionBuilder:
        """Add a word to find it by.

        Args:
            tag: the word.
        """

    @abstractmethod
    def tags(self, tags: Sequence[Tag]) -> SessionBuilder:
        """Set the words to find it by, instead of those that were added.

        Args:
            tags: the words.
        """

    @abstractmethod
    def record_events(self) -> SessionBuilder:
        """Keep the events that are published in it, for `Session.replay`."""

    @abstractmethod
    @example(
        lua='local id = Session.builder():name("report"):tag("weekly"):build()',
        javascript='const id = Session.builder().name("report").tag("weekly").build();',
    )
    def build(self) -> str:
        """Begin the session; its id."""


class Session(Global):
    """Pieces of work that last longer than a run, with values and artifacts of their own.

    What is done with a session is kept at once, where State is kept.
    """

    name = "Session"

    @abstractmethod
    @example(
        lua='local id = Session.create({ name = "report", tags = { "weekly" } })\n'
        'Session.set_current(id)\nState.save("session", "chapter", 3)',
        javascript='const id = Session.create({ name: "report", tags: ["weekly"] });\n'
        'Session.setCurrent(id);\nState.save("session", "chapter", 3);',
    )
    def create(self, options: SessionOptions | None = None) -> str:
        """Begin a session; its id. It does not become the current one by that.

        Args:
            options: what is to be known of it.
        """

    @abstractmethod
    def builder(self) -> SessionBuilder:
        """Begin a session call by call."""

    @abstractmethod
    def get(self, session_id: SessionId) -> SessionMeta | None:
        """What is known of a session, or nothing.

        Args:
            session_id: the session.
        """

    @abstractmethod
    @example(
        lua='for _, session in ipairs(Session.list({ status = "suspended", order = "updated" })) do\n'
        "  print(session.id, session.name)\nend",
        javascript='for (const session of Session.list({ status: "suspended", order: "updated" })) {\n'
        "  console.log(session.id, session.name);\n}",
    )
    def list(self, query: SessionQuery | None = None) -> Sequence[SessionMeta]:
        """The sessions there are, the newest first.

        Args:
            query: which ones, and in what order.
        """

    @abstractmethod
    @example(
        lua="local id = Session.create()\nSession.save(id, { metadata = { chapter = 3 } })",
        javascript="const id = Session.create();\nSession.save(id, { metadata: { chapter: 3 } });",
    )
    def save(self, session_id: SessionId, changes: SessionChanges | None = None) -> None:
        """Keep what is to be known of a session; its time to live begins anew.

        Its values and artifacts are kept without it, as they are written.

        Args:
            session_id: the session, which must not be completed.
            changes: what becomes different.
        """

    @abstractmethod
    @example(
        lua='local found = Session.list({ name = "report", limit = 1 })[1]\n'
        "if found then Session.set_current(Session.load(found.id)) end",
        javascript='const [found] = Session.list({ name: "report", limit: 1 });\n'
        "if (found) Session.setCurrent(Session.load(found.id));",
    )
    def load(self, session_id: SessionId) -> str:
        """Take up a session of an earlier run; its id. Its time to live begins anew.

        Args:
            session_id: the session, which must not be completed.
        """

    @abstractmethod
    def complete(self, session_id: SessionId) -> None:
        """End a session. Its values and artifacts can still be read.

        Args:
            session_id: the session, which must not be completed already.
        """

    @abstractmethod
    def suspend(self, session_id: SessionId) -> None:
        """Let a session rest until it is resumed; till then it cannot be the current one.

        Args:
            session_id: the session, which must be active.
        """

    @abstractmethod
    def resume(self, session_id: SessionId) -> None:
        """Let a session go on that was suspended.

        Args:
            session_id: the session, which must be suspended.
        """

    @abstractmethod
    def delete(self, session_id: SessionId) -> None:
        """Forget a session at once with its values, checkpoints and artifacts.

        Args:
            session_id: the session.
        """

    @abstractmethod
    @example(
        lua='local id = Session.create()\nlocal checkpoint = Session.checkpoint(id, "before the edit")\n'
        "Session.restore(id, checkpoint)",
        javascript='const id = Session.create();\nconst checkpoint = Session.checkpoint(id, "before");\n'
        "Session.restore(id, checkpoint);",
    )
    def checkpoint(
        self, session_id: SessionId, label: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    ) -> str:
        """Keep a session's values, tags and metadata as they are now; the checkpoint's id.

        Of more than 100 checkpoints the oldest ones go.

        Args:
            session_id: the session, which must not be completed.
            label: what to call it.
        """

    @abstractmethod
    def restore(self, session_id: SessionId, checkpoint_id: CheckpointId | None = None) -> SessionCheckpoint:
        """Bring a session's values, tags and metadata back to a checkpoint. Artifacts stay.

        Args:
            session_id: the session, which must not be completed.
            checkpoint_id: the checkpoint; the newest, if nothing is said.
        """

    @abstractmethod
    def list_checkpoints(self, session_id: SessionId) -> Sequence[SessionCheckpoint]:
        """The checkpoints of a session, the oldest first.

        Args:
            session_id: the session.
        """

    @abstractmethod
    def can_replay(self, session_id: SessionId) -> bool:
        """Whether events of a session are kept.

        Args:
            session_id: the session.
        """

    @abstractmethod
    def list_replayable(self) -> Sequence[str]:
        """The ids of the sessions of which events are kept, the newest first."""

    @abstractmethod
    def get_replay_metadata(self, session_id: SessionId) -> ReplayMetadata:
        """What is known of the events of a session.

        Args:
            session_id: the session.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua="local id = Session.create({ record_events = true })\nSession.set_current(id)\n"
        'Event.publish("tide.turned", { to = "ebb" })\n'
        "print(Session.replay(id, { handler = function(event) print(event.data.to) end }).events_replayed)",
        javascript="const id = Session.create({ recordEvents: true });\nSession.setCurrent(id);\n"
        'Event.publish("tide.turned", { to: "ebb" });\n'
        "console.log((await Session.replay(id, { handler: (e) => console.log(e.data.to) })).eventsReplayed);",
    )
    def replay(
        self, session_id: SessionId, options: SessionReplayOptions | None = None
    ) -> Waiting[SessionReplay]:
        """Tell the events of a session again, those of earlier runs too, as `Event.replay` does.

        Args:
            session_id: the session, which must have been made with `record_events`.
            options: to whom, and how fast.
        """

    @abstractmethod
    def get_current(self) -> str | None:
        """The id of the session that the script is in, or nothing."""

    @abstractmethod
    def set_current(self, session_id: SessionId | None = None) -> None:
        """Let all that follows belong to a session: State's scope `session`, events, the log and spans.

        It holds for the whole script, for what is under way at the same time too.

        Args:
            session_id: the session, which must be active; nothing for none.
        """
