"""The process that reads files: it takes jobs from its input, one after the other, and answers on its output.

Where processes can be forked, each job has a process of its own, made of this one, which has the libraries
loaded and has seen no file. It is made before its job comes, and takes that and answers by itself: the first
process only looks on, makes the next, and tells how one ended that did not answer. Elsewhere the process does
one job and ends. It also ends when its input ends, or nothing comes for a while, so that none is left behind
by an engine that was killed.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib import import_module
from mmap import mmap
from typing import IO, TYPE_CHECKING, Any

import msgspec

from llmspell_engine.tools.error import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_NOTE = 2
"""The bytes in which a process notes how far it is, and which of the jobs it has."""
_TAKEN, _ANSWERING, _ANSWERED = 1, 2, 3


def main() -> None:
    """Do jobs until there are none."""
    taken, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints is no answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if not _CAN_FORK:
        _do_next(taken, answers, bytearray(_NOTE))
        return
    import_module(JOBS[sys.argv[2]])
    with mmap(-1, _NOTE) as note:
        while _looked_on(taken, answers, note):
            import_module(list(JOBS.values())[note[1]])


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


def _looked_on(taken: IO[bytes], answers: IO[bytes], note: mmap) -> bool:
    """Make a process for the next job and wait for its end. Whether another may follow."""
    note[:] = bytes(_NOTE)
    # What is there is not to be looked at for garbage, which would copy it into each process.
    gc.freeze()
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.close(reader)
            _do_next(taken, answers, note)
        finally:
            # Nothing that the process was made of is to be flushed or cleaned up twice.
            os._exit(0)
    os.close(writer)
    is_wanted = _wait(reader, taken)
    if not is_wanted:
        os.kill(child, signal.SIGKILL)
    os.close(reader)
    _, status = os.waitpid(child, 0)
    if note[0] == _TAKEN and is_wanted:
        write_message(answers, msgspec.msgpack.encode({"ended": os.waitstatus_to_exitcode(status)}))
        return True
    return note[0] == _ANSWERED


def _wait(reader: int, taken: IO[bytes]) -> bool:
    """Wait until a process has closed its end; False where the engine has ended before."""
    from select import POLLIN, poll

    ends = poll()
    ends.register(reader, POLLIN)
    # Jobs are no concern of this process: it only asks whether more may come.
    ends.register(taken, 0)
    return all(descriptor == reader for descriptor, _ in ends.poll())


def _do_next(taken: IO[bytes], answers: IO[bytes], note: mmap | bytearray) -> None:
    """Wait for a job, do it and answer, and note how far that is."""
    if not _comes(taken) or (given := read_message(taken)) is None:
        return
    request = msgspec.msgpack.decode(given)
    note[1] = list(JOBS).index(request["job"])
    note[0] = _TAKEN
    import_module(JOBS[request["job"]])
    if _CAN_FORK:
        _limit(request["memory"], request["seconds"])
    answer = _answer(request)
    note[0] = _ANSWERING
    write_message(answers, answer)
    note[0] = _ANSWERED


def _comes(taken: IO[bytes]) -> bool:
    if not _CAN_FORK:
        return True
    from select import select

    return bool(select([taken], [], [], IDLE_SECONDS)[0])


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


def _too_large(request: Mapping[str, Any]) -> dict[str, str]:
    name, most = request["arguments"]["name"], request["memory"] // 1024 // 1024
    return {"error": f"reading '{name}' takes more than {most} MiB of memory", "code": "too_large"}


def how_it_ended(code: int, request: Mapping[str, Any]) -> dict[str, str]:
    """What is told of a job whose process ended without an answer."""
    name = request["arguments"]["name"]
    if -code in (signal.SIGXCPU, signal.SIGALRM):
        return {"error": f"reading '{name}' takes longer than {request['seconds']} s", "code": "timeout"}
    if code == 0:
        # It ended in order, but could not even tell how: nothing but memory is missing then.
        return _too_large(request)
    told = signal.Signals(-code).name if code < 0 else f"code {code}"
    return {"error": f"'{name}' makes the library that reads it fail ({told})", "code": "crashed"}


if __name__ == "__main__":
    main()
