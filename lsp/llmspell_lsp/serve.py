"""Runs the server on a pair of streams and says how the process should end.

On stdio the real stdout belongs to the protocol alone: the server takes it for itself, and whatever
else prints in this process prints to stderr. The process ends when the client says ``exit``, closes
its end, or is gone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING

from pygls.io_ import run_async

from llmspell_lsp.server import FORSAKEN, Server

if TYPE_CHECKING:
    from typing import BinaryIO

log = logging.getLogger(__name__)


def serve_stdio() -> int:
    """Serve on stdin and stdout. Returns the exit code: 0 when the client shut the server down first."""
    stdin, stdout = _own_streams()
    server = Server(version("llmspell"))
    server.start_io(stdin, stdout)
    return 0 if server.protocol.is_shut_down else FORSAKEN


def serve_tcp(host: str, port: int) -> int:
    """Serve the first client that connects. The address is told on stderr; port 0 takes a free one."""
    server = Server(version("llmspell"))
    try:
        return asyncio.run(_serve_one(server, host, port))
    except SystemExit:
        return 0 if server.protocol.is_shut_down else FORSAKEN
    finally:
        server.shutdown()


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Private copies of stdin and stdout; descriptor 1 becomes stderr, descriptor 0 is empty."""
    sys.stdout.flush()
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return stdin, stdout


async def _serve_one(server: Server, host: str, port: int) -> int:
    connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
    connected = asyncio.get_running_loop().create_future()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connected.done():
            writer.close()
        else:
            connected.set_result((reader, writer))

    listener = await asyncio.start_server(accept, host, port)
    address = listener.sockets[0].getsockname()
    sys.stderr.write(f"llmspell lsp: listening on {address[0]}:{address[1]}\n")
    sys.stderr.flush()
    reader, writer = await connected
    listener.close()
    await _converse(server, reader, writer)
    return 0 if server.protocol.is_shut_down else FORSAKEN


async def _converse(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    server.protocol.set_writer(writer)
    await run_async(
        stop_event=threading.Event(),
        reader=reader,
        protocol=server.protocol,
        logger=log,
        error_handler=server.report_server_error,
    )
