"""The lane: reads requests and has each served, with the one guard around all of them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from llmspell_engine.debug.model import DebuggeeError

from llmspell_dap.errors import Problem, RequestError
from llmspell_dap.handlers import handler_of
from llmspell_dap.protocol.messages import Request
from llmspell_dap.session import Session

if TYPE_CHECKING:
    from llmspell_dap.connection import Connection
    from llmspell_dap.requests import Handler
    from llmspell_dap.session import Launcher

log = logging.getLogger("llmspell.dap")


async def serve(connection: Connection, launcher: Launcher | None = None) -> None:
    """Serve one session until the client disconnects or closes its end."""
    session = Session(connection, launcher) if launcher else Session(connection)
    beside: set[asyncio.Task[None]] = set()
    try:
        async for message in connection.incoming():
            if not isinstance(message, Request):
                log.warning("passed over: %s", message)
                continue
            await _serve_one(session, connection, message, beside)
            await connection.drain()
            if session.is_over:
                break
    except ConnectionError:
        log.info("the client is gone")
    finally:
        for task in beside:
            task.cancel()
        await session.close()
        await connection.close()


async def _serve_one(
    session: Session, connection: Connection, request: Request, beside: set[asyncio.Task[None]]
) -> None:
    """Serve a request here, in its turn, or start its task and let the next one come."""
    try:
        handler = handler_of(request)
    except RequestError as error:
        connection.refuse(request, error)
        return
    if not handler.beside:
        with connection.responding_first():
            await _answer(session, connection, request, handler)
        return
    task = asyncio.create_task(_answer(session, connection, request, handler))
    beside.add(task)
    task.add_done_callback(beside.discard)
    # The task asks the debuggee before the next request does: it begins during this pause.
    await asyncio.sleep(0)


async def _answer(session: Session, connection: Connection, request: Request, handler: Handler) -> None:
    """The guard: a request that fails is answered and logged, and nothing else suffers from it."""
    try:
        connection.respond(request, await _result(session, request, handler))
    except RequestError as error:
        log.info("%s refused: %s", request.command, error)
        connection.refuse(request, error)
    except DebuggeeError as error:
        log.info("%s refused by the debuggee: %s", request.command, error)
        connection.refuse(request, RequestError(Problem.REFUSED, reason=str(error)))
    except Exception as error:
        log.exception("%s failed", request.command)
        reason = f"{type(error).__name__}: {error}"
        connection.refuse(request, RequestError(Problem.INTERNAL, command=request.command, reason=reason))


async def _result(session: Session, request: Request, handler: Handler) -> Any:
    session.require(handler.needs, request.command)
    return await handler.call(session, handler.arguments(request))
