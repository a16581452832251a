"""Looking at a stopped script: threads, stack, scopes, the error."""

from __future__ import annotations

from llmspell_dap import from_dap, to_dap
from llmspell_dap.protocol.arguments import (
    NoArguments,
    ScopesArguments,
    StackTraceArguments,
    ThreadArguments,
)
from llmspell_dap.protocol.bodies import ExceptionInfoBody, ScopesBody, StackTraceBody, ThreadsBody
from llmspell_dap.requests import Needs, request
from llmspell_dap.session import Session


@request("threads", needs=Needs.LAUNCH)
async def threads(session: Session, arguments: NoArguments) -> ThreadsBody:
    """The lines of execution, running or stopped."""
    del arguments
    return to_dap.threads(await session.debuggee.threads())


@request("stackTrace", needs=Needs.STOP, beside=True)
async def stack_trace(session: Session, arguments: StackTraceArguments) -> StackTraceBody:
    """A window of the calls of a thread."""
    window = from_dap.stack_window(arguments)
    stack = await session.debuggee.stack(arguments.thread_id, window.start, window.count)
    with_lines = arguments.format is not None and arguments.format.line
    return to_dap.stack(session.view, stack, with_lines=with_lines)


@request("scopes", needs=Needs.STOP, beside=True)
async def scopes(session: Session, arguments: ScopesArguments) -> ScopesBody:
    """The groups of variables of a frame."""
    return to_dap.scopes(await session.debuggee.scopes(arguments.frame_id))


@request("exceptionInfo", needs=Needs.STOP, beside=True)
async def exception_info(session: Session, arguments: ThreadArguments) -> ExceptionInfoBody:
    """The error at which a thread has stopped, and what caused it."""
    return to_dap.exception(await session.debuggee.exception(arguments.thread_id))
