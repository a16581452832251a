"""A language server spoken to in plain messages, for what no well-behaved client would do."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
from typing import IO, TYPE_CHECKING, Any

from support.processes import environment

if TYPE_CHECKING:
    from types import TracebackType

LIMIT = 20.0
"""Seconds until a silent server is ended, which fails the test that waits for it."""


class RawServer:
    """A server process; every wait ends after LIMIT seconds because the process is ended then."""

    def __init__(self, command: list[str], *, over_tcp: bool = False) -> None:
        self.notifications: list[dict[str, Any]] = []
        self._errors = ""
        self._id = 0
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        self._timer = threading.Timer(LIMIT, self._process.kill)
        self._timer.start()
        self._socket: socket.socket | None = None
        self._input: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        self._output: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        if over_tcp:
            self._connect()

    def _connect(self) -> None:
        assert self._process.stderr is not None
        line = self._process.stderr.readline().decode()
        host, _, port = line.rpartition(" ")[2].strip().rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=LIMIT)
        self._input, self._output = self._socket.makefile("wb"), self._socket.makefile("rb")

    def __enter__(self) -> RawServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        if self._process.stderr is not None:
            self._errors = self._process.stderr.read().decode("utf-8", "replace")
        for stream in (self._input, self._output, self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError, ValueError):
                stream.close()  # type: ignore[union-attr]
        if self._process.stderr is not None:
            self._process.stderr.close()
        if self._socket is not None:
            self._socket.close()

    def greet(self, process_id: int | None = None) -> dict[str, Any]:
        """Initialise the server with no ability at all."""
        params = {"processId": process_id, "rootUri": None, "capabilities": {}}
        answer = self.request("initialize", params)
        self.notify("initialized", {})
        return answer

    def request(self, method: str, params: Any) -> dict[str, Any]:
        """Ask, and wait for the answer; notifications on the way are kept."""
        self._id += 1
        self.notify(method, params, id=self._id)
        while True:
            message = self._read()
            if message.get("id") == self._id and "method" not in message:
                return message
            self.notifications.append(message)

    def notify(self, method: str, params: Any, **more: Any) -> None:
        """Send a message."""
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode())

    def send(self, body: bytes) -> None:
        """Send a body as it is."""
        self._input.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._input.flush()

    def close_input(self) -> None:
        """Hang up."""
        self._input.close()

    def wait(self) -> int:
        """The exit code."""
        return self._process.wait(LIMIT)

    def errors(self) -> str:
        """What the server wrote on stderr, once it has ended."""
        return self._errors

    def _read(self) -> dict[str, Any]:
        length = 0
        while line := self._output.readline():
            if line == b"\r\n":
                body: dict[str, Any] = json.loads(self._output.read(length))
                return body
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        raise AssertionError(f"the server hung up after {self.notifications}")
