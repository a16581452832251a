"""One debugging session: what is known of the client, the script and its stops.

Everything here runs on one event loop, in these tasks:

- **The lane** (``dispatch.serve``, one a session, owned by whoever accepted the client) reads requests
  and serves them one after the other, in the order in which they came. It ends when the client has
  disconnected or closed its end.
- **Beside it** runs one task for each request that may execute the script's own code or wait for
  the script's thread (``evaluate``, ``variables`` …), so that ``pause`` and ``terminate`` never stand
  behind an expression that does not end. The lane owns these tasks and cancels what is left of them.
- **The debuggee** (a process; its client side belongs to the engine) calls :meth:`Session.happened`
  on the loop's thread, in order. That method never waits: it notes the change and writes the event,
  which the connection holds back while the lane is about to answer a request.

The session owns the debuggee: whatever ends the lane, :meth:`Session.close` ends the process too,
unless the client asked to leave it running.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import TYPE_CHECKING

from llmspell_engine.debug import client
from llmspell_engine.debug.client import Debuggee, EventSink
from llmspell_engine.debug.model import (
    BreakpointStatus,
    Continued,
    DebuggeeError,
    Event,
    Exited,
    LaunchOptions,
    SourceBreakpoint,
    SourceLoaded,
    StepKind,
    Stopped,
)

from llmspell_dap import to_dap
from llmspell_dap.client_view import ClientView
from llmspell_dap.errors import Problem, RequestError
from llmspell_dap.requests import Needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_dap.connection import Connection

log = logging.getLogger("llmspell.dap")

Launcher = Callable[[LaunchOptions, EventSink], Awaitable[Debuggee]]

END_LIMIT = 5.0
"""Seconds that a script which was told to end may take until its process is closed."""


class Stage(IntEnum):
    """How far a session is."""

    NEW = 0
    INITIALIZED = 1
    LAUNCHED = 2
    STARTED = 3
    ENDED = 4


class Session:
    """The state of one session, and what changes it."""

    def __init__(self, connection: Connection, launcher: Launcher = client.launch) -> None:
        self._connection = connection
        self._launcher = launcher
        self._debuggee: Debuggee | None = None
        self._stopped: set[int] = set()
        self._breakpoint_paths: dict[int, str] = {}
        self._terminated = False
        self._ended = asyncio.Event()
        self.view = ClientView()
        self.stage = Stage.NEW
        self.debugs = True
        """False where the script runs without debugging (``noDebug``)."""
        self.sources: list[str] = []
        """The files that the script has loaded, in order."""
        self.is_over = False
        """Whether the client has disconnected."""

    @property
    def debuggee(self) -> Debuggee:
        """The script's process. Raises RequestError before ``launch`` and after the end."""
        if self._debuggee is None:
            raise RequestError(Problem.ENDED)
        return self._debuggee

    def require(self, needs: Needs, command: str) -> None:
        """Raise RequestError, with what to do, where the session is not as far as a request needs it."""
        if needs >= Needs.INITIALIZE and self.stage is Stage.NEW:
            raise RequestError(Problem.NOT_INITIALIZED, command=command)
        if needs >= Needs.LAUNCH and self.stage is Stage.INITIALIZED:
            raise RequestError(Problem.NOT_LAUNCHED, command=command)
        if needs >= Needs.LAUNCH and self.stage is Stage.ENDED:
            raise RequestError(Problem.ENDED)
        if needs >= Needs.START and not self.debugs:
            raise RequestError(Problem.NO_DEBUG, command=command)
        if needs >= Needs.START and self.stage is Stage.LAUNCHED:
            raise RequestError(Problem.NOT_STARTED, command=command)
        if needs >= Needs.STOP and not self._stopped:
            raise RequestError(Problem.NOT_STOPPED)

    def initialize(self, view: ClientView) -> None:
        """Note how the client counts and names."""
        if self.stage is not Stage.NEW:
            raise RequestError(Problem.INITIALIZED_TWICE)
        self.view = view
        self.stage = Stage.INITIALIZED

    async def launch(self, options: LaunchOptions) -> None:
        """Start the script's process, which waits; the client may set breakpoints then."""
        if self.stage is not Stage.INITIALIZED:
            raise RequestError(Problem.LAUNCHED_TWICE)
        try:
            self._debuggee = await self._launcher(options, self.happened)
        except DebuggeeError as error:
            raise RequestError(Problem.CANNOT_LAUNCH, reason=str(error)) from error
        self.debugs = options.debug
        if self.stage is Stage.INITIALIZED:  # a process may end before its start is known here
            self.stage = Stage.LAUNCHED
            self._connection.tell(to_dap.INITIALIZED)

    async def start(self) -> None:
        """Let the script begin."""
        if self.stage is not Stage.LAUNCHED:
            raise RequestError(Problem.STARTED_TWICE)
        self.stage = Stage.STARTED
        await self.debuggee.start()

    async def set_breakpoints(
        self, path: str, breakpoints: Sequence[SourceBreakpoint]
    ) -> tuple[BreakpointStatus, ...]:
        """Replace the breakpoints of a file, and remember of which file they are."""
        statuses = await self.debuggee.set_breakpoints(path, breakpoints)
        self._breakpoint_paths.update((status.id, path) for status in statuses)
        return statuses

    async def resume(self, thread_id: int, kind: StepKind) -> None:
        """Let a stopped thread go on."""
        # The thread may stop again before the debuggee's answer is here, so it counts as running first.
        self._stopped.discard(thread_id)
        try:
            await self.debuggee.resume(thread_id, kind)
        except DebuggeeError:
            self._stopped.add(thread_id)
            raise

    async def disconnect(self, *, terminate: bool) -> None:
        """End the session, and the script with it or without it."""
        self.is_over = True
        if self._debuggee is None or self.stage is Stage.ENDED:
            return
        if terminate:
            await self._end(self._debuggee)
            return
        debuggee, self._debuggee = self._debuggee, None
        await debuggee.detach()
        self._tell_terminated()

    async def close(self) -> None:
        """End the process if it still runs, and free it."""
        debuggee, self._debuggee = self._debuggee, None
        if debuggee is not None:
            await debuggee.close()

    def happened(self, event: Event) -> None:
        """Note what happened in the debuggee, and tell the client."""
        match event:
            case Stopped():
                self._stopped.add(event.thread_id)
            case Continued():
                self._stopped.discard(event.thread_id)
            case SourceLoaded() if event.path not in self.sources:
                self.sources.append(event.path)
            case Exited():
                self._stopped.clear()
                self.stage = Stage.ENDED
        self._connection.tell(to_dap.event(self.view, event, self._breakpoint_paths))
        if isinstance(event, Exited):
            self._tell_terminated()
            self._ended.set()

    async def _end(self, debuggee: Debuggee) -> None:
        try:
            await debuggee.terminate()
            await asyncio.wait_for(self._ended.wait(), END_LIMIT)
        except (DebuggeeError, TimeoutError) as error:
            log.warning("the script did not end in time, its process is closed: %s", error)
        await self.close()

    def _tell_terminated(self) -> None:
        if not self._terminated:
            self._terminated = True
            self._connection.tell(to_dap.TERMINATED)
