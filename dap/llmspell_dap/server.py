"""Where clients come from: the process's standard streams, or a port on which each connection is a session.

On the standard streams, stdout belongs to the protocol. The adapter keeps it for itself and gives
everybody else in the process stderr in its place, so that a stray ``print`` cannot break a message;
children inherit an empty stdin.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import stat
import sys
from collections.abc import Coroutine
from typing import Any, BinaryIO

from llmspell_dap.connection import Connection
from llmspell_dap.dispatch import serve

log = logging.getLogger("llmspell.dap")

LOOPBACK = "127.0.0.1"


def run_stdio() -> None:
    """Serve one session on stdin and stdout. Returns when the client has gone.

    Raises ValueError where they are files, which cannot be read and written as things happen.
    """
    if not (_is_stream(0) and _is_stream(1)):
        raise ValueError("stdin and stdout have to be pipes")
    incoming, outgoing = _claim_streams()
    _run(_serve_stdio(incoming, outgoing))


def run_listening(host: str, port: int) -> None:
    """Serve a session for every connection, until interrupted. Port 0 takes a free one.

    Says on stderr where it listens. Raises OSError where it cannot.
    """
    _run(_serve_connections(host, port))


def parse_address(text: str) -> tuple[str, int]:
    """``HOST:PORT``, ``:PORT`` or ``PORT``, the latter two on this machine. Raises ValueError."""
    host, _, port = text.rpartition(":")
    number = int(port)
    if not 0 <= number <= 0xFFFF:
        raise ValueError(f"{number} is no port")
    return host.strip("[]") or LOOPBACK, number


def _run(main: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_until_terminated(main))


async def _until_terminated(main: Coroutine[Any, Any, None]) -> None:
    """A client that kills the adapter does so with SIGTERM: the script's process must not stay behind."""
    task = asyncio.current_task()
    if task is not None and sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await main


def _is_stream(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)


def _claim_streams() -> tuple[BinaryIO, BinaryIO]:
    """stdin and stdout for the protocol alone."""
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    outgoing = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return incoming, outgoing


async def _serve_stdio(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), incoming)
    # Only the flow control of this protocol is used: nothing is ever read from stdout.
    flow = asyncio.StreamReaderProtocol(asyncio.StreamReader())
    transport, _ = await loop.connect_write_pipe(lambda: flow, outgoing)
    await serve(Connection(reader, asyncio.StreamWriter(transport, flow, None, loop)))


async def _serve_connections(host: str, port: int) -> None:
    server = await asyncio.start_server(_serve_connection, host, port)
    for socket in server.sockets:
        name, number = socket.getsockname()[:2]
        sys.stderr.write(f"llmspell dap: listening on {name}:{number}\n")
    sys.stderr.flush()
    async with server:
        await server.serve_forever()


async def _serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    log.info("client %s connected", writer.get_extra_info("peername"))
    await serve(Connection(reader, writer))
