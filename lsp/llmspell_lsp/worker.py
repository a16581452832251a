"""The thread that analyses.

The event loop reads messages, edits text and sends answers; it never analyses, so a cancellation or
the next key press is read at once. One worker thread, owned by the server and stopped with it, runs
one job after another on immutable views. A job that waits in the queue when its request is cancelled
never runs; one that runs already is let finish, and its result is dropped.

Analysed programs are large webs of small objects, and Python's own collector would walk them in the
middle of a request. So the worker collects: when nothing has been asked for a moment, or after so many
jobs that memory would pile up.
"""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

QUIET = 0.5
"""Seconds without a job after which garbage is collected."""
JOBS_BETWEEN = 10
"""Jobs after which garbage is collected even while they keep coming."""


class Worker:
    """One thread and its queue."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="analysis")
        self._jobs = 0
        self._stopped = False
        self._tidying: asyncio.TimerHandle | None = None
        gc.collect()
        gc.freeze()
        gc.disable()

    async def run(self, job: Callable[[], Result]) -> Result:
        """Run a job on the thread and wait for its result."""
        loop = asyncio.get_running_loop()
        self._jobs += 1
        try:
            return await loop.run_in_executor(self._pool, job)
        finally:
            if not self._stopped:
                self._tidy_later(loop)

    def stop(self) -> None:
        """Drop what waits; the running job, if any, ends by itself."""
        self._stopped = True
        if self._tidying:
            self._tidying.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)
        gc.enable()

    def _tidy_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._tidying:
            self._tidying.cancel()
        self._tidying = loop.call_later(0 if self._jobs >= JOBS_BETWEEN else QUIET, self._tidy)

    def _tidy(self) -> None:
        self._jobs = 0
        self._tidying = None
        self._pool.submit(gc.collect)
