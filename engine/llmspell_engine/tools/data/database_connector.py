"""SQL on SQLite databases: files, and those that the configuration names.

What a statement may do is held by SQLite itself, which asks before each step of it: a query that says
SELECT changes nothing, whatever its text, and no statement reaches another file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.data.tables import Table, written
from llmspell_engine.tools.files import told_as_tool_errors
from llmspell_engine.tools.parameters import Needs, ToolParameters

QueryType = Literal["SELECT", "INSERT", "UPDATE", "DELETE", "SCHEMA"]
Value = str | float | int | bool | None
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


class DatabaseParameters(ToolParameters):
    """What is asked of which database."""

    needs: ClassVar[Needs] = {"query": ("query",)}

    operation: Literal["query", "schema"] = Field(description="Run a statement, or tell the tables.")
    database: Annotated[str, Field(min_length=1, max_length=4096)] | None = Field(
        None,
        description="A database that the configuration names, or the file of a SQLite database; "
        "the database called `default` where left out.",
    )
    query: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="The statement, in SQL.", json_schema_extra={"x-example": "SELECT * FROM people"}
    )
    query_type: QueryType = Field(
        "SELECT", description="What the statement may do; `SCHEMA` makes and drops tables."
    )
    parameters: list[Value] | dict[str, Value] | None = Field(
        None, description="The values of `?` or `:name` in the statement."
    )
    max_rows: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        1000, description="The most rows that are told."
    )


class QueryRows(Result):
    """What a statement came to."""

    columns: list[str] = Field(description="The columns of the rows.")
    rows: list[dict[str, Any]] = Field(description="The rows, as values by column.")
    row_count: int = Field(description="How many rows are told.")
    truncated: bool = Field(description="Whether there were more.")
    affected_rows: int = Field(description="How many rows were changed.")
    last_insert_id: int | None = Field(None, description="The number of the row that was inserted last.")


class TableColumn(Result):
    """A column of a table."""

    name: str = Field(description="Its name.")
    type: str = Field(description="Its type, as it was declared.")
    nullable: bool = Field(description="Whether it may be empty.")
    primary_key: bool = Field(description="Whether it is of the key.")
    default: str | None = Field(None, description="Its value where none is given, in SQL.")


class DatabaseTable(Result):
    """A table or view of a database."""

    name: str = Field(description="Its name.")
    kind: Literal["table", "view"] = Field(description="What it is.")
    columns: list[TableColumn] = Field(description="Its columns.")


class DatabaseSchema(Result):
    """What is in a database."""

    tables: list[DatabaseTable] = Field(description="The tables and views, by name.")
    table_count: int = Field(description="How many there are.")


class DatabaseConnector(Tool[DatabaseParameters]):
    """Runs SQL on SQLite databases, and tells their tables."""

    name = "database-connector"
    category = "data"
    security = "restricted"
    aliases = ("database_connector",)
    Parameters = DatabaseParameters
    returns = QueryRows | DatabaseSchema
    blocks = True

    def run(self, parameters: DatabaseParameters, context: ToolContext) -> Outcome:
        """Open the database and do the operation."""
        kind = parameters.query_type if parameters.operation == "query" else "SELECT"
        path = _path(parameters.database, kind, context)
        with _opened(path, parameters.database or "default", kind) as connection:
            if parameters.operation == "schema":
                return _schema(connection)
            connection.set_authorizer(_authorizer(_ALLOWED[kind]))
            return _query(connection, parameters)


def _path(database: str | None, kind: QueryType, context: ToolContext) -> Path:
    """The file of a database. What the configuration names needs no permission: it is one."""
    named = context.settings.get("database-connector", {}).get("databases", {})
    if (configured := named.get(database or "default")) is not None:
        return _configured(str(configured), context)
    if database is None:
        raise ToolError(
            "no database is configured: give 'database' a file, or set 'default' in "
            "[tools.settings.database-connector.databases] of the configuration",
            code="needs_configuration",
        )
    if "://" in database:
        return _configured(database, context)
    permissions = context.permissions
    return permissions.readable(database) if kind == "SELECT" else permissions.writable(database)


def _configured(place: str, context: ToolContext) -> Path:
    scheme, separator, path = place.partition("://")
    if separator and scheme != "sqlite":
        raise ToolError(
            f"databases of '{scheme}' are not reached by this tool, which has SQLite alone; "
            "a tool written in Python can reach others",
            code="unsupported",
        )
    # As in other tools, three strokes lead from the folder of the run, four from the root.
    return context.root / (path.removeprefix("/") if separator else place)


@contextmanager
def _opened(path: Path, given: str, kind: QueryType) -> Iterator[sqlite3.Connection]:
    mode = {"SELECT": "ro", "SCHEMA": "rwc"}.get(kind, "rw")
    with told_as_tool_errors(given):
        if mode != "rwc":
            path.stat()
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=5)) as connection:
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


def _query(connection: sqlite3.Connection, parameters: DatabaseParameters) -> Outcome:
    values: Any = parameters.parameters if parameters.parameters is not None else ()
    try:
        cursor = connection.execute(parameters.query or "", values)
    except (sqlite3.ProgrammingError, sqlite3.Warning, OverflowError) as error:
        raise ToolError(
            f"the statement and its parameters do not fit: {error}", code="invalid_query"
        ) from None
    columns = [column[0] for column in cursor.description or ()]
    found = cursor.fetchmany(parameters.max_rows + 1)
    rows = [dict(zip(columns, map(_plain, row), strict=True)) for row in found[: parameters.max_rows]]
    affected = max(0, cursor.rowcount)
    connection.commit()
    result = QueryRows(
        columns=columns,
        rows=rows,
        row_count=len(rows),
        truncated=len(found) > parameters.max_rows,
        affected_rows=affected,
        last_insert_id=cursor.lastrowid if parameters.query_type == "INSERT" else None,
    )
    cells = [["" if value is None else str(value) for value in row.values()] for row in rows]
    text = written(Table(columns, cells), "csv") if columns else counted(affected, "row")
    done = f"Found {counted(len(rows), 'row')}" if columns else f"Changed {counted(affected, 'row')}"
    return Outcome("query", result, text, done)


def _plain(value: Any) -> Any:
    """Bytes have no place in JSON, and are told in hexadecimal."""
    return value.hex() if isinstance(value, bytes) else value


def _schema(connection: sqlite3.Connection) -> Outcome:
    named = connection.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' "
        "ORDER BY name"
    ).fetchall()
    tables = [DatabaseTable(name=name, kind=kind, columns=_columns(connection, name)) for name, kind in named]
    lines = (f"{one.name}({', '.join(column.name for column in one.columns)})" for one in tables)
    result = DatabaseSchema(tables=tables, table_count=len(tables))
    return Outcome("schema", result, "\n".join(lines), f"Found {counted(len(tables), 'table')}")


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
