"""The engine's one event loop, an anyio portal on a thread of its own.

Model calls, timers and tools run there as tasks, however many scripts wait for them. Scripts never do:
each has a thread of its own, and its :class:`~llmspell_engine.scheduling.scheduler.Scheduler` between.

Threads: the loop's thread is started by the first operation and stopped by :meth:`EngineLoop.close`.
``done`` callbacks come on the loop's thread and must only hand on what they are given.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation ended: with a value, an error, or cancelled (the error is a CancelledError)."""

    value: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that runs on the loop."""

    _future: Future[Any]

    def cancel(self) -> None:
        """Ask it to end; its clean-up runs on the loop. Nothing happens when it has ended. Any thread."""
        self._future.cancel()


class EngineLoop:
    """Starts operations on the event loop. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._portal: BlockingPortal | None = None

    def start(self, work: Callable[[], Awaitable[Any]], done: Callable[[Outcome], None]) -> Operation:
        """Run ``work`` on the loop and hand its outcome to ``done`` there."""

        async def run() -> Any:
            return await work()

        future = self._ready().start_task_soon(run)
        future.add_done_callback(lambda ended: done(_outcome(ended)))
        return Operation(future)

    def run(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Run ``work`` on the loop and wait for its value; for set-up and clean-up. Not on the loop."""

        async def run() -> Any:
            return await work()

        return self._ready().call(run)

    def close(self) -> None:
        """Cancel what still runs, wait for its clean-up, and end the thread."""
        with self._lock:
            thread, self._thread, portal, self._portal = self._thread, None, self._portal, None
        if thread is None or portal is None:
            return
        portal.call(portal.stop, True)
        thread.join()

    def _ready(self) -> BlockingPortal:
        with self._lock:
            if self._portal is None:
                opened: Future[BlockingPortal] = Future()
                # A daemon, so that a process can end without closing what nobody waits for any more.
                self._thread = threading.Thread(
                    target=_serve, args=(opened,), name="engine-loop", daemon=True
                )
                self._thread.start()
                self._portal = opened.result()
            return self._portal


def _serve(opened: Future[BlockingPortal]) -> None:
    """The loop's thread."""
    import anyio
    from anyio.from_thread import BlockingPortal

    async def serve() -> None:
        async with BlockingPortal() as portal:
            opened.set_result(portal)
            await portal.sleep_until_stopped()

    anyio.run(serve)


def _outcome(ended: Future[Any]) -> Outcome:
    if ended.cancelled():
        return Outcome(error=CancelledError())
    error = ended.exception()
    return Outcome(error=error) if error else Outcome(ended.result())
