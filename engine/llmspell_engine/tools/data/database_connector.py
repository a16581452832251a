"""SQL on databases: files of SQLite, PostgreSQL, MySQL and MariaDB.

What a statement may do is held by the databases themselves: see ``databases.sqlite`` and
``databases.statements``. What a user of a server may do is for who makes the user to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.data.tables import Table, written
from llmspell_engine.tools.databases.places import DatabaseServer, place_of
from llmspell_engine.tools.databases.rows import DatabaseSchema, DatabaseTable, QueryRows
from llmspell_engine.tools.databases.servers import ServerSession, on_server
from llmspell_engine.tools.databases.statements import QueryType, Value
from llmspell_engine.tools.parameters import Needs, ToolParameters


class DatabaseParameters(ToolParameters):
    """What is asked of which database."""

    needs: ClassVar[Needs] = {"query": ("query",)}

    operation: Literal["query", "schema"] = Field(description="Run a statement, or tell the tables.")
    database: Annotated[str, Field(min_length=1, max_length=4096)] | None = Field(
        None,
        description="A database that the configuration names, the file of one of SQLite, or a URL such as "
        "`postgresql://user:password@host/name` or `mysql://host/name`; the database called `default` "
        "where left out.",
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
    timeout: Annotated[float, Field(gt=0, le=3600)] = Field(
        60, description="How long it may take, in seconds; the server is told to stop then."
    )


class DatabaseConnector(Tool[DatabaseParameters]):
    """Runs SQL on SQLite, PostgreSQL, MySQL and MariaDB databases, and tells their tables."""

    name = "database-connector"
    category = "data"
    security = "restricted"
    aliases = ("database_connector",)
    Parameters = DatabaseParameters
    returns = QueryRows | DatabaseSchema

    async def run(self, parameters: DatabaseParameters, context: ToolContext) -> Outcome:
        """Open the database and do the operation."""
        kind = parameters.query_type if parameters.operation == "query" else "SELECT"
        place = place_of(parameters.database, kind, context)
        if isinstance(place, DatabaseServer):
            work = partial(_on_server, parameters=parameters)
            return await on_server(place, context, parameters.timeout, work)
        return await _in_file(place, parameters, kind)


def _on_server(session: ServerSession, parameters: DatabaseParameters) -> Outcome:
    if parameters.operation == "schema":
        return _schema(session.tables())
    found = session.query(
        parameters.query or "", parameters.parameters, parameters.query_type, parameters.max_rows
    )
    return _answered(found)


async def _in_file(path: Path, parameters: DatabaseParameters, kind: QueryType) -> Outcome:
    from anyio import move_on_after, to_thread

    with move_on_after(parameters.timeout):
        return await to_thread.run_sync(_on_file, path, parameters, kind, abandon_on_cancel=True)
    raise ToolError(
        f"the statement took longer than {parameters.timeout:g} s; allow more with 'timeout'", code="timeout"
    )


def _on_file(path: Path, parameters: DatabaseParameters, kind: QueryType) -> Outcome:
    from llmspell_engine.tools.databases import sqlite

    with sqlite.opened(path, parameters.database or "default", kind) as connection:
        if parameters.operation == "schema":
            return _schema(sqlite.tables(connection))
        found = sqlite.query(
            connection, parameters.query or "", parameters.parameters, kind, parameters.max_rows
        )
    return _answered(found)


def _answered(found: QueryRows) -> Outcome:
    cells = [["" if value is None else str(value) for value in row.values()] for row in found.rows]
    text = (
        written(Table(found.columns, cells), "csv") if found.columns else counted(found.affected_rows, "row")
    )
    done = f"Found {counted(found.row_count, 'row')}" if found.columns else f"Changed {text}"
    return Outcome("query", found, text, done)


def _schema(tables: Sequence[DatabaseTable]) -> Outcome:
    lines = (f"{one.name}({', '.join(column.name for column in one.columns)})" for one in tables)
    result = DatabaseSchema(tables=list(tables), table_count=len(tables))
    return Outcome("schema", result, "\n".join(lines), f"Found {counted(len(tables), 'table')}")
