"""Looks now and then at the memory and the processor time of the process, while somebody wants to know.

One operation on the engine's loop samples for a run. It begins when the first handler of such a point comes,
and ends when the last one goes or the run ends. A handler is called when a value comes to its threshold,
and again only after it was below.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.hooks.points import HookPoint
from llmspell_engine.hooks.registry import HookRegistry

if TYPE_CHECKING:
    from llmspell_engine.scheduling import EngineLoop

INTERVAL_SECONDS = 1.0
_UNITS: dict[HookPoint, str] = {"MemoryUsageHigh": "MiB", "CpuUsageHigh": "%"}
_STATM = Path("/proc/self/statm")


def watch(registry: HookRegistry, loop: EngineLoop, closing: list[Callable[[], None]]) -> None:
    """Sample for a run, unless that is done already. ``closing``: what is called when the run ends."""
    if registry.is_sampled:
        return
    registry.is_sampled = True
    operation = loop.start(lambda: _sample(registry), lambda _outcome: None)
    closing.append(operation.cancel)


async def _sample(registry: HookRegistry) -> None:
    import anyio

    sampler = Sampler(registry)
    try:
        while sampler.is_wanted:
            await sampler.look()
            await anyio.sleep(INTERVAL_SECONDS)
    finally:
        registry.is_sampled = False


class Sampler:
    """Takes samples and tells the handlers whose thresholds were reached."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry
        self._over: set[str] = set()
        """The handlers that were told and are not to be told again yet."""
        self._last = (time.monotonic(), time.process_time())

    @property
    def is_wanted(self) -> bool:
        """Whether anybody wants to know."""
        return any(self._registry.listens(point) for point in _UNITS)

    async def look(self) -> None:
        """Take one sample of what is wanted."""
        if self._registry.listens("MemoryUsageHigh"):
            await self._tell("MemoryUsageHigh", memory_mebibytes())
        if self._registry.listens("CpuUsageHigh"):
            await self._tell("CpuUsageHigh", self._processor_percent())

    async def _tell(self, point: HookPoint, value: float) -> None:
        is_news = False
        for handler in self._registry.handlers:
            if handler.point == point:
                is_over = handler.threshold is not None and value >= handler.threshold
                is_news = is_news or (is_over and handler.id not in self._over)
                (self._over.add if is_over else self._over.discard)(handler.id)
        if is_news:
            await self._registry.reach(
                point, "system", "engine", {"value": round(value, 1), "unit": _UNITS[point]}
            )

    def _processor_percent(self) -> float:
        before, self._last = self._last, (time.monotonic(), time.process_time())
        passed = max(self._last[0] - before[0], 1e-3)
        return 100 * (self._last[1] - before[1]) / passed


def memory_mebibytes() -> float:
    """The memory of the process: what it has now where the system tells, else what it had at most."""
    if _STATM.exists():
        return int(_STATM.read_text("ascii").split()[1]) * resource.getpagesize() / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
