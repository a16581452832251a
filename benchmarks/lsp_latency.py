"""How fast the language server answers: the real process on stdio, an editor's sequence of messages.

Opens a script of about 800 lines in each language, then types, completes, hovers and pulls
diagnostics again and again. Prints medians and 95th percentiles in milliseconds, the time to greet,
and the memory in use. Run it on an idle machine: ``python benchmarks/lsp_latency.py [REPETITIONS]``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conditions import warn_if_busy

LINES = 800
GATES = {"completion": 30.0, "hover": 15.0, "signature help": 15.0, "edit to diagnostics": 50.0}
"""Milliseconds that the 95th percentile may take."""
GREETING_GATE = 800.0

Document = tuple[str, str, str, str]
"""Name, language id, the line that is repeated, and what is typed at the end."""
DOCUMENTS: list[Document] = [
    (
        "bench.lua",
        "lua",
        'local function step{n}(input)\n  local agent = Agent.create({{ name = "a{n}", model = "echo" }})\n'
        "  local answer = agent:execute({{ text = input }})\n"
        '  return Tool.execute("text-manipulator", {{ operation = "uppercase", input = answer.text }})\nend\n'
        "print(step{n}({n}))\n",
        'local last = Agent.create({ name = "x", ',
    ),
    (
        "bench.js",
        "javascript",
        'function step{n}(input) {{\n  const agent = Agent.create({{ name: "a{n}", model: "echo" }});\n'
        "  const answer = agent.execute({{ text: input }});\n"
        '  return Tool.execute("text-manipulator", {{ operation: "uppercase", input: answer.text }});\n}}\n'
        "console.log(step{n}({n}));\n",
        'const last = Agent.create({ name: "x", ',
    ),
]


class Server:
    """A server process and the messages to it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._input, self._output = process.stdin, process.stdout
        self._id = 0

    def notify(self, method: str, params: Any, **more: Any) -> None:
        """Send a message."""
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self._input.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._input.flush()

    def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its result."""
        self._id += 1
        self.notify(method, params, id=self._id)
        while True:
            message = self._read()
            if message.get("id") == self._id:
                return message["result"]

    def _read(self) -> dict[str, Any]:
        length = 0
        while (line := self._output.readline()) != b"\r\n":
            if not line:
                raise SystemExit("the server hung up")
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message: dict[str, Any] = json.loads(self._output.read(length))
        return message


def main() -> int:
    """Measure and print; the exit code is 1 when a gate is missed."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    warn_if_busy()
    missed = False
    with _running() as (server, greeting):
        missed |= _report("greeting", [greeting], GREETING_GATE)
        for document in DOCUMENTS:
            print(document[0])
            for name, times in _session(server, document, repetitions):
                missed |= _report(name, times, GATES[name])
        print(f"memory in use: {_megabytes(server.process.pid)}")
    print("all gates met" if not missed else "a gate was MISSED")
    return int(missed)


@contextmanager
def _running() -> Iterator[tuple[Server, float]]:
    """A greeted server and how many milliseconds that took, once its bytecode is there."""
    with tempfile.TemporaryDirectory() as bytecode:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = bytecode
        greetings = []
        for is_last in (False, False, True):
            server, greeting = _greeted(environment)
            greetings.append(greeting)
            try:
                if is_last:
                    yield server, min(greetings)
            finally:
                server.process.kill()
                server.process.wait()


def _greeted(environment: dict[str, str]) -> tuple[Server, float]:
    began = time.perf_counter()
    command = [sys.executable, "-m", "llmspell_cli", "lsp"]
    server = Server(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment))
    abilities = {
        "textDocument": {"diagnostic": {}, "completion": {"completionItem": {"snippetSupport": True}}}
    }
    server.request("initialize", {"processId": None, "rootUri": None, "capabilities": abilities})
    server.notify("initialized", {})
    return server, (time.perf_counter() - began) * 1000


def _session(server: Server, document: Document, repetitions: int) -> Iterator[tuple[str, list[float]]]:
    name, language, block, typed = document
    text = "".join(block.format(n=number) for number in range(LINES // 6)) + typed
    uri = Path(tempfile.gettempdir(), name).as_uri()
    opened = {"uri": uri, "languageId": language, "version": 1, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": opened})
    target = {"textDocument": {"uri": uri}}
    last = text.count("\n")
    end = {"line": last, "character": len(typed)}
    hovered = {"line": last - 3, "character": text.split("\n")[last - 3].index("Tool") + 6}
    versions = iter(range(2, 1_000_000))

    def type_a_key() -> None:
        """An edit high up, so that everything below moves and is new."""
        start = {"line": 0, "character": 0}
        change = {"range": {"start": start, "end": start}, "text": " "}
        versioned = {"uri": uri, "version": next(versions)}
        server.notify("textDocument/didChange", {"textDocument": versioned, "contentChanges": [change]})

    def ask(method: str, position: Any) -> Callable[[], Any]:
        return lambda: server.request(method, {**target, "position": position} if position else target)

    for title, question in (
        ("completion", ask("textDocument/completion", end)),
        ("hover", ask("textDocument/hover", hovered)),
        ("signature help", ask("textDocument/signatureHelp", end)),
        ("edit to diagnostics", ask("textDocument/diagnostic", None)),
    ):
        yield title, [_timed(type_a_key, question) for _ in range(repetitions)]


def _timed(before: Callable[[], None], question: Callable[[], Any]) -> float:
    """Milliseconds from a key press to the answer: the server has not seen the text before."""
    began = time.perf_counter()
    before()
    assert question(), "the server had no answer"
    return (time.perf_counter() - began) * 1000


def _report(name: str, times: list[float], gate: float) -> bool:
    middle, late = statistics.median(times), sorted(times)[int(len(times) * 0.95)]
    verdict = "met" if late <= gate else "MISSED"
    row = f"best {min(times):6.1f}  p50 {middle:6.1f}  p95 {late:6.1f} ms"
    print(f"  {name:20} {row}  gate {gate:.0f} ms: {verdict}")
    return late > gate


def _megabytes(process_id: int) -> str:
    status = Path(f"/proc/{process_id}/status")
    if not status.exists():
        return "unknown here"
    line = next(one for one in status.read_text("utf-8").splitlines() if one.startswith("VmRSS:"))
    return f"{int(line.split()[1]) / 1024:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
