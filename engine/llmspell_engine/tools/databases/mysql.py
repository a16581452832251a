"""MySQL and MariaDB, with PyMySQL, which escapes the values of a statement by the rules of the server."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.databases.rows import DatabaseTable, QueryRows, TableColumn, collected
from llmspell_engine.tools.databases.servers import CONNECT_SECONDS, ServerSession
from llmspell_engine.tools.databases.statements import QueryType, Values, bound, check_kind
from llmspell_engine.tools.requirements import Extra

if TYPE_CHECKING:
    from pymysql.connections import Connection

_READ_ONLY = 1792
_MISBEHAVED = (RuntimeError, AssertionError, IndexError, struct.error)
"""What the driver raises of answers that it does not expect."""
_TIMED_OUT = frozenset({1969, 3024, 1317})
_TABLES = """
SELECT t.table_name, t.table_type LIKE '%%VIEW', c.column_name, c.column_type, c.is_nullable = 'YES',
       c.column_default, c.column_key = 'PRI'
FROM information_schema.tables t
JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
WHERE t.table_schema = DATABASE()
ORDER BY t.table_name, c.ordinal_position
"""


class MysqlSession(ServerSession):
    """A connection to MySQL or MariaDB."""

    needed = Extra("pymysql", "mysql")
    _socket: socket.socket | None = None
    _number: int | None = None
    """How the server calls the connection."""

    def query(self, statement: str, values: Values, kind: QueryType, most: int) -> QueryRows:
        """See the base class."""
        check_kind(statement, kind, "mysql")
        text, given = bound(_doubled(statement, values), values, "mysql", lambda number: "%s")
        reading = kind == "SELECT"
        with self._opened(reading=reading, most=most) as connection, connection.cursor() as cursor:
            cursor.execute(text, given if values is not None else None)
            names = [column[0] for column in cursor.description or ()]
            return collected(
                names,
                cursor.fetchall_unbuffered() if names else (),
                most,
                affected=0 if names else max(0, cursor.rowcount),
                last_id=(cursor.lastrowid or None) if kind == "INSERT" else None,
            )

    def tables(self) -> list[DatabaseTable]:
        """See the base class."""
        found: dict[str, DatabaseTable] = {}
        with self._opened(reading=True) as connection, connection.cursor() as cursor:
            cursor.execute(_TABLES, ())
            for title, is_view, name, kind, nullable, default, key in cursor.fetchall_unbuffered():
                entry = found.setdefault(
                    title, DatabaseTable(name=title, kind="view" if is_view else "table", columns=[])
                )
                entry.columns.append(
                    TableColumn(
                        name=name,
                        type=kind,
                        nullable=bool(nullable),
                        primary_key=bool(key),
                        default=None if default in (None, "NULL") else str(default),
                    )
                )
        return list(found.values())

    def interrupt(self) -> None:
        """See the base class."""
        import pymysql

        waiting, number = self._socket, self._number
        if waiting is None:
            return
        with suppress(pymysql.Error, OSError):
            if number is not None:
                killer = self._connected(self._reached())
                with killer.cursor() as cursor:
                    cursor.execute(f"KILL {int(number)}")
                killer.close()
        with suppress(OSError):
            waiting.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def _opened(self, *, reading: bool, most: int | None = None) -> Iterator[Connection[Any]]:
        """A connection amid a transaction, which ends well where nothing is raised."""
        import pymysql

        self._number = None
        try:
            self._socket = self._reached()
            connection = self._connected(self._socket)
            try:
                self._number = connection.thread_id()  # type: ignore[no-untyped-call]
                self._prepare(connection, reading, most)
                yield connection
                connection.commit()
            finally:
                connection.close()
        except OSError as error:
            raise ToolError(f"'{self.server.told}' cannot be reached: {error}", code="unreachable") from None
        except pymysql.Error as error:
            raise self._told(error) from None
        except _MISBEHAVED as error:
            # The driver refuses by a RuntimeError to send a file that a server asks for.
            why = "asks for a file of this machine, which is not sent"
            if "LOAD_LOCAL" not in str(error):
                why = f"answers what MySQL does not answer: {error or type(error).__name__}"
            raise ToolError(f"'{self.server.told}' {why}", code="database_error") from None

    def _prepare(self, connection: Connection[Any], reading: bool, most: int | None) -> None:
        with connection.cursor() as cursor:
            told = str(connection.get_server_info())  # type: ignore[no-untyped-call]
            if "mariadb" in told.lower():
                cursor.execute("SET SESSION max_statement_time = %s", (self.seconds,))
            else:
                cursor.execute("SET SESSION max_execution_time = %s", (round(self.seconds * 1000),))
            if most is not None:
                cursor.execute("SET SESSION sql_select_limit = %s", (most + 1,))
            access = "READ ONLY" if reading else "READ WRITE"
            # Also for a transaction that follows where a procedure ends this one.
            cursor.execute(f"SET SESSION TRANSACTION {access}")
            cursor.execute(f"START TRANSACTION {access}")

    def _told(self, error: Exception) -> ToolError:
        number, told = (*error.args, "")[:2] if error.args else (0, "")
        if number == _READ_ONLY:
            return ToolError(
                "the statement does more than a SELECT may; 'query_type' tells what it may do",
                code="forbidden",
            )
        if number in _TIMED_OUT:
            why = f"'{self.server.told}' did not answer within {self.seconds:g} s"
            return ToolError(f"{why}; allow more with 'timeout'", code="timeout")
        text = str(told or error)
        text = text.replace(self.server.password, "***") if self.server.password else text
        code = "unreachable" if self._number is None else "database_error"
        return ToolError(f"'{self.server.told}': {text}", code=code)

    def _reached(self) -> socket.socket:
        return socket.create_connection((self.address, self.server.port), CONNECT_SECONDS)

    def _connected(self, over: socket.socket) -> Connection[Any]:
        import pymysql
        from pymysql.constants import FIELD_TYPE
        from pymysql.converters import conversions, decoders
        from pymysql.cursors import SSCursor

        server = self.server
        # PyMySQL takes times of the day for spans of time, and these are not what they are written as.
        known: dict[Any, Any] = {**conversions, **decoders, FIELD_TYPE.TIME: str, FIELD_TYPE.JSON: json.loads}
        connection = pymysql.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password or "",
            database=server.name,
            charset="utf8mb4",
            conv=known,
            cursorclass=SSCursor,
            read_timeout=self.seconds + 1,
            program_name="llmspell",
            local_infile=False,
            defer_connect=True,
            **self._encryption(),
        )
        connection.connect(over)
        return connection

    def _encryption(self) -> dict[str, Any]:
        given = str(self.server.certificates) if self.server.certificates else None
        match self.server.ssl_mode:
            case "disable":
                return {"ssl_disabled": True}
            case "require":
                return {"ssl": {"ca": given, "check_hostname": False, "verify_mode": False}}
            case "verify-ca":
                return {"ssl_ca": given, "ssl_verify_cert": True}
            case "verify-full":
                return {"ssl_ca": given, "ssl_verify_identity": True}
        return {}


def _doubled(statement: str, values: Values) -> str:
    """A statement with values, whose signs of percent are no marks of the driver."""
    return statement if values is None else statement.replace("%", "%%")
