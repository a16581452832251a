"""PostgreSQL, with psycopg. Values are bound by the server, and never become a part of the statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.databases.rows import DatabaseTable, QueryRows, TableColumn, collected
from llmspell_engine.tools.databases.servers import CONNECT_SECONDS, ServerSession
from llmspell_engine.tools.databases.statements import QueryType, Values, bound, check_kind, verb_of
from llmspell_engine.tools.requirements import Extra

if TYPE_CHECKING:
    from psycopg import Connection, Cursor, ServerCursor

    from llmspell_engine.tools.databases.places import DatabaseServer

_AS_WRITTEN = ("interval", "money")
"""Types that Python has no exact form of: they are told as the server writes them."""
_OPENABLE = frozenset({"SELECT", "VALUES", "TABLE"})
"""What the server can keep the rows of."""
_CURSOR = "llmspell"
_ROWS_AT_ONCE = 100
_NO_FILE = "/nonexistent/file"
"""Where passwords and certificates are looked for: the user's are for no server that a script names."""
_TABLES = """
SELECT t.table_schema, t.table_name, t.table_type = 'VIEW', c.column_name,
       pg_catalog.format_type(a.atttypid, a.atttypmod), c.is_nullable = 'YES', c.column_default,
       EXISTS (SELECT FROM pg_catalog.pg_index i
               WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)),
       t.table_schema = pg_catalog.current_schema()
FROM information_schema.tables t
JOIN information_schema.columns c USING (table_schema, table_name)
JOIN pg_catalog.pg_namespace n ON n.nspname = t.table_schema
JOIN pg_catalog.pg_class r ON r.relnamespace = n.oid AND r.relname = t.table_name
JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attname = c.column_name
WHERE t.table_schema NOT IN ('pg_catalog', 'information_schema')
ORDER BY t.table_schema, t.table_name, c.ordinal_position
"""


class PostgresqlSession(ServerSession):
    """A connection to PostgreSQL."""

    needed = Extra("psycopg", "postgres")
    _connection: Connection[Any] | None = None
    _is_given_up = False

    def query(self, statement: str, values: Values, kind: QueryType, most: int) -> QueryRows:
        """See the base class."""
        check_kind(statement, kind, "postgresql")
        text, given = bound(statement, values, "postgresql", lambda number: f"${number}")
        with self._opened(reading=kind == "SELECT") as connection:
            if verb_of(statement, "postgresql") in _OPENABLE and kind == "SELECT":
                # Rows stay on the server until they are wanted: those beyond the last never come.
                with connection.cursor(_CURSOR) as waiting:
                    waiting.itersize = _ROWS_AT_ONCE
                    waiting.execute(text, given)
                    return collected(_names(waiting), waiting, most)
            with connection.cursor() as cursor:
                # A prepared statement is a single one, whatever its text.
                cursor.execute(text, given, prepare=True)
                names = _names(cursor)
                affected = 0 if kind == "SELECT" else max(0, cursor.rowcount)
                return collected(names, cursor if names else (), most, affected=affected)

    def tables(self) -> list[DatabaseTable]:
        """See the base class."""
        found: dict[str, DatabaseTable] = {}
        with self._opened(reading=True) as connection:
            for schema, table, is_view, name, kind, nullable, default, key, own in connection.execute(
                _TABLES
            ):
                title = table if own else f"{schema}.{table}"
                entry = found.setdefault(
                    title, DatabaseTable(name=title, kind="view" if is_view else "table", columns=[])
                )
                entry.columns.append(
                    TableColumn(name=name, type=kind, nullable=nullable, primary_key=key, default=default)
                )
        return list(found.values())

    def interrupt(self) -> None:
        """See the base class."""
        self._is_given_up = True
        if self._connection is not None:
            self._connection.cancel_safe(timeout=2)

    @contextmanager
    def _opened(self, *, reading: bool) -> Iterator[Connection[Any]]:
        """A connection amid a transaction, which ends well where nothing is raised."""
        import psycopg

        try:
            with self._connected() as connection:
                self._connection = connection
                connection.read_only = reading
                # The first query also fixes that the transaction only reads: it cannot be changed after one.
                milliseconds = str(max(1, round(self.seconds * 1000)))
                connection.execute("SELECT set_config('statement_timeout', $1, true)", (milliseconds,))
                if self._is_given_up:
                    raise ToolError(f"'{self.server.told}' is not wanted any more", code="cancelled")
                yield connection
        except psycopg.errors.ReadOnlySqlTransaction:
            raise ToolError(
                "the statement does more than a SELECT may; 'query_type' tells what it may do",
                code="forbidden",
            ) from None
        except psycopg.errors.QueryCanceled:
            told = f"'{self.server.told}' did not answer within {self.seconds:g} s"
            raise ToolError(f"{told}; allow more with 'timeout'", code="timeout") from None
        except psycopg.Error as error:
            code = "unreachable" if self._connection is None else "database_error"
            raise ToolError(f"'{self.server.told}': {self._plain(error)}", code=code) from None

    def _plain(self, error: Exception) -> str:
        """What went wrong, without the password, wherever a server may have put it."""
        told = " ".join(str(error).split())
        return told.replace(self.server.password, "***") if self.server.password else told

    def _connected(self) -> Connection[Any]:
        import psycopg
        from psycopg.types.string import TextLoader

        server = self.server
        connection = psycopg.connect(
            host=server.host,
            hostaddr=self.address,
            port=server.port,
            dbname=server.name,
            user=server.user,
            # An empty password keeps the one of the environment from being sent instead.
            password=server.password or "",
            passfile=_NO_FILE,
            sslcert=_NO_FILE,
            sslkey=_NO_FILE,
            sslmode=server.ssl_mode,
            sslrootcert=_authorities(server),
            gssencmode="disable",
            connect_timeout=CONNECT_SECONDS,
            application_name="llmspell",
            cursor_factory=psycopg.RawCursor,
        )
        connection.server_cursor_factory = psycopg.RawServerCursor
        for name in _AS_WRITTEN:
            connection.adapters.register_loader(name, TextLoader)
        return connection


def _authorities(server: DatabaseServer) -> str | None:
    """The file of the authorities that may vouch for a server: those of this machine where none is given."""
    if server.certificates is not None or not server.ssl_mode.startswith("verify-"):
        return str(server.certificates) if server.certificates else None
    import ssl

    import certifi

    return ssl.get_default_verify_paths().cafile or certifi.where()


def _names(cursor: Cursor[Any] | ServerCursor[Any]) -> list[str]:
    return [column.name for column in cursor.description or ()]
