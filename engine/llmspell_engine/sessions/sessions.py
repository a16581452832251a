"""What is done with sessions. Each operation is one commit to the store: kept as a whole, or not at all.

Before it is, the hook points of sessions are reached: a handler may cancel the operation, and may change what
is known of the session.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.hooks.points import HookPoint
from llmspell_engine.sessions.checkpoints import Checkpoint, bring_back, checkpoint_of, checkpoints, take
from llmspell_engine.sessions.model import Operation, Session, SessionError, SessionLimits, Status, unknown
from llmspell_engine.sessions.records import SESSIONS, all_of, at_once, belonging_to, find, put, session_in
from llmspell_engine.state import StateError
from llmspell_engine.state.patterns import matcher

if TYPE_CHECKING:
    from llmspell_engine.hooks.base import Data
    from llmspell_engine.state import StateStore
    from llmspell_engine.state.transaction import Transaction

Reach = Callable[[HookPoint, str, "Data"], "Data"]
Order = Literal["newest", "oldest", "updated", "name"]
Change = Callable[["Transaction", Session], Session]
FACTS = ("name", "description", "tags", "metadata")
"""What hooks may change."""
_SWEEP_EVERY_SECONDS = 60.0
_POINTS: Mapping[Operation, HookPoint] = {
    "save": "SessionSave",
    "suspend": "SessionSave",
    "load": "SessionRestore",
    "resume": "SessionRestore",
    "restore": "SessionRestore",
    "complete": "SessionEnd",
    "checkpoint": "SessionCheckpoint",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions are wanted; all conditions must hold."""

    status: Status | None = None
    tags: Sequence[str] = ()
    name: str | None = None
    """A pattern of names."""
    parent: str | None = None
    limit: int | None = None
    order: Order = "newest"


