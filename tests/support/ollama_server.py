"""A server that speaks as much of Ollama's API as looking after models takes, on the loopback interface."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "llama",
    "families": ["llama"],
    "parameter_size": "3.2B",
    "quantization_level": "Q4_K_M",
}
LLAMA = {
    "name": "llama3.2:latest",
    "model": "llama3.2:latest",
    "modified_at": "2026-01-31T12:00:00.123456789+01:00",
    "size": 2019393189,
    "digest": "a80c4f17acd5",
    "details": DETAILS,
}
SHOWN = {
    "details": DETAILS,
    "model_info": {"general.architecture": "llama", "llama.context_length": 131072},
    "capabilities": ["completion", "tools"],
}
PULLED = (
    {"status": "pulling manifest"},
    {"status": "pulling a1", "digest": "sha256:a1", "total": 300},
    {"status": "pulling a1", "digest": "sha256:a1", "total": 300, "completed": 150},
    {"status": "pulling a1", "digest": "sha256:a1", "total": 300, "completed": 300},
    {"status": "pulling b2", "digest": "sha256:b2", "total": 100, "completed": 100},
    {"status": "verifying sha256 digest"},
    {"status": "writing manifest"},
    {"status": "success"},
)


@dataclass
class OllamaServer:
    url: str
    pulled: Sequence[dict[str, Any]] = PULLED
    """The lines that a download answers with."""
    asked: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def serving(pulled: Sequence[dict[str, Any]] = PULLED) -> Iterator[OllamaServer]:
    """Serve one model, ``llama3.2``, which is in memory."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    server = OllamaServer(f"http://127.0.0.1:{http.server_port}", pulled)
    http.ollama = server  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join(10)
        http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answers = {
            "/api/version": {"version": "0.12.6"},
            "/api/tags": {"models": [LLAMA]},
            "/api/ps": {"models": [{"name": "llama3.2:latest", "size_vram": 1}]},
            "/v1/models": {"object": "list", "data": []},
        }
        self._asked(None)
        self._answer(answers.get(self.path, {"error": "no such path"}), 200 if self.path in answers else 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._asked(body)
        if self.path == "/api/show":
            is_there = body["model"] in ("llama3.2", "llama3.2:latest")
            self._answer(
                SHOWN if is_there else {"error": f"model '{body['model']}' not found"},
                200 if is_there else 404,
            )
        else:
            self._stream()

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""

    def _asked(self, body: Any) -> None:
        self.server.ollama.asked.append((self.path, body))  # type: ignore[attr-defined]

    def _answer(self, value: Any, status: int) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/x-ndjson")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for line in self.server.ollama.pulled:  # type: ignore[attr-defined]
            content = json.dumps(line).encode() + b"\n"
            self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")
