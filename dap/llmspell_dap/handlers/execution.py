"""Going on, stepping, pausing."""

from __future__ import annotations

from llmspell_dap.protocol.arguments import StepArguments, ThreadArguments
from llmspell_dap.protocol.bodies import ContinueBody
from llmspell_dap.requests import Needs, request
from llmspell_dap.session import Session


@request("continue", needs=Needs.STOP)
async def continue_(session: Session, arguments: ThreadArguments) -> ContinueBody:
    """Run to the next breakpoint or the end."""
    await session.resume(arguments.thread_id, "continue")
    return ContinueBody(all_threads_continued=True)


@request("next", needs=Needs.STOP)
async def next_(session: Session, arguments: StepArguments) -> None:
    """Run to the next statement, over calls."""
    await session.resume(arguments.thread_id, "next")


@request("stepIn", needs=Needs.STOP)
async def step_in(session: Session, arguments: StepArguments) -> None:
    """Run to the next statement, into calls."""
    await session.resume(arguments.thread_id, "step_in")


@request("stepOut", needs=Needs.STOP)
async def step_out(session: Session, arguments: StepArguments) -> None:
    """Run until the function has returned."""
    await session.resume(arguments.thread_id, "step_out")


@request("pause", needs=Needs.START)
async def pause(session: Session, arguments: ThreadArguments) -> None:
    """Stop at the next statement."""
    await session.debuggee.pause(arguments.thread_id)
