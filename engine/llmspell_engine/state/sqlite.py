"""State in an SQLite file, which several processes may share.

An entry is a row, and its version the row's number: SQLite gives each new row a number above all others, and
replacing a row makes a new one. A deleted value leaves a row without a text for a while, by which other
processes see that it was deleted.

The file is in write-ahead mode: readers and the one writer do not wait for each other, and a write is on the
disk when its call returns. Threads: one connection, which a lock hands from one to the next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from llmspell_engine.state.changes import Change, Listener, Listeners, Operation
from llmspell_engine.state.sqlite_files import prepare, run, unusable
from llmspell_engine.state.sqlite_recent import RecentRows, number_of
from llmspell_engine.state.store import ANYTHING, Address, Entry, Kind, Seen, StateError, Write

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

_SAVE = "INSERT OR REPLACE INTO entries (scope, key, value, expires, changed) VALUES (?, ?, ?, ?, ?)"
_DELETE = (
    "INSERT OR REPLACE INTO entries (scope, key, value, expires, changed)"
    " SELECT scope, key, NULL, NULL, ? FROM entries WHERE scope = ? AND key = ? AND value IS NOT NULL"
)
_KEYS = (
    "SELECT key FROM entries WHERE scope = ? AND value IS NOT NULL AND (expires IS NULL OR expires > ?)"
    " ORDER BY key"
)
_ENTRIES = (
    "SELECT key, value, version, changed, expires FROM entries"
    " WHERE scope = ? AND value IS NOT NULL AND (expires IS NULL OR expires > ?) ORDER BY key"
)
_SCOPES = (
    "SELECT DISTINCT scope FROM entries WHERE value IS NOT NULL AND (expires IS NULL OR expires > ?)"
    " ORDER BY scope"
)
_EXPIRED = "SELECT scope, key FROM entries WHERE expires <= ?"
_ENTRY = "SELECT value, version, changed, expires FROM entries WHERE scope = ? AND key = ?"
_TEXT = "SELECT value, expires FROM entries WHERE scope = ? AND key = ?"
_FORGET = (
    "DELETE FROM entries WHERE value IS NULL AND changed < ? AND version < (SELECT max(version) FROM entries)"
)
_DELETED_SECONDS = 3600.0
"""How long it is known that a value was deleted."""
_SWEEP_EVERY = 1000
"""After how many writes old rows are looked for."""


class SQLiteStore:
    """Keeps texts in a file. Every change is on the disk when the call returns.

    Several processes may share the file: each waits up to ten seconds for another's change.
    Raises StateError where the file cannot be used.
    """

    kind: Kind = "sqlite"

    def __init__(self, path: Path) -> None:
        import sqlite3

        self._path = path
        self.place = str(path)
        self._error = sqlite3.Error
        self._lock = threading.Lock()
        self._listeners = Listeners(self._look)
        self._seen = 0
        """The newest version whose change was told."""
        self._own: set[int] = set()
        """The versions after it that were written here, and are told already."""
        self._data_version = 0
        self._writes = 0
        before = number_of(path)
        self._connection = self._opened()
        self._recent = RecentRows(path, before)
        self.sweep()

    # Reading

    def load(self, scope: str, key: str) -> str | None:
        """See the protocol."""
        address = (scope, key)
        try:
            with self._lock:
                row = self._recent.find(address)
                if row is None:
                    found = self._connection.execute(_TEXT, address).fetchone()
                    row = self._recent.keep(address, found)
        except (self._error, UnicodeEncodeError):
            # Once more, with patience, and with its error told; this is the way that most reads go.
            row = next(iter(self._read(_TEXT, scope, key)), (None, None))
        text, expires = row
        return text if expires is None or expires > time.time() else None

    def entry(self, scope: str, key: str) -> Entry | None:
        """See the protocol."""
        rows = self._read(_ENTRY, scope, key)
        return _live(rows[0]) if rows else None

    def keys(self, scope: str) -> list[str]:
        """See the protocol."""
        return [key for (key,) in self._read(_KEYS, scope, time.time())]

    def entries(self, scope: str) -> dict[str, Entry]:
        """See the protocol."""
        return {key: Entry(*rest) for key, *rest in self._read(_ENTRIES, scope, time.time())}

    def scopes(self) -> list[str]:
        """See the protocol."""
        return [scope for (scope,) in self._read(_SCOPES, time.time())]

    def size(self) -> int:
        """See the protocol: the pages of the file."""
        return int(self._read("PRAGMA page_count")[0][0]) * int(self._read("PRAGMA page_size")[0][0])

    # Writing

    def save(self, scope: str, key: str, text: str, ttl_seconds: float | None = None) -> None:
        """See the protocol."""
        now = time.time()
        expires = None if ttl_seconds is None else now + ttl_seconds
        with self._locked() as connection:
            version = run(connection, _SAVE, scope, key, text, expires, now).lastrowid
            self._put(Change(scope, key, "save", version or 0, text))
        self._written()

    def delete(self, scope: str, key: str) -> None:
        """See the protocol."""
        with self._locked() as connection:
            self._delete(connection, scope, key)
        self._written()

    def commit(self, writes: Mapping[Address, Write], seen: Seen = ANYTHING, *, durable: bool = True) -> bool:
        """See the protocol."""
        with self._locked() as connection:
            with self._synchronous(connection, durable), self._together(connection):
                now = time.time()
                if not self._is_as(connection, seen, now):
                    return False
                changes = [self._write(connection, address, write, now) for address, write in writes.items()]
            # Put down only now that they are on the disk.
            for change in changes:
                if change:
                    self._put(change)
        self._written(len(writes))
        return True

    def sweep(self) -> int:
        """See the protocol."""
        now = time.time()
        if not self._read("SELECT 1 FROM entries WHERE expires <= ? LIMIT 1", now) and not self._read(
            "SELECT 1 FROM entries WHERE value IS NULL AND changed < ? LIMIT 1", now - _DELETED_SECONDS
        ):
            return 0
        with self._locked() as connection:
            with self._together(connection):
                gone = connection.execute(_EXPIRED, (now,)).fetchall()
                versions = [connection.execute(_SAVE, (*one, None, None, now)).lastrowid for one in gone]
                connection.execute(_FORGET, (now - _DELETED_SECONDS,))
            for (scope, key), version in zip(gone, versions, strict=True):
                self._put(Change(scope, key, "expire", version or 0))
        self._listeners.tell()
        return len(gone)

    # Listening

    def listen(self, listener: Listener) -> Callable[[], None]:
        """See the protocol."""
        with self._locked() as connection:
            if not self._listeners:
                self._seen, self._data_version = self._newest(connection), self._versioned(connection)
                self._own.clear()
            return self._listeners.add(listener)

    def _look(self) -> None:
        """Put down what other processes changed. The database tells whether any has, at next to no cost."""
        with self._locked() as connection:
            data_version = self._versioned(connection)
            if data_version != self._data_version:
                self._put_foreign(connection)
                self._data_version = data_version
            elif len(self._own) > _SWEEP_EVERY:
                self._seen = self._newest(connection)
                self._own.clear()
        self.sweep()

    def _put_foreign(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute(
            "SELECT version, scope, key, value FROM entries WHERE version > ? ORDER BY version", (self._seen,)
        )
        for version, scope, key, text in rows.fetchall():
            if version not in self._own:
                operation: Operation = "delete" if text is None else "save"
                self._listeners.put(Change(scope, key, operation, version, text))
            self._seen = version
        self._own.clear()

    def _put(self, change: Change) -> None:
        if self._listeners:
            self._own.add(change.version)
            self._listeners.put(change)

    # The file as a whole

    def copy_to(self, file: Path) -> None:
        """See the protocol."""
        import sqlite3

        with self._locked() as connection, closing(sqlite3.connect(file, isolation_level=None)) as copy:
            connection.backup(copy)
            # A file of its own, which needs none beside it.
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()

    def close(self) -> None:
        """See the protocol."""
        self._listeners.close()
        with self._lock:
            self._recent.end()
            self._connection.close()

    def _opened(self) -> sqlite3.Connection:
        import sqlite3

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise unusable(self._path, error) from error
        try:
            prepare(connection)
        except (sqlite3.Error, StateError) as error:
            connection.close()
            raise unusable(self._path, error) from error
        return connection

    # With the lock

    def _is_as(self, connection: sqlite3.Connection, seen: Seen, now: float) -> bool:
        for address, known in seen.versions.items():
            found = connection.execute(_ENTRY, address).fetchone()
            entry = _live(found, now) if found else None
            if (entry.version if entry else 0) != known:
                return False
        return all(
            [key for (key,) in connection.execute(_KEYS, (scope, now))] == list(known)
            for scope, known in seen.keys.items()
        )

    def _write(
        self, connection: sqlite3.Connection, address: Address, write: Write, now: float
    ) -> Change | None:
        if write.text is None:
            return self._deleted(connection, *address)
        row = (*address, write.text, write.expires(now), now)
        version = connection.execute(_SAVE, row).lastrowid
        return Change(*address, "save", version or 0, write.text)

    def _delete(self, connection: sqlite3.Connection, scope: str, key: str) -> None:
        change = self._deleted(connection, scope, key)
        if change:
            self._put(change)

    def _deleted(self, connection: sqlite3.Connection, scope: str, key: str) -> Change | None:
        cursor = run(connection, _DELETE, time.time(), scope, key)
        return Change(scope, key, "delete", cursor.lastrowid or 0) if cursor.rowcount else None

    def _newest(self, connection: sqlite3.Connection) -> int:
        return int(connection.execute("SELECT coalesce(max(version), 0) FROM entries").fetchone()[0])

    def _versioned(self, connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA data_version").fetchone()[0])

    # Around statements

    def _written(self, count: int = 1) -> None:
        self._listeners.tell()
        self._writes += count
        if self._writes >= _SWEEP_EVERY:
            self._writes = 0
            self.sweep()

    def _read(self, statement: str, *values: Any) -> list[Any]:
        with self._locked() as connection:
            return run(connection, statement, *values).fetchall()

    @contextmanager
    def _locked(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                yield self._connection
        except (self._error, UnicodeEncodeError) as error:
            raise unusable(self._path, error) from error

    @contextmanager
    def _synchronous(self, connection: sqlite3.Connection, durable: bool) -> Iterator[None]:
        """What is written within waits for the disk, or for the system alone; the file is whole anyway."""
        if durable:
            yield
            return
        connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            connection.execute("PRAGMA synchronous = FULL")

    @contextmanager
    def _together(self, connection: sqlite3.Connection) -> Iterator[None]:
        """All that is written within, or nothing."""
        run(connection, "BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _live(row: Any, now: float | None = None) -> Entry | None:
    """The entry of a row, where it is neither deleted nor has had its time."""
    text, _, _, expires = row
    if text is None or (expires is not None and expires <= (now or time.time())):
        return None
    return Entry(*row)
