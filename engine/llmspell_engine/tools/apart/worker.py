"""The process that reads files: it takes jobs from its input, one after the other, and answers on its output.

Where processes can be forked, each job has a process of its own, made of this one, which has the libraries
loaded and has seen no file. Elsewhere the process does one job and ends. It also ends when its input ends,
or nothing comes for a while, so that none is left behind by an engine that was killed.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from importlib import import_module
from typing import IO, Any

import msgspec

from llmspell_engine.tools.error import ToolError

JOBS = {
    "audio": "llmspell_engine.tools.apart.audio",
    "images": "llmspell_engine.tools.apart.images",
    "pdf": "llmspell_engine.tools.apart.pdf",
    "video": "llmspell_engine.tools.apart.video",
}
IDLE_SECONDS = 60
_CAN_FORK = hasattr(os, "fork")
_HEAD = 8
"""The bytes of a message that tell its length."""


def main() -> None:
    """Do jobs until there are none."""
    taken, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints is no answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while _comes(taken) and (given := read_message(taken)) is not None:
        request = msgspec.msgpack.decode(given)
        write_message(answers, _forked(request, taken) if _CAN_FORK else _answer(request))
        if not _CAN_FORK:
            return


def _comes(taken: IO[bytes]) -> bool:
    if not _CAN_FORK:
        return True
    from select import select

    return bool(select([taken], [], [], IDLE_SECONDS)[0])


def read_message(stream: IO[bytes], largest: int | None = None) -> bytes | None:
    """The next message; None where there is none, or it breaks off. Raises OverflowError."""
    head = stream.read(_HEAD)
    if len(head) < _HEAD:
        return None
    size = int.from_bytes(head, "big")
    if largest is not None and size > largest:
        raise OverflowError(size)
    body = stream.read(size)
    return body if len(body) == size else None


def write_message(stream: IO[bytes], body: bytes) -> None:
    """Write a message at once."""
    stream.write(len(body).to_bytes(_HEAD, "big") + body)
    stream.flush()


def _forked(request: dict[str, Any], taken: IO[bytes]) -> bytes:
    """The answer of a process made for the job, or how that ended without one."""
    import_module(JOBS[request["job"]])
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reader)
        try:
            _limit(request["memory"], request["seconds"])
            with os.fdopen(writer, "wb") as stream:
                write_message(stream, _answer(request))
        finally:
            # Nothing that the process was made of is to be flushed or cleaned up twice.
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = read_message(io.BytesIO(_all_of(stream, child, taken)))
    _, status = os.waitpid(child, 0)
    return answer or msgspec.msgpack.encode(_ended(status, request))


def _all_of(stream: IO[bytes], child: int, taken: IO[bytes]) -> bytes:
    """What the process of a job writes. Where the engine ends meanwhile, all do."""
    from select import select

    found = bytearray()
    while True:
        ready, _, _ = select([stream, taken], [], [])
        if taken in ready:
            # There is one job at a time: what comes now is the end.
            os.kill(child, signal.SIGKILL)
            sys.exit()
        piece = os.read(stream.fileno(), 1 << 16)
        if not piece:
            return bytes(found)
        found += piece


def _limit(memory: int, seconds: int) -> None:
    import resource

    used = _used()
    if used is not None:
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # The engine ends a job sooner; this is for one whose engine is gone.
    signal.alarm(seconds + 1)


def _used() -> int | None:
    """The bytes of memory that the process has been given; None where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as told:  # noqa: PTH123 (pathlib is not loaded here)
            return int(told.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def _answer(request: dict[str, Any]) -> bytes:
    """What a job came to."""
    try:
        job = import_module(JOBS[request["job"]])
        facts, data = job.perform(request["path"], request["arguments"])
        return msgspec.msgpack.encode({"facts": facts, "data": data})
    except ToolError as error:
        told = {"error": str(error), "code": error.code}
    except MemoryError:
        told = _too_large(request)
    except Exception as error:  # noqa: BLE001 (whatever a library raises of a file is told)
        name = request["arguments"]["name"]
        told = {"error": f"'{name}' cannot be read: {type(error).__name__}: {error}", "code": "broken_file"}
    return msgspec.msgpack.encode(told)


def _too_large(request: dict[str, Any]) -> dict[str, str]:
    name, most = request["arguments"]["name"], request["memory"] // 1024 // 1024
    return {"error": f"reading '{name}' takes more than {most} MiB of memory", "code": "too_large"}


def _ended(status: int, request: dict[str, Any]) -> dict[str, str]:
    name, code = request["arguments"]["name"], os.waitstatus_to_exitcode(status)
    if -code in (signal.SIGXCPU, signal.SIGALRM):
        return {"error": f"reading '{name}' takes longer than {request['seconds']} s", "code": "timeout"}
    if code == 0:
        # It ended in order, but could not even tell how: nothing but memory is missing then.
        return _too_large(request)
    told = signal.Signals(-code).name if code < 0 else f"code {code}"
    return {"error": f"'{name}' makes the library that reads it fail ({told})", "code": "crashed"}


if __name__ == "__main__":
    main()
