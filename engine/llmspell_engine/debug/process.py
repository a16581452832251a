"""The client's side of a debuggee that is a process of its own.

Tasks, all on the caller's event loop: one reads the channel, one each reads the process's standard
output and error, and one waits for the end. The last is started by :func:`launch_process`; it waits for
the other three, reports :class:`Exited` after everything else was reported, and so ends itself.
:meth:`ProcessDebuggee.close` kills the process, which ends them all.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import hmac
import itertools
import os
import secrets
import sys
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from typing_extensions import override

from llmspell_engine.debug.channel import (
    HOST,
    VARIABLE,
    Address,
    Answer,
    Call,
    decode,
    encode,
    lines,
    together,
)
from llmspell_engine.debug.client import Debuggee, EventSink
from llmspell_engine.debug.model import (
    BreakpointStatus,
    DebuggeeError,
    EvaluateContext,
    Event,
    ExceptionBreakpoint,
    ExceptionDetails,
    Exited,
    LaunchOptions,
    Output,
    OutputCategory,
    ProcessStarted,
    Scope,
    ScriptThread,
    SourceBreakpoint,
    Stack,
    StepKind,
    Variable,
)

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Awaitable, Callable, Sequence

START_LIMIT = 20.0
"""Seconds a process may take to start its interpreter and come to the channel."""
ANSWER_LIMIT = 15.0
"""Seconds a debuggee may take to answer."""
TERMINATE_LIMIT = 1.0
"""Seconds a script has for its clean-up before its process is killed."""
DRAIN_LIMIT = 1.0
"""Seconds to wait for the last output of a process that has ended; a child of it may hold its pipes."""
PRINTING_SECONDS = 0.002
"""How long to leave a script that prints alone: it prints in a loop faster than any client shows it line by
line, and what comes meanwhile is told in one."""

Result = TypeVar("Result")
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def launch_process(options: LaunchOptions, events: EventSink) -> Debuggee:
    """Start a debuggee as a child process, joined to this one by a channel on the loopback."""
    connected: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
    token = secrets.token_hex(16)
    server = await asyncio.start_server(_doorkeeper(token, connected), HOST, 0)
    try:
        address = Address(server.sockets[0].getsockname()[1], token)
        process = await _start(options, address)
        return await _joined(process, connected, options, events)
    finally:
        server.close()


class ProcessDebuggee(Debuggee):
    """A debuggee in a child process."""

    def __init__(self, process: Process, connection: Connection, events: EventSink) -> None:
        self._process = process
        self._reader, self._writer = connection
        self._events = events
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._detached = False
        self._ended = asyncio.create_task(self._watch(), name="debuggee")

    async def prepare(self, options: LaunchOptions) -> None:
        """Tell the debuggee what it will run. Raises DebuggeeError where it cannot."""
        await self._ask(ProcessDebuggee.prepare, options)

    def disown(self) -> None:
        """Report nothing more, not even the end."""
        self._events = _ignore

    @override
    async def start(self) -> None:
        await self._ask(Debuggee.start)

    @override
    async def set_breakpoints(
        self, path: str, breakpoints: Sequence[SourceBreakpoint]
    ) -> tuple[BreakpointStatus, ...]:
        return await self._ask(Debuggee.set_breakpoints, path, tuple(breakpoints))

    @override
    async def set_exception_breakpoints(self, filters: Sequence[ExceptionBreakpoint]) -> None:
        await self._ask(Debuggee.set_exception_breakpoints, tuple(filters))

    @override
    async def resume(self, thread_id: int, kind: StepKind) -> None:
        await self._ask(Debuggee.resume, thread_id, kind)

    @override
    async def pause(self, thread_id: int) -> None:
        await self._ask(Debuggee.pause, thread_id)

    @override
    async def threads(self) -> tuple[ScriptThread, ...]:
        return await self._ask(Debuggee.threads)

    @override
    async def stack(self, thread_id: int, start: int = 0, levels: int | None = None) -> Stack:
        return await self._ask(Debuggee.stack, thread_id, start, levels)

    @override
    async def scopes(self, frame_id: int) -> tuple[Scope, ...]:
        return await self._ask(Debuggee.scopes, frame_id)

    @override
    async def variables(
        self,
        reference: int,
        kind: Literal["named", "indexed"] | None = None,
        start: int = 0,
        count: int | None = None,
        *,
        hex_numbers: bool = False,
    ) -> tuple[Variable, ...]:
        return await self._ask(Debuggee.variables, reference, kind, start, count, hex_numbers)

    @override
    async def evaluate(
        self,
        expression: str,
        frame_id: int | None,
        context: EvaluateContext,
        *,
        hex_numbers: bool = False,
    ) -> Variable:
        return await self._ask(Debuggee.evaluate, expression, frame_id, context, hex_numbers)

    @override
    async def set_variable(self, reference: int, name: str, expression: str) -> Variable:
        return await self._ask(Debuggee.set_variable, reference, name, expression)

    @override
    async def exception(self, thread_id: int) -> ExceptionDetails:
        return await self._ask(Debuggee.exception, thread_id)

    @override
    async def terminate(self) -> None:
        with contextlib.suppress(DebuggeeError):
            await self._ask(Debuggee.terminate)
        if not await self._has_ended(TERMINATE_LIMIT):
            self._kill()
            await self._has_ended(DRAIN_LIMIT * 2)

    @override
    async def detach(self) -> None:
        await self._ask(Debuggee.detach)
        self._detached = True

    @override
    async def close(self) -> None:
        if not self._detached:
            self._kill()
            await self._has_ended(DRAIN_LIMIT * 2)
        self._ended.cancel()
        await asyncio.gather(self._ended, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _ask(self, method: Callable[..., Awaitable[Result]], *arguments: Any) -> Result:
        """Call a method, known by its name, on the other side. Raises DebuggeeError."""
        call = Call(next(self._ids), method.__name__, arguments)
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting[call.id] = answer
        try:
            if self._ended.done() or self._writer.is_closing():
                raise DebuggeeError("The script has ended.")
            self._writer.write(encode(call))
            await self._writer.drain()
            return await asyncio.wait_for(answer, ANSWER_LIMIT)
        except TimeoutError:
            raise DebuggeeError(
                f"The script did not answer '{call.method}' within {ANSWER_LIMIT:.0f} s."
            ) from None
        except OSError:
            raise DebuggeeError("The script has ended.") from None
        finally:
            del self._waiting[call.id]

    def _kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _has_ended(self, limit: float) -> bool:
        done, _ = await asyncio.wait([self._ended], timeout=limit)
        return bool(done)

    async def _watch(self) -> None:
        """Report everything up to the end of the process, the end last."""
        async with asyncio.TaskGroup() as tasks:
            streams: list[asyncio.Task[None]] = [
                tasks.create_task(self._read_channel()),
                tasks.create_task(self._read_pipe(self._process.stdout, "stdout")),
                tasks.create_task(self._read_pipe(self._process.stderr, "stderr")),
            ]
            code = await self._process.wait()
            await asyncio.wait(streams, timeout=DRAIN_LIMIT)
            for stream in streams:
                stream.cancel()
        self._events(Exited(_exit_code(code)))

    async def _read_channel(self) -> None:
        try:
            async for some in lines(self._reader):
                values = [decode(line) for line in some]
                for value in together(values):
                    self._received(value)
                if all(isinstance(value, Output) for value in values):
                    await asyncio.sleep(PRINTING_SECONDS)
        except (OSError, ValueError) as problem:
            self._events(Output("important", f"The channel to the script broke: {problem}\n"))
            self._kill()
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(DebuggeeError("The script has ended."))

    def _received(self, value: Any) -> None:
        if not isinstance(value, Answer):
            self._events(value)
            return
        waiting = self._waiting.get(value.id)
        if waiting is None or waiting.done():
            return
        if value.error is None:
            waiting.set_result(value.value)
        else:
            waiting.set_exception(DebuggeeError(value.error))

    async def _read_pipe(self, pipe: asyncio.StreamReader | None, category: OutputCategory) -> None:
        assert pipe is not None
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while chunk := await pipe.read(1 << 16):
            if text := decoder.decode(chunk):
                self._events(Output(category, text))


def _doorkeeper(token: str, connected: asyncio.Future[Connection]) -> Any:
    """Let in the first that knows the token, and nobody else."""

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = await reader.readline()
        if hmac.compare_digest(shown.strip(), token.encode()) and not connected.done():
            connected.set_result((reader, writer))
        else:
            writer.close()

    return enter


async def _start(options: LaunchOptions, address: Address) -> Process:
    changes = {**options.environment, VARIABLE: address.variable()}
    environment = {**os.environ, **{name: value for name, value in changes.items() if value is not None}}
    for name, value in changes.items():
        if value is None:
            environment.pop(name, None)
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "llmspell_engine.debug.host",
            cwd=options.cwd,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as problem:
        raise DebuggeeError(f"The script's process could not be started: {problem}.") from problem


async def _joined(
    process: Process, connected: asyncio.Future[Connection], options: LaunchOptions, events: EventSink
) -> ProcessDebuggee:
    """Wait for the process to come to the channel; say why where it dies instead."""
    died = asyncio.ensure_future(process.wait())
    either: set[asyncio.Future[Any]] = {connected, died}
    try:
        await asyncio.wait(either, timeout=START_LIMIT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        died.cancel()
    if not connected.done():
        raise DebuggeeError(await _why_it_died(process))
    debuggee = ProcessDebuggee(process, connected.result(), events)
    try:
        await debuggee.prepare(options)
    except DebuggeeError:
        debuggee.disown()
        await debuggee.close()
        raise
    events(ProcessStarted(process.pid, options.program))
    return debuggee


async def _why_it_died(process: Process) -> str:
    if process.returncode is None:
        process.kill()
    _, said = await process.communicate()
    last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return f"The script's process did not start: {last or 'it gave no reason'}."


def _ignore(event: Event) -> None:
    """Take an event of a debuggee that nobody was given."""


def _exit_code(returned: int) -> int:
    """As a shell counts: 128 and the signal's number for a process that was killed."""
    return returned if returned >= 0 else 128 - returned