class Sessions:
    """The sessions of a store. Any thread, as far as ``reach`` may be called on it."""

    def __init__(
        self,
        store: StateStore,
        limits: SessionLimits | None = None,
        reach: Reach = lambda _point, _name, data: data,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.limits = limits or SessionLimits()
        self.clock = clock
        self._reach = reach
        self._swept = -math.inf

    # Looking

    def get(self, session_id: str) -> Session | None:
        """A session as it is now, or None. Raises StateError."""
        found = find(self.store, session_id)
        return None if found is None else self._now(found)

    def known(self, session_id: str) -> Session:
        """The same. Raises SessionError where there is none."""
        found = self.get(session_id)
        if found is None:
            raise unknown(session_id)
        return found

    def all(self, wanted: Wanted | None = None) -> list[Session]:
        """The sessions that are wanted. Raises StateError."""
        asked = wanted or Wanted()
        found = [one for one in map(self._now, all_of(self.store)) if _meets(one, asked)]
        return _ordered(found, asked.order)[: asked.limit]

    def named(self, given: str) -> Session | None:
        """The session of an id; else the newest of a name that is not over yet, or None."""
        found = self.get(given)
        if found is not None:
            return found
        own = [one for one in self.all(Wanted(order="updated")) if one.name == given]
        return next((one for one in own if one.status in ("active", "suspended")), None)

    def checkpoints(self, session_id: str) -> list[Checkpoint]:
        """Its checkpoints, the oldest first. Raises SessionError."""
        return checkpoints(self.store, self.known(session_id).id)

    # Beginning and ending

    def create(self, **facts: Any) -> Session:
        """Begin a session. Raises SessionError where its parent is not known, HookCancelledError."""
        self._sweep_sometimes()
        if facts.get("parent") is not None:
            self.known(facts["parent"])
        made = self._made(**facts)
        made = replace(made, **self._heard("SessionStart", "create", made))
        at_once(self.store, f"the session '{made.called}'", lambda transaction: put(made, transaction))
        return made

    def begin(self, given: str) -> tuple[Session, bool]:
        """Go on with the session of an id or a name, or begin one of this name; whether it is a new one.

        No hooks hear of it. Raises SessionError where there is no such id, or it is over.
        """

        def work(transaction: Transaction) -> tuple[Session, bool]:
            transaction.keys(SESSIONS)
            found = self.named(given)
            if found is None and _is_id(given):
                raise unknown(given)
            if found is None:
                made = self._made(name=given)
                put(made, transaction)
                return made, True
            found = find(transaction, found.id) or found
            found.check("load", self.clock())
            changed = self._touched(replace(found, status="active"))
            put(changed, transaction)
            return changed, False

        return at_once(self.store, f"the session '{given}'", work)

    def suspend(self, session_id: str) -> Session:
        """Let it rest. Raises SessionError, HookCancelledError."""
        return self._do(session_id, "suspend", _becoming("suspended"))

    def resume(self, session_id: str) -> Session:
        """Let it go on. Raises SessionError, HookCancelledError."""
        return self._do(session_id, "resume", _becoming("active"))

    def complete(self, session_id: str) -> Session:
        """End it; what belongs to it stays. Raises SessionError, HookCancelledError."""

        def end(_transaction: Transaction, session: Session) -> Session:
            return replace(session, status="completed", ended=session.updated, expires=None)

        return self._do(session_id, "complete", end)

    def delete(self, session_id: str) -> None:
        """Forget it with all that belongs to it. Raises SessionError, HookCancelledError."""
        session = self.known(session_id)
        self._heard("SessionEnd", "delete", session)
        self._remove(session_id)

    def sweep(self) -> int:
        """Forget the sessions whose time is up, with all that belongs to them; how many these were."""
        gone = 0
        for key, entry in self.store.entries(SESSIONS).items():
            # What a newer llmspell has written is not ours to judge.
            with suppress(StateError):
                if session_in(entry.text, key).status_at(self.clock()) == "expired":
                    self._remove(key)
                    gone += 1
        return gone

    def _sweep_sometimes(self) -> None:
        """Not each time: a script may make many sessions, and looking takes longer the more there are."""
        if self.clock() - self._swept >= _SWEEP_EVERY_SECONDS:
            self._swept = self.clock()
            self.sweep()

    # Keeping and bringing back

    def save(self, session_id: str, **changes: Any) -> Session:
        """Keep changes to what is known of it; its time begins anew. Raises SessionError, JSONError."""
        return self._do(session_id, "save", changes=changes)

    def load(self, session_id: str) -> Session:
        """Take it up; its time begins anew. Raises SessionError, HookCancelledError."""
        return self._do(session_id, "load")

    def checkpoint(self, session_id: str, label: str | None = None) -> str:
        """Keep how it is now; the checkpoint's id. Raises SessionError, HookCancelledError."""

        def keep(transaction: Transaction, session: Session) -> Session:
            return take(self.store, transaction, session, label)

        told = {} if label is None else {"checkpoint": label}
        return str(self._do(session_id, "checkpoint", keep, told=told).checkpoints)

    def restore(self, session_id: str, checkpoint_id: str | None = None) -> Checkpoint:
        """Bring it back to a checkpoint, the newest where nothing is said. Raises SessionError."""
        session = self.known(session_id)
        session.check("restore", self.clock())
        checkpoint = checkpoint_of(self.store, session, checkpoint_id)

        def restore(transaction: Transaction, found: Session) -> Session:
            bring_back(transaction, session_id, checkpoint, self.clock())
            return found

        told = {"checkpoint": checkpoint.id}
        self._do(session_id, "restore", restore, changes=checkpoint.facts, told=told)
        return checkpoint

    def change(self, session_id: str, operation: Operation, work: Change) -> Session:
        """Change what belongs to a session, together with its record. Raises SessionError."""

        def changed(transaction: Transaction) -> Session:
            found = find(transaction, session_id)
            if found is None:
                raise unknown(session_id)
            found.check(operation, self.clock())
            made = work(transaction, self._touched(found))
            put(made, transaction)
            return made

        return at_once(self.store, f"the session '{session_id}'", changed)

    # Below

    def _do(
        self,
        session_id: str,
        operation: Operation,
        work: Change = lambda _transaction, session: session,
        *,
        changes: Mapping[str, Any] | None = None,
        told: Mapping[str, Any] | None = None,
    ) -> Session:
        session = self.known(session_id)
        session.check(operation, self.clock())
        given = dict(changes or {})
        heard = {**given, **self._heard(_POINTS[operation], operation, replace(session, **given), told)}

        def change(transaction: Transaction, found: Session) -> Session:
            return work(transaction, self._touched(replace(found, **heard)))

        return self.change(session_id, operation, change)

    def _heard(
        self, point: HookPoint, operation: str, session: Session, told: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """What the handlers of a point change of what is known of a session."""
        given = session.told(operation) | dict(told or {})
        left = self._reach(point, session.called, given)
        changed = {name: left.get(name, given[name]) for name in FACTS}
        return {name: _fact(name, one, point) for name, one in changed.items() if one != given[name]}

    def _made(self, **facts: Any) -> Session:
        now, ttl = self.clock(), facts.pop("ttl_seconds", None) or self.limits.ttl_seconds
        expires = None if ttl is None else now + ttl
        return Session(str(uuid.uuid4()), now, now, ttl_seconds=ttl, expires=expires, **facts)

    def _touched(self, session: Session) -> Session:
        now = self.clock()
        is_over = session.ttl_seconds is None or session.status == "completed"
        expires = None if is_over else now + (session.ttl_seconds or 0)
        return replace(session, updated=now, expires=expires)

    def _now(self, session: Session) -> Session:
        return replace(session, status=session.status_at(self.clock()))

    def _remove(self, session_id: str) -> None:
        def remove(transaction: Transaction) -> None:
            transaction.load(SESSIONS, session_id)
            transaction.delete(SESSIONS, session_id)
            for scope in belonging_to(session_id):
                for key in transaction.keys(scope):
                    transaction.delete(scope, key)

        at_once(self.store, f"the session '{session_id}'", remove)


def _becoming(status: Status) -> Change:
    return lambda _transaction, session: replace(session, status=status)


def _fact(name: str, given: Any, point: HookPoint) -> Any:
    """What a handler gave for a fact. An empty table of Lua is an empty list too. Raises SessionError."""
    if name == "tags" and isinstance(given, Mapping | list | tuple):
        tags = tuple(given)
        if all(isinstance(one, str) and one for one in tags) and (not tags or not isinstance(given, Mapping)):
            return tags
    elif name == "metadata" and (isinstance(given, Mapping) or given in ([], ())):
        return dict(given)
    elif name in ("name", "description") and (given is None or (isinstance(given, str) and given)):
        return given
    form = {"tags": "a list of texts", "metadata": "a table"}.get(name, "a text")
    raise SessionError(f"a hook at {point} changed '{name}' of the session to what is not {form}")


def _is_id(given: str) -> bool:
    try:
        return str(uuid.UUID(given)) == given.lower()
    except ValueError:
        return False


def _meets(session: Session, wanted: Wanted) -> bool:
    return (
        (wanted.status is None or session.status == wanted.status)
        and set(wanted.tags) <= set(session.tags)
        and (wanted.name is None or matcher(wanted.name)(session.name or ""))
        and (wanted.parent is None or session.parent == wanted.parent)
    )


def _ordered(sessions: list[Session], order: Order) -> list[Session]:
    if order == "name":
        return sorted(sessions, key=lambda one: (one.name or "", one.created, one.id))
    if order == "updated":
        return sorted(sessions, key=lambda one: (one.updated, one.id), reverse=True)
    return sorted(sessions, key=lambda one: (one.created, one.id), reverse=order == "newest")
