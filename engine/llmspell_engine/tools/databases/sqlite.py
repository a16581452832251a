"""Databases in files of SQLite.

SQLite itself holds what a statement may do: it asks before each step of it, so that a query that says SELECT
changes nothing, whatever its text, and no statement reaches another file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from os import SEEK_END
from pathlib import Path
from typing import Any

from llmspell_engine.tools.base import ToolError, stop_if_cancelled
from llmspell_engine.tools.databases.rows import DatabaseTable, QueryRows, TableColumn, collected
from llmspell_engine.tools.databases.statements import QueryType, Values
from llmspell_engine.tools.files import LARGEST, check_is_file, told_as_tool_errors

_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_CHANGING = _READING | {sqlite3.SQLITE_TRANSACTION}
_ALLOWED: dict[QueryType, set[int]] = {
    "SELECT": _READING,
    "INSERT": _CHANGING | {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE},
    "UPDATE": _CHANGING | {sqlite3.SQLITE_UPDATE},
    "DELETE": _CHANGING | {sqlite3.SQLITE_DELETE},
    "SCHEMA": _CHANGING
    | {
        sqlite3.SQLITE_CREATE_TABLE,
        sqlite3.SQLITE_CREATE_INDEX,
        sqlite3.SQLITE_CREATE_VIEW,
        sqlite3.SQLITE_CREATE_TRIGGER,
        sqlite3.SQLITE_DROP_TABLE,
        sqlite3.SQLITE_DROP_INDEX,
        sqlite3.SQLITE_DROP_VIEW,
        sqlite3.SQLITE_DROP_TRIGGER,
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_REINDEX,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_DELETE,
    },
}
"""What statements of each class may do: an INSERT may update what is there already."""
_STEPS = 10_000
"""How many steps of a statement pass between two looks whether it is still wanted."""
_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")
"""What a journal ends with that names another file, before it the name, its length and a sum."""
_BESIDE = ("-journal", "-wal", "-shm")
"""The files that SQLite keeps beside one."""


@contextmanager
def opened(path: Path, given: str, kind: QueryType) -> Iterator[sqlite3.Connection]:
    """The database of a file; SCHEMA makes the file where there is none. On a worker thread."""
    mode = {"SELECT": "ro", "SCHEMA": "rwc"}.get(kind, "rw")
    with told_as_tool_errors(given):
        if mode != "rwc" or path.exists():
            check_is_file(path, given)  # SQLite would wait at a pipe
        _check_beside(path, given)
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=5)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
            connection.set_progress_handler(_watch, _STEPS)
            yield connection
    except sqlite3.DatabaseError as error:
        stop_if_cancelled()
        if any(told in str(error) for told in ("not authorized", "authorization denied", "prohibited")):
            raise ToolError(
                f"the statement does more than a {kind} may; 'query_type' tells what it may do",
                code="forbidden",
            ) from None
        raise ToolError(f"'{given}': {error}", code="database_error") from None


def _check_beside(path: Path, given: str) -> None:
    """Raise ToolError where what is beside a file would have SQLite touch others.

    A journal may name another one, which SQLite removes when it has taken back what the journal holds: any
    file at all, for a journal that was forged. Links would have it write elsewhere.
    """
    for ending in _BESIDE:
        beside = path.with_name(path.name + ending)
        if beside.is_symlink():
            raise ToolError(f"'{given}{ending}' is a link; SQLite would follow it", code="forbidden")
    with suppress(FileNotFoundError), path.with_name(f"{path.name}-journal").open("rb") as journal:
        journal.seek(max(0, journal.seek(0, SEEK_END) - len(_SUPER_JOURNAL)))
        if journal.read() == _SUPER_JOURNAL:
            raise ToolError(
                f"'{given}' was left amid a change of several databases, and its journal names another file; "
                "open it with the program that changed them, or remove the journal",
                code="forbidden",
            )


def _watch() -> int:
    """Interrupt a statement that nobody waits for any more."""
    from anyio import get_cancelled_exc_class

    try:
        stop_if_cancelled()
    except get_cancelled_exc_class():
        return 1
    return 0


def _authorizer(allowed: set[int]) -> Callable[..., int]:
    def ask(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() == "load_extension":
            return sqlite3.SQLITE_DENY
        # Making tables writes into the table of tables, which nothing else may do.
        own = (first or "").startswith("sqlite_") and action not in _READING
        changes_schema = sqlite3.SQLITE_CREATE_TABLE in allowed
        return sqlite3.SQLITE_OK if action in allowed and (not own or changes_schema) else sqlite3.SQLITE_DENY

    return ask


def query(
    connection: sqlite3.Connection, statement: str, values: Values, kind: QueryType, most: int
) -> QueryRows:
    """What a statement comes to."""
    connection.set_authorizer(_authorizer(_ALLOWED[kind]))
    given: Any = values if values is not None else ()
    try:
        cursor = connection.execute(statement, given)
    except (sqlite3.ProgrammingError, sqlite3.Warning, OverflowError) as error:
        raise ToolError(
            f"the statement and its parameters do not fit: {error}", code="invalid_query"
        ) from None
    affected, last_id = max(0, cursor.rowcount), cursor.lastrowid if kind == "INSERT" else None
    names = [column[0] for column in cursor.description or ()]
    found = collected(names, cursor, most, affected=affected, last_id=last_id)
    connection.commit()
    return found


def tables(connection: sqlite3.Connection) -> list[DatabaseTable]:
    """The tables and views of a database."""
    named = connection.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' "
        "ORDER BY name"
    ).fetchall()
    return [DatabaseTable(name=name, kind=kind, columns=_columns(connection, name)) for name, kind in named]


def _columns(connection: sqlite3.Connection, table: str) -> list[TableColumn]:
    found = connection.execute(
        'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', (table,)
    )
    return [
        TableColumn(
            name=name, type=kind, nullable=not required and not key, primary_key=bool(key), default=default
        )
        for name, kind, required, default, key in found
    ]
