"""The global ``Session``."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import session as api
from llmspell_engine.api import session_types as types
from llmspell_engine.sessions import current
from llmspell_engine.sessions.model import Session as Kept
from llmspell_engine.sessions.recording import recording_of
from llmspell_engine.sessions.records import events_of
from llmspell_engine.sessions.sessions import Sessions, Wanted
from llmspell_engine.state.exchange import iso

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.hooks.base import Data
    from llmspell_engine.hooks.points import HookPoint
    from llmspell_engine.sessions.checkpoints import Checkpoint


class SessionBuilder(api.SessionBuilder):
    """Collects what a session is made with."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._facts: dict[str, Any] = {}
        self._tags: list[str] = []

    def name(self, name: str) -> SessionBuilder:
        self._facts["name"] = name
        return self

    def description(self, text: str) -> SessionBuilder:
        self._facts["description"] = text
        return self

    def tag(self, tag: str) -> SessionBuilder:
        self._tags.append(tag)
        return self

    def tags(self, tags: Sequence[str]) -> SessionBuilder:
        self._tags = list(tags)
        return self

    def record_events(self) -> SessionBuilder:
        self._facts["record_events"] = True
        return self

    def build(self) -> str:
        return self._session.create(types.SessionOptions(**self._facts, tags=self._tags))


class Session(api.Session):
    """The sessions of the run's store."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._store = run.services.state
        self._sessions = sessions_of(run)

    def create(self, options: types.SessionOptions | None = None) -> str:
        facts = (options or types.SessionOptions()).model_dump()
        facts["parent"] = facts.pop("parent_session_id")
        facts["records"] = facts.pop("record_events")
        return self._sessions.create(**{**facts, "tags": tuple(facts["tags"])}).id

    def builder(self) -> SessionBuilder:
        return SessionBuilder(self)

    def get(self, session_id: str) -> types.SessionMeta | None:
        found = self._sessions.get(session_id)
        return meta_of(found) if found else None

    def list(self, query: types.SessionQuery | None = None) -> Sequence[types.SessionMeta]:
        facts = (query or types.SessionQuery()).model_dump()
        wanted = Wanted(parent=facts.pop("parent_session_id"), **facts)
        return [meta_of(one) for one in self._sessions.all(wanted)]

    def save(self, session_id: str, changes: types.SessionChanges | None = None) -> None:
        facts = changes.model_dump(exclude_none=True) if changes else {}
        if "tags" in facts:
            facts["tags"] = tuple(facts["tags"])
        self._sessions.save(session_id, **facts)

    def load(self, session_id: str) -> str:
        return self._sessions.load(session_id).id

    def complete(self, session_id: str) -> None:
        self._sessions.complete(session_id)
        current.leave(session_id)

    def suspend(self, session_id: str) -> None:
        self._sessions.suspend(session_id)
        current.leave(session_id)

    def resume(self, session_id: str) -> None:
        self._sessions.resume(session_id)

    def delete(self, session_id: str) -> None:
        self._sessions.delete(session_id)
        current.leave(session_id)

    def checkpoint(self, session_id: str, label: str | None = None) -> str:
        return self._sessions.checkpoint(session_id, label)

    def restore(self, session_id: str, checkpoint_id: str | None = None) -> types.SessionCheckpoint:
        return _checkpoint(self._sessions.restore(session_id, checkpoint_id))

    def list_checkpoints(self, session_id: str) -> Sequence[types.SessionCheckpoint]:
        return [_checkpoint(one) for one in self._sessions.checkpoints(session_id)]

    # Replaying

    def can_replay(self, session_id: str) -> bool:
        return bool(self._store.keys(events_of(self._sessions.known(session_id).id)))

    def list_replayable(self) -> Sequence[str]:
        return [one.id for one in self._sessions.all() if self._store.keys(events_of(one.id))]

    def get_replay_metadata(self, session_id: str) -> types.ReplayMetadata:
        found = recording_of(self._store, self._sessions.known(session_id).id)
        return types.ReplayMetadata(
            session_id=session_id,
            event_count=found.count,
            event_types=found.types,
            first_event_at=None if found.first is None else iso(found.first),
            last_event_at=None if found.last is None else iso(found.last),
        )

    def replay(
        self, session_id: str, options: types.SessionReplayOptions | None = None
    ) -> Awaitable[types.SessionReplay]:
        from llmspell_engine.globals.session_replay import replay_session

        session = self._sessions.known(session_id)
        return replay_session(self._run, session, options or types.SessionReplayOptions())

    # The current one

    def get_current(self) -> str | None:
        return current.current()

    def set_current(self, session_id: str | None = None) -> None:
        if session_id is not None:
            session = self._sessions.known(session_id)
            session.check("select", self._sessions.clock())
            if session.records:
                _ = self._run.services.recorder
        current.select(session_id)


def sessions_of(run: Run) -> Sessions:
    """The sessions of a run's store, with the run's hooks around what is done with them."""

    def reach(point: HookPoint, name: str, data: Data) -> Data:
        return run.hooks.reach_now(point, "session", name, data)

    return Sessions(run.services.state, run.services.session_limits, reach)


def meta_of(session: Kept) -> types.SessionMeta:
    """A session as scripts get it."""
    return types.SessionMeta(
        id=session.id,
        name=session.name,
        description=session.description,
        tags=list(session.tags),
        status=session.status,
        created_at=iso(session.created),
        updated_at=iso(session.updated),
        ended_at=None if session.ended is None else iso(session.ended),
        expires_at=None if session.expires is None else iso(session.expires),
        parent_session_id=session.parent,
        custom_metadata=session.metadata,
        artifact_count=session.artifacts,
        record_events=session.records,
    )


def _checkpoint(one: Checkpoint) -> types.SessionCheckpoint:
    return types.SessionCheckpoint(
        id=one.id, label=one.label, created_at=iso(one.created), keys=sorted(one.values)
    )
