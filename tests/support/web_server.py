"""A server of web pages on the loopback interface: plain HTTP on a thread, pages given by the test.

Tables of cases write ``{site}`` for its URL, which :func:`placed` puts in.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from llmspell_engine.tools.base import ToolContext
from support.security import permissions_for_servers
from support.tools import Case

T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """What is answered to a request."""

    body: str | bytes = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    """How many bytes are announced, where that is another number than there are: then it breaks off."""
    is_silent: bool = False
    """Whether nothing is answered until the test is over."""


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By names in small letters."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class WebServer:
    url: str
    pages: dict[str, Page | list[Page]]
    """By paths with their query, or without. Of a list, each request takes one, the last one for ever."""
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def page(value: Any, status: int = 200, **headers: str) -> Page:
    """JSON."""
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Page(json.dumps(value), status, {"Content-Type": "application/json", **named})


def html(text: str, status: int = 200) -> Page:
    return Page(text, status, {"Content-Type": "text/html; charset=utf-8"})


def to(place: str, status: int = 302) -> Page:
    """A redirect."""
    return Page(status=status, headers={"Location": place})


@contextmanager
def web_server(pages: Mapping[str, Page | list[Page]]) -> Iterator[WebServer]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    server = WebServer(f"http://127.0.0.1:{http.server_port}", dict(pages))
    http.web_server = server  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        http.shutdown()
        thread.join(10)
        http.server_close()


def placed(value: T, site: str) -> T:
    """A value with the server's URL in it."""
    if isinstance(value, str):
        return value.replace("{site}", site)  # type: ignore[return-value]
    if isinstance(value, dict):
        return {placed(key, site): placed(one, site) for key, one in value.items()}  # type: ignore[return-value]
    if isinstance(value, (list, tuple)):
        return type(value)(placed(one, site) for one in value)  # type: ignore[return-value]
    return value


def at(case: Case, site: str) -> Case:
    """A case at the server of the test."""
    names = ("parameters", "gives", "refused", "fails", "text")
    return replace(case, **{name: placed(getattr(case, name), site) for name in names})


def web_context(
    root: Path, settings: Mapping[str, Mapping[str, Any]] | None = None, seconds: float = 30
) -> ToolContext:
    """What tools of tests may touch: the root, and servers on this machine."""
    return ToolContext(
        root, seconds=seconds, settings=settings or {}, permissions=permissions_for_servers(root)
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Test"

    def answer(self) -> None:
        server: WebServer = self.server.web_server  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.asked.append(Asked(self.command, self.path, headers, body))
        found = server.pages.get(self.path, server.pages.get(self.path.partition("?")[0]))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        self._send(found or Page("there is no such page", 404), server)

    def _send(self, answer: Page, server: WebServer) -> None:
        if answer.is_silent:
            server.over.wait(30)
            self.close_connection = True
            return
        body = answer.body
        content = placed(body, server.url).encode() if isinstance(body, str) else body
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, placed(value, server.url))
        self.send_header("Content-Length", str(len(content) if answer.promised is None else answer.promised))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.close_connection = answer.promised is not None

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def paths(server: WebServer) -> Sequence[str]:
    """Where requests went, in order."""
    return [one.path for one in server.asked]
