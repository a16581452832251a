"""Checkpoints: the values of a session, and what is known of it, as they were at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from llmspell_engine.sessions.model import Session, SessionError
from llmspell_engine.sessions.records import (
    checkpoints_of,
    damaged,
    fields_of,
    numbered,
    read,
    values_of,
    written,
)
from llmspell_engine.state import StateStore
from llmspell_engine.state.encoding import decode, encode
from llmspell_engine.state.transaction import Transaction

KEPT = 100
"""How many checkpoints of a session are kept; further ones push out the oldest."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A moment that a session can be brought back to.

    Attributes:
        values: for each key of the scope ``session`` its value and when its time is up.
        facts: what was known of the session.
    """

    id: str
    label: str | None
    created: float
    values: Mapping[str, tuple[Any, float | None]]
    facts: Mapping[str, Any]


def take(store: StateStore, transaction: Transaction, session: Session, label: str | None) -> Session:
    """Keep how things are; the session with one more checkpoint. Raises JSONError."""
    number, scope = session.checkpoints + 1, checkpoints_of(session.id)
    values = store.entries(values_of(session.id))
    facts = {"description": session.description, "tags": list(session.tags), "metadata": session.metadata}
    made = Checkpoint(
        str(number),
        label,
        session.updated,
        {key: (decode(one.text), one.expires) for key, one in values.items()},
        facts,
    )
    put_checkpoint(transaction, session.id, made)
    for key in transaction.keys(scope)[:-KEPT]:
        transaction.delete(scope, key)
    return replace(session, checkpoints=number)


def put_checkpoint(transaction: Transaction, session_id: str, checkpoint: Checkpoint) -> None:
    """Keep a checkpoint. Raises JSONError."""
    text = written(fields_of(checkpoint), "Session.checkpoint")
    transaction.save(checkpoints_of(session_id), numbered(int(checkpoint.id)), text)


def bring_back(transaction: Transaction, session_id: str, checkpoint: Checkpoint, now: float) -> None:
    """Bring the values back: what came later is gone."""
    scope = values_of(session_id)
    live = {key: one for key, one in checkpoint.values.items() if one[1] is None or one[1] > now}
    for key in transaction.keys(scope):
        if key not in live:
            transaction.delete(scope, key)
    for key, (value, expires) in live.items():
        transaction.save(scope, key, encode(value, "Session.restore"), expires and expires - now)


def checkpoints(store: StateStore, session_id: str) -> list[Checkpoint]:
    """The checkpoints of a session, the oldest first. Raises StateError."""
    found = store.entries(checkpoints_of(session_id)).values()
    return [_checkpoint(one.text, session_id) for one in found]


def checkpoint_of(store: StateStore, session: Session, checkpoint_id: str | None) -> Checkpoint:
    """A checkpoint of a session, the newest where nothing is said. Raises SessionError."""
    if checkpoint_id is None:
        found = checkpoints(store, session.id)
        if not found:
            raise SessionError(
                f"the session '{session.called}' has no checkpoint; Session.checkpoint makes one"
            )
        return found[-1]
    number = int(checkpoint_id) if checkpoint_id.isdecimal() and checkpoint_id.isascii() else 0
    text = store.load(checkpoints_of(session.id), numbered(number))
    if text is None:
        raise SessionError(
            f"the session '{session.called}' has no checkpoint '{checkpoint_id}';"
            " Session.list_checkpoints tells which ones it has"
        )
    return _checkpoint(text, session.id)


def _checkpoint(text: str, session_id: str) -> Checkpoint:
    what = f"a checkpoint of the session '{session_id}'"
    try:
        found = read(text, what)
        values = {key: (value, expires) for key, (value, expires) in found.pop("values").items()}
        facts = {**found.pop("facts")}
        return Checkpoint(values=values, facts={**facts, "tags": tuple(facts["tags"])}, **found)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise damaged(what) from None
