"""A real Valkey or Redis server for tests, on a loopback port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.processes import tied

_PATIENCE_SECONDS = 20.0


class RedisServer:
    """Starts and stops one server. What it had is kept while the test lasts, if ``keep``."""

    def __init__(self, program: str, folder: str) -> None:
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--dir",
            self._folder,
            "--appendonly",
            "yes",
        ]
        self._process = subprocess.Popen(tied([self._program, *options]), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            assert self._process.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it and wait for its end."""
        if self._process:
            self._process.terminate()
            self._process.wait(_PATIENCE_SECONDS)
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A server that runs. Where none is installed the test is skipped, but not where changes are judged."""
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        problem = "no valkey-server or redis-server is installed: tools/test_services.sh installs one"
        pytest.fail(problem) if os.environ.get("CI") else pytest.skip(problem)
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(program, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
