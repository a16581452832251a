"""Beginning and end of a session."""

from __future__ import annotations

from llmspell_dap import from_dap, to_dap
from llmspell_dap.client_view import ClientView
from llmspell_dap.protocol.arguments import (
    DisconnectArguments,
    InitializeArguments,
    NoArguments,
    TerminateArguments,
)
from llmspell_dap.protocol.bodies import Capabilities
from llmspell_dap.protocol.launch import LaunchArguments
from llmspell_dap.requests import Needs, request
from llmspell_dap.session import Session


@request("initialize", needs=Needs.NOTHING)
async def initialize(session: Session, arguments: InitializeArguments) -> Capabilities:
    """Learn how the client counts, and tell it what the adapter can do."""
    session.initialize(ClientView.of(arguments))
    return to_dap.capabilities()


@request("launch", needs=Needs.INITIALIZE)
async def launch(session: Session, arguments: LaunchArguments) -> None:
    """Start the script's process; the ``initialized`` event follows the response."""
    await session.launch(from_dap.launch_options(arguments))


@request("configurationDone", needs=Needs.LAUNCH)
async def configuration_done(session: Session, arguments: NoArguments) -> None:
    """Let the script begin: all breakpoints are set."""
    del arguments
    await session.start()


@request("terminate", needs=Needs.LAUNCH)
async def terminate(session: Session, arguments: TerminateArguments) -> None:
    """Ask the script to end; ``exited`` and ``terminated`` follow when it has."""
    del arguments
    await session.debuggee.terminate()


@request("disconnect", needs=Needs.NOTHING)
async def disconnect(session: Session, arguments: DisconnectArguments) -> None:
    """End the session; the script ends too unless the client wants it to go on."""
    await session.disconnect(terminate=arguments.terminate_debuggee is not False)
