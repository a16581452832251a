"""Where state is kept.

A store maps a scope and a key to a JSON text; what may be kept is decided by :mod:`.encoding`.
Stores may be used from several threads: the memory store by the interpreter's own lock on dictionary
operations, the file by a lock around each statement, since a connection runs one at a time.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


_TABLE = (
    "CREATE TABLE IF NOT EXISTS state (scope TEXT NOT NULL, key TEXT NOT NULL,"
    " value TEXT NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID"
)


class StateError(Exception):
    """State cannot be kept or read; the message says what and where."""


class StateStore(Protocol):
    """Texts by scope and key."""

    def load(self, scope: str, key: str) -> str | None:
        """The text of a key, or None."""

    def save(self, scope: str, key: str, text: str) -> None:
        """Keep a text in place of the one before."""

    def delete(self, scope: str, key: str) -> None:
        """Forget a key; nothing happens where it is not known."""

    def keys(self, scope: str) -> list[str]:
        """The keys of a scope, in alphabetical order."""

    def close(self) -> None:
        """Be done with the store."""


class MemoryStore:
    """Forgets everything at the end."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}

    def load(self, scope: str, key: str) -> str | None:
        """See the protocol."""
        return self._texts.get((scope, key))

    def save(self, scope: str, key: str, text: str) -> None:
        """See the protocol."""
        self._texts[scope, key] = text

    def delete(self, scope: str, key: str) -> None:
        """See the protocol."""
        self._texts.pop((scope, key), None)

    def keys(self, scope: str) -> list[str]:
        """See the protocol."""
        return sorted(key for owner, key in list(self._texts) if owner == scope)

    def close(self) -> None:
        """See the protocol."""


class SQLiteStore:
    """Keeps texts in a file. Every change is on the disk when the call returns.

    Several processes may share the file: each waits up to five seconds for another's change.
    Raises StateError where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection = self._opened()

    def load(self, scope: str, key: str) -> str | None:
        """See the protocol."""
        rows = self._run("SELECT value FROM state WHERE scope = ? AND key = ?", scope, key)
        return str(rows[0][0]) if rows else None

    def save(self, scope: str, key: str, text: str) -> None:
        """See the protocol."""
        self._run("INSERT OR REPLACE INTO state (scope, key, value) VALUES (?, ?, ?)", scope, key, text)

    def delete(self, scope: str, key: str) -> None:
        """See the protocol."""
        self._run("DELETE FROM state WHERE scope = ? AND key = ?", scope, key)

    def keys(self, scope: str) -> list[str]:
        """See the protocol."""
        return [str(row[0]) for row in self._run("SELECT key FROM state WHERE scope = ? ORDER BY key", scope)]

    def close(self) -> None:
        """See the protocol."""
        self._connection.close()

    def _opened(self) -> sqlite3.Connection:
        import sqlite3

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        try:
            connection.execute(_TABLE)
        except sqlite3.Error as error:
            connection.close()
            raise self._unusable(error) from error
        return connection

    def _run(self, statement: str, *values: str) -> list[tuple[object, ...]]:
        import sqlite3

        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> StateError:
        return StateError(f"the state file '{self._path}' cannot be used: {error}")


def open_store(path: Path | None) -> StateStore:
    """The store in a file, or one in memory where there is none. Raises StateError."""
    return SQLiteStore(path) if path else MemoryStore()
