"""A server of HTTP for as long as a tool listens: each request is read whole and answered by a function.

One task a connection; all end when the listener's own task is cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import h11
from anyio import BrokenResourceError, ClosedResourceError, EndOfStream

if TYPE_CHECKING:
    from anyio.abc import SocketStream

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Request:
    """A request, whole."""

    method: str
    target: str
    """The path, with the query."""
    headers: Mapping[str, str]
    """By names in small letters."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: Callable[[], None] | None = None
    """Called when it was sent, or could not be."""


class _TooLargeError(Exception):
    """A request has more bytes than are read."""


async def serve_connection(stream: SocketStream, answer: Callable[[Request], Response], largest: int) -> int:
    """Answer the requests of one connection, until it is closed. Gives how many could not be read."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_CHUNK)
    async with stream:
        try:
            while (request := await _request(stream, connection, largest)) is not None:
                response = answer(request)
                try:
                    await _send(stream, connection, response)
                finally:
                    if response.sent is not None:
                        response.sent()
                if connection.our_state is h11.MUST_CLOSE or connection.their_state is h11.MUST_CLOSE:
                    return 0
                connection.start_next_cycle()
        except _TooLargeError:
            await _refuse(stream, connection, Response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
        except h11.RemoteProtocolError as error:
            await _refuse(stream, connection, Response(error.error_status_hint))
        except (BrokenResourceError, ClosedResourceError):
            return 0  # The sender hung up.
        else:
            return 0
    return 1


async def _request(stream: SocketStream, connection: h11.Connection, largest: int) -> Request | None:
    """The next request; None when there comes none."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                await stream.send(connection.send(go_on) or b"")
            connection.receive_data(await _received(stream))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > largest:
                raise _TooLargeError
        elif isinstance(event, h11.EndOfMessage):
            assert head is not None
            return _whole(head, bytes(body))
        else:
            return None


async def _received(stream: SocketStream) -> bytes:
    try:
        return await stream.receive(_CHUNK)
    except EndOfStream:
        return b""


def _whole(head: h11.Request, body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    return Request(head.method.decode("ascii"), head.target.decode("latin-1"), headers, body)


async def _send(stream: SocketStream, connection: h11.Connection, response: Response) -> None:
    content = response.body.encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(content))),
        *response.headers.items(),
    ]
    reason = HTTPStatus(response.status).phrase.encode() if response.status in _STATUSES else b""
    sent = connection.send(h11.Response(status_code=response.status, headers=headers, reason=reason)) or b""
    sent += connection.send(h11.Data(data=content)) or b""
    await stream.send(sent + (connection.send(h11.EndOfMessage()) or b""))


async def _refuse(stream: SocketStream, connection: h11.Connection, response: Response) -> None:
    """Answer what cannot be read any further, where that is still possible."""
    if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
        try:
            await _send(stream, connection, Response(response.status, headers={"Connection": "close"}))
        except (BrokenResourceError, ClosedResourceError):
            return


_STATUSES = frozenset(status.value for status in HTTPStatus)
