"""A file of state: its layout, its mode, statements that wait for other processes, and its copies."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from llmspell_engine.state.store import Address, Entry, StateError

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

_LAYOUT = 1
"""The version of the layout, which the file names as its ``user_version``."""
_TABLES = (
    "CREATE TABLE entries (version INTEGER PRIMARY KEY, scope TEXT NOT NULL, key TEXT NOT NULL, value TEXT,"
    " expires REAL, changed REAL NOT NULL, UNIQUE (scope, key))",
    "CREATE INDEX expiring ON entries (expires) WHERE expires IS NOT NULL",
    "CREATE INDEX deleted ON entries (changed) WHERE value IS NULL",
)
_OLDER = "INSERT INTO entries (scope, key, value, changed) SELECT scope, key, value, ? FROM state"
"""Files of the layout before the first had one table, ``state``."""
_ALL = "SELECT scope, key, value, version, changed, expires FROM entries WHERE value IS NOT NULL"
_COPY = "INSERT INTO entries (scope, key, value, version, changed, expires) VALUES (?, ?, ?, ?, ?, ?)"
_PATIENCE_SECONDS = 10.0
"""How long to wait for another process's change."""
_BUSY, _PRIMARY = 5, 0xFF
"""SQLite's code for a file that another process has, and the part of codes that it stands in."""


def run(connection: sqlite3.Connection, statement: str, *values: Any) -> sqlite3.Cursor:
    """Run a statement, again while another process has the file.

    SQLite could wait by itself, but looks so seldom that a process which writes one value after the other
    might never let it in.
    """
    try:
        return connection.execute(statement, values)
    except Exception as error:
        if not _is_busy(error):
            raise
    import random

    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        time.sleep(random.uniform(0.0005, 0.003))  # noqa: S311
        try:
            return connection.execute(statement, values)
        except Exception as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise


def _is_busy(error: Exception) -> bool:
    """Whether another process has the file. SQLite is not imported for it: most runs keep nothing."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY == _BUSY


def unusable(path: Path, error: Exception) -> StateError:
    """What is told of a file that failed."""
    problem = str(error)
    if "locked" in problem:
        problem = f"another process has been writing to it for {_PATIENCE_SECONDS:g} s; try again"
    elif isinstance(error, UnicodeEncodeError):
        problem = "a scope or key is no Unicode text"
    return StateError(f"the state file '{path}' cannot be used: {problem}")


def prepare(connection: sqlite3.Connection) -> None:
    """Bring a file that was opened into its mode and layout."""
    layout = run(connection, "PRAGMA user_version").fetchone()[0]
    if layout > _LAYOUT:
        raise StateError(f"it has layout {layout}, of a newer llmspell; this one knows {_LAYOUT}")
    if run(connection, "PRAGMA journal_mode").fetchone()[0] != "wal":
        run(connection, "PRAGMA journal_mode = WAL").fetchall()
    run(connection, "PRAGMA synchronous = FULL")
    if layout < _LAYOUT:
        _lay_out(connection)


def _lay_out(connection: sqlite3.Connection) -> None:
    run(connection, "BEGIN IMMEDIATE")
    # Another process may have been quicker.
    if connection.execute("PRAGMA user_version").fetchone()[0] < _LAYOUT:
        for statement in _TABLES:
            connection.execute(statement)
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone():
            connection.execute(_OLDER, (time.time(),))
            connection.execute("DROP TABLE state")
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")
    connection.execute("COMMIT")


def read_file(file: Path) -> dict[Address, Entry]:
    """The entries of a file that nobody writes to. Raises StateError."""
    import sqlite3

    try:
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            problem = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if problem != "ok":
                raise StateError(f"the file '{file}' is damaged: {problem}")
            return {(scope, key): Entry(*rest) for scope, key, *rest in connection.execute(_ALL)}
    except sqlite3.Error as error:
        raise StateError(f"the file '{file}' cannot be read: {error}") from error


def write_file(file: Path, entries: Mapping[Address, Entry]) -> None:
    """Write entries into a new file, as they are."""
    import sqlite3

    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            _lay_out(connection)
            rows = ((*at, one.text, one.version, one.changed, one.expires) for at, one in entries.items())
            connection.execute("BEGIN")
            connection.executemany(_COPY, rows)
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StateError(f"the file '{file}' cannot be written: {error}") from error
