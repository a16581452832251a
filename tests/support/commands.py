"""``llmspell`` commands, each in a process of its own that need not import the project first.

One process in the background has imported it all. A command is a fork of it with words, folder, environment
and streams of its own, and it ends as any process does. What a command imports, and how it begins and ends
by signals and on terminals, is tested with processes that are started anew.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, NoReturn

TIMEOUT = 50.0
_LONGEST_REQUEST = 1 << 20
_READ_AT_THE_START = ("PYTHON", "LC_", "LANG")
"""Variables that the interpreter reads only then; a command with others of them is started anew."""
_ROOMS = [
    "agents", "analysis", "assembly", "config", "events", "globals", "hooks", "lint", "observability",
    "prompts", "runtime", "security", "sessions", "state", "tools", "workflows",
]  # fmt: skip
"""What commands stand on, but for what has threads of its own: the debugger, which none of them is."""


def llmspell(
    *words: str,
    cwd: Path,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. ``env`` is its whole environment, this process's where it is not given."""
    done = llmspell_bytes(*words, cwd=cwd, stdin=stdin.encode(), env=env, timeout=timeout)
    out, err = (text.decode().replace("\r\n", "\n") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def llmspell_bytes(
    *words: str,
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> subprocess.CompletedProcess[bytes]:
    """As :func:`llmspell`, in bytes."""
    variables = dict(os.environ if env is None else env)
    if _read_at_the_start(variables) == _read_at_the_start(os.environ) and sys.platform == "linux":
        return _template().run(words, cwd, stdin, variables, timeout)
    command = [sys.executable, "-m", "llmspell_cli", *words]
    return subprocess.run(
        command, cwd=cwd, input=stdin, env=variables, timeout=timeout, capture_output=True, check=False
    )


def _read_at_the_start(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name.startswith(_READ_AT_THE_START)}


@cache
def _template() -> _Template:
    return _Template()


class _Template:
    """The process that commands are forked from, as the tests see it."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Its streams are pipes, as those of its forks are.
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        theirs.close()
        self._turn = threading.Lock()
        atexit.register(self._close)

    def run(
        self, words: Sequence[str], cwd: Path, stdin: bytes, variables: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Have a command forked, and wait for its end."""
        with self._turn:
            given, out, err = os.pipe(), os.pipe(), os.pipe()
            theirs = [given[0], out[1], err[1]]
            request = {"words": words, "cwd": str(cwd), "env": variables}
            with suppress(ConnectionError):  # the answer tells of it
                socket.send_fds(self._socket, [json.dumps(request).encode()], theirs)
            for descriptor in theirs:
                os.close(descriptor)
            end = _End(int(self._answer()))
            limit = threading.Timer(timeout, end.come)
            limit.start()
            told = _talk(stdin, given[1], out[0], err[0])
            code = int(self._answer())
            limit.cancel()
        if end.has_come:
            raise subprocess.TimeoutExpired(["llmspell", *words], timeout, *told)
        return subprocess.CompletedProcess(["llmspell", *words], code, *told)

    def _answer(self) -> bytes:
        answer = b""
        with suppress(ConnectionError):
            answer = self._socket.recv(64)
        if not answer:
            raise AssertionError(f"the process that commands are forked from has ended: {self._said()}")
        return answer

    @cache  # noqa: B019 (there is one of it)
    def _said(self) -> str:
        return self._process.communicate()[1].decode()

    def _close(self) -> None:
        self._socket.close()
        self._said()


class _End:
    """The end of a command that takes too long."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.has_come = False

    def come(self) -> None:
        """Kill it."""
        self.has_come = True
        os.kill(self._number, signal.SIGKILL)


def _talk(stdin: bytes, given: int, out: int, err: int) -> tuple[bytes, bytes]:
    """What a process says on two pipes to their ends, while it is given all on a third."""
    said = [b"", b""]

    def hear(at: int, descriptor: int) -> None:
        with open(descriptor, "rb") as stream:
            said[at] = stream.read()

    hearing = [threading.Thread(target=hear, args=each) for each in enumerate((out, err))]
    for thread in hearing:
        thread.start()
    with suppress(BrokenPipeError), open(given, "wb") as stream:
        stream.write(stdin)
    for thread in hearing:
        thread.join()
    return said[0], said[1]


def _serve(number: int) -> None:
    """Fork a command for each request; comes back in each fork, and at the end of requests."""
    sys.path.pop(0)  # this folder, which no command has
    for name in ("llmspell_cli", *(f"llmspell_engine.{room}" for room in _ROOMS)):
        package = import_module(name)
        for module in walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    assert threading.active_count() == 1, "a fork has none of its template's threads"
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=number) as requests:
        while True:
            request, streams, _, _ = socket.recv_fds(requests, _LONGEST_REQUEST, 3)
            if not request:
                os._exit(0)
            command = os.fork()
            if command == 0:
                break
            for stream in streams:
                os.close(stream)
            requests.send(str(command).encode())
            requests.send(str(os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])).encode())
    _become(json.loads(request), streams)


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Be the process that a request is of."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["llmspell", *request["words"]]
    sys.path.insert(0, request["cwd"])


def _end(code: object) -> NoReturn:
    """End as interpreters do, but free nothing that was imported, which takes longer than most commands."""
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    from llmspell_cli.main import main

    _serve(int(sys.argv[1]))
    try:
        ended: object = main()
    except SystemExit as leaving:
        ended = leaving.code
    _end(ended)
