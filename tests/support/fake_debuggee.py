"""A debuggee that a test plays: notes what it is asked, and tells what the test wants told.

For the adapter's own conduct (order, states, errors). What a debugger shows is tested on real scripts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Literal

from llmspell_engine.debug.client import Debuggee, EventSink
from llmspell_engine.debug.model import (
    BreakpointStatus,
    EvaluateContext,
    Event,
    ExceptionBreakpoint,
    ExceptionDetails,
    Exited,
    LaunchOptions,
    ProcessStarted,
    Scope,
    ScriptThread,
    SourceBreakpoint,
    Stack,
    StepKind,
    Stopped,
    Variable,
)

Call = tuple[Any, ...]


class FakeDebuggee(Debuggee):
    """``on[name]`` is called when the method ``name`` is; what it returns is the answer, unless None."""

    def __init__(self, **on: Callable[..., Any]) -> None:
        self.calls: list[Call] = []
        self.on = on
        self.tell: EventSink = lambda event: None
        self.options = LaunchOptions("")
        self.release = asyncio.Event()
        """``evaluate("wait")`` lasts until this is set."""

    async def launch(self, options: LaunchOptions, events: EventSink) -> Debuggee:
        """The launcher to give to the adapter."""
        self.options, self.tell = options, events
        self._did("launch", options)
        events(ProcessStarted(4711, options.program))
        return self

    async def start(self) -> None:
        self._did("start")

    async def set_breakpoints(
        self, path: str, breakpoints: Sequence[SourceBreakpoint]
    ) -> tuple[BreakpointStatus, ...]:
        statuses = tuple(
            BreakpointStatus(number, verified=True, line=wanted.line, column=wanted.column)
            for number, wanted in enumerate(breakpoints, 1)
        )
        return self._did("set_breakpoints", path, tuple(breakpoints)) or statuses

    async def set_exception_breakpoints(self, filters: Sequence[ExceptionBreakpoint]) -> None:
        self._did("set_exception_breakpoints", tuple(filters))

    async def resume(self, thread_id: int, kind: StepKind) -> None:
        self._did("resume", thread_id, kind)

    async def pause(self, thread_id: int) -> None:
        self._did("pause", thread_id)

    async def threads(self) -> tuple[ScriptThread, ...]:
        return self._did("threads") or (ScriptThread(1, "main"),)

    async def stack(self, thread_id: int, start: int = 0, levels: int | None = None) -> Stack:
        return self._did("stack", thread_id, start, levels) or Stack((), 0)

    async def scopes(self, frame_id: int) -> tuple[Scope, ...]:
        return self._did("scopes", frame_id) or ()

    async def variables(
        self,
        reference: int,
        kind: Literal["named", "indexed"] | None = None,
        start: int = 0,
        count: int | None = None,
        *,
        hex_numbers: bool = False,
    ) -> tuple[Variable, ...]:
        return self._did("variables", reference, kind, start, count, hex_numbers) or ()

    async def evaluate(
        self,
        expression: str,
        frame_id: int | None,
        context: EvaluateContext,
        *,
        hex_numbers: bool = False,
    ) -> Variable:
        answer = self._did("evaluate", expression, frame_id, context, hex_numbers)
        if expression == "wait":
            await self.release.wait()
        return answer or Variable("", expression, "string")

    async def set_variable(self, reference: int, name: str, expression: str) -> Variable:
        return self._did("set_variable", reference, name, expression) or Variable(name, expression, "string")

    async def exception(self, thread_id: int) -> ExceptionDetails:
        details = self._did("exception", thread_id)
        assert isinstance(details, ExceptionDetails)
        return details

    async def terminate(self) -> None:
        self._did("terminate")
        self.tell(Exited(143))

    async def detach(self) -> None:
        self._did("detach")

    async def close(self) -> None:
        self._did("close")

    def _did(self, name: str, *arguments: Any) -> Any:
        self.calls.append((name, *arguments))
        answer = self.on.get(name)
        return answer(*arguments) if answer else None

    def asked(self, name: str) -> list[Call]:
        """The arguments of each call of a method."""
        return [call[1:] for call in self.calls if call[0] == name]


def telling(debuggee: FakeDebuggee, *events: Event) -> Callable[..., None]:
    """What to do in a method: tell these events before it returns."""

    def do(*arguments: Any) -> None:
        del arguments
        for event in events:
            debuggee.tell(event)

    return do


STOP = Stopped(1, "breakpoint", breakpoint_ids=(1,))
