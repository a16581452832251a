"""What a store of state is.

A store maps a scope and a key to a JSON text; what may be kept is decided by :mod:`.encoding`. Each write
gives its entry a version, a number that is greater than all before it in the store, so that who knows the
version of an entry can tell whether it was written since, even when it was deleted in between. Values may
have a time to live: once it is up they are as good as deleted, and are swept some time after.

All that is changed at once goes through :meth:`StateStore.commit`; comparing, counting, transactions,
imports, migrations and backups are built on it and work with every store. Any thread may use a store.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.state.changes import Listener

Address = tuple[str, str]
"""A scope and a key."""
Kind = Literal["memory", "sqlite", "redis"]
SCHEMAS_SCOPE = ".schemas"
"""Where the versions of schemas are kept; a scope that scripts cannot name."""


class StateError(Exception):
    """State cannot be kept or read; the message says what and where."""


class StateConflictError(StateError):
    """Others changed again and again what was to be changed."""

    kind = "StateConflict"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept under a key."""

    text: str
    version: int
    changed: float
    """When it was written, in seconds since 1970."""
    expires: float | None = None
    """When its time is up."""

    def is_live(self, now: float) -> bool:
        """Whether it can still be read."""
        return self.expires is None or self.expires > now


@dataclass(frozen=True, slots=True)
class Write:
    """A text to keep for some time or for ever; None deletes the key."""

    text: str | None
    ttl_seconds: float | None = None

    def expires(self, now: float) -> float | None:
        """When its time is up."""
        return None if self.ttl_seconds is None else now + self.ttl_seconds


@dataclass(frozen=True, slots=True)
class Seen:
    """What a commit rests on: it is made only if all this is still so."""

    versions: Mapping[Address, int]
    """The versions of entries; 0 where there was none."""
    keys: Mapping[str, Sequence[str]]
    """All keys of scopes, sorted."""


ANYTHING = Seen({}, {})
"""For a commit that is made whatever there is."""


class StateStore(Protocol):
    """Texts by scope and key. All methods raise StateError where the store cannot be used."""

    @property
    def kind(self) -> Kind:
        """What keeps it."""

    @property
    def place(self) -> str:
        """Where it is, for people: a file, an address."""

    def load(self, scope: str, key: str) -> str | None:
        """The text of a key, or None."""

    def save(self, scope: str, key: str, text: str, ttl_seconds: float | None = None) -> None:
        """Keep a text in place of the one before."""

    def delete(self, scope: str, key: str) -> None:
        """Forget a key; nothing happens where it is not known."""

    def keys(self, scope: str) -> list[str]:
        """The keys of a scope, in alphabetical order."""

    def entry(self, scope: str, key: str) -> Entry | None:
        """All that is known of a key, or None."""

    def entries(self, scope: str) -> dict[str, Entry]:
        """The entries of a scope by key, in alphabetical order, as they were at one moment."""

    def scopes(self) -> list[str]:
        """The scopes that have keys, in alphabetical order."""

    def commit(self, writes: Mapping[Address, Write], seen: Seen = ANYTHING, *, durable: bool = True) -> bool:
        """Write all or nothing; whether it was written. It is not where something is no longer as seen.

        What is not ``durable`` is quicker: it outlives the process, but may be undone by a loss of power.
        """

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be told of every change from now on, on any thread; what is given ends it.

        Of changes that other processes make to a key in quick succession, the last alone may be told.
        """

    def sweep(self) -> int:
        """Remove what has had its time; how many values that were."""

    def copy_to(self, file: Path) -> None:
        """Write all of it, as it is at one moment, into a new SQLite file."""

    def size(self) -> int:
        """How many bytes it takes, about."""

    def close(self) -> None:
        """Be done with the store."""


def is_own(scope: str) -> bool:
    """Whether a scope is the engine's own: scripts cannot name it, and exports do not have it."""
    return scope.startswith(".")


def seconds_left(entry: Entry) -> float | None:
    """How long an entry has to live; None for ever."""
    return None if entry.expires is None else max(entry.expires - time.time(), 0.001)


def everything(store: StateStore) -> dict[Address, Entry]:
    """All entries of a store, those that scripts cannot name too."""
    return {(scope, key): entry for scope in store.scopes() for key, entry in store.entries(scope).items()}
