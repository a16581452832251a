"""How sessions are written in the store of state.

All is in scopes that scripts cannot name, apart from the session's values, which are theirs:

::

    .sessions           id → the session
    .artifacts:ID       number → an artifact, without its content
    .contents:ID        SHA-256 → a content, once for all artifacts that have it
    .versions:ID        an artifact's name → how often it was stored
    .checkpoints:ID     number → a checkpoint
    .events:ID          moment and number → an event
    session:ID          what scripts keep under the scope ``session``

Whatever changes a session writes its record too, and is committed only if that is as it was read: so what
belongs together is written at once, and two who change a session at the same time do not undo each other's
work. Each record names the version of its layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from llmspell_engine.sessions.model import Session
from llmspell_engine.state import StateConflictError, StateError, StateStore
from llmspell_engine.state.encoding import JSONError, decode, encode
from llmspell_engine.state.transaction import Transaction

T = TypeVar("T")
LAYOUT = 1
"""The version of the records' layout."""
SESSIONS = ".sessions"
_BELONGING = (".artifacts", ".contents", ".versions", ".checkpoints", ".events", "session")
_ATTEMPTS = 100


def artifacts_of(session_id: str) -> str:
    """The scope of a session's artifacts."""
    return f".artifacts:{session_id}"


def contents_of(session_id: str) -> str:
    """The scope of the contents of its artifacts."""
    return f".contents:{session_id}"


def versions_of(session_id: str) -> str:
    """The scope of the versions of its artifacts."""
    return f".versions:{session_id}"


def checkpoints_of(session_id: str) -> str:
    """The scope of its checkpoints."""
    return f".checkpoints:{session_id}"


def events_of(session_id: str) -> str:
    """The scope of its events."""
    return f".events:{session_id}"


def values_of(session_id: str) -> str:
    """The scope of what scripts keep in it."""
    return f"session:{session_id}"


def belonging_to(session_id: str) -> tuple[str, ...]:
    """All scopes that belong to a session."""
    return tuple(f"{kind}:{session_id}" for kind in _BELONGING)


def numbered(number: int) -> str:
    """The key of what is numbered: such keys are in the order of their numbers."""
    return f"{number:010d}"


def written(fields_: Mapping[str, Any], what: str) -> str:
    """A record as text. Raises JSONError that says what of it cannot be kept."""
    return encode({"layout": LAYOUT, **fields_}, what)


def fields_of(record: Any) -> dict[str, Any]:
    """The fields of a dataclass as they are: what cannot be kept is told when it is written."""
    return {one.name: getattr(record, one.name) for one in fields(record)}


def read(text: str, what: str) -> dict[str, Any]:
    """The fields of a record. Raises StateError where it cannot be understood."""
    try:
        found = decode(text)
        layout = found.pop("layout")
    except (JSONError, AttributeError, KeyError, TypeError):
        raise damaged(what) from None
    if layout != LAYOUT:
        raise StateError(
            f"{what} was written by a newer llmspell, in the layout {layout}; this one knows {LAYOUT}"
        )
    return dict(found)


def damaged(what: str) -> StateError:
    """The error of a record that is not as it was written."""
    return StateError(f"what is kept of {what} is damaged")


def session_in(text: str, session_id: str) -> Session:
    """The session of a record. Raises StateError."""
    what = f"the session '{session_id}'"
    found = read(text, what)
    try:
        return Session(**{**found, "tags": tuple(found["tags"])})
    except (KeyError, TypeError):
        raise damaged(what) from None


def put(session: Session, transaction: Transaction) -> None:
    """Keep a session. Raises JSONError."""
    transaction.save(SESSIONS, session.id, written(fields_of(session), "Session"))


def find(store: StateStore | Transaction, session_id: str) -> Session | None:
    """A session, or None."""
    text = store.load(SESSIONS, session_id)
    return None if text is None else session_in(text, session_id)


def all_of(store: StateStore) -> list[Session]:
    """All sessions, in no order."""
    return [session_in(one.text, key) for key, one in store.entries(SESSIONS).items()]


def at_once(store: StateStore, what: str, work: Callable[[Transaction], T]) -> T:
    """Do work whose writes are all kept, or none; again where others changed what it had read.

    Raises StateConflictError where they do so each time.
    """
    for _ in range(_ATTEMPTS):
        transaction = Transaction(store)
        found = work(transaction)
        if transaction.commit():
            return found
    raise StateConflictError(f"{what} was changed by others {_ATTEMPTS} times in a row; try again later")
