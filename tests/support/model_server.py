"""A server of models on the loopback interface: plain HTTP on a thread, answers given by the test."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server does with one request."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    events: Sequence[str] | None = None
    """A stream of these server-sent events instead of a body."""
    is_cut: bool = False
    """Whether the connection is dropped before the stream's end."""
    is_silent: bool = False
    """Whether nothing, or nothing after the events, is ever answered, until the client hangs up."""
    pause: float = 0.0
    """How long the server takes before the body, or before each event, in seconds."""


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class ModelServer:
    url: str
    replies: list[Reply] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    listing: Any = None
    """What a GET, for the list of models, is answered with; 404 where there is nothing."""
    listed: list[Received] = field(default_factory=list)
    """The requests for the list."""
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when a client ended the connection of a request without an answer."""


@contextmanager
def serving(*replies: Reply) -> Iterator[ModelServer]:
    """Serve these replies, one a request, in their order."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    http.model_server = ModelServer(f"http://127.0.0.1:{http.server_port}", list(replies))  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield http.model_server  # type: ignore[attr-defined]
    finally:
        http.shutdown()
        thread.join(10)
        http.server_close()


def data(*events: Any) -> list[str]:
    """Events of JSON, as the OpenAI API streams them."""
    return [f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n" for event in events]


def named(*events: dict[str, Any]) -> list[str]:
    """Events of JSON with their type as name, as the Anthropic API streams them."""
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server: ModelServer = self.server.model_server  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.received.append(Received(self.path, headers, body))
        # A test that gives too few replies fails by its own assertion instead of a thread's.
        reply = server.replies.pop(0) if server.replies else Reply({"error": "no reply is left"}, 418)
        time.sleep(0.0 if reply.events is not None else reply.pause)
        if reply.events is not None:
            self._stream(reply, server)
        elif reply.is_silent:
            self._wait_for_the_end(server)
        else:
            self._answer(reply)

    def do_GET(self) -> None:
        server: ModelServer = self.server.model_server  # type: ignore[attr-defined]
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.listed.append(Received(self.path, headers, None))
        self._answer(Reply(server.listing) if server.listing is not None else Reply({}, 404))

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""

    def _wait_for_the_end(self, server: ModelServer) -> None:
        self.close_connection = True
        self.connection.settimeout(10)
        if self.connection.recv(1) == b"":
            server.hung_up.set()

    def _answer(self, reply: Reply) -> None:
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        headers = {"content-type": "application/json", "content-length": str(len(content)), **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, reply: Reply, server: ModelServer) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in reply.events or ():
            time.sleep(reply.pause)
            content = event.encode()
            self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        if reply.is_silent:
            self._wait_for_the_end(server)
        elif reply.is_cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.wfile.write(b"0\r\n\r\n")
