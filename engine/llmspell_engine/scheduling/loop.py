"""The engine's one event loop, run by anyio on a thread of its own.

Model calls, timers and tools run there as tasks, however many scripts wait for them. Scripts never do:
each has a thread of its own, and its :class:`~llmspell_engine.scheduling.scheduler.Scheduler` between.

Threads: the loop's thread is started by the first operation and stopped by :meth:`EngineLoop.close`.
``done`` callbacks come on the loop's thread and must only hand on what they are given. Each comes once: of an
operation that is started when the loop has just ended it comes on the thread of who starts it.
"""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmspell_engine.observability.around import AROUND

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

    import anyio

Work = Callable[[], Awaitable[Any]]
_PATIENCE_SECONDS = 10.0
"""How long clean-up on the loop may take; its thread is a daemon and holds up no process."""


class CancelledError(Exception):
    """An operation was cancelled."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation ended: with a value, an error, or cancelled (the error is a CancelledError)."""

    value: Any = None
    error: BaseException | None = None


CANCELLED = Outcome(error=CancelledError())


@dataclass(slots=True, eq=False, repr=False)
class Operation:
    """Something that runs on the loop."""

    _call: Callable[..., None]
    _done: Callable[[Outcome], None] | None
    _scope: anyio.CancelScope | None = None
    _is_cancelled: bool = False

    def cancel(self) -> None:
        """Ask it to end; its clean-up runs on the loop. Nothing happens when it has ended. Any thread."""
        self._call(self.cancel_here)

    def cancel_here(self) -> None:
        """The same, on the loop."""
        self._is_cancelled = True
        if self._scope is not None:
            self._scope.cancel()

    def end(self, outcome: Outcome) -> None:
        """Tell how it ended, once."""
        done, self._done = self._done, None
        if done is not None:
            done(outcome)

    async def perform(self, work: Work) -> None:
        """Do the work and tell how it ended. On the loop."""
        import anyio

        outcome = CANCELLED
        try:
            with anyio.CancelScope() as self._scope:
                if self._is_cancelled:
                    self._scope.cancel()
                try:
                    outcome = Outcome(await work())
                except Exception as error:  # noqa: BLE001 - it is handed to who waits
                    outcome = Outcome(error=error)
        finally:
            self.end(outcome)


@dataclass(slots=True, eq=False, repr=False)
class _Running:
    """A loop that runs: how to reach it from other threads.

    What is asked of it while it is busy waits here, so that it is woken once for all of that.
    """

    loop: asyncio.AbstractEventLoop
    stop: anyio.Event
    context: contextvars.Context
    """What a task of the loop finds itself in; calls from other threads have none of it."""
    _calls: deque[tuple[contextvars.Context, Callable[..., Any], tuple[Any, ...]]] = field(
        default_factory=deque
    )
    _is_woken: bool = False
    _operations: dict[asyncio.Task[None], Operation] = field(default_factory=dict)
    _admitted: set[Operation] = field(default_factory=set)
    """Those that have not ended, whether they have begun or not."""
    _is_over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, operation: Operation, work: Work) -> None:
        """Let an operation go on. One that comes when the loop has ended is cancelled. Any thread."""
        with self._lock:
            is_over = self._is_over
            if not is_over:
                self._admitted.add(operation)
        if is_over:
            operation.end(CANCELLED)
        else:
            self.call(self._begin, operation, work)

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a function on the loop, amid the spans of who asks. Once it is closed, nothing happens."""
        context = self.context.copy()
        context.run(AROUND.set, AROUND.get())
        self._calls.append((context, function, arguments))
        if not self._is_woken and not self.loop.is_closed():
            self._is_woken = True
            with suppress(RuntimeError):  # closed by now
                self.loop.call_soon_threadsafe(self._answer)

    def _begin(self, operation: Operation, work: Work) -> None:
        task = self.loop.create_task(operation.perform(work))
        self._operations[task] = operation
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._admitted.discard(self._operations.pop(task))

    async def end(self) -> None:
        """Cancel all operations, and wait for them. On the loop."""
        import asyncio

        while self._operations:
            for operation in list(self._operations.values()):
                operation.cancel_here()
            await asyncio.wait(list(self._operations))

    def give_up(self) -> None:
        """Tell those who came too late to begin that they are cancelled. When the loop has ended."""
        with self._lock:
            self._is_over = True
            left, self._admitted = self._admitted, set()
        for operation in left:
            operation.end(CANCELLED)

    def _answer(self) -> None:
        # Whatever comes from here on wakes the loop anew.
        self._is_woken = False
        calls = self._calls
        while calls:
            context, function, arguments = calls.popleft()
            self.loop.call_soon(function, *arguments, context=context)


@dataclass(slots=True, eq=False, repr=False)
class EngineLoop:
    """Starts operations on the event loop. Safe to use from any thread."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None
    _running: _Running | None = None

    def start(self, work: Work, done: Callable[[Outcome], None]) -> Operation:
        """Run ``work`` on the loop and hand its outcome to ``done`` there."""
        running = self._ready()
        operation = Operation(running.call, done)
        running.start(operation, work)
        return operation

    def run(self, work: Work) -> Any:
        """Run ``work`` on the loop and wait for its value; for short clean-up. Not on the loop."""
        from concurrent.futures import Future

        ended: Future[Outcome] = Future()
        self.start(work, ended.set_result)
        outcome = ended.result(_PATIENCE_SECONDS)
        if outcome.error:
            raise outcome.error
        return outcome.value

    def close(self) -> None:
        """Cancel what still runs, wait for its clean-up, and end the thread."""
        with self._lock:
            thread, self._thread, running, self._running = self._thread, None, self._running, None
        if thread is None or running is None:
            return
        running.call(running.stop.set)
        thread.join(_PATIENCE_SECONDS)

    def _ready(self) -> _Running:
        if self._running is not None:
            return self._running
        from concurrent.futures import Future

        with self._lock:
            if self._running is None:
                opened: Future[_Running] = Future()
                # A daemon, so that a process can end without closing what nobody waits for any more.
                self._thread = threading.Thread(
                    target=_serve, args=(opened,), name="engine-loop", daemon=True
                )
                self._thread.start()
                self._running = opened.result()  # raises where there can be no loop
            return self._running


def _serve(opened: Future[_Running]) -> None:
    """The loop's thread."""
    import asyncio

    import anyio

    async def serve() -> None:
        running = _Running(asyncio.get_running_loop(), anyio.Event(), contextvars.copy_context())
        opened.set_result(running)
        await running.stop.wait()
        await running.end()

    try:
        anyio.run(serve)
    except BaseException as error:
        if opened.done():
            raise
        opened.set_exception(error)  # such as no file handles left for a loop
    finally:
        if opened.exception() is None:
            opened.result().give_up()
