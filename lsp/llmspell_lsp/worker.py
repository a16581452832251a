"""The thread that analyses.

The event loop reads messages, edits text and sends answers; it never analyses, so a cancellation or
the next key press is read at once. One worker thread, owned by the server and stopped with it, runs
one job after another on immutable views. A job that waits in the queue when its request is cancelled
never runs; one that runs already is let finish, and its result is dropped.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class Worker:
    """One thread and its queue."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="analysis")

    async def run(self, job: Callable[[], Result]) -> Result:
        """Run a job on the thread and wait for its result."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)

    def stop(self) -> None:
        """Drop what waits; the running job, if any, ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)
