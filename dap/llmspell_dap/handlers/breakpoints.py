"""Where and at which errors to stop."""

from __future__ import annotations

from llmspell_dap import from_dap, to_dap
from llmspell_dap.protocol.arguments import SetBreakpointsArguments, SetExceptionBreakpointsArguments
from llmspell_dap.protocol.bodies import BreakpointsBody
from llmspell_dap.requests import Needs, request
from llmspell_dap.session import Session

WITHOUT_DEBUGGING = "The script runs without debugging."


@request("setBreakpoints", needs=Needs.LAUNCH)
async def set_breakpoints(session: Session, arguments: SetBreakpointsArguments) -> BreakpointsBody:
    """Replace all breakpoints of a file."""
    path = from_dap.source_path(session.view, arguments.source)
    wanted = from_dap.breakpoints(session.view, path, arguments)
    if not session.debugs:
        return to_dap.impossible_breakpoints(len(wanted), WITHOUT_DEBUGGING)
    statuses = await session.set_breakpoints(path, wanted)
    return to_dap.breakpoints(session.view, path, statuses)


@request("setExceptionBreakpoints", needs=Needs.LAUNCH)
async def set_exception_breakpoints(
    session: Session, arguments: SetExceptionBreakpointsArguments
) -> BreakpointsBody:
    """Replace the exception filters."""
    wanted = from_dap.exception_breakpoints(arguments)
    if not session.debugs:
        return to_dap.impossible_breakpoints(len(wanted), WITHOUT_DEBUGGING)
    known = [breakpoint_ for _, breakpoint_ in wanted if breakpoint_ is not None]
    await session.debuggee.set_exception_breakpoints(known)
    return to_dap.exception_breakpoints(wanted)
