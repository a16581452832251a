"""A connection to a server for one call, and how it is given up.

Drivers wait on a worker thread. Where nobody waits for the answer any more, another thread tells the server
to stop, and ends the connection, so that neither the server nor the thread works on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.requirements import Extra

if TYPE_CHECKING:
    from llmspell_engine.tools.databases.places import DatabaseServer
    from llmspell_engine.tools.databases.rows import DatabaseTable, QueryRows
    from llmspell_engine.tools.databases.statements import QueryType, Values

T = TypeVar("T")
CONNECT_SECONDS = 10
"""How long making a connection may take."""
_STOP_SECONDS = 3.0
"""How long telling a server to stop may take."""


class ServerSession(ABC):
    """One call's connection to a server. Each method but ``interrupt`` raises ToolError."""

    needed: Extra
    """The package of the driver."""

    def __init__(self, server: DatabaseServer, address: str, seconds: float) -> None:
        self.server = server
        self.address = address
        """What was checked is what is connected to."""
        self.seconds = seconds
        """How long a statement may take; the server is told too."""

    @abstractmethod
    def query(self, statement: str, values: Values, kind: QueryType, most: int) -> QueryRows:
        """What a statement comes to. What it changes is kept where it succeeds."""

    @abstractmethod
    def tables(self) -> list[DatabaseTable]:
        """The tables and views of the database."""

    @abstractmethod
    def interrupt(self) -> None:
        """Stop what another thread waits for."""


def session_for(server: DatabaseServer) -> type[ServerSession]:
    """What speaks with a server of this kind. Raises ToolError where its driver is missing."""
    if server.dialect == "postgresql":
        from llmspell_engine.tools.databases.postgresql import PostgresqlSession

        return PostgresqlSession
    from llmspell_engine.tools.databases.mysql import MysqlSession

    return MysqlSession


async def on_server(
    server: DatabaseServer, context: ToolContext, seconds: float, work: Callable[[ServerSession], T]
) -> T:
    """Do ``work`` with a connection, on a worker thread. Raises ToolError and SecurityError."""
    from anyio import CancelScope, get_cancelled_exc_class, move_on_after, to_thread

    kind = session_for(server)
    kind.needed.check(context)
    try:
        address = await context.permissions.host(server.host, server.port)
    except OSError as error:
        raise ToolError(f"'{server.told}' cannot be reached: {error}", code="unreachable") from None
    session = kind(server, address, seconds)
    with move_on_after(seconds):
        try:
            return await to_thread.run_sync(work, session, abandon_on_cancel=True)
        except get_cancelled_exc_class():
            with CancelScope(shield=True), move_on_after(_STOP_SECONDS):
                await to_thread.run_sync(session.interrupt, abandon_on_cancel=True)
            raise
    raise ToolError(
        f"'{server.told}' did not answer within {seconds:g} s; allow more with 'timeout'", code="timeout"
    )
