"""One handler at one point: what it wants, how it has fared, and when it is left alone for a while."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.points import HookPoint

Function = Callable[[HookContext], Any]
"""A handler's function; what it gives is read by ``decide``, and may be awaitable."""
Condition = Callable[[HookContext], bool | Awaitable[bool]]
PRIORITIES = {"highest": -(2**31), "high": -100, "normal": 0, "low": 100, "lowest": 2**31 - 1}
"""Handlers are called in the order of these numbers."""
THRESHOLDS: dict[HookPoint, float] = {
    "PerformanceThresholdExceeded": 10_000.0,
    "MemoryUsageHigh": 1024.0,
    "CpuUsageHigh": 90.0,
}
"""From which value on handlers of measured values are called, that state none: ms, MiB, % of a processor."""
TIMEOUT_SECONDS = 5.0
FAILURES = 5
PAUSE_SECONDS = 30.0
_numbers = itertools.count(1)

BreakerState = Literal["closed", "open", "half_open"]


@dataclass(slots=True)
class Breaker:
    """Leaves a handler alone after some failures in a row; after a pause it gets one try."""

    failures: int = FAILURES
    pause_seconds: float = PAUSE_SECONDS
    in_a_row: int = 0
    opened_at: float | None = None
    is_tried: bool = False
    """Whether the one try is under way."""

    @property
    def state(self) -> BreakerState:
        """Closed is how it works; half open is when its next call is a try."""
        if self.opened_at is None:
            return "closed"
        return "half_open" if time.monotonic() - self.opened_at >= self.pause_seconds else "open"

    def admits(self) -> bool:
        """Whether the handler may be called: an open one lets one try through, which :meth:`tried` ends."""
        if self.opened_at is None:
            return True
        if self.is_tried or self.state == "open":
            return False
        self.is_tried = True
        return True

    def tried(self) -> None:
        """The try has ended, however it did."""
        self.is_tried = False

    def failed(self) -> bool:
        """Count a failure; whether it has opened by it."""
        self.in_a_row += 1
        if self.in_a_row < self.failures:
            return False
        self.opened_at = time.monotonic()
        return True

    def succeeded(self) -> None:
        """All is well again."""
        self.in_a_row, self.opened_at = 0, None


@dataclass(slots=True)
class Filter:
    """Which components a handler is called for. Patterns are those of shells: ``*``, ``?``, ``[ab]``."""

    component: str | None = None
    name: str | None = None
    condition: Condition | None = None

    def wants(self, context: HookContext) -> bool:
        """Whether the component is one of them; the condition is asked by who can wait."""
        return (self.component is None or context.component == self.component) and (
            self.name is None or fnmatchcase(context.name, self.name)
        )


@dataclass(slots=True)
class Stats:
    """How a handler has fared."""

    calls: int = 0
    errors: int = 0
    timeouts: int = 0
    refused: int = 0
    """How often it was left alone by its breaker."""
    seconds: float = 0.0
    last_error: str = ""


@dataclass(slots=True, eq=False)
class Handler:
    """A function at a point.

    Attributes:
        threshold: at the points of measured values, from which value on it is called.
    """

    point: HookPoint
    function: Function
    name: str = ""
    priority: int = 0
    filter: Filter | None = None
    timeout_seconds: float | None = TIMEOUT_SECONDS
    once: bool = False
    tags: tuple[str, ...] = ()
    language: str = "engine"
    description: str = ""
    threshold: float | None = None
    breaker: Breaker = field(default_factory=Breaker)
    stats: Stats = field(default_factory=Stats)
    is_gone: bool = False
    """Whether it was unregistered; those who are calling the handlers of its point leave it out then."""
    id: str = field(default_factory=lambda: f"hook-{next(_numbers)}")

    def __post_init__(self) -> None:
        self.name = self.name or self.id
        if self.threshold is None or self.point not in THRESHOLDS:
            self.threshold = THRESHOLDS.get(self.point)
