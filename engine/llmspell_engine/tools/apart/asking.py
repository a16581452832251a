"""Handing jobs to workers, each of which is a process that waits for the next one.

A job waits on a worker thread. Where nobody waits for it any more, its processes are killed, which ends the
thread too. A worker that is idle is kept for the next job; it ends by itself after a while.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from llmspell_engine.tools.base import ToolContext, ToolError, stop_if_cancelled
from llmspell_engine.tools.files import open_file

MEMORY_MB = 1024
"""MiB that a job may take where ``memory_mb`` in the settings of its tool says nothing else."""
_SECONDS = 300
"""How long a job may take where calls may take any time."""
_LARGEST_ANSWER = 256 * 1024 * 1024
_MOST_AT_ONCE = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
_MOST_IDLE = 2
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What workers have of the environment, beside what is for Python: no keys."""
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); " + (
    "from llmspell_engine.tools.apart.worker import main; main()"
)


async def apart(
    job: str, tool: str, given: str, arguments: Mapping[str, Any], context: ToolContext
) -> tuple[dict[str, Any], bytes]:
    """What a job finds in a file: facts, and what it made. Raises ToolError and SecurityError."""
    from anyio import get_cancelled_exc_class, to_thread

    memory = context.settings.get(tool, {}).get("memory_mb") or MEMORY_MB
    request = {
        "job": job,
        "arguments": {**arguments, "name": given},
        "memory": int(memory) * 1024 * 1024,
        "seconds": math.ceil(context.seconds or _SECONDS),
    }
    call = _Call()

    def ask() -> dict[str, Any]:
        return call.ask({**request, "path": str(_path(given, context))})

    try:
        answer = await to_thread.run_sync(ask, abandon_on_cancel=True)
    except get_cancelled_exc_class():
        call.give_up()
        raise
    if "error" in answer:
        raise _told(answer, tool)
    return answer["facts"], answer["data"]


def _path(given: str, context: ToolContext) -> Path:
    path = context.permissions.readable(given)
    with open_file(path, given):
        return path


def _told(answer: Mapping[str, str], tool: str) -> ToolError:
    remedy = {
        "too_large": f"; allow more with 'memory_mb' in [tools.settings.{tool}] of the configuration",
        "timeout": "; allow more with 'timeout_seconds' in [tools] of the configuration",
    }
    has_limit = "MiB of memory" in answer["error"] or answer["code"] == "timeout"
    return ToolError(
        answer["error"] + (remedy.get(answer["code"], "") if has_limit else ""), code=answer["code"]
    )


class _Worker:
    """A process that does jobs, one of which is known already."""

    def __init__(self, job: str) -> None:
        environment = {
            name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("PYTHON")
        }
        self._process = subprocess.Popen(  # noqa: S603 (it is Python itself)
            [sys.executable, "-s", "-c", _START, json.dumps(sys.path), job],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            # Ctrl-C is for the engine, which then ends its workers; and a job is killed with its worker.
            start_new_session=True,
        )

    def do(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer; None where the process ends without one."""
        import msgspec

        from llmspell_engine.tools.apart.worker import how_it_ended, read_message, write_message

        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            write_message(self._process.stdin, msgspec.msgpack.encode(request))
            body = read_message(self._process.stdout, _LARGEST_ANSWER)
        except OSError:
            return None
        if body is None:
            return None
        answer = msgspec.msgpack.decode(body, type=dict[str, Any])
        return how_it_ended(answer["ended"], request) if "ended" in answer else answer

    def kill(self) -> None:
        """End the process, and what it made for a job. Any thread."""
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> None:
        """End the process and let go of it."""
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                assert stream is not None
                stream.close()
        self._process.wait()


class _Call:
    """A job that a thread waits for, and another may give up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._is_given_up = False

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Have the job done. On a worker thread."""
        while not _MOST_AT_ONCE.acquire(timeout=0.1):
            stop_if_cancelled()
        try:
            # A worker that was idle may have ended just now; one that was made for the job may not.
            answer = self._asked(_IDLE.take(), request) or self._asked(_Worker(request["job"]), request)
        finally:
            _MOST_AT_ONCE.release()
        if answer is None:
            stop_if_cancelled()
            name = request["arguments"]["name"]
            raise ToolError(f"the process that reads '{name}' ended without an answer", code="crashed")
        return answer

    def _asked(self, worker: _Worker | None, request: Mapping[str, Any]) -> dict[str, Any] | None:
        if worker is None:
            return None
        with self._lock:
            self._worker = worker
            if self._is_given_up:
                worker.kill()
        answer = None
        try:
            answer = worker.do(request)
        except OverflowError:
            most = _LARGEST_ANSWER // 1024 // 1024
            answer = {"error": f"what is made of it is larger than {most} MiB", "code": "too_large"}
            worker.kill()
        finally:
            with self._lock:
                self._worker = None
                is_useful = answer is not None and not self._is_given_up
            _IDLE.keep(worker) if is_useful else worker.close()
        return answer

    def give_up(self) -> None:
        """Kill what does the job."""
        with self._lock:
            self._is_given_up = True
            if self._worker is not None:
                self._worker.kill()


class _Idle:
    """The workers that wait for a job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers: list[_Worker] = []

    def take(self) -> _Worker | None:
        """A worker, which may have ended meanwhile."""
        with self._lock:
            return self._workers.pop() if self._workers else None

    def keep(self, worker: _Worker) -> None:
        """Have a worker wait for another job, where not enough do already."""
        with self._lock:
            if hasattr(os, "fork") and len(self._workers) < _MOST_IDLE:
                self._workers.append(worker)
                return
        worker.close()

    def close(self) -> None:
        """End all."""
        while (worker := self.take()) is not None:
            worker.close()


_IDLE = _Idle()
atexit.register(_IDLE.close)
