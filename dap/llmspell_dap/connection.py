"""Messages in and out over two byte streams: numbering, encoding, and the order of what is written.

A connection has no task of its own. Whoever reads iterates over :meth:`Connection.incoming`;
whoever writes calls :meth:`respond`, :meth:`refuse` or :meth:`tell`, each of which numbers, encodes
and hands over one whole message before it returns, so the order of calls is the order on the wire.
While a response is being made, events wait (:meth:`responding_first`): a client always learns that
its ``continue`` was accepted before it learns where the script stopped next.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from llmspell_dap.errors import Problem, RequestError
from llmspell_dap.protocol.messages import EventMessage, Incoming, Request, Response
from llmspell_dap.wire import Malformed, Unframer, frame

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

    from llmspell_dap.protocol.bodies import Event

log = logging.getLogger("llmspell.dap")
trace = logging.getLogger("llmspell.dap.trace")

CHUNK = 64 * 1024

_decoder: msgspec.json.Decoder[Incoming] = msgspec.json.Decoder(Incoming)
_encoder = msgspec.json.Encoder()
_SURROGATE = re.compile("[\ud800-\udfff]")


class Connection:
    """One client's streams."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._seq = 0
        self._waiting: list[Event] | None = None
        """Events held back until a response is written; None where none are held."""

    async def incoming(self) -> AsyncIterator[Incoming]:
        """Messages as they come, until the client closes its end. Answers what is malformed itself."""
        unframer = Unframer()
        while data := await self._reader.read(CHUNK):
            for found in unframer.feed(data):
                message = self._decode(found)
                if message is not None:
                    yield message

    def respond(self, request: Request, body: Any = None) -> None:
        """Answer a request that succeeded."""
        self._write(
            Response(
                seq=self._next(),
                type="response",
                request_seq=request.seq,
                success=True,
                command=request.command,
                body=body,
            )
        )

    def refuse(self, request: Request, error: RequestError) -> None:
        """Answer a request that failed."""
        self._write(
            Response(
                seq=self._next(),
                type="response",
                request_seq=request.seq,
                success=False,
                command=request.command,
                message=error.short,
                body=error.body(),
            )
        )

    def tell(self, event: Event) -> None:
        """Send an event, now or behind the response that is being made."""
        if self._waiting is not None:
            self._waiting.append(event)
            return
        self._write(EventMessage(seq=self._next(), type="event", event=event.event, body=event))

    @contextmanager
    def responding_first(self) -> Iterator[None]:
        """Hold events back while a request is served and answered. One request at a time."""
        self._waiting = []
        try:
            yield
        finally:
            waiting, self._waiting = self._waiting, None
            for event in waiting:
                self.tell(event)

    async def drain(self) -> None:
        """Wait until the client has taken most of what was written."""
        await self._writer.drain()

    async def close(self) -> None:
        """Write what is left and close. A client that is gone already is no error."""
        try:
            await self._writer.drain()
        except ConnectionError:
            log.debug("the client closed the connection first")
        self._writer.close()

    def _decode(self, found: bytes | Malformed) -> Incoming | None:
        if isinstance(found, Malformed):
            self._complain(b"", found.reason)
            return None
        trace.debug("<- %s", found)
        try:
            return _decoder.decode(found)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._complain(found, str(error))
            return None

    def _complain(self, body: bytes, reason: str) -> None:
        """Answer what cannot be understood, addressed as well as it can be."""
        log.warning("malformed message: %s", reason)
        error = RequestError(Problem.MALFORMED, reason=reason)
        self.refuse(_addressee(body), error)

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _write(self, message: Response | EventMessage) -> None:
        body = _encode(message)
        trace.debug("-> %s", body)
        if not self._writer.is_closing():
            self._writer.write(frame(body))


def _addressee(body: bytes) -> Request:
    """The request that a malformed message was meant to be: number 0 and no name where it tells neither."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = None
    fields = found if isinstance(found, dict) else {}
    seq, command = fields.get("seq"), fields.get("command")
    return Request(
        seq=seq if isinstance(seq, int) else 0, command=command if isinstance(command, str) else ""
    )


def _encode(message: Response | EventMessage) -> bytes:
    """JSON in UTF-8. Bytes that are no text, which a script may print, show as ``\\xNN``."""
    try:
        return _encoder.encode(message)
    except UnicodeEncodeError:
        return _encoder.encode(_readable(msgspec.to_builtins(message)))


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(_escaped, value)
    if isinstance(value, dict):
        return {key: _readable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_readable(part) for part in value]
    return value


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
