"""The client's side of a debugging session: starts a debuggee and talks to it.

This is all that the debug adapter knows of the engine. Every method may raise
:class:`~llmspell_engine.debug.model.DebuggeeError` with a sentence for the user, also when the
debuggee has died; none blocks the event loop, and none waits without a limit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Literal

from llmspell_engine.debug.model import (
    BreakpointStatus,
    EvaluateContext,
    Event,
    ExceptionBreakpoint,
    ExceptionDetails,
    LaunchOptions,
    Scope,
    ScriptThread,
    SourceBreakpoint,
    Stack,
    StepKind,
    Variable,
)

EventSink = Callable[[Event], None]
"""Called on the event loop's thread, in the order in which the events happened."""


class Debuggee(ABC):
    """A script process under control. It is started stopped: nothing runs before :meth:`start`."""

    @abstractmethod
    async def start(self) -> None:
        """Let the script begin, after breakpoints and filters were set."""

    @abstractmethod
    async def set_breakpoints(
        self, path: str, breakpoints: Sequence[SourceBreakpoint]
    ) -> tuple[BreakpointStatus, ...]:
        """Replace all breakpoints of a file; one status each, in order. Works while the script runs."""

    @abstractmethod
    async def set_exception_breakpoints(self, filters: Sequence[ExceptionBreakpoint]) -> None:
        """Replace the exception filters."""

    @abstractmethod
    async def resume(self, thread_id: int, kind: StepKind) -> None:
        """Go on from a stop: freely, or to the next statement over, into or out of a call."""

    @abstractmethod
    async def pause(self, thread_id: int) -> None:
        """Stop a running thread at its next statement, in a tight loop too; a no-op when stopped."""

    @abstractmethod
    async def threads(self) -> tuple[ScriptThread, ...]:
        """The threads, running or stopped."""

    @abstractmethod
    async def stack(self, thread_id: int, start: int = 0, levels: int | None = None) -> Stack:
        """Frames of a stopped thread, innermost first, from ``start`` on."""

    @abstractmethod
    async def scopes(self, frame_id: int) -> tuple[Scope, ...]:
        """The scopes of a frame: locals, closure, globals."""

    @abstractmethod
    async def variables(
        self,
        reference: int,
        kind: Literal["named", "indexed"] | None = None,
        start: int = 0,
        count: int | None = None,
        *,
        hex_numbers: bool = False,
    ) -> tuple[Variable, ...]:
        """Parts of a scope or value; ``start`` and ``count`` page through them."""

    @abstractmethod
    async def evaluate(
        self,
        expression: str,
        frame_id: int | None,
        context: EvaluateContext,
        *,
        hex_numbers: bool = False,
    ) -> Variable:
        """The value of an expression in a frame, or in the globals where there is none."""

    @abstractmethod
    async def set_variable(self, reference: int, name: str, expression: str) -> Variable:
        """Give a variable of a scope or value a new value; the value is an expression."""

    @abstractmethod
    async def exception(self, thread_id: int) -> ExceptionDetails:
        """The error at which a thread has stopped."""

    @abstractmethod
    async def terminate(self) -> None:
        """Ask the script to end, running its clean-up; one that does not within a second is killed."""

    @abstractmethod
    async def detach(self) -> None:
        """Let the script go on to its end without a debugger, and leave it."""

    @abstractmethod
    async def close(self) -> None:
        """End the process if it still runs, and free everything. May be called at any time, twice too."""


async def launch(options: LaunchOptions, events: EventSink) -> Debuggee:
    """Start a debuggee process for a script.

    Raises DebuggeeError where the script cannot be started (no such file, unknown language, …).
    The process's own standard output and error, and what the script prints, come as Output events.
    """
    from llmspell_engine.debug.process import launch_process

    return await launch_process(options, events)
