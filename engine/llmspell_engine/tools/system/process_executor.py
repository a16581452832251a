"""Running programs: by a list of words and never by a shell, and never for longer or louder than allowed.

Each program leads a process group of its own, which is ended as a whole: when the time is over, when
nobody waits any more, and when the program itself ends and leaves others behind.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.files import told_as_tool_errors
from llmspell_engine.tools.given import GivenPath
from llmspell_engine.tools.parameters import ToolParameters

if TYPE_CHECKING:
    from pathlib import Path

    from anyio.abc import ByteReceiveStream, Process

SECONDS = 30
"""How long a program may run where nothing else is said."""
MOST_OUTPUT = 10 * 1024 * 1024
"""Bytes of each output that are kept."""
_PASSED = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP")
"""What a program gets of the environment, which may hold keys."""
Word = Annotated[str, Field(max_length=131_072)]


class ProcessParameters(ToolParameters):
    """What is run."""

    executable: Annotated[Word, Field(min_length=1)] = Field(
        description="The program, by name or path.", json_schema_extra={"x-example": "date"}
    )
    arguments: list[Word] = Field(default_factory=list, description="Its arguments, one a word.")
    working_directory: GivenPath | None = Field(
        None, description="The folder it starts in; the working folder where left out."
    )
    environment: dict[str, Word] = Field(
        default_factory=dict, description="Variables it gets beside the usual ones."
    )
    input: str | None = Field(None, description="What it reads from its standard input.")
    timeout_ms: Annotated[int, Field(ge=1, le=86_400_000)] = Field(
        SECONDS * 1000, description="How long it may run, in milliseconds."
    )


class ProcessResult(Result):
    """What became of a program."""

    executable: str = Field(description="The program, by the path it was found at.")
    arguments: list[str] = Field(description="Its arguments.")
    exit_code: int | None = Field(None, description="How it ended; absent where it was stopped.")
    success: bool = Field(description="Whether it ended by itself, and with 0.")
    stdout: str = Field(description="What it wrote to its standard output.")
    stderr: str = Field(description="What it wrote to its standard error.")
    truncated: bool = Field(description="Whether it wrote more than is told.")
    execution_time_ms: int = Field(description="How long it ran, in milliseconds.")
    timed_out: bool = Field(description="Whether it was stopped because the time was over.")


class ProcessExecutor(Tool[ProcessParameters]):
    """Runs a program that the security profile allows, and tells its output and how it ended."""

    name = "process-executor"
    category = "system"
    security = "privileged"
    aliases = ("process_executor",)
    Parameters = ProcessParameters
    returns = ProcessResult

    async def run(self, parameters: ProcessParameters, context: ToolContext) -> Outcome:
        """Run it to its end, or to the end of its time."""
        argv = _command(parameters, context)
        folder = context.permissions.readable(parameters.working_directory or ".")
        begin = time.monotonic()
        ended = await _run(argv, folder, parameters)
        result = ProcessResult(
            executable=argv[0],
            arguments=argv[1:],
            exit_code=ended.code,
            success=ended.code == 0,
            stdout=ended.stdout.text,
            stderr=ended.stderr.text,
            truncated=ended.stdout.truncated or ended.stderr.truncated,
            execution_time_ms=round((time.monotonic() - begin) * 1000),
            timed_out=ended.code is None,
        )
        told = f"ended with {ended.code}" if ended.code is not None else "was stopped: its time was over"
        return Outcome("execute", result, result.stdout, f"{parameters.executable} {told}")


def _command(parameters: ProcessParameters, context: ToolContext) -> list[str]:
    for name, value in parameters.environment.items():
        if not name or "=" in name or "\0" in name + value:
            raise ToolError(
                f"'{name}' is no name of a variable, or its value holds NUL", code="invalid_input"
            )
    context.permissions.process_variables(parameters.environment)
    try:
        return context.permissions.process([parameters.executable, *parameters.arguments])
    except FileNotFoundError as error:
        raise ToolError(str(error), code="not_found") from None


@dataclass(slots=True)
class _Output:
    """What was read of an output, as much as is kept."""

    data: bytearray = field(default_factory=bytearray)
    truncated: bool = False

    @property
    def text(self) -> str:
        return self.data.decode(errors="replace")


@dataclass(slots=True)
class _Ended:
    code: int | None = None
    stdout: _Output = field(default_factory=_Output)
    stderr: _Output = field(default_factory=_Output)


async def _run(argv: list[str], folder: Path, parameters: ProcessParameters) -> _Ended:
    import anyio

    process = await _started(argv, folder, parameters.environment)
    ended = _Ended()
    try:
        with anyio.move_on_after(parameters.timeout_ms / 1000):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_fed, process, (parameters.input or "").encode())
                tasks.start_soon(_kept, process.stdout, ended.stdout)
                tasks.start_soon(_kept, process.stderr, ended.stderr)
            ended.code = await process.wait()
    finally:
        with anyio.CancelScope(shield=True):
            _end_group(process)
            await process.aclose()
    return ended


async def _started(argv: list[str], folder: Path, environment: Mapping[str, str]) -> Process:
    import anyio.lowlevel

    known = {name: os.environ[name] for name in _PASSED if name in os.environ}
    options: dict[str, Any] = {"start_new_session": True} if sys.platform != "win32" else {}
    await anyio.lowlevel.checkpoint_if_cancelled()
    # A start that is broken off leaves pipes open: who has given up meanwhile ends a program that is there.
    with told_as_tool_errors(argv[0]), anyio.CancelScope(shield=True):
        process = await anyio.open_process(argv, cwd=folder, env={**known, **environment}, **options)
    return process  # noqa: RET504 (a scope may swallow what is raised in it, as far as types tell)


async def _fed(process: Process, data: bytes) -> None:
    """Write the program's input. One that does not want to read it may close it."""
    import anyio

    assert process.stdin is not None
    try:
        await process.stdin.send(data)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        pass
    finally:
        with anyio.CancelScope(shield=True):
            await process.stdin.aclose()


async def _kept(stream: ByteReceiveStream | None, output: _Output) -> None:
    """Read an output to its end, so that the program never waits for a reader."""
    assert stream is not None
    async for chunk in stream:
        room = MOST_OUTPUT - len(output.data)
        output.data += chunk[:room]
        output.truncated = output.truncated or len(chunk) > room


def _end_group(process: Process) -> None:
    """End a program and all that it started and did not take out of its group."""
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # It and all that it started have ended already.
        pass
